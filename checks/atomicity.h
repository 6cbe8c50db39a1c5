// Atomicity: in the end all of a transaction's steps are in effect, or none.
#pragma once

#include "checks/check.h"
#include "sim/fingerprint.h"

namespace txsim {

class Atomicity {
 public:
  static constexpr InvariantInfo kInfo{
      "atomicity",
      "In the end all of a transaction's steps are in effect, or none; a step that "
      "was compensated or cancelled is not.",
      "applied, undone, confirmed, cancelled, compensated, finished, phase",
      "Vacuous if no transaction that changes two things has come to its end (one still in doubt "
      "is a matter of convergence); not applicable if no step is announced.",
      "Gray, Reuter, Transaction Processing, 1993, 1.2"};
  static constexpr FactSet kReads = facts({FactKind::Updated, FactKind::Applied, FactKind::Reserved,
                                           FactKind::Confirmed, FactKind::Rejected});

  void on(const Moment&, const Ledger&) { announced_ = true; }

  void closed(const Closing& closing, const Ledger& ledger) {
    const TransactionView& view = closing.view;
    if (!view.begun) return;
    const bool over = !closing.at_end() || closing.is_ended;
    if (over && (closing.kind.writes & (closing.kind.writes - 1)) != 0) judged_ = true;
    if (!closing.is_partial()) return;
    if (over) {
      if (closing.split.is_final) ++finals_;
      return;
    }
    // It may yet come to its end, unless one node has undone what another has for good. What took
    // effect by itself may still be compensated.
    const bool is_split = (view.undone & closing.kind.writes) != 0 || view.aborted != 0;
    const bool split = is_split && (closing.effect & ~view.by_itself()) != 0;
    const bool abandoned = !view.is_outstanding() && closing.end->idle && !closing.disturbed();
    if (split || abandoned) report(closing.split, ledger);
  }

  void in_the_end(const Ended& ended, const Ledger& ledger) {
    const std::uint64_t writes = ledger.layout().kind(ended.kind).writes;
    if (ended.is_open || ended.effect == 0 || ended.effect == writes) return;
    report(ended, ledger);
  }

  Judgement judgement(const EndOfRun&, const Ledger&) const {
    if (!announced_) return finding_.judgement(kInfo.name, Verdict::NotApplicable);
    return finding_.judgement(kInfo.name, judged_ ? Verdict::Holds : Verdict::Vacuous);
  }

  bool is_violated() const { return finding_.any() || finals_ > 0; }

 private:
  void report(const Ended& ended, const Ledger& ledger) {
    judged_ = true;
    const std::uint64_t writes = ledger.layout().kind(ended.kind).writes;
    finding_.violated_in_the_end(
        ended.event, ended.id,
        [&] {
          return fmt::format("{}: {} is in effect for good, {} is not{}",
                             ledger.layout().name(ended.id),
                             name_of_step(ledger, ended.kind, ended.effect),
                             name_of_step(ledger, ended.kind, writes & ~ended.effect),
                             ended.is_changed ? " any more or never was" : "");
        },
        ended.sides);
  }

  Finding finding_;
  bool announced_ = false;
  bool judged_ = false;
  std::uint32_t finals_ = 0;  // over, and neither all nor nothing can come of it
};

}  // namespace txsim
