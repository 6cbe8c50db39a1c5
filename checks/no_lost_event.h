// No-lost-event: every event of a committed local transaction is handled by each subscriber.
#pragma once

#include <array>

#include "checks/check.h"

namespace txsim {

class NoLostEvent {
 public:
  static constexpr InvariantInfo kInfo{
      "no-lost-event",
      "Every event of a committed local transaction is handled by each of its "
      "subscribers in the end.",
      "event-committed, event-handled",
      "Vacuous if no event has a subscriber, or a fault is open when the run ends; not applicable "
      "if no event is announced.",
      "Richardson, Microservices Patterns, 2018, 3.3 (transactional outbox)"};
  static constexpr FactSet kReads = facts({FactKind::EventCommitted, FactKind::EventHandled});

  void on(const Moment& m, const Ledger&) {
    const auto id = static_cast<std::uint64_t>(m.record->value);
    announced_ = true;
    Event& event = events_[id];
    if (m.fact == FactKind::EventCommitted) {
      if (event.committed == 0) event.committed = m.record->sequence;
      event.transaction = m.record->transaction;
      event.publisher = m.record->node;
      event.subscribers = static_cast<std::uint32_t>(m.record->extra);
      expected_ = expected_ || event.subscribers > 0;
    } else if (!event.has_handled(m.record->node)) {
      if (event.handled < kMostKnown) event.handlers[event.handled] = m.record->node;
      ++event.handled;
    }
    if (event.committed != 0 && event.handled >= event.subscribers) events_.erase(id);
  }

  Judgement judgement(const EndOfRun& end, const Ledger& ledger) const {
    if (!announced_) return finding_.judgement(kInfo.name, Verdict::NotApplicable);
    Finding all = finding_;
    events_.for_each_sorted([&](std::uint64_t id, const Event& event) {
      if (event.committed == 0) return;
      all.violated(event.committed, event.transaction, [&] {
        return fmt::format("event {} of {} for {} was handled by {} of {} subscribers", id,
                           ledger.layout().node(event.publisher),
                           ledger.layout().name(event.transaction), event.handled,
                           event.subscribers);
      });
    });
    if (all.any() && end.disturbed) {
      return Finding().judgement(kInfo.name, Verdict::Vacuous,
                                 "the faults had not healed when the run ended");
    }
    return all.judgement(kInfo.name, expected_ ? Verdict::Holds : Verdict::Vacuous);
  }

 private:
  static constexpr std::uint32_t kMostKnown = 12;  // beyond these, a node may count twice
  struct Event {
    std::uint64_t committed = 0;  // the fact that said so; 0: not yet
    TransactionId transaction = 0;
    NodeId publisher = kNoNode;
    std::uint32_t subscribers = 0;
    std::uint32_t handled = 0;
    std::array<NodeId, kMostKnown> handlers{};

    bool has_handled(NodeId node) const {
      for (std::uint32_t i = 0; i < handled && i < kMostKnown; ++i) {
        if (handlers[i] == node) return true;
      }
      return false;
    }
  };

  Finding finding_;
  Table<Event> events_;  // those not yet handled by all
  bool announced_ = false;
  bool expected_ = false;
};

}  // namespace txsim
