// Exactly-once: no step takes effect twice; no order is executed twice.
#pragma once

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
    // What a node says in its recovery is not done once more.
    repeated_ = repeated_ || (m.stray && !ledger.is_back(m.record->node));
    if (!m.again) return;
    finding_.violated(m.record->sequence, m.record->transaction, [&] {
      return fmt::format("{} at {} took effect {}", ledger.layout().name(m.record->transaction),
                         ledger.layout().node(m.record->node),
                         m.stray ? "again after it had ended there" : "twice");
    });
  }

  void closed(const Closing& closing, const Ledger& ledger) {
    const TransactionView& view = closing.view;
    if (closing.effect == 0 || !closing.is_full()) return;
    if (!ledger.orders().is_in_effect(order_of(view.id))) return;
    finding_.violated(ledger.last_event_of(view, closing.effect), view.id,
                      [&] { return executed_twice(view.id, ledger); });
  }

  // An execution that came to its full effect when it was over, beside another one.
  void in_the_end(const Ended& ended, const Ledger& ledger) {
    const std::uint64_t order = order_of(ended.id);
    if (!ended.is_contradicted() || !ledger.is_full(ended.id)) return;
    for (std::uint64_t other = 0; other < ledger.orders().most_submissions(); ++other) {
      if (other == submission_of(ended.id) || !ledger.is_full(transaction_id(order, other)))
        continue;
      finding_.violated_in_the_end(ended.event, ended.id,
                                   [&] { return executed_twice(ended.id, ledger); });
      return;
    }
  }

  Judgement judgement(const EndOfRun& end, const Ledger&) const {
    if (!effects_) return finding_.judgement(kInfo.name, Verdict::NotApplicable);
    return finding_.judgement(
        kInfo.name, repeated_ || end.messages_duplicated ? Verdict::Holds : Verdict::Vacuous);
  }

  bool is_violated() const { return finding_.any(); }

 private:
  static std::string executed_twice(TransactionId id, const Ledger& ledger) {
    return fmt::format("order {} was executed twice, the second time as {}", order_of(id),
                       ledger.layout().name(id));
  }

  Finding finding_;
  bool effects_ = false;
  bool repeated_ = false;
};

}  // namespace txsim
