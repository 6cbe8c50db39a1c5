// Isolation: no transaction reads or uses what is later undone.
#pragma once

#include <algorithm>
#include <vector>

#include "checks/check.h"
#include "sim/fingerprint.h"
#include "sim/ring.h"
#include "sim/vector.h"

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
      "read before its commit, or steps take effect at once, for all to see.",
      "G1a, aborted reads: Adya, Liskov, O'Neil, Generalized Isolation Level Definitions, 2000"};
  static constexpr FactSet kReads = facts({FactKind::Updated, FactKind::ReadDone, FactKind::Applied,
                                           FactKind::Undone, FactKind::Finished});

  void on(const Moment& m, const Ledger& ledger) {
    if (m.fact == FactKind::Finished) {
      if (m.cut_off) [[unlikely]]
        finished(m, ledger);
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
        if (!remove(row, user) && m.record->value != 0) {
          by_itself_ = true;
          use(m, row, user);
        }
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

  std::uint64_t uses() const { return finding_.count(); }

  Judgement judgement(const EndOfRun&, const Ledger&) const {
    if (!announced_) return finding_.judgement(kInfo.name, Verdict::NotApplicable);
    if (by_itself_ && !finding_.any()) {
      return finding_.judgement(kInfo.name, Verdict::NotApplicable,
                                "steps take effect at once, for all to see");
    }
    return finding_.judgement(kInfo.name, shared_ ? Verdict::Holds : Verdict::Vacuous);
  }

  bool is_violated() const { return finding_.any(); }
  // Of the uses only their order among the writes counts.
  void digest_into(Fingerprint& into) const {
    into.add(rows_.size());
    for (const Row& row : rows_) {
      into.add(row.writer.transaction, row.crowd != kAlone);
      if (row.crowd != kAlone) digest_crowd(into, crowds_[row.crowd]);
    }
  }

 private:
  // Who did something to a row, and by which event.
  struct Touch {
    TransactionId transaction = 0;
    std::uint64_t event = 0;
  };
  static constexpr std::uint32_t kAlone = 0xFFFFFFFF;
  struct Row {
    TransactionId last_user = 0;
    Touch writer;                  // has changed it and not yet committed; 0: nobody
    std::uint32_t crowd = kAlone;  // its place in crowds_, if others used it meanwhile
    bool is_records = false;       // rows of their orders alone
  };
  struct Crowd {
    Vector<Touch> writers;  // the earliest first
    Ring<Touch> uses;       // since the first of these wrote
  };

  static void digest_crowd(Fingerprint& into, const Crowd& crowd) {
    std::size_t use = 0;
    for (const Touch& writer : crowd.writers) {
      for (; use < crowd.uses.size() && crowd.uses.at(use).event < writer.event; ++use) {
        into.add(crowd.uses.at(use).transaction);
      }
      into.add(~writer.transaction);
    }
    for (; use < crowd.uses.size(); ++use) into.add(crowd.uses.at(use).transaction);
  }
  void make_rows(const Plan& plan) {
    for (const Resource& resource : plan.resources) {
      rows_.emplace_back().is_records = resource.is_records;
    }
  }
  void use(const Moment& m, Row& row, TransactionId user) {
    shared_ = shared_ || (row.last_user != 0 && row.last_user != user);
    row.last_user = user;
    if (row.writer.transaction == 0) return;
    if (row.crowd == kAlone && row.writer.transaction == user) return;
    crowd_of(row).uses.push({user, m.record->sequence});
  }
  Crowd& crowd_of(Row& row) {
    if (row.crowd == kAlone) {
      if (free_crowds_.empty()) {
        row.crowd = static_cast<std::uint32_t>(crowds_.size());
        crowds_.emplace_back();
      } else {
        row.crowd = free_crowds_.back();
        free_crowds_.pop_back();
      }
      crowds_[row.crowd].writers.push_back(row.writer);
    }
    return crowds_[row.crowd];
  }
  static auto find(Crowd& crowd, TransactionId writer) {
    return std::find_if(crowd.writers.begin(), crowd.writers.end(),
                        [&](const Touch& touch) { return touch.transaction == writer; });
  }
  void add(Row& row, const Touch& touch) {
    if (row.writer.transaction == 0) {
      row.writer = touch;
    } else if (row.crowd != kAlone || row.writer.transaction != touch.transaction) {
      Crowd& crowd = crowd_of(row);
      if (find(crowd, touch.transaction) == crowd.writers.end()) crowd.writers.push_back(touch);
    }
  }
  bool remove(Row& row, TransactionId writer) {
    if (row.crowd != kAlone) return remove_from_crowd(row, writer);
    if (row.writer.transaction != writer) return false;
    row.writer = {};
    return true;
  }
  [[gnu::noinline]] bool remove_from_crowd(Row& row, TransactionId writer) {
    Crowd& crowd = crowds_[row.crowd];
    const auto found = find(crowd, writer);
    if (found == crowd.writers.end()) return false;
    crowd.writers.erase(found);
    if (crowd.writers.empty()) {
      crowd.uses.clear();
      free_crowds_.push_back(row.crowd);
      row.crowd = kAlone;
      row.writer = {};
    } else {
      while (!crowd.uses.empty() && crowd.uses.front().event < crowd.writers.front().event) {
        crowd.uses.pop();
      }
    }
    return true;
  }
  void undone(std::uint64_t event, std::uint16_t resource, TransactionId writer,
              const Ledger& ledger) {
    Row& row = rows_[resource];
    if (row.crowd != kAlone) report_uses(event, resource, writer, ledger);
    remove(row, writer);
  }
  void report_uses(std::uint64_t event, std::uint16_t resource, TransactionId writer,
                   const Ledger& ledger) {
    Crowd& crowd = crowds_[rows_[resource].crowd];
    const auto found = find(crowd, writer);
    if (found == crowd.writers.end()) return;
    for (std::size_t i = 0; i < crowd.uses.size(); ++i) {
      const Touch& use = crowd.uses.at(i);
      if (use.transaction == writer || use.event < found->event) continue;
      finding_.violated(event, use.transaction, [&] {
        return fmt::format("{} used {} (event {}) with a change by {} that was undone",
                           ledger.layout().name(use.transaction),
                           ledger.layout().resource(resource), use.event,
                           ledger.layout().name(writer));
      });
    }
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
      if (static_cast<Outcome>(m.record->value) == Outcome::Committed) {
        remove(rows_[resource], m.record->transaction);
      } else {
        undone(m.record->sequence, resource, m.record->transaction, ledger);
      }
    }
  }

  Finding finding_;
  Vector<Row> rows_;  // by resource
  Vector<Crowd> crowds_;
  Vector<std::uint32_t> free_crowds_;
  bool announced_ = false;
  bool shared_ = false;
  bool by_itself_ = false;
};

}  // namespace txsim
