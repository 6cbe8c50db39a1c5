// Durability: what was acknowledged survives every crash.
#pragma once

#include "checks/check.h"
#include "sim/fingerprint.h"

namespace txsim {

class Durability {
 public:
  static constexpr InvariantInfo kInfo{
      "durability",
      "What was acknowledged survives every crash: a node that recovers has in "
      "effect what it had for good or had voted yes for, and nothing besides.",
      "recovered, voted, decided, and all facts about steps",
      "Vacuous if no node recovered from a crash; not applicable if no step is announced.",
      "Gray, Reuter, Transaction Processing, 1993, 1.2"};
  static constexpr FactSet kReads = facts({FactKind::Updated, FactKind::Applied, FactKind::Reserved,
                                           FactKind::Undone, FactKind::Finished});

  void on(const Moment& m, const Ledger& ledger) {
    announced_ = true;
    if (!m.undone_for_good || !recovered_) return;
    finding_.violated(m.record->sequence, m.record->transaction, [&] {
      return fmt::format("{} undid what {} had in effect there for good before it crashed",
                         ledger.layout().node(m.record->node),
                         ledger.layout().name(m.record->transaction));
    });
  }

  void settled(const Settled& settled, const Ledger& ledger) {
    recovered_ = true;
    if (settled.kind != Settled::Kind::Mismatch) return;
    finding_.violated(settled.event, 0, [&] {
      return fmt::format("{} recovered as {} although {} was acknowledged",
                         ledger.layout().resource(settled.resource), settled.announced,
                         settled.expected);
    });
  }

  Judgement judgement(const EndOfRun&, const Ledger&) const {
    if (!announced_) return finding_.judgement(kInfo.name, Verdict::NotApplicable);
    return finding_.judgement(kInfo.name, recovered_ ? Verdict::Holds : Verdict::Vacuous);
  }

  bool is_violated() const { return finding_.any(); }
  void digest_into(Fingerprint& into) const { into.add(recovered_); }

 private:
  Finding finding_;
  bool announced_ = false;
  bool recovered_ = false;
};

}  // namespace txsim
