// Truthful-reply: a client told "done" finds it done, told "failed" finds it undone.
#pragma once

#include "checks/check.h"
#include "sim/fingerprint.h"

namespace txsim {

// Judged by order. Told done by any submission, the order must be in effect in the end. Told failed
// and never done, it must not be in effect by that submission or an earlier one; a later one is an
// execution that the client asked for anew.
class TruthfulReply {
 public:
  static constexpr InvariantInfo kInfo{
      "truthful-reply",
      "A client told \"done\" finds it done in the end, told \"failed\" finds "
      "it undone.",
      "told, applied, undone, confirmed, cancelled, compensated",
      "Vacuous if no client had an answer, or what it was told is still open behind a fault; not "
      "applicable if no answer is announced.",
      "Durability as a client sees it: Gray, Reuter, Transaction Processing, 1993, 1.2"};
  static constexpr FactSet kReads = facts({FactKind::Submitted, FactKind::Told});

  void on(const Moment&, const Ledger&) { announced_ = true; }

  void order_closed(const OrderState& order, const Ledger& ledger) {
    const bool told_done = order.done_event != 0;
    if (!told_done && order.failed_event == 0) return;
    const bool lied =
        told_done ? !order.in_effect : order.effect_submission <= submission_of(order.failed);
    if (lied && order.unsettled) return;
    judged_ = true;
    if (!lied) return;
    const TransactionId id = told_done ? order.done : order.failed;
    finding_.violated(told_done ? order.done_event : order.failed_event, id, [&] {
      return told_done
                 ? fmt::format("the client of {} was told done, and not all of it is in effect",
                               ledger.layout().name(id))
                 : fmt::format("the client of {} was told failed, and some of it is in effect",
                               ledger.layout().name(id));
    });
  }

  void contradicted(const Ended& ended, const Ledger& ledger) {
    if (!ledger.orders().is_heard(order_of(ended.id))) return;
    const std::uint64_t writes = ledger.layout().kind(ended.kind).writes;
    const bool told_done = ended.before == writes;
    if (told_done ? ended.effect == writes : ended.before != 0) return;
    finding_.violated(ended.event, ended.id, [&] {
      return fmt::format("the client of {} was told {}, and later {}",
                         ledger.layout().name(ended.id), told_done ? "done" : "failed",
                         told_done ? "some of it was undone" : "some of it took effect");
    });
  }

  Judgement judgement(const EndOfRun&, const Ledger&) const {
    if (!announced_) return finding_.judgement(kInfo.name, Verdict::NotApplicable);
    return finding_.judgement(kInfo.name, judged_ ? Verdict::Holds : Verdict::Vacuous);
  }

  bool is_violated() const { return finding_.any(); }

 private:
  Finding finding_;
  bool announced_ = false;
  bool judged_ = false;
};

}  // namespace txsim
