// Agreement: no two participants end a transaction differently.
#pragma once

#include "checks/check.h"
#include "sim/fingerprint.h"

namespace txsim {

class Agreement {
 public:
  static constexpr InvariantInfo kInfo{
      "agreement",
      "No two participants end a transaction differently, and none otherwise than "
      "its coordinator decided; a decision made alone counts, and so does a no.",
      "finished, decided, decided-alone, voted, undone",
      "Vacuous if no transaction was ended at two nodes; not applicable if no end is announced.",
      "Non-blocking atomic commitment, AC1: Bernstein, Hadzilacos, Goodman 1987, chapter 7"};
  static constexpr FactSet kReads =
      facts({FactKind::Decided, FactKind::DecidedAlone, FactKind::Finished, FactKind::Voted});

  void on(const Moment& m, const Ledger& ledger) {
    if (m.fact == FactKind::Voted) {
      if (static_cast<Vote>(m.record->value) != Vote::No) return;
    } else {
      announced_ = true;
    }
    const bool is_late = m.view == nullptr && m.fact == FactKind::Finished && m.part > 0;
    if (is_late && !compared_ && !ledger.is_back(m.record->node)) {
      compared_ = ledger.is_known_to_end(m.record->transaction);  // by its coordinator
    }
    if (m.view == nullptr || m.stray || m.view->disagreed) return;
    TransactionView& view = *m.view;
    const bool differs = view.ends == (TransactionView::kCommits | TransactionView::kAborts);
    if (compared_ && !differs) return;
    const PartSet decided = part_bit(0);
    const PartSet committed = (view.committed | view.alone_committed |
                               (view.decision == Outcome::Committed ? decided : PartSet{0})) &
                              ~view.read_only;
    const PartSet aborted = (view.aborted | view.alone_aborted | view.no |
                             (view.decision == Outcome::Aborted ? decided : PartSet{0})) &
                            ~view.read_only;
    const PartSet ended = committed | aborted;
    if ((ended & (ended - 1)) != 0) compared_ = true;
    if (committed == 0 || aborted == 0) return;
    view.disagreed = true;
    const int yes = lowest_part(committed);
    const int no = lowest_part(aborted);
    const auto said_by = [&](int part) {
      const std::uint64_t event = ledger.event_of_part(view, part);
      return event == 0 && part == 0 ? view.decision_event : event;
    };
    finding_.violated(m.record->sequence, view.id,
                      [&] {
                        return fmt::format("{} was committed by {} and aborted by {}",
                                           ledger.layout().name(view.id),
                                           name_of_part(ledger, view, yes),
                                           name_of_part(ledger, view, no));
                      },
                      {said_by(yes), said_by(no)});
  }

  void in_the_end(const Ended& ended, const Ledger& ledger) {
    const KindLayout& kind = ledger.layout().kind(ended.kind);
    if (ended.by_step || !ended.is_contradicted()) return;  // no node has ended its part otherwise
    // Forgotten by those who had begun it, and ended by nobody.
    if (ended.before == 0 && ended.called_off == 0 && !ended.decided_abort) return;
    const bool is_partial = ended.effect != 0 && ended.effect != kind.writes;
    if (!is_partial && kind.parts <= 2) return;  // nobody else has ended it
    finding_.violated_in_the_end(ended.event, ended.id, [&] {
      const bool was_committed = ended.before != 0;
      return fmt::format("{} was {}, and later {} by {}", ledger.layout().name(ended.id),
                         was_committed ? "committed" : "aborted",
                         was_committed ? "aborted" : "committed", ledger.layout().node(ended.node));
    });
  }

  Judgement judgement(const EndOfRun&, const Ledger&) const {
    if (!announced_) return finding_.judgement(kInfo.name, Verdict::NotApplicable);
    return finding_.judgement(kInfo.name, compared_ ? Verdict::Holds : Verdict::Vacuous);
  }

  bool is_violated() const { return finding_.any(); }

 private:
  Finding finding_;
  bool announced_ = false;
  bool compared_ = false;
};

}  // namespace txsim
