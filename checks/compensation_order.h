// Compensation-order: compensations run in reverse, one for each step that took effect.
#pragma once

#include "checks/check.h"
#include "sim/fingerprint.h"

namespace txsim {

class CompensationOrder {
 public:
  static constexpr InvariantInfo kInfo{
      "compensation-order",
      "Compensations run in reverse order, one for each step that took effect and none for the "
      "others. Parallel steps have no order among each other.",
      "applied, compensated",
      "Vacuous if nothing was compensated; not applicable if no step takes effect by itself.",
      "Garcia-Molina, Salem, Sagas, 1987"};
  static constexpr FactSet kReads = facts({FactKind::Applied, FactKind::Compensated});

  void on(const Moment& m, const Ledger& ledger) {
    if (m.fact == FactKind::Applied) {
      alone_ = alone_ || m.by_itself;
      return;
    }
    compensated_ = true;
    // What a node recalls as done before its crash has no known order.
    if (m.recalled || m.view == nullptr || m.part < 0 || m.is_earlier) return;
    const TransactionView& view = *m.view;
    const std::uint8_t step = m.record->step;
    if (m.before != StepStatus::InEffect || !m.by_itself) {
      const bool takes_back = m.record->value != 0;  // else it calls off, or undoes nothing
      const bool again = m.before == StepStatus::Compensated;
      if (takes_back) report(m, ledger, again ? "a second time" : "without having taken effect");
      return;
    }
    std::uint64_t rest = view.steps.by_itself() & ~step_bit(step);
    const Plan& plan = ledger.layout().plan();
    if (plan.steps_in_parallel) rest &= ~plan.kinds[view.kind].group_of(step);
    for (; rest != 0; rest &= rest - 1) {
      const auto other = static_cast<std::uint8_t>(__builtin_ctzll(rest));
      if (ledger.effect_order(view, other) < ledger.effect_order(view, step)) continue;
      report(m, ledger, "before a step that took effect after it");
      return;
    }
  }

  void closed(const Closing& closing, const Ledger& ledger) {
    const TransactionView& view = closing.view;
    if (!is_left_over(view, closing.is_ended)) return;
    if (closing.at_end()) {
      report_rest(view.id, view, closing.split.blame, ledger);
    } else if (view.phase == Phase::Ended) {
      is_final_ = true;
    }
  }

  void over(const EndOfRun&, const Ledger& ledger) {
    const Archive& archive = ledger.archive();
    for (std::size_t i = 0; i < archive.entries(); ++i) {
      const ExecutionState& state = archive.entry(i).state;
      if (!is_left_over(state, ledger.is_ended(state))) continue;
      archive.for_each(
          i, [&](TransactionId id) { report_rest(id, state, archive.blame_of(id), ledger); });
    }
  }

  Judgement judgement(const EndOfRun&, const Ledger&) const {
    if (!alone_ && !compensated_) {
      return finding_.judgement(kInfo.name, Verdict::NotApplicable);
    }
    return finding_.judgement(kInfo.name, compensated_ ? Verdict::Holds : Verdict::Vacuous);
  }

  bool is_violated() const { return finding_.any() || is_final_; }

 private:
  void report(const Moment& m, const Ledger& ledger, const char* how) {
    finding_.violated(m.record->sequence, m.record->transaction, [&] {
      return fmt::format("{}: {} was compensated {}", ledger.layout().name(m.record->transaction),
                         name_of_step(ledger, kind_of(m.record->extra), step_bit(m.record->step)),
                         how);
    });
  }

  // It has ended and was compensated, yet a step of it is in effect without an update under lock.
  static bool is_left_over(const ExecutionState& state, bool is_ended) {
    return is_ended && state.was_compensated && state.steps.by_itself() != 0;
  }
  void report_rest(TransactionId id, const ExecutionState& state, const Blame& blame,
                   const Ledger& ledger) {
    finding_.violated_in_the_end(
        blame.event, id,
        [&] {
          return fmt::format("{} was compensated but for {}", ledger.layout().name(id),
                             name_of_step(ledger, state.kind, state.steps.by_itself()));
        },
        blame.sides);
  }

  Finding finding_;
  bool alone_ = false;
  bool compensated_ = false;
  bool is_final_ = false;
};

}  // namespace txsim
