// Truthful-reply: a client told "done" finds it done, told "failed" finds it undone.
#pragma once

#include <algorithm>

#include <algorithm>
#include <vector>

#include "checks/check.h"
#include "sim/fingerprint.h"
#include "sim/table.h"

namespace txsim {

// Judged by order. If any submission was told done, the order must be in effect in the end. If the
// client was told failed and never done, nothing may be in effect of the last submission that was
// told so, nor of an earlier one; a later one is an execution that the client requested again.
class TruthfulReply {
 public:
  static constexpr InvariantInfo kInfo{
      "truthful-reply",
      "A client told \"done\" finds it done in the end, told \"failed\" finds "
      "it undone.",
      "told, applied, undone, confirmed, cancelled, compensated",
      "Vacuous if no client had an answer, or the result is still open because of a fault; not "
      "applicable if no answer is announced.",
      "Durability as a client sees it: Gray, Reuter, Transaction Processing, 1993, 1.2"};
  static constexpr FactSet kReads = facts({FactKind::Submitted, FactKind::Told});

  void on(const Moment&, const Ledger&) { announced_ = true; }

  // Whether only a broken promise could make a false answer true.
  void closed(const Closing& closing, const Ledger& ledger) {
    const TransactionView& view = closing.view;
    const bool is_done = view.is_told(Reply::Done) && closing.is_full();
    if (closing.at_end()) {
      if (view.told || closing.effect != 0) suspects_.push_back(order_of(view.id));
      return;
    }
    if (is_final_ || is_done || (!view.is_told(Reply::Done) && closing.effect == 0)) return;
    const bool for_good = view.is_told(Reply::Done)
                              ? (view.steps.called_off() | view.steps.set(StepStatus::Undone)) != 0
                              : view.steps.for_good() != 0 || view.phase == Phase::Ended;
    if (!for_good) return;
    const Answer answer = answer_to(order_of(view.id), ledger);
    is_final_ = answer.is_false() && !answer.is_open;
  }

  void over(const EndOfRun& end, const Ledger& ledger) {
    std::vector<std::size_t> unharmed;  // entries: told failed, and nothing is in effect
    const Archive& archive = ledger.archive();
    for (std::size_t i = 0; i < archive.entries(); ++i) {
      const Entry& entry = archive.entry(i);
      if (!archive.has_any(i)) continue;
      const std::uint64_t effect = ledger.effect_of(entry);
      const bool is_full =
          entry.state.begun && effect == ledger.layout().kind(entry.state.kind).writes;
      if (entry.state.is_told(Reply::Done) && is_full) {
        judged_ = true;
      } else if (entry.state.is_told(Reply::Done) || effect != 0) {
        archive.for_each(i, [&](TransactionId id) { suspects_.push_back(order_of(id)); });
      } else if (entry.state.is_told(Reply::Failed)) {
        unharmed.push_back(i);
      }
    }
    std::sort(suspects_.begin(), suspects_.end());
    suspects_.erase(std::unique(suspects_.begin(), suspects_.end()), suspects_.end());
    for (const std::uint64_t order : suspects_) judge(order, end, ledger);
    judged_ = judged_ || (suspects_.empty() && !unharmed.empty());
    for (std::size_t i = 0; i < unharmed.size() && !judged_; ++i) {
      archive.for_each(unharmed[i], [&](TransactionId id) {
        const bool is_suspect =
            std::binary_search(suspects_.begin(), suspects_.end(), order_of(id));
        judged_ = judged_ || !is_suspect;
      });
    }
  }

  Judgement judgement(const EndOfRun&, const Ledger&) const {
    if (!announced_) return finding_.judgement(kInfo.name, Verdict::NotApplicable);
    return finding_.judgement(kInfo.name, judged_ ? Verdict::Holds : Verdict::Vacuous);
  }

  bool is_violated() const { return finding_.any() || is_final_; }

 private:
  // What the client of an order was told, and the state of the order.
  struct Answer {
    TransactionId done = 0;    // told done for this submission
    TransactionId failed = 0;  // the last submission that was told failed
    std::uint64_t done_event = 0;
    std::uint64_t failed_event = 0;
    std::uint64_t first_effect = ~std::uint64_t{0};  // the first submission with a step in effect
    std::uint64_t other = 0;                         // the event that contradicts the answer
    bool in_effect = false;                          // all steps of one execution
    bool is_open = false;                            // some execution is in flight
    bool is_held_up = false;  // a fault that is open at the end keeps some execution from ending

    bool is_false() const {
      if (done != 0) return !in_effect;
      return failed != 0 && first_effect <= submission_of(failed);
    }
  };
  static Answer answer_to(std::uint64_t order, const Ledger& ledger) {
    Answer answer;
    ledger.for_each_execution(order, [&](const Ledger::Known& known) {
      const ExecutionState& state = *known.state;
      if (state.is_told(Reply::Done)) answer.done = known.id;
      if (state.is_told(Reply::Failed)) answer.failed = known.id;
      answer.in_effect = answer.in_effect || known.is_full(ledger.layout());
      if (known.effect != 0) {
        answer.first_effect = std::min(answer.first_effect, submission_of(known.id));
      }
      const Blame blame = ledger.archive().blame_of(known.id);
      const std::uint64_t event = known.view != nullptr ? known.view->reply_event : blame.told;
      if (state.is_told(Reply::Done)) answer.done_event = event;
      if (state.is_told(Reply::Failed)) answer.failed_event = event;
      answer.is_open = answer.is_open || (known.view != nullptr && !ledger.is_over(*known.view));
      answer.is_held_up = answer.is_held_up || ledger.is_held_up(known);
      if (blame.event != 0) answer.other = blame.sides[state.is_told(Reply::Done) ? 1 : 0];
    });
    return answer;
  }
  void judge(std::uint64_t order, const EndOfRun& end, const Ledger& ledger) {
    const Answer answer = answer_to(order, ledger);
    const bool told_done = answer.done != 0;
    if (!told_done && answer.failed == 0) return;
    if (!answer.is_false()) {
      judged_ = true;
      return;
    }
    if (end.disturbed && answer.is_held_up) return;
    const TransactionId id = told_done ? answer.done : answer.failed;
    finding_.violated_in_the_end(
        told_done ? answer.done_event : answer.failed_event, id,
        [&] {
          return fmt::format("the client of {} was told {}, and {}", ledger.layout().name(id),
                             told_done ? "done" : "failed",
                             told_done ? "not all of it is in effect" : "some of it is in effect");
        },
        {told_done ? answer.done_event : answer.failed_event, answer.other},
        transaction_id(order, 0));
  }

  Finding finding_;
  bool announced_ = false;
  bool judged_ = false;
  bool is_final_ = false;
  std::vector<std::uint64_t> suspects_;  // orders, for the end of the run
};

}  // namespace txsim
