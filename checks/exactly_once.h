// Exactly-once: no step takes effect twice; no order is executed twice.
#pragma once

#include <algorithm>
#include <string>
#include <vector>

#include "checks/check.h"
#include "sim/fingerprint.h"

namespace txsim {

class ExactlyOnce {
 public:
  static constexpr InvariantInfo kInfo{
      "exactly-once",
      "No step takes effect twice, and no order is executed twice, however often it is "
      "submitted.",
      "applied, confirmed, reserved, finished, submitted, resent, recognised",
      "Vacuous if nothing was submitted, sent, delivered or done a second time; not "
      "applicable if no effect is announced.",
      "Helland, Idempotence Is Not a Medical Condition, 2012"};
  static constexpr FactSet kReads =
      facts({FactKind::Submitted, FactKind::Recognised, FactKind::Resent, FactKind::Updated,
             FactKind::Applied, FactKind::Reserved, FactKind::Confirmed, FactKind::Finished});

  void on(const Moment& m, const Ledger& ledger) {
    switch (m.fact) {
      case FactKind::Submitted:
        repeated_ = repeated_ || submission_of(m.record->transaction) > 0;
        return;
      case FactKind::Recognised:
      case FactKind::Resent:
        repeated_ = true;
        return;
      case FactKind::Applied:
      case FactKind::Confirmed:
        effects_ = true;
        break;
      default:
        break;
    }
    repeated_ = repeated_ || m.is_later || m.again;
    if (!m.again || m.fact == FactKind::Finished) return;
    finding_.violated(m.record->sequence, m.record->transaction, [&] {
      return fmt::format("{} at {} took effect {}", ledger.layout().name(m.record->transaction),
                         ledger.layout().node(m.record->node),
                         m.is_later ? "again after it had ended there" : "twice");
    });
  }

  void closed(const Closing& closing, const Ledger& ledger) {
    const TransactionView& view = closing.view;
    repeated_ = repeated_ || view.again > 0;
    if (!is_executed(view, closing.effect, closing.kind)) return;
    if (closing.at_end()) suspects_.push_back(order_of(view.id));
    const bool may_repeat = ledger.most_submissions() > 1 || view.again > 0;
    if (closing.at_end() || !may_repeat || twice_) return;
    twice_ = times(order_of(view.id), ledger).count > 1;
  }

  // Executed in the end, in addition to another execution of the same order.
  void over(const EndOfRun&, const Ledger& ledger) {
    const Archive& archive = ledger.archive();
    for (std::size_t i = 0; i < archive.entries(); ++i) {
      const Entry& entry = archive.entry(i);
      const KindLayout& kind = ledger.layout().kind(entry.state.kind);
      if (!is_executed(entry.state, ledger.effect_of(entry), kind)) continue;
      archive.for_each(
          i, [&](TransactionId id) { suspects_.push_back(order_of(id)); },
          entry.state.again > 0 ? 0 : 1);
    }
    std::sort(suspects_.begin(), suspects_.end());
    suspects_.erase(std::unique(suspects_.begin(), suspects_.end()), suspects_.end());
    for (const std::uint64_t order : suspects_) {
      const Times done = times(order, ledger);
      if (done.count < 2) continue;
      finding_.violated_in_the_end(done.event, transaction_id(order, 0), [&] {
        const std::string last = ledger.layout().name(done.last);
        if (done.is_one) return last + " was executed twice: its submission arrived twice";
        return fmt::format("order {} was executed twice, the second time as {}", order, last);
      });
    }
  }

  Judgement judgement(const EndOfRun& end, const Ledger&) const {
    if (!effects_) return finding_.judgement(kInfo.name, Verdict::NotApplicable);
    return finding_.judgement(
        kInfo.name, repeated_ || end.messages_duplicated ? Verdict::Holds : Verdict::Vacuous);
  }

  bool is_violated() const { return finding_.any() || twice_; }

 private:
  struct Times {
    int count = 0;
    TransactionId last = 0;
    bool is_one = false;  // the last two have one id
    std::uint64_t event = 0;
  };
  // All of its steps are in effect.
  static bool is_executed(const ExecutionState& state, std::uint64_t effect,
                          const KindLayout& kind) {
    return state.begun && kind.writes != 0 && effect == kind.writes;
  }
  static Times times(std::uint64_t order, const Ledger& ledger) {
    Times done;
    ledger.for_each_execution(order, [&](const Ledger::Known& known) {
      const KindLayout& kind = ledger.layout().kind(known.state->kind);
      if (!is_executed(*known.state, known.effect, kind)) return;
      done.is_one = done.count > 0 && done.last == known.id;
      ++done.count;
      done.last = known.id;
      if (known.view != nullptr) done.event = ledger.last_event_of(*known.view, known.effect);
    });
    return done;
  }

  Finding finding_;
  bool effects_ = false;
  bool repeated_ = false;
  bool twice_ = false;                   // some order was executed twice
  std::vector<std::uint64_t> suspects_;  // for the end of the run
};

}  // namespace txsim
