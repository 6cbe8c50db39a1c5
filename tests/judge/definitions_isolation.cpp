// Isolation: dirty reads (G1a of Adya, Liskov, O'Neil 2000), lost updates (P4) and write skews (A5B
// of Berenson et al. 1995).
#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>
#include <utility>

#include "tests/judge/reference_judge.h"

namespace txsim::reference {
namespace {

using enum FactKind;

bool is_row(const History& history, const Happening& fact) {
  return !history.run.plan.resources[fact.resource].is_records;
}

// The event that ended the lock on an update: a commit, a rollback, or a loss in a crash. Null if
// the update is still under lock at the end.
const Happening* end_of_update(const History& history, const Happening& update) {
  for (const Happening& later : history.happenings) {
    if (&later <= &update || !later.of_step) continue;
    const bool same = later.execution == update.execution && later.branch == update.branch &&
                      later.step == update.step;
    if (same && later.before == StepIs::UnderLock && later.after != StepIs::UnderLock)
      return &later;
  }
  return nullptr;
}

// True if the transaction reads or changes an amount by this fact.
bool is_use(const Happening& fact) {
  if (fact.fact == Updated || fact.fact == ReadDone) return !fact.recalled;
  return fact.fact == Applied && !fact.under_lock && !fact.recalled && fact.record->value != 0;
}

// ---- Lost updates and write skews of committed transactions

// All steps are in effect, and the transaction has ended, at the end or before its coordinator
// resumed it. A transaction that only reads is committed if its coordinator decided so or its
// client got `done`.
bool is_committed(const History& history, std::size_t e) {
  const Execution& execution = history.executions[e];
  if (!writes(history, execution).empty()) {
    return is_full(history, execution) && (execution.had_ended || has_ended(history, e));
  }
  if (execution.decided_committed) return true;
  const Facts told = facts(history, {Told});
  return std::any_of(told.begin(), told.end(), [&](const Happening* fact) {
    return fact->record->transaction == execution.id &&
           static_cast<Reply>(fact->record->value) == Reply::Done;
  });
}

// A read or a write of a row. Accesses are kept in the order of the trace.
struct Access {
  const Happening* fact = nullptr;
  bool writes = false;
  bool as_read = false;
  std::size_t by() const { return fact->execution; }
};

std::vector<Access> accesses(const History& history) {
  std::vector<Access> found;
  std::set<std::pair<std::size_t, std::uint16_t>> has_read;
  for (const Happening* fact : facts(history, {ReadDone, Updated, Applied, Reserved, Confirmed})) {
    const std::uint16_t row = fact->resource;
    const bool counts =
        is_row(history, *fact) && !fact->recalled && fact->own_branch && !fact->twice;
    if (!counts || !is_committed(history, fact->execution)) continue;
    if (fact->fact == ReadDone) {  // only the first read of a row counts
      if (has_read.insert({fact->execution, row}).second) found.push_back({fact});
      continue;
    }
    const Step& step = history.kind(history.executions[fact->execution]).steps[fact->step];
    const bool writes = fact->fact == Updated || (fact->fact == Applied && !fact->under_lock) ||
                        (fact->fact == Reserved && step.delta() < 0) ||
                        (fact->fact == Confirmed && step.delta() > 0);
    if (writes) found.push_back({fact, true, step.as_read});
  }
  return found;
}

// Transaction `from` precedes `to` in every equivalent serial order.
struct Edge {
  std::size_t from = 0;  // index of the execution
  std::size_t to = 0;
  std::uint16_t row = 0;
  bool is_anti = false;  // anti-dependency: `from` read the row, then `to` wrote it
  auto operator<=>(const Edge&) const = default;
};
using Edges = std::map<std::size_t, std::set<Edge>>;  // by `from`

Edges edges(const std::vector<Access>& accesses) {
  Edges found;
  for (const Access& later : accesses) {
    for (const Access& earlier : accesses) {
      if (earlier.fact >= later.fact || earlier.by() == later.by()) continue;
      if (earlier.fact->resource != later.fact->resource) continue;
      if (!earlier.writes && !later.writes) continue;
      found[earlier.by()].insert({earlier.by(), later.by(), later.fact->resource, !earlier.writes});
    }
  }
  return found;
}

// Extends the path to a cycle with two anti-dependencies over different rows.
bool closes_as_skew(const Edges& all, std::vector<Edge>& path) {
  constexpr std::size_t kLongest = 5;
  if (path.back().to == path.front().from) {
    return std::any_of(path.begin(), path.end(),
                       [&](const Edge& one) { return one.is_anti && one.row != path.front().row; });
  }
  const auto onward = all.find(path.back().to);
  if (path.size() == kLongest || onward == all.end()) return false;
  for (const Edge& next : onward->second) {
    const bool is_seen = std::any_of(path.begin() + 1, path.end(),
                                     [&](const Edge& one) { return one.from == next.to; });
    if (is_seen) continue;
    path.push_back(next);
    if (closes_as_skew(all, path)) return true;
    path.pop_back();
  }
  return false;
}

// T reads a row, U writes it, and T writes a value computed from its read.
std::string lost_update(const std::vector<Access>& all) {
  for (const Access& overwrites : all) {
    if (!overwrites.as_read) continue;
    for (const Access& read : all) {
      const bool own = !read.writes && read.by() == overwrites.by();
      if (!own || read.fact->resource != overwrites.fact->resource) continue;
      for (const Access& lost : all) {
        const bool between = lost.fact > read.fact && lost.fact < overwrites.fact;
        const bool by_other = lost.writes && lost.by() != overwrites.by();
        if (between && by_other && lost.fact->resource == read.fact->resource) {
          return fmt::format("lost update: event {}", lost.fact->record->sequence);
        }
      }
    }
  }
  return {};
}

std::string lost_update_or_write_skew(const History& history) {
  const auto reads = [](const TransactionKind& kind) { return kind.writes() != kind.all_steps(); };
  const std::vector<TransactionKind>& kinds = history.run.plan.kinds;
  // without a reading step no transaction depends on a value
  if (std::none_of(kinds.begin(), kinds.end(), reads)) return {};
  const std::vector<Access> all = accesses(history);
  if (std::string lost = lost_update(all); !lost.empty()) return lost;
  const Edges before = edges(all);
  for (const auto& [from, edges] : before) {
    for (const Edge& first : edges) {  // the search starts from each anti-dependency
      std::vector<Edge> path = {first};
      if (first.is_anti && closes_as_skew(before, path)) {
        return fmt::format("write skew: order {}", order_of(history.executions[from].id));
      }
    }
  }
  return {};
}

}  // namespace

// Isolation: no dirty read: no transaction uses an amount that another transaction has changed and
// later undoes (G1a). No lost update: no transaction overwrites a change made since its own read
// (P4). No write skew: there is no cycle of committed transactions with two anti-dependencies over
// different rows (A5B, G2-item).
Decision isolation(const History& history) {
  const std::string anomaly = lost_update_or_write_skew(history);
  if (!anomaly.empty()) return {Verdict::Violated, anomaly};
  Facts uses = facts(history, {Updated, ReadDone, Applied});
  std::erase_if(uses, [&](const Happening* fact) { return !is_row(history, *fact); });
  const bool announced = std::any_of(uses.begin(), uses.end(), [](const Happening* fact) {
    return fact->fact == Updated || fact->fact == ReadDone;
  });
  std::erase_if(uses, [](const Happening* fact) { return !is_use(*fact); });
  const bool at_once = std::any_of(uses.begin(), uses.end(),
                                   [](const Happening* fact) { return fact->fact == Applied; });
  for (const Happening* update : uses) {
    if (update->fact != Updated) continue;
    const Happening* end = end_of_update(history, *update);
    const bool undone =
        end != nullptr && (end->after == StepIs::Undone || end->after == StepIs::Lost);
    if (!undone) continue;
    for (const Happening* use : uses) {
      const bool between = use > update && use < end && use->resource == update->resource;
      const bool by_other = use->record->transaction != update->record->transaction;
      if (!between || !by_other) continue;
      return {Verdict::Violated, fmt::format("event {} uses what event {} undoes",
                                             use->record->sequence, end->record->sequence)};
    }
  }
  if (!announced || at_once) return {Verdict::NotApplicable, {}};
  std::map<std::uint16_t, std::set<TransactionId>> users;
  for (const Happening* use : uses) users[use->resource].insert(use->record->transaction);
  const bool shared = std::any_of(users.begin(), users.end(),
                                  [](const auto& one) { return one.second.size() > 1; });
  return {shared ? Verdict::Holds : Verdict::Vacuous, {}};
}

}  // namespace txsim::reference
