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
      "effect exactly what it had in effect for good or had voted yes for.",
      "recovered, voted, decided, and all facts about steps",
      "Vacuous if no node recovered from a crash; not applicable if neither a step nor a vote is "
      "announced.",
      "Gray, Reuter, Transaction Processing, 1993, 1.2"};
  static constexpr FactSet kReads =
      facts({FactKind::Voted, FactKind::Updated, FactKind::Applied, FactKind::Reserved,
             FactKind::Undone, FactKind::Finished});

  void on(const Moment& m, const Ledger& ledger) {
    announced_ = true;
    if (!m.undone_survivor) return;
    finding_.violated(m.record->sequence, m.record->transaction, [&] {
      return fmt::format("{} undid what {} had in effect there for good before it crashed",
                         ledger.layout().node(m.record->node),
                         ledger.layout().name(m.record->transaction));
    });
  }

  void settled(const Settled& settled, const Ledger& ledger) {
    if (settled.kind == Settled::Kind::Matched || settled.kind == Settled::Kind::Mismatch) {
      recovered_ = true;
    }
    if (settled.kind != Settled::Kind::Mismatch) return;
    finding_.violated(settled.event, 0, [&] {
      return fmt::format("{} recovered as {} although {} was acknowledged",
                         ledger.layout().resource(settled.resource), settled.announced,
                         settled.expected);
    });
  }

  void closed(const Closing& closing, const Ledger& ledger) {
    if (!closing.at_end()) return;
    const TransactionView& view = closing.view;
    report_forgotten(view.id, view.kind, view.forgot, ledger);
    for (const LaterBranch& branch : ledger.later_branches()) {
      if (branch.transaction != view.id || !branch.forgot) continue;
      const int part = ledger.layout().part(view.kind, branch.node);
      if (part >= 0) report_forgotten(view.id, view.kind, part_bit(part), ledger);
    }
  }

  void over(const EndOfRun&, const Ledger& ledger) {
    const Archive& archive = ledger.archive();
    for (std::size_t i = 0; i < archive.entries(); ++i) {
      const Entry& entry = archive.entry(i);
      PartSet forgot = entry.state.forgot;
      for (const LaterBranch& branch : entry.branches) {
        const int part = ledger.layout().part(entry.state.kind, branch.node);
        if (branch.forgot && part >= 0) forgot |= part_bit(part);
      }
      if (forgot == 0) continue;
      archive.for_each(
          i, [&](TransactionId id) { report_forgotten(id, entry.state.kind, forgot, ledger); });
    }
  }

  Judgement judgement(const EndOfRun&, const Ledger&) const {
    if (!announced_) return finding_.judgement(kInfo.name, Verdict::NotApplicable);
    return finding_.judgement(kInfo.name, recovered_ ? Verdict::Holds : Verdict::Vacuous);
  }

  bool is_violated() const { return finding_.any(); }
  void digest_into(Fingerprint& into) const { into.add(recovered_); }

 private:
  void report_forgotten(TransactionId id, std::uint16_t kind, PartSet forgot,
                        const Ledger& ledger) {
    if (forgot == 0) return;
    finding_.violated(0, id, [&] {
      return fmt::format("{} has forgotten its yes vote for {}",
                         ledger.layout().node(ledger.layout().node_of(kind, lowest_part(forgot))),
                         ledger.layout().name(id));
    });
  }

  Finding finding_;
  bool announced_ = false;
  bool recovered_ = false;
};

}  // namespace txsim
