// No-hanging: nothing is reserved or applied for a transaction that has been cancelled there.
#pragma once

#include "checks/check.h"
#include "sim/fingerprint.h"

namespace txsim {

class NoHanging {
 public:
  static constexpr InvariantInfo kInfo{
      "no-hanging",
      "Nothing is reserved or applied at a node for a transaction that was cancelled, "
      "compensated or aborted there before. A late update does no harm if it is undone in the "
      "end.",
      "reserved, applied, updated, undone, cancelled, compensated, finished",
      "Vacuous if no step was called off; not applicable if no step is announced.",
      "Seata: TCC mode, suspension (hanging)"};
  static constexpr FactSet kReads =
      facts({FactKind::Reserved, FactKind::Applied, FactKind::Updated, FactKind::Cancelled,
             FactKind::Compensated, FactKind::Finished});

  void on(const Moment& m, const Ledger& ledger) {
    switch (m.fact) {
      case FactKind::Cancelled:
      case FactKind::Compensated:
        called_off_ = true;
        return;
      case FactKind::Finished:
        if (static_cast<Outcome>(m.record->value) == Outcome::Aborted) called_off_ = true;
        return;
      default:
        announced_ = true;
        break;
    }
    if (!m.hangs) return;
    finding_.violated(m.record->sequence, m.record->transaction, [&] {
      return fmt::format("{} at {} was {} after it had been called off there",
                         ledger.layout().name(m.record->transaction),
                         ledger.layout().node(m.record->node), text(m.fact));
    });
  }

  void closed(const Closing& closing, const Ledger& ledger) {
    if (!closing.at_end()) return;
    const TransactionView& view = closing.view;
    for (std::uint64_t rest = view.steps.late & view.steps.under_lock(); rest != 0;
         rest &= rest - 1) {
      const auto step = static_cast<std::uint8_t>(__builtin_ctzll(rest));
      late_.emplace_back(view.id, ledger.layout().step(view.kind, step).service);
    }
    for (const LaterBranch& branch : ledger.later_branches()) {
      const bool is_late = (branch.steps.late & branch.steps.under_lock()) != 0;
      if (branch.transaction == view.id && is_late) late_.emplace_back(view.id, branch.node);
    }
  }

  Judgement judgement(const EndOfRun& end, const Ledger& ledger) const {
    if (!announced_) return finding_.judgement(kInfo.name, Verdict::NotApplicable);
    Finding all = finding_;
    for (const std::pair<TransactionId, NodeId>& late : late_) {
      if (end.disturbed) break;
      all.violated_in_the_end(0, late.first, [&] {
        return fmt::format(
            "{} was updated at {} after it had been called off there, and never undone",
            ledger.layout().name(late.first), ledger.layout().node(late.second));
      });
    }
    return all.judgement(kInfo.name, called_off_ ? Verdict::Holds : Verdict::Vacuous);
  }

  bool is_violated() const { return finding_.any(); }

 private:
  Finding finding_;
  std::vector<std::pair<TransactionId, NodeId>> late_;  // late updates that are not undone
  bool announced_ = false;
  bool called_off_ = false;
};

}  // namespace txsim
