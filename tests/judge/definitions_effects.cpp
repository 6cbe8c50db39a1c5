// Which steps are in effect, and how often: atomicity, exactly-once, truthful-reply, no-hanging,
// compensation-order.
#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "tests/judge/reference_judge.h"

namespace txsim::reference {
namespace {

using enum FactKind;

// Some steps are in effect and others are not.
bool is_partial(const History& history, const Execution& execution) {
  const auto in_effect = effect(history, execution);
  return !in_effect.empty() && in_effect != writes(history, execution);
}

// One node has rolled back or cancelled a step for good, and another step is committed or confirmed
// for good. No later event can repair this. A step that took effect by itself does not count,
// because it can still be compensated.
bool is_split(const History& history, const Execution& execution) {
  bool undone = false;
  bool for_good = false;
  for (const Branch& branch : execution.branches) {
    for (std::size_t s = 0; s < branch.steps.size(); ++s) {
      const StepIs is = branch.steps[s];
      undone = undone || is == StepIs::Undone || is == StepIs::Cancelled;
      const bool under_lock = branch.updated.count(static_cast<std::uint8_t>(s)) != 0;
      for_good = for_good || is == StepIs::Confirmed || (is == StepIs::InEffect && under_lock);
    }
  }
  return undone && for_good && is_partial(history, execution);
}

}  // namespace

// Atomicity: at the end either all steps of a transaction are in effect, or none. Compensated and
// cancelled steps are not in effect. A transaction that an open fault holds up at the end is judged
// only if no later event can repair it.
Decision atomicity(const History& history) {
  if (facts(history, {Updated, Applied, Reserved, Confirmed, Rejected}).empty()) {
    return {Verdict::NotApplicable, {}};
  }
  bool judged = false;
  Decision broken{Verdict::Violated, {}};
  for (std::size_t e = 0; e < history.executions.size(); ++e) {
    const Execution& execution = history.executions[e];
    if (!execution.begun) continue;
    if (is_settled(history, e) && writes(history, execution).size() > 1) judged = true;
    if (!is_partial(history, execution)) continue;
    if (is_held_up(history, e) && !is_split(history, execution)) continue;
    broken.in_the_end.insert(execution.id);
    broken.why = fmt::format("order {}: {} of {} steps are in effect", order_of(execution.id),
                             effect(history, execution).size(), writes(history, execution).size());
  }
  if (!broken.in_the_end.empty()) return broken;
  return {judged ? Verdict::Holds : Verdict::Vacuous, {}};
}

namespace {

// The step was in effect before, in an earlier branch of the same node that had finished.
bool is_in_effect_before(const History& history, const Happening& fact) {
  for (const Happening* earlier : facts(history, fact.execution, {Applied, Finished})) {
    if (earlier >= &fact) break;
    const bool other = earlier->branch != fact.branch && earlier->step == fact.step;
    if (other && earlier->record->node == fact.record->node && earlier->of_step) return true;
  }
  return false;
}

// The step takes effect or is reserved a second time.
bool is_effect_again(const History& history, const Happening& fact) {
  if (fact.recalled) return false;
  return fact.twice || (fact.fact == Applied && is_in_effect_before(history, fact));
}

// Something was submitted, sent, delivered or executed a second time.
bool is_repeated(const History& history) {
  if (history.run.end.messages_duplicated) return true;
  if (!facts(history, {Recognised, Resent}).empty()) return true;
  std::set<TransactionId> begun;
  for (const Happening* fact : facts(history, {Submitted})) {
    if (submission_of(fact->record->transaction) > 0) return true;
  }
  for (const Execution& execution : history.executions) {
    if (!begun.insert(execution.id).second) return true;
  }
  const Facts steps = facts(history, {Updated, Applied, Reserved, Confirmed, Finished});
  return std::any_of(steps.begin(), steps.end(), [&](const Happening* fact) {
    return !fact->own_branch || (fact->of_step && is_effect_again(history, *fact));
  });
}

}  // namespace

// Exactly-once: no step takes effect twice, and no order is executed twice, no matter how often it
// is submitted. An order is executed if all steps of an execution are in effect at the end. A
// second reservation of a step is a violation, too.
Decision exactly_once(const History& history) {
  std::set<std::uint64_t> executed;
  Decision broken{Verdict::Violated, "an order is executed twice"};
  for (const Happening* fact : facts(history, {Updated, Applied, Reserved, Confirmed})) {
    if (broken.is_outright || !is_effect_again(history, *fact)) continue;
    broken.is_outright = true;
    broken.why = fmt::format("event {} takes effect again", fact->record->sequence);
  }
  for (const Execution& execution : history.executions) {
    if (!is_full(history, execution) || writes(history, execution).empty()) continue;
    if (executed.insert(order_of(execution.id)).second) continue;
    broken.in_the_end.insert(transaction_id(order_of(execution.id), 0));
  }
  if (broken.is_outright || !broken.in_the_end.empty()) return broken;
  if (facts(history, {Applied, Confirmed}).empty()) return {Verdict::NotApplicable, {}};
  return {is_repeated(history) ? Verdict::Holds : Verdict::Vacuous, {}};
}

namespace {

// The replies to an order's client.
struct Answer {
  bool done = false;
  bool failed = false;
  std::uint64_t submission = 0;  // the latest submission with the reply `failed`
};

std::map<std::uint64_t, Answer> answers(const History& history) {
  std::map<std::uint64_t, Answer> told;
  for (const Happening* fact : facts(history, {Told})) {
    const TransactionId id = fact->record->transaction;
    const auto reply = static_cast<Reply>(fact->record->value);
    Answer& answer = told[order_of(id)];
    if (reply == Reply::Done) {
      answer.done = true;
    } else if (reply == Reply::Failed) {
      answer.failed = true;
      answer.submission = std::max(answer.submission, submission_of(id));
    }
  }
  return told;
}

}  // namespace

// Truthful-reply, for each order: if some submission got the reply `done`, all steps of one
// execution are in effect at the end. If the client got `failed` and never `done`, then no step is
// in effect of the latest submission with the reply `failed` or of an earlier one. A later
// submission is a new request, so its effects are not a lie. An order that an open fault holds up
// is not judged.
Decision truthful_reply(const History& history) {
  if (facts(history, {Submitted, Told}).empty()) return {Verdict::NotApplicable, {}};
  bool judged = false;
  Decision broken{Verdict::Violated, {}};
  for (const auto& [order, answer] : answers(history)) {
    bool in_effect = false;
    bool some_effect = false;
    bool open = false;
    for (std::size_t e = 0; e < history.executions.size(); ++e) {
      const Execution& execution = history.executions[e];
      if (order_of(execution.id) != order) continue;
      in_effect = in_effect || is_full(history, execution);
      const bool is_told = submission_of(execution.id) <= answer.submission;
      some_effect = some_effect || (is_told && !effect(history, execution).empty());
      const bool may_change = is_held_up(history, e) && !is_split(history, execution);
      open = open || (execution.begun && may_change);
    }
    const bool lied = answer.done ? !in_effect : answer.failed && some_effect;
    if (!lied && (answer.done || answer.failed)) judged = true;
    if (!lied || open) continue;
    broken.in_the_end.insert(transaction_id(order, 0));
    broken.why =
        fmt::format("the client of order {} was told {}", order, answer.done ? "done" : "failed");
  }
  if (!broken.in_the_end.empty()) return broken;
  return {judged ? Verdict::Holds : Verdict::Vacuous, {}};
}

namespace {

// Before this fact, the node cancelled or compensated the step, or aborted its part, in this
// execution.
bool was_called_off(const History& history, const Happening& fact) {
  for (const Happening& earlier : history.happenings) {
    if (&earlier >= &fact) break;
    if (!earlier.is_fact || earlier.execution != fact.execution) continue;
    if (earlier.record->node != fact.record->node) continue;
    const bool step_off = earlier.fact == Cancelled || earlier.fact == Compensated;
    if (step_off && earlier.step == fact.step) return true;
    const bool ended = earlier.fact == Finished;
    if (ended && static_cast<Outcome>(earlier.record->value) == Outcome::Aborted) return true;
  }
  return false;
}

}  // namespace

// No-hanging: a node does not reserve or apply a step after it has cancelled or compensated that
// step or aborted its part. A late update violates this only if it is not undone at the end.
Decision no_hanging(const History& history) {
  if (facts(history, {Reserved, Applied, Updated}).empty()) return {Verdict::NotApplicable, {}};
  Decision broken{Verdict::Violated, "an update is never undone"};
  for (const Happening* fact : facts(history, {Reserved, Applied})) {
    if (broken.is_outright || fact->recalled || !was_called_off(history, *fact)) continue;
    broken.is_outright = true;
    broken.why = fmt::format("event {} comes after it was called off", fact->record->sequence);
  }
  for (const Happening* fact : facts(history, {Updated})) {
    const Branch& branch = history.executions[fact->execution].branches[fact->branch];
    const bool remains = branch.steps[fact->step] == StepIs::UnderLock;
    if (!remains || history.run.end.fault_is_open || !was_called_off(history, *fact)) continue;
    broken.in_the_end.insert(fact->record->transaction);
  }
  if (broken.is_outright || !broken.in_the_end.empty()) return broken;
  const Facts ends = facts(history, {Cancelled, Compensated, Finished});
  const bool called_off = std::any_of(ends.begin(), ends.end(), [](const Happening* fact) {
    return fact->fact != Finished || static_cast<Outcome>(fact->record->value) == Outcome::Aborted;
  });
  return {called_off ? Verdict::Holds : Verdict::Vacuous, {}};
}

namespace {

// The last event before the fact at which the step took effect by itself. Null if the step is not
// in effect by itself at that point.
const Happening* applied_before(const History& history, const Happening& fact, std::uint8_t step) {
  const Happening* applied = nullptr;
  for (const Happening& earlier : history.happenings) {
    if (&earlier >= &fact) break;
    if (!earlier.of_step || earlier.execution != fact.execution || earlier.step != step) continue;
    if (earlier.after != StepIs::InEffect) {
      applied = nullptr;
    } else if (earlier.before != StepIs::InEffect || earlier.twice) {
      applied = earlier.under_lock ? nullptr : &earlier;
    }
  }
  return applied;
}

// The two steps may run at the same time.
bool is_parallel(const History& history, const Happening& fact, std::uint8_t other) {
  if (!history.run.plan.steps_in_parallel) return false;
  const TransactionKind& kind = history.kind(history.executions[fact.execution]);
  return (kind.group_of(fact.step) >> other & 1U) != 0;
}

// The reason why a compensation is out of order. Empty if it is in order.
std::string out_of_order(const History& history, const Happening& fact) {
  const Happening* applied = applied_before(history, fact, fact.step);
  // Value 0: the compensation voids the step, or there is nothing to undo.
  const bool takes_back = fact.record->value != 0;
  if (applied == nullptr) return takes_back ? "of what was not in effect" : "";
  const std::size_t steps = history.kind(history.executions[fact.execution]).steps.size();
  for (std::uint8_t other = 0; other < steps; ++other) {
    if (other == fact.step || is_parallel(history, fact, other)) continue;
    const Happening* later = applied_before(history, fact, other);
    if (later != nullptr && later > applied) return "before a step that took effect later";
  }
  return {};
}

// Some step is in effect by itself at the end.
bool is_applied_by_itself(const Execution& execution) {
  for (const Branch& branch : execution.branches) {
    for (std::size_t s = 0; s < branch.steps.size(); ++s) {
      const bool under_lock = branch.updated.count(static_cast<std::uint8_t>(s)) != 0;
      if (branch.steps[s] == StepIs::InEffect && !under_lock) return true;
    }
  }
  return false;
}

}  // namespace

// Compensation-order: compensations run in reverse order of the steps, one for each step that took
// effect and none for any other step. Parallel steps have no order. Recalled facts are ignored,
// because their order before the crash is unknown.
Decision compensation_order(const History& history) {
  const Facts compensations = facts(history, {Compensated});
  const Facts applied = facts(history, {Applied});
  const bool by_itself = std::any_of(applied.begin(), applied.end(),
                                     [](const Happening* fact) { return !fact->under_lock; });
  if (!by_itself && compensations.empty()) return {Verdict::NotApplicable, {}};
  Decision broken{Verdict::Violated, "an execution is compensated in part"};
  for (const Happening* fact : compensations) {
    const std::string wrong = fact->recalled ? std::string() : out_of_order(history, *fact);
    if (broken.is_outright || wrong.empty()) continue;
    broken.is_outright = true;
    broken.why = fmt::format("event {} compensates {}", fact->record->sequence, wrong);
  }
  for (std::size_t e = 0; e < history.executions.size(); ++e) {
    const Execution& execution = history.executions[e];
    if (facts(history, e, {Compensated}).empty() || !has_ended(history, e)) continue;
    if (is_applied_by_itself(execution)) broken.in_the_end.insert(execution.id);
  }
  if (broken.is_outright || !broken.in_the_end.empty()) return broken;
  return {compensations.empty() ? Verdict::Vacuous : Verdict::Holds, {}};
}

}  // namespace txsim::reference
