// Conservation: initial = available + reserved + taken by transactions in effect, at every moment.
#pragma once

#include "checks/check.h"
#include "sim/fingerprint.h"

namespace txsim {

class Conservation {
 public:
  static constexpr InvariantInfo kInfo{
      "conservation",
      "For each resource, at every moment: the initial amount = available + "
      "reserved + taken by transactions in effect; no amount is below zero.",
      "updated, undone, applied, reserved, confirmed, cancelled, compensated, recovered",
      "Vacuous if no amount ever changed; not applicable if no amount is announced.",
      "The sum that an auditor takes: Gray, Reuter, Transaction Processing, 1993, 1.3"};
  static constexpr FactSet kReads =
      facts({FactKind::Updated, FactKind::Undone, FactKind::Applied, FactKind::Reserved,
             FactKind::Confirmed, FactKind::Cancelled, FactKind::Compensated, FactKind::Recovered});

  void on(const Moment& m, const Ledger& ledger) {
    announced_ = true;
    if (!m.changes) return;
    changed_ = changed_ || (m.fact != FactKind::Recovered && m.record->value != 0);
    if (m.mismatch) [[unlikely]] {
      finding_.violated(m.record->sequence, m.record->transaction, [&] {
        const std::string what =
            fmt::format("{}: {} with {} by {}", ledger.layout().resource(m.resource), text(m.fact),
                        m.record->value, ledger.layout().name(m.record->transaction));
        if (m.expected != m.announced) {
          return fmt::format("{} comes to {}, not {}", what, m.expected, m.announced);
        }
        return what + ", which is not what its step adds";
      });
    }
    const std::int64_t reserved = ledger.resource(m.resource).reserved;
    if (m.announced < 0 || reserved < 0) [[unlikely]] {
      finding_.violated(m.record->sequence, m.record->transaction, [&] {
        return fmt::format("{} is below zero: {} available, {} reserved",
                           ledger.layout().resource(m.resource), m.announced, reserved);
      });
    }
  }

  void settled(const Settled& settled, const Ledger& ledger) {
    if (settled.kind != Settled::Kind::Mismatch) return;
    finding_.violated(settled.event, 0, [&] {
      return fmt::format("{} was {} after recovery and should have been {}",
                         ledger.layout().resource(settled.resource), settled.announced,
                         settled.expected);
    });
  }

  Judgement judgement(const EndOfRun&, const Ledger&) const {
    if (!announced_) return finding_.judgement(kInfo.name, Verdict::NotApplicable);
    return finding_.judgement(kInfo.name, changed_ ? Verdict::Holds : Verdict::Vacuous);
  }

  bool is_violated() const { return finding_.any(); }

 private:
  Finding finding_;
  bool announced_ = false;
  bool changed_ = false;
};

}  // namespace txsim
