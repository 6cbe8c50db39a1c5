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
      "Vacuous if no transaction that changes two things has ended, or an open fault delays all "
      "that are partly in effect; not applicable if no step is announced.",
      "Gray, Reuter, Transaction Processing, 1993, 1.2"};
  static constexpr FactSet kReads = facts({FactKind::Updated, FactKind::Applied, FactKind::Reserved,
                                           FactKind::Confirmed, FactKind::Rejected});

  void on(const Moment&, const Ledger&) { announced_ = true; }

  void closed(const Closing& closing, const Ledger& ledger) {
    const TransactionView& view = closing.view;
    if (!view.begun) return;
    if (!closing.at_end()) {
      if (closing.is_partial() && closing.split.is_final) ++finals_;
      return;
    }
    judged_ = judged_ || (closing.is_settled && changes_two_things(closing.kind));
    if (!closing.is_partial() || closing.is_held_up()) return;
    const bool may_go_on = !closing.is_ended && !closing.split.is_final;
    report(view.id, view.kind, closing.effect, may_go_on ? Blame{} : closing.split.blame, ledger);
  }

  void over(const EndOfRun& end, const Ledger& ledger) {
    const Archive& archive = ledger.archive();
    for (std::size_t i = 0; i < archive.entries(); ++i) {
      const Entry& entry = archive.entry(i);
      if (!entry.state.begun || !archive.has_any(i)) continue;
      const KindLayout& kind = ledger.layout().kind(entry.state.kind);
      judged_ = judged_ || (!entry.state.is_left_open && changes_two_things(kind));
      const std::uint64_t effect = ledger.effect_of(entry);
      const bool is_partial = effect != 0 && effect != kind.writes;
      if (!is_partial || ledger.is_held_up(entry, end.disturbed)) continue;
      archive.for_each(i, [&](TransactionId id) {
        report(id, entry.state.kind, effect,
               entry.state.is_left_open ? Blame{} : archive.blame_of(id), ledger);
      });
    }
  }

  Judgement judgement(const EndOfRun&, const Ledger&) const {
    if (!announced_) return finding_.judgement(kInfo.name, Verdict::NotApplicable);
    return finding_.judgement(kInfo.name, judged_ ? Verdict::Holds : Verdict::Vacuous);
  }

  bool is_violated() const { return finding_.any() || finals_ > 0; }

 private:
  static bool changes_two_things(const KindLayout& kind) {
    return (kind.writes & (kind.writes - 1)) != 0;
  }
  // A transaction that has not ended has no event after which it could not come right.
  void report(TransactionId id, std::uint16_t kind, std::uint64_t effect, const Blame& blame,
              const Ledger& ledger) {
    const std::uint64_t writes = ledger.layout().kind(kind).writes;
    finding_.violated_in_the_end(
        blame.event, id,
        [&] {
          return fmt::format("{}: {} is in effect for good, {} is not", ledger.layout().name(id),
                             name_of_step(ledger, kind, effect),
                             name_of_step(ledger, kind, writes & ~effect));
        },
        blame.sides);
  }

  Finding finding_;
  bool announced_ = false;
  bool judged_ = false;
  std::uint32_t finals_ = 0;  // over; all-or-nothing has become impossible
};

}  // namespace txsim
