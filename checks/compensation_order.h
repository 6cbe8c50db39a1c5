// Compensation-order: compensations run in reverse, one for each step that took effect.
#pragma once

#include "checks/check.h"
#include "sim/fingerprint.h"

namespace txsim {

class CompensationOrder {
 public:
  static constexpr InvariantInfo kInfo{
      "compensation-order",
      "Compensations run in reverse, one for each step that took effect, none for one that did "
      "not. "
      "Steps done in parallel have no order among each other.",
      "applied, compensated",
      "Vacuous if nothing was compensated; not applicable if no step takes effect by itself.",
      "Garcia-Molina, Salem, Sagas, 1987"};
  static constexpr FactSet kReads = facts({FactKind::Applied, FactKind::Compensated});

  void on(const Moment& m, const Ledger& ledger) {
    if (m.fact == FactKind::Applied) {
      const bool was_under_lock =
          m.view == nullptr ? m.record->value == 0
                            : (m.view->updated & step_bit(m.record->step)) != 0 || m.stray;
      alone_ = alone_ || !was_under_lock;
      return;
    }
    compensated_ = true;
    if (m.recalled) return;  // done before the crash, nobody knows in which order
    const bool is_empty = m.record->value == 0;  // called off, or nothing left to undo
    if (m.view == nullptr || m.stray) {
      if (m.again) report(m, ledger, "without being in effect, after its transaction had ended");
      return;
    }
    const TransactionView& view = *m.view;
    const std::uint8_t step = m.record->step;
    if (m.again || (view.applied & step_bit(step)) == 0) {
      if (!is_empty) report(m, ledger, m.again ? "a second time" : "without having taken effect");
      return;
    }
    if ((view.by_itself() & step_bit(step)) == 0) return;  // was under lock: no saga's step
    std::uint64_t rest = view.in_effect() & view.by_itself();
    const Plan& plan = ledger.layout().plan();
    if (plan.steps_in_parallel) rest &= ~plan.kinds[view.kind].group_of(step);
    for (; rest != 0; rest &= rest - 1) {
      const auto other = static_cast<std::uint8_t>(__builtin_ctzll(rest));
      if (ledger.effect_order(view, other) < ledger.effect_order(view, step)) continue;
      report(m, ledger, "before a step that took effect after it");
      return;
    }
  }

  void closed(const Closing& closing, const Ledger&) {
    if (!closing.at_end() && closing.is_partial() && closing.split.compensated) {
      is_final_ = is_final_ || closing.split.is_final;
    }
  }

  void in_the_end(const Ended& ended, const Ledger& ledger) {
    const std::uint64_t writes = ledger.layout().kind(ended.kind).writes;
    if (ended.is_open || !ended.compensated || ended.effect == 0 || ended.effect == writes) return;
    finding_.violated_in_the_end(
        ended.event, ended.id,
        [&] {
          return fmt::format("{} was compensated but for {}", ledger.layout().name(ended.id),
                             name_of_step(ledger, ended.kind, ended.effect));
        },
        ended.sides);
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

  Finding finding_;
  bool alone_ = false;
  bool compensated_ = false;
  bool is_final_ = false;
};

}  // namespace txsim
