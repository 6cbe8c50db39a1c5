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

// What became of an update that was not yet for good: rolled back, or lost in a crash. The end of
// the history: nothing yet.
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

// A fact by which a transaction reads or changes an amount.
bool is_use(const Happening& fact) {
  if (fact.fact == Updated || fact.fact == ReadDone) return !fact.recalled;
  return fact.fact == Applied && !fact.under_lock && !fact.recalled && fact.record->value != 0;
}

// ---- Lost update and write skew, of transactions that have committed

// All of its steps are in effect, and it has ended, now or before its coordinator took it up again;
// of one that only reads: it was decided so, or its client was told.
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

// A step of a transaction at a row, in the order of the row.
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
    if (fact->fact == ReadDone) {  // the first is what it may have decided by
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

// `to` must come after `from`.
struct Edge {
  std::size_t from = 0;  // executions
  std::size_t to = 0;
  std::uint16_t row = 0;
  bool is_anti = false;  // `from` read what `to` then wrote
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

// A cycle that goes on from the path's end with edges of which two over different rows are anti.
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

// T reads a row, U writes it, and T writes what it has computed from its read.
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
  // no transaction decides on a value that it read
  if (std::none_of(kinds.begin(), kinds.end(), reads)) return {};
  const std::vector<Access> all = accesses(history);
  if (std::string lost = lost_update(all); !lost.empty()) return lost;
  const Edges before = edges(all);
  for (const auto& [from, edges] : before) {
    for (const Edge& first : edges) {  // a cycle may be told from either of its two
      std::vector<Edge> path = {first};
      if (first.is_anti && closes_as_skew(before, path)) {
        return fmt::format("write skew: order {}", order_of(history.executions[from].id));
      }
    }
  }
  return {};
}

}  // namespace

// Isolation: no dirty read: nobody uses an amount that another has changed, not yet committed, and
// undoes later (G1a). No lost update: nobody overwrites what another has written since it read
// (P4). No write skew: no cycle of committed transactions in which two rows were read before others
// wrote them (A5B, G2-item).
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
