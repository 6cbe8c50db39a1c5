// Nontrivial: with no failure and all votes yes, the transaction commits.
#pragma once

#include "checks/check.h"
#include "sim/fingerprint.h"

namespace txsim {

class Nontrivial {
 public:
  static constexpr InvariantInfo kInfo{
      "nontrivial",
      "If no failure is met and every participant has voted yes, the transaction "
      "commits.",
      "voted, decided",
      "Vacuous if no transaction had every vote, or if one aborted in spite of them after a "
      "failure; not applicable if no vote is announced.",
      "Non-blocking atomic commitment, AC4: Bernstein, Hadzilacos, Goodman 1987, chapter 7"};
  static constexpr FactSet kReads = facts({FactKind::Voted, FactKind::Decided});

  void on(const Moment& m, const Ledger& ledger) {
    if (m.fact == FactKind::Voted) {
      votes_ = true;
      return;
    }
    if (m.view == nullptr || m.view->decision_event != m.record->sequence) return;
    const TransactionView& view = *m.view;
    const int parts = ledger.layout().kind(view.kind).parts;
    const PartSet all = ((part_bit(parts - 1) << 1) - 1) & ~part_bit(0);
    if (all == 0 || (all & ~(view.yes | view.read_only)) != 0 || view.no != 0) return;
    if (static_cast<Outcome>(m.record->value) == Outcome::Committed) {
      committed_ = true;
      return;
    }
    finding_.violated(m.record->sequence, view.id, [&] {
      return fmt::format("{} decided to abort {} although all had voted yes and nothing had failed",
                         ledger.layout().node(m.record->node), ledger.layout().name(view.id));
    });
  }

  Judgement judgement(const EndOfRun& end, const Ledger&) const {
    if (!votes_) return Finding().judgement(kInfo.name, Verdict::NotApplicable);
    if (finding_.any() && end.faults_met) {
      return Finding().judgement(kInfo.name, Verdict::Vacuous,
                                 "all had voted yes, but failures were met");
    }
    return finding_.judgement(kInfo.name, committed_ ? Verdict::Holds : Verdict::Vacuous);
  }

  bool is_violated() const { return finding_.any(); }

 private:
  Finding finding_;
  bool votes_ = false;
  bool committed_ = false;
};

}  // namespace txsim
