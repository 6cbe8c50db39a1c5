// Unanimity: commit only if every participant voted yes.
#pragma once

#include "checks/check.h"
#include "sim/fingerprint.h"

namespace txsim {

class Unanimity {
 public:
  static constexpr InvariantInfo kInfo{
      "unanimity",
      "A transaction is decided committed, or committed by a participant that has not "
      "decided alone, only if every participant that changes something in it has voted "
      "yes before, and none has voted no. The only participant that changes something may "
      "commit without a vote (one phase).",
      "voted, decided, decided-alone, finished",
      "Vacuous if nothing was committed and no participant voted no; not applicable if no vote "
      "is announced.",
      "Non-blocking atomic commitment, AC3: Bernstein, Hadzilacos, Goodman 1987, chapter 7"};
  static constexpr FactSet kReads = facts({FactKind::Voted, FactKind::Decided, FactKind::Finished});

  void on(const Moment& m, const Ledger& ledger) {
    if (m.fact == FactKind::Voted) {
      votes_ = true;
      if (static_cast<Vote>(m.record->value) == Vote::No) tested_ = true;
      return;
    }
    if (m.view == nullptr || m.part < 0 || m.is_later || m.is_earlier || m.view->votes_judged)
      return;
    if (static_cast<Outcome>(m.record->value) != Outcome::Committed) return;
    TransactionView& view = *m.view;
    const KindLayout& kind = ledger.layout().kind(view.kind);
    const PartSet voted = view.yes | view.read_only;
    PartSet missing = kind.writers & ~voted;
    if (m.fact == FactKind::Finished) {
      if (kind.writers == part_bit(m.part)) return;  // one phase
      if ((view.alone_committed & part_bit(m.part)) != 0) return;
    } else {
      missing &= ~view.committed;
    }
    tested_ = true;
    const bool may_be_one_phase = m.fact == FactKind::Decided && kind.parts == 2;
    if (may_be_one_phase && (voted | view.no) == 0) return;
    view.votes_judged = (missing | view.no) != 0 || (kind.writers & ~voted) == 0;
    if ((missing | view.no) == 0) return;
    finding_.violated(m.record->sequence, view.id, [&] {
      const bool said_no = view.no != 0;
      return fmt::format("{} {} {} although {} {}", ledger.layout().node(m.record->node),
                         m.fact == FactKind::Finished ? "committed" : "decided to commit",
                         ledger.layout().name(view.id),
                         name_of_part(ledger, view, lowest_part(said_no ? view.no : missing)),
                         said_no ? "had voted no" : "had not voted yes");
    });
  }

  Judgement judgement(const EndOfRun&, const Ledger&) const {
    if (!votes_) return Finding().judgement(kInfo.name, Verdict::NotApplicable);
    return finding_.judgement(kInfo.name, tested_ ? Verdict::Holds : Verdict::Vacuous);
  }

  bool is_violated() const { return votes_ && finding_.any(); }
  void digest_into(Fingerprint& into) const { into.add(votes_); }

 private:
  Finding finding_;
  bool votes_ = false;
  bool tested_ = false;
};

}  // namespace txsim
