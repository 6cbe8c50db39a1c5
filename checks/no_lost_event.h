// No-lost-event: every event of a committed local transaction is handled by each subscriber.
#pragma once

#include <array>

#include "checks/check.h"
#include "checks/order_set.h"
#include "sim/fingerprint.h"

namespace txsim {

// An event is kept until it is committed, all of its subscribers have handled it and its
// transaction is over; after that, only its completion is kept. A node may announce that it has
// handled an event before the publisher announces the event, and only the publisher knows the
// subscribers.
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

  void on(const Moment& m) {
    const auto id = static_cast<std::uint64_t>(m.record->value);
    announced_ = true;
    Event* event = events_.find(id);
    if (event == nullptr) {
      if (through_.contains(id)) return;
      event = &events_[id];
      if (m.view != nullptr) join(id, *event, m.view->id);
    }
    if (m.fact == FactKind::EventCommitted) {
      commit(*event, *m.record);
    } else {
      handle(*event, m.record->node);
    }
    if (!event->is_in_flight && event->is_through()) forget(id);
  }

  void closed(const Closing& closing, const Ledger&) {
    if (closing.at_end() || firsts_.empty()) return;
    const std::uint64_t* first = firsts_.find(closing.view.id);
    if (first == nullptr) return;
    for (std::uint64_t id = *first; id != kNone;) {
      Event& event = *events_.find(id);
      const std::uint64_t next = event.next;
      event.is_in_flight = false;
      if (event.is_through()) forget(id);
      id = next;
    }
    firsts_.erase(closing.view.id);
  }

  Judgement judgement(const EndOfRun& end, const Ledger& ledger) const {
    if (!announced_) return finding_.judgement(kInfo.name, Verdict::NotApplicable);
    Finding all = finding_;
    events_.for_each_sorted([&](std::uint64_t id, const Event& event) {
      if (event.committed == 0 || event.is_through()) return;
      all.violated_in_the_end(event.committed, event.transaction, [&] {
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

  bool is_violated() const { return finding_.any(); }
  void digest_into(Fingerprint& into) const { into.add(events_, through_); }

 private:
  static constexpr std::uint32_t kMostKnown = 12;            // above this, a node may count twice
  static constexpr std::uint64_t kNone = ~std::uint64_t{0};  // no event's id
  struct Event {
    std::uint64_t committed = 0;  // the fact that announced it; 0: not yet
    std::uint64_t next = kNone;   // of the same transaction
    TransactionId transaction = 0;
    NodeId publisher = kNoNode;
    std::uint32_t subscribers = 0;
    std::uint32_t handled = 0;
    bool is_in_flight = false;  // its transaction is in flight
    std::array<NodeId, kMostKnown> handlers{};

    // The handlers are a set.
    void digest_into(Fingerprint& into) const {
      std::uint64_t sum = 0;
      for (std::uint32_t i = 0; i < handled && i < kMostKnown; ++i) {
        sum += Fingerprint::of(handlers[i]);
      }
      into.add(committed != 0, transaction, publisher, subscribers, handled, sum, is_in_flight);
    }
    bool is_through() const { return committed != 0 && handled >= subscribers; }
    bool has_handled(NodeId node) const {
      for (std::uint32_t i = 0; i < handled && i < kMostKnown; ++i) {
        if (handlers[i] == node) return true;
      }
      return false;
    }
  };

  void forget(std::uint64_t id) {
    events_.erase(id);
    through_.add(id);
  }
  void join(std::uint64_t id, Event& event, TransactionId transaction) {
    event.is_in_flight = true;
    if (const std::uint64_t* first = firsts_.find(transaction)) event.next = *first;
    firsts_[transaction] = id;
  }
  void commit(Event& event, const TraceRecord& record) {
    if (event.committed == 0) event.committed = record.sequence;
    event.transaction = record.transaction;
    event.publisher = record.node;
    event.subscribers = static_cast<std::uint32_t>(record.extra);
    expected_ = expected_ || event.subscribers > 0;
  }
  static void handle(Event& event, NodeId node) {
    if (event.has_handled(node)) return;
    if (event.handled < kMostKnown) event.handlers[event.handled] = node;
    ++event.handled;
  }

  Finding finding_;
  Table<Event> events_;
  OrderSet through_;
  Table<std::uint64_t> firsts_;  // by transaction in flight: its latest event
  bool announced_ = false;
  bool expected_ = false;
};

}  // namespace txsim
