// Agreement: no two participants end a transaction differently.
#pragma once

#include "checks/check.h"

namespace txsim {

class Agreement {
 public:
  static constexpr InvariantInfo kInfo{
      "agreement",
      "No two participants end a transaction differently, and none otherwise than "
      "its coordinator decided; a decision made alone counts.",
      "finished, decided, decided-alone",
      "Vacuous if no transaction was ended at two nodes; not applicable if no end is announced.",
      "Non-blocking atomic commitment, AC1: Bernstein, Hadzilacos, Goodman 1987, chapter 7"};
  static constexpr FactSet kReads =
      facts({FactKind::Decided, FactKind::DecidedAlone, FactKind::Finished});

  void on(const Moment& m, const Ledger& ledger) {
    announced_ = true;
    if (m.view == nullptr || m.stray || m.view->disagreed) return;
    TransactionView& view = *m.view;
    const PartSet decided = part_bit(0);
    const PartSet committed = (view.committed | view.alone_committed |
                               (view.decision == Outcome::Committed ? decided : PartSet{0})) &
                              ~view.read_only;
    const PartSet aborted = (view.aborted | view.alone_aborted |
                             (view.decision == Outcome::Aborted ? decided : PartSet{0})) &
                            ~view.read_only;
    const PartSet ended = committed | aborted;
    if ((ended & (ended - 1)) != 0) compared_ = true;
    if (committed == 0 || aborted == 0) return;
    view.disagreed = true;
    finding_.violated(m.record->sequence, view.id, [&] {
      return fmt::format("{} was committed by {} and aborted by {}", ledger.layout().name(view.id),
                         name_of_part(ledger, view, lowest_part(committed)),
                         name_of_part(ledger, view, lowest_part(aborted)));
    });
  }

  Judgement judgement(const EndOfRun&, const Ledger&) const {
    if (!announced_) return finding_.judgement(kInfo.name, Verdict::NotApplicable);
    return finding_.judgement(kInfo.name, compared_ ? Verdict::Holds : Verdict::Vacuous);
  }

 private:
  Finding finding_;
  bool announced_ = false;
  bool compared_ = false;
};

}  // namespace txsim
