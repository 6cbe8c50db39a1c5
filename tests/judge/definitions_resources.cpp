// Amounts, ends, events and waits: convergence, conservation, durability, no-lost-event,
// bounded-blocking, non-blocking. Also the table of all definitions.
#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>
#include <utility>

#include "tests/judge/reference_judge.h"
#include "tests/judge/under_way.h"

namespace txsim::reference {
namespace {

using enum FactKind;

// Orders that the lock service still holds locked at the end, with their holders.
std::map<std::int64_t, TransactionId> locked_orders(const History& history) {
  std::map<std::int64_t, TransactionId> locked;
  for (const Happening* fact : facts(history, {OrderLocked, OrderUnlocked})) {
    if (fact->fact == OrderLocked) {
      locked[fact->record->value] = fact->record->transaction;
    } else {
      locked.erase(fact->record->value);
    }
  }
  return locked;
}

// Submissions of orders that were neither begun nor answered.
std::vector<TransactionId> ignored(const History& history) {
  std::set<std::uint64_t> noticed;
  for (const Happening* fact : facts(history, {PhaseEntered, Told})) {
    noticed.insert(order_of(fact->record->transaction));
  }
  std::vector<TransactionId> found;
  for (const Happening* fact : facts(history, {Submitted})) {
    const TransactionId id = fact->record->transaction;
    if (noticed.count(order_of(id)) == 0) found.push_back(id);
  }
  return found;
}

}  // namespace

// Convergence: after all faults have healed, every transaction ends at every node, and nothing
// stays reserved, locked, pending or in doubt. This includes a reservation of a second, unintended
// request. Without faults, every order is begun or answered. A livelock is a violation.
Decision convergence(const History& history) {
  if (history.run.end.is_livelock) return {Verdict::Violated, "a livelock"};
  Decision broken{Verdict::Violated, {}};
  for (std::size_t e = 0; e < history.executions.size(); ++e) {
    if (has_ended(history, e)) continue;
    broken.in_the_end.insert(history.executions[e].id);
    broken.why = fmt::format("order {} has not ended", order_of(history.executions[e].id));
  }
  if (!history.run.end.faults_met) {
    for (const TransactionId id : ignored(history)) {
      broken.in_the_end.insert(id);
      broken.why = fmt::format("order {} is ignored", order_of(id));
    }
  }
  for (const auto& [order, holder] : locked_orders(history)) {
    broken.in_the_end.insert(holder);
    broken.why = fmt::format("order {} is locked", order);
  }
  const bool is_broken = !broken.in_the_end.empty();
  if (facts(history, {PhaseEntered}).empty() && !is_broken) return {Verdict::NotApplicable, {}};
  if (history.run.end.fault_is_open) return {Verdict::Vacuous, "a fault is open"};
  return is_broken ? broken : Decision{Verdict::Holds, {}};
}

namespace {

struct Amounts {
  std::int64_t available = 0;
  std::int64_t reserved = 0;
};

// The contradiction between a fact and the amounts computed so far; empty if they agree. `held` is
// the computed amount of each resource. It takes over the announced amount, so each error is
// reported once.
std::string miscounted(const History& history, const Happening& happening,
                       std::vector<Amounts>& held) {
  const TraceRecord& record = *happening.record;
  if (happening.is_fact && happening.fact == Recovered) {
    if (record.peer >= held.size()) return {};
    const Amounts said{record.value, record.extra};
    const Amounts must = std::exchange(held[record.peer], said);
    const bool same = must.available == said.available && must.reserved == said.reserved;
    if (same) return {};
    return fmt::format("resource {} recovered as {} and {}, not {} and {}", record.peer,
                       said.available, said.reserved, must.available, must.reserved);
  }
  if (!happening.of_step) return {};
  Amounts& amounts = held[happening.resource];
  amounts.available += happening.available;
  amounts.reserved += happening.reserved;
  const Step& step = history.kind(history.executions[happening.execution]).steps[happening.step];
  const bool tells = happening.is_fact && !happening.recalled && happening.fact != ReadDone &&
                     happening.fact != Rejected;
  if (!tells) return {};
  // Facts about order records do not wait for facts of other orders, so their announced count may
  // be outdated. Only a recovery announces an exact count of records.
  const bool is_records = history.run.plan.resources[happening.resource].is_records;
  const std::int64_t said = is_records ? amounts.available : amount_of(record.extra);
  const std::int64_t must = std::exchange(amounts.available, said);
  const bool is_reservation =
      happening.fact == Reserved || happening.fact == Confirmed || happening.fact == Cancelled;
  // A step `as read` may overwrite other changes. The difference is not part of the step's own
  // amount.
  const bool adds = happening.fact == Updated ||
                    (happening.fact == Applied && !happening.under_lock && !happening.twice);
  const bool overwrites = step.as_read && adds && record.value != step.delta();
  if (said != must || overwrites || (!is_reservation && record.value != happening.available)) {
    return fmt::format("event {}: {} is {}, not {} (of a step that adds {})", record.sequence,
                       happening.resource, said, must, step.delta());
  }
  if (said < 0 || amounts.reserved < 0) {
    return fmt::format("event {}: below zero", record.sequence);
  }
  return {};
}

std::vector<Amounts> initial_amounts(const History& history) {
  std::vector<Amounts> held;
  for (const Resource& resource : history.run.plan.resources) {
    held.push_back({resource.initial, 0});
  }
  return held;
}

const std::set<FactKind>& about_amounts() {
  static const std::set<FactKind> kinds = {Updated,   Undone,    Applied,     Reserved,
                                           Confirmed, Cancelled, Compensated, Recovered};
  return kinds;
}

}  // namespace

// Conservation: for each resource, at every moment, the initial amount equals available + reserved
// + taken by transactions in effect. No amount is below zero.
Decision conservation(const History& history) {
  const Facts amounts = facts(history, about_amounts());
  if (amounts.empty()) return {Verdict::NotApplicable, {}};
  std::vector<Amounts> held = initial_amounts(history);
  for (const Happening& happening : history.happenings) {
    const std::string wrong = miscounted(history, happening, held);
    if (!wrong.empty()) return {Verdict::Violated, wrong};
  }
  const bool changed = std::any_of(amounts.begin(), amounts.end(), [](const Happening* fact) {
    return fact->fact != Recovered && fact->record->value != 0;
  });
  return {changed ? Verdict::Holds : Verdict::Vacuous, {}};
}

namespace {

// The step was committed before the node's last recovery, and that recovery precedes the fact.
bool was_for_good_before_recovery(const History& history, const Happening& fact) {
  bool for_good = false;
  bool recovered = false;
  for (const Happening& earlier : history.happenings) {
    if (&earlier >= &fact) break;
    const bool same = earlier.of_step && earlier.execution == fact.execution &&
                      earlier.branch == fact.branch && earlier.step == fact.step;
    if (same && earlier.after == StepIs::InEffect) for_good = true;
    const bool recovery = earlier.is_fact && earlier.fact == Recovered;
    if (recovery && earlier.record->node == fact.record->node && for_good) recovered = true;
  }
  return recovered;
}

}  // namespace

// Durability: every acknowledged effect survives every crash. A recovered node has exactly those
// steps in effect that were committed or that its yes votes cover, and it does not undo a committed
// step later.
Decision durability(const History& history) {
  if (facts(history, {Voted, Updated, Applied, Reserved, Undone, Finished}).empty()) {
    return {Verdict::NotApplicable, {}};
  }
  std::vector<Amounts> held = initial_amounts(history);
  for (const Happening& happening : history.happenings) {
    const std::string wrong = miscounted(history, happening, held);
    const bool recovers = happening.is_fact && happening.fact == Recovered;
    if (recovers && !wrong.empty()) return {Verdict::Violated, wrong};
  }
  for (const Execution& execution : history.executions) {
    for (const Branch& branch : execution.branches) {
      if (!branch.forgot) continue;
      return {Verdict::Violated, fmt::format("node {} has forgotten its vote for order {}",
                                             branch.node, order_of(execution.id))};
    }
  }
  for (const Happening* undone : facts(history, {Undone})) {
    const bool changes = undone->before != undone->after;
    if (!changes || !was_for_good_before_recovery(history, *undone)) continue;
    return {Verdict::Violated, fmt::format("event {} undoes", undone->record->sequence)};
  }
  const bool recovered = !facts(history, {Recovered}).empty();
  return {recovered ? Verdict::Holds : Verdict::Vacuous, {}};
}

// No-lost-event: at the end, each subscriber has handled every event of a committed local
// transaction.
Decision no_lost_event(const History& history) {
  if (facts(history, {EventCommitted, EventHandled}).empty()) return {Verdict::NotApplicable, {}};
  std::map<std::int64_t, std::set<NodeId>> handlers;
  for (const Happening* fact : facts(history, {EventHandled})) {
    handlers[fact->record->value].insert(fact->record->node);
  }
  bool expected = false;
  Decision lost{Verdict::Violated, "an event is not handled by all"};
  for (const Happening* fact : facts(history, {EventCommitted})) {
    const auto subscribers = static_cast<std::size_t>(fact->record->extra);
    expected = expected || subscribers > 0;
    if (handlers[fact->record->value].size() >= subscribers) continue;
    lost.in_the_end.insert(fact->record->transaction);
  }
  if (lost.in_the_end.empty()) return {expected ? Verdict::Holds : Verdict::Vacuous, {}};
  return history.run.end.fault_is_open ? Decision{Verdict::Vacuous, lost.why} : lost;
}

// Bounded-blocking: no transaction waits for a row lock longer than the scenario allows. A wait
// ends when the lock is granted, when the waiter gives up or crashes, or with the run.
Decision bounded_blocking(const History& history) {
  if (!history.run.longest_lock_wait) return {Verdict::NotApplicable, {}};
  const Duration bound = *history.run.longest_lock_wait;
  const Facts waits = facts(history, {LockWaited, LockGranted, LockTimedOut});
  for (const Happening* wait : waits) {
    if (wait->fact != LockWaited) continue;
    const TraceRecord& began = *wait->record;
    Time ended = history.run.end.time;
    for (const Happening& later : history.happenings) {
      if (&later <= wait) continue;
      const TraceRecord& record = *later.record;
      const bool crashed = record.kind == EventKind::Crashed && record.node == began.node;
      const bool answered = later.is_fact &&
                            (later.fact == LockGranted || later.fact == LockTimedOut) &&
                            record.transaction == began.transaction && record.node == began.node &&
                            record.step == began.step;
      if (!crashed && !answered) continue;
      ended = record.time;
      break;
    }
    if (ended - began.time <= bound) continue;
    return {Verdict::Violated, fmt::format("the wait of event {} is too long", began.sequence)};
  }
  return {waits.empty() ? Verdict::Vacuous : Verdict::Holds, {}};
}

namespace {

// A crash without a restart.
bool is_for_good(const Happening& crash) {
  return crash.record->kind == EventKind::Crashed && !crash.of_step && crash.record->value < 0;
}

// The end of the doubt that begins with this vote. Null if the participant is in doubt until the
// end.
const Happening* end_of_doubt(const History& history, const Happening& vote) {
  for (const Happening& later : history.happenings) {
    if (&later <= &vote) continue;
    if (later.record->node != vote.record->node) continue;
    if (later.record->kind == EventKind::Crashed) return &later;
    const bool decides = later.is_fact && (later.fact == Finished || later.fact == DecidedAlone);
    if (decides && later.execution == vote.execution) return &later;
  }
  return nullptr;
}

// Crashes without a restart of other nodes of the transaction, before `until`.
Facts gone_beside(const History& history, const Happening& vote, const Happening* until) {
  Facts gone;
  const TransactionKind& kind = history.kind(history.executions[vote.execution]);
  for (const Happening& crash : history.happenings) {
    if (until != nullptr && &crash >= until) break;
    const NodeId node = crash.record->node;
    const bool beside = node == kind.begins_at || kind.participant_index(node) >= 0;
    if (is_for_good(crash) && beside && node != vote.record->node) gone.push_back(&crash);
  }
  return gone;
}

// Some node of the transaction is unreachable at the end, but not down for good.
bool some_may_return(const History& history, const Execution& execution) {
  const TransactionKind& kind = history.kind(execution);
  std::set<NodeId> away;
  std::set<NodeId> gone;
  for (const Happening& happening : history.happenings) {
    const TraceRecord& record = *happening.record;
    if (record.kind == EventKind::Restarted) away.erase(record.node);
    if (record.kind != EventKind::Crashed || happening.of_step) continue;
    (is_for_good(happening) ? gone : away).insert(record.node);
  }
  for (const NodeId node : history.run.end.unreachable) away.insert(node);
  for (const NodeId node : gone) away.erase(node);
  return std::any_of(away.begin(), away.end(), [&](NodeId node) {
    return node == kind.begins_at || kind.participant_index(node) >= 0;
  });
}

}  // namespace

// Non-blocking (AC5): every participant that is up decides, even if other nodes crash for good. At
// the end, no participant that voted yes is without a decision because a node of its transaction is
// down for good.
Decision non_blocking(const History& history) {
  if (facts(history, {Voted}).empty()) return {Verdict::NotApplicable, {}};
  bool met = false;
  bool may_be_helped = false;
  Decision blocked{Verdict::Violated, "a participant is in doubt and blocked"};
  for (const Happening* vote : facts(history, {Voted})) {
    if (static_cast<Vote>(vote->record->value) != Vote::Yes) continue;
    const Happening* end = end_of_doubt(history, *vote);
    if (gone_beside(history, *vote, end).empty()) continue;
    met = true;
    if (end != nullptr) continue;
    const Execution& execution = history.executions[vote->execution];
    if (some_may_return(history, execution)) {
      may_be_helped = true;
    } else {
      blocked.in_the_end.insert(execution.id);
    }
  }
  if (!blocked.in_the_end.empty()) return blocked;
  return {met && !may_be_helped ? Verdict::Holds : Verdict::Vacuous, {}};
}

const std::vector<Definition>& definitions() {
  static const std::vector<Definition> all = {{"agreement", agreement},
                                              {"irrevocable", irrevocable},
                                              {"unanimity", unanimity},
                                              {"nontrivial", nontrivial},
                                              {"convergence", convergence},
                                              {"atomicity", atomicity},
                                              {"conservation", conservation},
                                              {"exactly-once", exactly_once},
                                              {"truthful-reply", truthful_reply},
                                              {"durability", durability},
                                              {"no-hanging", no_hanging},
                                              {"compensation-order", compensation_order},
                                              {"no-lost-event", no_lost_event},
                                              {"isolation", isolation},
                                              {"bounded-blocking", bounded_blocking},
                                              {"non-blocking", non_blocking}};
  return all;
}

namespace {

bool is_open(const Decision& decision) {
  return !decision.is_outright && !decision.in_the_end.empty();
}

bool is_unknown(const RecordedRun& run) {
  if (run.gone_on.empty()) return false;
  UnderWay under_way(run.trace);
  const Trace& beyond = run.gone_on.back()->trace;
  for (std::size_t i = run.trace.size(); i < beyond.size(); ++i) under_way.see(beyond[i]);
  return under_way.any();
}

}  // namespace

std::vector<Decision> decide_all(const RecordedRun& run) {
  const History history = read_history(run);
  std::vector<Decision> decisions;
  for (const Definition& definition : definitions()) {
    decisions.push_back(definition.decide(history));
  }
  const auto is_any_open = [&] { return std::any_of(decisions.begin(), decisions.end(), is_open); };
  const auto cut_off = [](Decision& decision) {
    decision = {Verdict::Vacuous, "cut off: " + decision.why};
  };
  if (is_any_open() && is_unknown(run)) {
    for (Decision& decision : decisions) {
      if (is_open(decision)) cut_off(decision);
    }
  }
  // Starts with the last look, because most transactions come right by then.
  for (std::size_t look = run.gone_on.size(); look-- > 0 && is_any_open();) {
    const History later = read_history(*run.gone_on[look]);
    for (std::size_t i = 0; i < decisions.size(); ++i) {
      if (!is_open(decisions[i])) continue;
      const Decision then = definitions()[i].decide(later);
      std::erase_if(decisions[i].in_the_end,
                    [&](TransactionId id) { return then.in_the_end.count(id) == 0; });
      if (decisions[i].in_the_end.empty()) cut_off(decisions[i]);
    }
  }
  return decisions;
}

}  // namespace txsim::reference
