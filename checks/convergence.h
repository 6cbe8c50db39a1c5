// Convergence: after faults have healed, every transaction ends at every node.
#pragma once

#include "checks/check.h"
#include "sim/fingerprint.h"

namespace txsim {

class Convergence {
 public:
  static constexpr InvariantInfo kInfo{
      "convergence",
      "After faults have healed, every transaction ends at every node, and nothing "
      "stays reserved, locked, pending or in doubt; one left half done by a "
      "coordinator "
      "that forgot it has not ended, nor has one committed and forgotten by a participant "
      "that had voted yes. A livelock, in which virtual time stands still, never "
      "converges. An event that nobody has handled is a matter of no-lost-event.",
      "phase, voted, finished, all facts about steps and locks, order-locked, order-unlocked",
      "Vacuous if a node is down or a fault is open when the run ends; not applicable if no "
      "transaction begins.",
      "Termination: AC5 of Bernstein, Hadzilacos, Goodman 1987, chapter 7"};
  static constexpr FactSet kReads =
      facts({FactKind::PhaseEntered, FactKind::OrderLocked, FactKind::OrderUnlocked});

  void on(const Moment& m, const Ledger&) {
    if (m.fact == FactKind::OrderLocked) {
      order_locks_[static_cast<std::uint64_t>(m.record->value)] = m.record->transaction;
    } else if (m.fact == FactKind::OrderUnlocked) {
      order_locks_.erase(static_cast<std::uint64_t>(m.record->value));
    } else {
      begun_ = true;
    }
  }

  void closed(const Closing& closing, const Ledger& ledger) {
    if (!closing.at_end() || !closing.view.begun || closing.is_ended) return;
    const TransactionView& view = closing.view;
    finding_.violated_in_the_end(0, view.id, [&] {
      return fmt::format("{} {}", ledger.layout().name(view.id), what_is_open(view, ledger));
    });
  }

  // What a second, unintended reservation has left behind.
  void over(Ledger& ledger) {
    for (std::uint16_t i = 0; i < ledger.layout().plan().resources.size(); ++i) {
      const std::int64_t left = ledger.reserved_for_nobody(i);
      const ResourceState& state = ledger.resource(i);
      if (left <= 0) continue;
      finding_.violated_in_the_end(state.again_event, state.again, [&] {
        return fmt::format(
            "{} of {} stays reserved for nobody{}", left, ledger.layout().resource(i),
            state.again == 0
                ? std::string()
                : ", since " + ledger.layout().name(state.again) + " has reserved it twice");
      });
    }
  }

  Judgement judgement(const EndOfRun& end, const Ledger& ledger) const {
    if (!end.standstill.empty()) {
      Finding livelock;
      livelock.violated(0, 0, [&] { return "a livelock: " + end.standstill; });
      return livelock.judgement(kInfo.name, Verdict::Violated);
    }
    if (!begun_ && !finding_.any() && order_locks_.empty()) {
      return finding_.judgement(kInfo.name, Verdict::NotApplicable);
    }
    if (end.disturbed) {
      return Finding().judgement(kInfo.name, Verdict::Vacuous,
                                 "the faults had not healed when the run ended");
    }
    Finding all = finding_;
    for (const Stray& stray : ledger.strays()) {
      if (stray.is_empty()) continue;
      all.violated_in_the_end(0, stray.transaction, [&] {
        return fmt::format("{} still holds a branch of {} that a late request opened",
                           ledger.layout().node(stray.node),
                           ledger.layout().name(stray.transaction));
      });
    }
    order_locks_.for_each_sorted([&](std::uint64_t order, const TransactionId& holder) {
      all.violated_in_the_end(0, holder,
                              [&] { return fmt::format("order {} is still locked", order); });
    });
    return all.judgement(kInfo.name, Verdict::Holds);
  }

  bool is_violated() const { return finding_.any(); }
  void digest_into(Fingerprint& into) const { into.add(order_locks_); }

 private:
  static std::string what_is_open(const TransactionView& view, const Ledger& ledger) {
    if (view.in_doubt != 0) {
      return fmt::format("is in doubt at {}",
                         name_of_part(ledger, view, lowest_part(view.in_doubt)));
    }
    if (view.reserved != 0) {
      return fmt::format("still has reserved: {}", name_of_step(ledger, view.kind, view.reserved));
    }
    if (view.pending != 0) {
      return fmt::format("is neither committed nor undone: {}",
                         name_of_step(ledger, view.kind, view.pending));
    }
    if ((view.locked | view.waiting) != 0) {
      return fmt::format("still has or wants the lock for {}",
                         name_of_step(ledger, view.kind, view.locked | view.waiting));
    }
    if (view.oblivious() != 0) {
      return fmt::format("was committed and never ended by {}",
                         name_of_part(ledger, view, lowest_part(view.oblivious())));
    }
    if (view.orphaned)
      return fmt::format("was left half done by {}", name_of_part(ledger, view, 0));
    return fmt::format("was left {} by {}", text(view.phase), name_of_part(ledger, view, 0));
  }

  Finding finding_;
  Table<TransactionId> order_locks_;  // by order
  bool begun_ = false;
};

}  // namespace txsim
