// Agreement: no two participants end a transaction differently.
#pragma once

#include "checks/check.h"
#include "sim/fingerprint.h"

namespace txsim {

class Agreement {
 public:
  static constexpr InvariantInfo kInfo{
      "agreement",
      "No two participants end a transaction differently, and none differs from "
      "the coordinator's decision; a heuristic decision counts, and so does a no vote.",
      "finished, decided, decided-alone, voted, undone",
      "Vacuous if no transaction ended at two nodes; not applicable if no end is announced.",
      "Non-blocking atomic commitment, AC1: Bernstein, Hadzilacos, Goodman 1987, chapter 7"};
  static constexpr FactSet kReads =
      facts({FactKind::Decided, FactKind::DecidedAlone, FactKind::Finished, FactKind::Voted});

  void on(const Moment& m, const Ledger& ledger) {
    if (m.fact == FactKind::Voted) {
      if (static_cast<Vote>(m.record->value) == Vote::Yes) return;
    } else {
      announced_ = true;
    }
    if (m.view == nullptr || m.is_later || m.is_earlier || m.view->disagreed) return;
    TransactionView& view = *m.view;
    const PartSet aborted =
        (view.aborted | view.alone_aborted | view.no | view.decided_aborted) & ~view.read_only;
    if (aborted == 0 && compared_) return;
    const PartSet committed =
        (view.committed | view.alone_committed | view.decided_committed) & ~view.read_only;
    const PartSet ended = committed | aborted;
    if ((ended & (ended - 1)) == 0) return;
    compared_ = true;
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
