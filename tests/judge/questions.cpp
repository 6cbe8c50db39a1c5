// Queries of the definitions.
#include <algorithm>
#include <tuple>

#include "tests/judge/history.h"

namespace txsim::reference {

Facts facts(const History& history, const std::set<FactKind>& kinds) {
  Facts found;
  for (const Happening& happening : history.happenings) {
    if (happening.is_fact && kinds.count(happening.fact) != 0) found.push_back(&happening);
  }
  return found;
}

Facts facts(const History& history, std::size_t execution, const std::set<FactKind>& kinds) {
  Facts found;
  for (const Happening& happening : history.happenings) {
    if (happening.execution != execution) continue;
    if (happening.is_fact && kinds.count(happening.fact) != 0) found.push_back(&happening);
  }
  return found;
}

std::set<std::uint8_t> writes(const History& history, const Execution& execution) {
  std::set<std::uint8_t> found;
  const std::vector<Step>& steps = history.kind(execution).steps;
  for (std::size_t s = 0; s < steps.size(); ++s) {
    if (!steps[s].is_read_only()) found.insert(static_cast<std::uint8_t>(s));
  }
  return found;
}

std::set<std::uint8_t> effect(const History& history, const Execution& execution) {
  std::set<std::uint8_t> found;
  for (const std::uint8_t step : writes(history, execution)) {
    for (const Branch& branch : execution.branches) {
      if (is_in_effect(branch.steps[step])) found.insert(step);
    }
  }
  return found;
}

bool is_full(const History& history, const Execution& execution) {
  return execution.begun && effect(history, execution) == writes(history, execution);
}

std::set<NodeId> writers(const History& history, const Execution& execution) {
  std::set<NodeId> found;
  const TransactionKind& kind = history.kind(execution);
  for (const Step& step : kind.steps) {
    if (!step.is_read_only() && step.service != kind.begins_at) found.insert(step.service);
  }
  return found;
}

std::map<std::uint8_t, std::int64_t> left_reserved(const History& history, std::size_t execution) {
  std::map<std::uint8_t, std::int64_t> left;
  for (const Happening& happening : history.happenings) {
    if (happening.of_step && happening.execution == execution) {
      left[happening.step] += happening.reserved;
    }
  }
  std::erase_if(left, [](const auto& amount) { return amount.second <= 0; });
  return left;
}

namespace {

using LockKey = std::tuple<TransactionId, NodeId, std::uint8_t>;

// Locks or waits that begin with a fact of kind `begins` and have not ended by a fact in `ends` or
// by a crash of the node.
std::vector<Locking> lasting(const History& history, FactKind begins,
                             const std::set<FactKind>& ends) {
  std::map<LockKey, Time> since;
  for (const Happening& happening : history.happenings) {
    const TraceRecord& record = *happening.record;
    if (record.kind == EventKind::Crashed) {
      std::erase_if(since, [&](const auto& one) { return std::get<1>(one.first) == record.node; });
    }
    if (!happening.is_fact) continue;
    const LockKey key{record.transaction, record.node, record.step};
    if (happening.fact == begins) since.try_emplace(key, record.time);
    if (ends.count(happening.fact) != 0) since.erase(key);
  }
  std::vector<Locking> found;
  for (const auto& [key, time] : since) {
    found.push_back({std::get<0>(key), std::get<1>(key), std::get<2>(key), time});
  }
  return found;
}

bool holds_or_waits(const History& history, const Execution& execution) {
  const auto is_its = [&](const Locking& one) { return one.transaction == execution.id; };
  const std::vector<Locking> held = held_locks(history);
  const std::vector<Locking> waits = open_waits(history);
  return std::any_of(held.begin(), held.end(), is_its) ||
         std::any_of(waits.begin(), waits.end(), is_its);
}

bool some_node_ended(const History& history, std::size_t execution, Outcome outcome) {
  const Facts ends = facts(history, execution, {FactKind::Decided, FactKind::Finished});
  return std::any_of(ends.begin(), ends.end(), [&](const Happening* fact) {
    return fact->own_branch && static_cast<Outcome>(fact->record->value) == outcome;
  });
}

// Every participant that writes has finished or voted read-only.
bool all_writers_finished(const History& history, const Execution& execution) {
  const std::set<NodeId> nodes = writers(history, execution);
  return std::all_of(nodes.begin(), nodes.end(), [&](NodeId node) {
    return std::any_of(execution.branches.begin(), execution.branches.end(),
                       [&](const Branch& branch) {
                         return branch.node == node && (branch.finished || branch.read_only);
                       });
  });
}

// Some steps are in effect for good and others are not, and some participant has not finished.
bool is_half_done(const History& history, std::size_t e) {
  const Execution& execution = history.executions[e];
  const auto in_effect = effect(history, execution);
  if (in_effect.empty() || in_effect == writes(history, execution)) return false;
  const bool votes = !facts(history, e, {FactKind::Voted}).empty();
  return !votes || !all_writers_finished(history, execution);
}

// The transaction's locks belong to its last execution.
bool is_last(const History& history, std::size_t e) {
  for (std::size_t later = e + 1; later < history.executions.size(); ++later) {
    if (history.executions[later].id == history.executions[e].id) return false;
  }
  return true;
}

bool is_open_at_a_node(const History& history, std::size_t e) {
  const Execution& execution = history.executions[e];
  for (const Branch& branch : execution.branches) {
    if (branch.in_doubt) return true;
    for (const StepIs is : branch.steps) {
      if (is == StepIs::UnderLock || is == StepIs::Reserved) return true;
    }
    // The node forgot its promise to commit, and another node committed.
    const bool forgot = branch.forgot && !branch.finished;
    if (forgot && some_node_ended(history, e, Outcome::Committed)) return true;
  }
  if (!left_reserved(history, e).empty()) return true;
  return is_last(history, e) && holds_or_waits(history, execution);
}

}  // namespace

std::vector<Locking> held_locks(const History& history) {
  return lasting(history, FactKind::LockTaken, {FactKind::LockReleased});
}

std::vector<Locking> open_waits(const History& history) {
  return lasting(history, FactKind::LockWaited, {FactKind::LockGranted, FactKind::LockTimedOut});
}

bool is_settled(const History& history, std::size_t execution) {
  const Execution& of = history.executions[execution];
  if (is_open_at_a_node(history, execution)) return false;
  if (!of.begun || of.phase == Phase::Ended) return true;
  return of.left && !is_half_done(history, execution);
}

// A crashed coordinator may forget its transaction and never announce the end, unless the
// transaction is half done.
bool has_ended(const History& history, std::size_t execution) {
  const Execution& of = history.executions[execution];
  const bool may_go_on = of.begun && of.phase != Phase::Ended && of.is_down;
  return is_settled(history, execution) && !may_go_on;
}

bool is_held_up(const History& history, std::size_t execution) {
  return history.run.end.fault_is_open && !has_ended(history, execution);
}

}  // namespace txsim::reference
