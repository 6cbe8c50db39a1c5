// Isolation: no transaction reads or uses what is later undone.
#pragma once

#include <algorithm>
#include <vector>

#include "checks/check.h"
#include "sim/ring.h"

namespace txsim {

// Of what is under way only: an amount changed by a transaction that has not yet committed there.
// What a saga has applied and compensates later is no secret by its own rules.
class Isolation {
 public:
  static constexpr InvariantInfo kInfo{
      "isolation",
      "No transaction reads or changes an amount that another has changed, not yet "
      "committed, and undoes later; each such use is counted.",
      "updated, read-done, applied, undone, finished",
      "Vacuous if no amount was used by two transactions; not applicable if nothing is updated or "
      "read before its commit.",
      "G1a, aborted reads: Adya, Liskov, O'Neil, Generalized Isolation Level Definitions, 2000"};
  static constexpr FactSet kReads = facts({FactKind::Updated, FactKind::ReadDone, FactKind::Applied,
                                           FactKind::Undone, FactKind::Finished});

  void on(const Moment& m, const Ledger& ledger) {
    if (m.fact == FactKind::Finished) {
      if (m.view != nullptr && m.part >= 0 && !m.stray) finished(m, ledger);
      return;
    }
    if (rows_.empty()) make_rows(ledger.layout().plan());
    if (m.resource >= rows_.size()) return;
    const TransactionId user = m.record->transaction;
    Row& row = rows_[m.resource];
    if (row.is_records) return;
    switch (m.fact) {
      case FactKind::Updated:
      case FactKind::ReadDone:
        announced_ = true;
        use(m, row, user);
        if (m.fact == FactKind::Updated) add(row, {user, m.record->sequence});
        break;
      case FactKind::Applied:
        if (!remove(row, user) && m.record->value != 0) use(m, row, user);
        break;
      default:
        undone(m.record->sequence, m.resource, user, ledger);
        break;
    }
  }

  void settled(const Settled& settled, const Ledger& ledger) {
    if (settled.kind != Settled::Kind::Lost || settled.resource >= rows_.size()) return;
    undone(settled.event, settled.resource, settled.transaction, ledger);
  }

  Judgement judgement(const EndOfRun&, const Ledger&) const {
    if (!announced_) return finding_.judgement(kInfo.name, Verdict::NotApplicable);
    return finding_.judgement(kInfo.name, shared_ ? Verdict::Holds : Verdict::Vacuous);
  }

 private:
  // Who did something to a row, and by which event.
  struct Touch {
    TransactionId transaction = 0;
    std::uint64_t event = 0;
  };
  struct Row {
    bool is_records = false;  // rows of their orders alone
    TransactionId last_user = 0;
    std::vector<Touch> writers;  // have changed it and not yet committed, the earliest first
    Ring<Touch> uses;            // since the first of these did
  };

  void make_rows(const Plan& plan) {
    for (const Resource& resource : plan.resources) {
      rows_.emplace_back().is_records = resource.is_records;
    }
  }
  void use(const Moment& m, Row& row, TransactionId user) {
    shared_ = shared_ || (row.last_user != 0 && row.last_user != user);
    row.last_user = user;
    if (!row.writers.empty()) row.uses.push({user, m.record->sequence});
  }
  static auto find(Row& row, TransactionId writer) {
    return std::find_if(row.writers.begin(), row.writers.end(),
                        [&](const Touch& touch) { return touch.transaction == writer; });
  }
  static void add(Row& row, const Touch& touch) {
    if (find(row, touch.transaction) == row.writers.end()) row.writers.push_back(touch);
  }
  static bool remove(Row& row, TransactionId writer) {
    const auto found = find(row, writer);
    if (found == row.writers.end()) return false;
    row.writers.erase(found);
    if (row.writers.empty()) {
      row.uses.clear();
    } else {
      while (!row.uses.empty() && row.uses.front().event < row.writers.front().event) {
        row.uses.pop();
      }
    }
    return true;
  }
  void undone(std::uint64_t event, std::uint16_t resource, TransactionId writer,
              const Ledger& ledger) {
    Row& row = rows_[resource];
    const auto found = find(row, writer);
    if (found == row.writers.end()) return;
    for (std::size_t i = 0; i < row.uses.size(); ++i) {
      const Touch& use = row.uses.at(i);
      if (use.transaction == writer || use.event < found->event) continue;
      finding_.violated(event, use.transaction, [&] {
        return fmt::format("{} used {} (event {}) with a change by {} that was undone",
                           ledger.layout().name(use.transaction),
                           ledger.layout().resource(resource), use.event,
                           ledger.layout().name(writer));
      });
    }
    remove(row, writer);
  }
  // What a crash cut off: the node has ended its part and not told of each step.
  void finished(const Moment& m, const Ledger& ledger) {
    if (rows_.empty()) return;
    const Layout& layout = ledger.layout();
    const std::uint64_t writes = layout.kind(m.view->kind).writes;
    for (std::uint64_t rest = layout.steps_of(m.view->kind, m.part) & writes; rest != 0;
         rest &= rest - 1) {
      const auto step = static_cast<std::uint8_t>(__builtin_ctzll(rest));
      const std::uint16_t resource = layout.step(m.view->kind, step).resource;
      if (rows_[resource].writers.empty()) continue;
      if (static_cast<Outcome>(m.record->value) == Outcome::Committed) {
        remove(rows_[resource], m.record->transaction);
      } else {
        undone(m.record->sequence, resource, m.record->transaction, ledger);
      }
    }
  }

  Finding finding_;
  std::vector<Row> rows_;  // by resource
  bool announced_ = false;
  bool shared_ = false;
};

}  // namespace txsim
