// Truthful-reply: a client told "done" finds it done, told "failed" finds it undone.
#pragma once

#include <algorithm>

#include "checks/check.h"
#include "sim/fingerprint.h"
#include "sim/table.h"

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

  void order_closed(const OrderState& order) {
    const bool told_done = order.done_event != 0;
    if (!told_done && order.failed_event == 0) return;
    const bool lied =
        told_done ? !order.in_effect : order.effect_submission <= submission_of(order.failed);
    if (lied && order.unsettled) return;
    judged_ = true;
    if (OrderState* suspect = suspects_.find(order.order)) {  // an answer that came late
      suspect->submissions = std::max(suspect->submissions, order.submissions);
      if (!told_done || suspect->done_event != 0) return;
      suspect->done = order.done;
      suspect->done_event = order.done_event;
      return;
    }
    if (!lied && !order.is_touched) return;
    suspects_[order.order] = order;
    if (lied && order.is_final) is_final_ = true;
  }

  // An order that was over in keeping with what its client was told, and has changed since.
  void in_the_end(const Ended& ended, const Ledger& ledger) {
    if (!ended.is_changed || suspects_.contains(order_of(ended.id))) return;
    if (!ended.told_done && !ended.told_failed) return;
    const std::uint64_t submissions =
        std::max(ledger.orders().most_submissions(), submission_of(ended.id) + 1);
    if (ended.told_done ? is_done(order_of(ended.id), submissions, ledger) : ended.effect == 0) {
      return;
    }
    finding_.violated_in_the_end(ended.event, ended.id, [&] {
      return fmt::format("the client of {} was told {}, and later {}",
                         ledger.layout().name(ended.id), ended.told_done ? "done" : "failed",
                         ended.told_done ? "some of it was undone" : "some of it took effect");
    });
  }

  // Orders that were over and not as their clients were told: as they are now.
  void over(const Ledger& ledger) {
    suspects_.for_each_sorted([&](std::uint64_t order, const OrderState& suspect) {
      const bool told_done = suspect.done_event != 0;
      const TransactionId id = told_done ? suspect.done : suspect.failed;
      const bool lied = told_done ? !is_done(order, suspect.submissions, ledger)
                                  : is_partly_done(order, submission_of(id) + 1, ledger);
      if (!lied) return;
      const Ended* ended = ledger.ended().find(id);
      const std::uint64_t event = told_done ? suspect.done_event : suspect.failed_event;
      const std::uint64_t other = ended == nullptr ? 0 : ended->sides[told_done ? 1 : 0];
      finding_.violated_in_the_end(event, id,
                                   [&] {
                                     return fmt::format("the client of {} was told {}, and {}",
                                                        ledger.layout().name(id),
                                                        told_done ? "done" : "failed",
                                                        told_done ? "not all of it is in effect"
                                                                  : "some of it is in effect");
                                   },
                                   {event, other});
    });
  }

  Judgement judgement(const EndOfRun&, const Ledger&) const {
    if (!announced_) return finding_.judgement(kInfo.name, Verdict::NotApplicable);
    return finding_.judgement(kInfo.name, judged_ ? Verdict::Holds : Verdict::Vacuous);
  }

  bool is_violated() const { return finding_.any() || is_final_; }
  void digest_into(Fingerprint& into) const { into.add(suspects_); }

 private:
  static bool is_done(std::uint64_t order, std::uint64_t submissions, const Ledger& ledger) {
    for (std::uint64_t i = 0; i < submissions; ++i) {
      if (ledger.is_full(transaction_id(order, i))) return true;
    }
    return false;
  }
  static bool is_partly_done(std::uint64_t order, std::uint64_t submissions, const Ledger& ledger) {
    for (std::uint64_t i = 0; i < submissions; ++i) {
      if (ledger.is_partial_or_full(transaction_id(order, i))) return true;
    }
    return false;
  }

  Finding finding_;
  bool announced_ = false;
  bool judged_ = false;
  bool is_final_ = false;
  Table<OrderState> suspects_;  // by order
};

}  // namespace txsim
