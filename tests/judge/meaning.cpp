#include "tests/judge/meaning.h"

namespace txsim::reference {
namespace {

void apply(const TraceRecord& record, Branch& branch, const Step& step, bool recalls,
           Happening& made) {
  made.after = StepIs::InEffect;
  if (made.before == StepIs::UnderLock) return;
  const bool known = made.before == StepIs::InEffect;
  if (known && (recalls || (branch.updated.count(record.step) != 0 && record.value == 0))) return;
  branch.updated.erase(record.step);
  ++branch.times[record.step];
  // The node had announced another state before its crash. That state was not durable. The
  // announced amounts will show the loss.
  if (recalls && made.before != StepIs::Untouched) return;
  made.twice = known;
  made.available = step.as_read && !recalls ? record.value : step.delta();
}

void compensate(const TraceRecord& record, Branch& branch, const Step& step, bool recalls,
                Happening& made) {
  int& times = branch.times[record.step];
  if (made.before != StepIs::InEffect) {
    made.twice = made.before == StepIs::Compensated;
    if (made.before == StepIs::Untouched) made.after = StepIs::CalledOff;
  } else if (recalls) {  // its state before the crash was not durable
    times = 0;
    made.after = record.value == 0 ? StepIs::CalledOff : StepIs::Compensated;
  } else {
    made.available = -step.delta();
    if (--times <= 0) made.after = StepIs::Compensated;
  }
}

void reserve(const TraceRecord& record, bool recalls, Happening& made) {
  if (recalls && made.before != StepIs::Untouched) return;
  made.twice = made.before == StepIs::Reserved || made.before == StepIs::Confirmed;
  if (made.before != StepIs::Confirmed) made.after = StepIs::Reserved;
  made.available = -record.value;
  made.reserved = record.value;
}

void confirm(const TraceRecord& record, const Step& step, bool recalls, Happening& made) {
  if (recalls && made.before == StepIs::Confirmed) return;
  const bool takes = step.action == Action::Take;
  made.twice = made.before == StepIs::Confirmed;
  made.after = StepIs::Confirmed;
  made.available = takes ? 0 : record.value;
  made.reserved = takes ? -record.value : 0;
}

void cancel(const TraceRecord& record, bool recalls, Happening& made) {
  if (recalls && made.before != StepIs::Reserved) {
    if (made.before == StepIs::Untouched) made.after = StepIs::Cancelled;
    return;
  }
  // A cancel releases the second reservation of a confirmed step. The confirmed step stays in
  // effect.
  if (made.before != StepIs::Confirmed) made.after = StepIs::Cancelled;
  made.available = record.value;
  made.reserved = -record.value;
}

}  // namespace

Happening meaning(const TraceRecord& record, FactKind kind, const Step& step, Branch& branch,
                  bool recalls) {
  using enum FactKind;
  Happening made;
  made.before = made.after = branch.steps[record.step];
  switch (kind) {
    case Updated:
      made.after = StepIs::UnderLock;
      made.twice = made.before == StepIs::UnderLock;
      made.available = step.as_read ? record.value : step.delta();
      if (recalls) made.available = 0;
      break;
    case Undone: {
      if (made.before != StepIs::UnderLock && made.before != StepIs::InEffect) break;
      const auto added = branch.updated.find(record.step);
      made.after = StepIs::Undone;
      made.available = added != branch.updated.end() ? -added->second : -step.delta();
      break;
    }
    case Applied:
      apply(record, branch, step, recalls, made);
      break;
    case Compensated:
      compensate(record, branch, step, recalls, made);
      break;
    case Reserved:
      reserve(record, recalls, made);
      break;
    case Confirmed:
      confirm(record, step, recalls, made);
      break;
    case Cancelled:
      cancel(record, recalls, made);
      break;
    default:
      break;  // a read or a refusal changes nothing
  }
  return made;
}

bool recalls_it(FactKind fact, StepIs is) {
  using enum FactKind;
  if (fact == Applied) return is == StepIs::InEffect;
  if (fact == Compensated) return is == StepIs::Compensated || is == StepIs::CalledOff;
  if (fact == Reserved) return is == StepIs::Reserved;
  if (fact == Confirmed) return is == StepIs::Confirmed;
  return fact == Cancelled && is == StepIs::Cancelled;
}

bool goes_on_from(FactKind fact, StepIs is) {
  using enum FactKind;
  if (fact == Applied) return is == StepIs::UnderLock;
  if (fact == Undone) return is == StepIs::UnderLock || is == StepIs::InEffect;
  if (fact == Compensated) return is == StepIs::InEffect;
  return (fact == Confirmed || fact == Cancelled) && is == StepIs::Reserved;
}

}  // namespace txsim::reference
