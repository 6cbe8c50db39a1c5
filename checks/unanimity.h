// Unanimity: commit only if every participant voted yes.
#pragma once

#include "checks/check.h"

namespace txsim {

class Unanimity {
 public:
  static constexpr InvariantInfo kInfo{
      "unanimity",
      "A transaction is decided committed only if every participant that changes "
      "something in it has voted yes before (or has committed it by itself, where it "
      "is the only one), and none has voted no.",
      "voted, decided, finished",
      "Vacuous if nothing was decided committed and nobody voted no; not applicable if nobody "
      "votes.",
      "Non-blocking atomic commitment, AC3: Bernstein, Hadzilacos, Goodman 1987, chapter 7"};
  static constexpr FactSet kReads = facts({FactKind::Voted, FactKind::Decided});

  void on(const Moment& m, const Ledger& ledger) {
    if (m.fact == FactKind::Voted) {
      votes_ = true;
      if (static_cast<Vote>(m.record->value) == Vote::No) tested_ = true;
      return;
    }
    if (m.view == nullptr || static_cast<Outcome>(m.record->value) != Outcome::Committed) return;
    const TransactionView& view = *m.view;
    tested_ = true;
    const KindLayout& kind = ledger.layout().kind(view.kind);
    const PartSet voted = view.yes | view.read_only;
    if (kind.nodes.size() == 2 && (voted | view.no) == 0) return;  // one phase
    const PartSet missing = kind.writers & ~(voted | view.committed);
    if ((missing | view.no) == 0) return;
    finding_.violated(m.record->sequence, view.id, [&] {
      const bool said_no = view.no != 0;
      return fmt::format("{} decided to commit {} although {} {}",
                         ledger.layout().node(m.record->node), ledger.layout().name(view.id),
                         name_of_part(ledger, view, lowest_part(said_no ? view.no : missing)),
                         said_no ? "had voted no" : "had not voted yes");
    });
  }

  Judgement judgement(const EndOfRun&, const Ledger&) const {
    if (!votes_) return Finding().judgement(kInfo.name, Verdict::NotApplicable);
    return finding_.judgement(kInfo.name, tested_ ? Verdict::Holds : Verdict::Vacuous);
  }

 private:
  Finding finding_;
  bool votes_ = false;
  bool tested_ = false;
};

}  // namespace txsim
