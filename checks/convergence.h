// Convergence: once faults have healed, every transaction ends at every node; without faults every
// order is begun or answered.
#pragma once

#include "checks/check.h"
#include "sim/fingerprint.h"

namespace txsim {

class Convergence {
 public:
  static constexpr InvariantInfo kInfo{
      "convergence",
      "Once faults have healed, every transaction ends at every node, and nothing "
      "stays reserved, locked, pending or in doubt. A transaction has not ended if its coordinator "
      "left it half done and forgot it, or if a participant voted yes, committed and forgot it. "
      "Without faults, every order that is submitted is begun or answered. A livelock, in which "
      "virtual time stands still, violates convergence. no-lost-event, not this invariant, judges "
      "unhandled events.",
      "submitted, told, phase, voted, finished, all facts about steps and locks, order-locked, "
      "order-unlocked",
      "Vacuous if a node is down or a fault is open when the run ends; not applicable if no "
      "transaction begins and none has to.",
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
    if (!closing.at_end()) return;
    const TransactionView& view = closing.view;
    if (!closing.end->faults_met && is_ignored(view)) ignored(view.id, ledger);
    if (closing.is_ended) return;
    const std::uint64_t again = view.reserved_again & ledger.left_reserved(view);
    const std::uint64_t event = again == 0 ? 0 : view.reserved_again_event;
    finding_.violated_in_the_end(event, view.id, [&] {
      return fmt::format("{} {}", ledger.layout().name(view.id), what_is_open(view, ledger));
    });
  }

  void over(const EndOfRun& end, const Ledger& ledger) {
    const Archive& archive = ledger.archive();
    for (std::size_t i = 0; i < archive.entries(); ++i) {
      if (!end.faults_met && is_ignored(archive.entry(i).state)) {
        archive.for_each(i, [&](TransactionId id) { ignored(id, ledger); });
      }
      if (!archive.entry(i).state.is_left_open) continue;
      archive.for_each(i, [&](TransactionId id) {
        finding_.violated_in_the_end(0, id, [&] {
          return fmt::format("{} has not ended, and was begun once more", ledger.layout().name(id));
        });
      });
    }
  }

  Judgement judgement(const EndOfRun& end, const Ledger&) const {
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
    order_locks_.for_each_sorted([&](std::uint64_t order, const TransactionId& holder) {
      all.violated_in_the_end(0, holder,
                              [&] { return fmt::format("order {} is still locked", order); });
    });
    return all.judgement(kInfo.name, Verdict::Holds);
  }

  bool is_violated() const { return finding_.any(); }
  void digest_into(Fingerprint& into) const { into.add(order_locks_); }

 private:
  static bool is_ignored(const ExecutionState& state) {
    return state.submitted && !state.begun && !state.told;
  }
  // So are all submissions of the order: otherwise a submission could wait for another that was
  // begun.
  void ignored(TransactionId id, const Ledger& ledger) {
    bool is_noticed = false;
    ledger.for_each_execution(order_of(id), [&](const Ledger::Known& known) {
      is_noticed = is_noticed || known.state->begun || known.state->told;
    });
    if (is_noticed) return;
    finding_.violated_in_the_end(0, id, [&] {
      return fmt::format("{} was submitted, and neither begun nor answered",
                         ledger.layout().name(id));
    });
  }
  static std::string what_is_open(const TransactionView& view, const Ledger& ledger) {
    if (view.in_doubt != 0) {
      return fmt::format("is in doubt at {}",
                         name_of_part(ledger, view, lowest_part(view.in_doubt)));
    }
    if (const std::uint64_t left = ledger.left_reserved(view); left != 0) {
      const auto step = static_cast<std::uint8_t>(__builtin_ctzll(left));
      return fmt::format("still has reserved {}: {}{}", ledger.reserved_of(view, step),
                         name_of_step(ledger, view.kind, left),
                         (view.reserved_again & left) != 0 ? ", which it has reserved twice" : "");
    }
    if (const std::uint64_t held = view.steps.under_lock(); held != 0) {
      return fmt::format("is neither committed nor undone: {}",
                         name_of_step(ledger, view.kind, held));
    }
    for (const LaterBranch& branch : ledger.later_branches()) {
      const bool is_open = branch.in_doubt || branch.steps.under_lock() != 0;
      if (branch.transaction != view.id || !is_open) continue;
      return fmt::format("has a branch at {} that a late request opened",
                         ledger.layout().node(branch.node));
    }
    if ((view.locked | view.waiting) != 0) {
      return fmt::format("still has or wants the lock for {}",
                         name_of_step(ledger, view.kind, view.locked | view.waiting));
    }
    if (view.oblivious() != 0) {
      return fmt::format("was committed and never ended by {}",
                         name_of_part(ledger, view, lowest_part(view.oblivious())));
    }
    if (view.left) return fmt::format("was left half done by {}", name_of_part(ledger, view, 0));
    return fmt::format("was left {} by {}", text(view.phase), name_of_part(ledger, view, 0));
  }

  Finding finding_;
  Table<TransactionId> order_locks_;  // by order
  bool begun_ = false;
};

}  // namespace txsim
