// Irrevocable: a decision, once made, is never changed.
#pragma once

#include "checks/check.h"
#include "sim/fingerprint.h"

namespace txsim {

class Irrevocable {
 public:
  static constexpr InvariantInfo kInfo{
      "irrevocable",
      "A decision, once made, is never changed: neither by the coordinator nor by a "
      "participant that has ended its part, even across crashes.",
      "decided, finished, undone",
      "Vacuous if nothing was decided; not applicable if neither a decision nor an end is "
      "announced.",
      "Non-blocking atomic commitment, AC2: Bernstein, Hadzilacos, Goodman 1987, chapter 7"};
  static constexpr FactSet kReads =
      facts({FactKind::Decided, FactKind::Finished, FactKind::Undone});

  void on(const Moment& m, const Ledger& ledger) {
    if (m.fact != FactKind::Undone) announced_ = true;
    if (m.contrary) {
      finding_.violated(m.record->sequence, m.record->transaction, [&] {
        return fmt::format("{} {} {}, having {} it otherwise before",
                           ledger.layout().node(m.record->node),
                           m.fact == FactKind::Decided ? "decided" : "ended",
                           ledger.layout().name(m.record->transaction) + " " +
                               text(static_cast<Outcome>(m.record->value)),
                           m.fact == FactKind::Decided ? "decided" : "ended");
      });
    }
    if (m.undone_for_good) {
      finding_.violated(m.record->sequence, m.record->transaction, [&] {
        return fmt::format("{} undid what {} had in effect there for good",
                           ledger.layout().node(m.record->node),
                           ledger.layout().name(m.record->transaction));
      });
    }
  }

  Judgement judgement(const EndOfRun&, const Ledger&) const {
    return finding_.judgement(kInfo.name, announced_ ? Verdict::Holds : Verdict::NotApplicable);
  }

  bool is_violated() const { return finding_.any(); }

 private:
  Finding finding_;
  bool announced_ = false;
};

}  // namespace txsim
