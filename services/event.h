// An event: a service's message to others about what it has done; the broker passes it on. Its name
// is the type of the message that carries it, to the broker and from there. `transaction` is the
// correlation id that ties all events of one transaction together, `step` the place in its
// itinerary where it was published, `value` the event's id.
//
// Source: Hohpe & Woolf, Enterprise Integration Patterns, 2003 (event message, correlation
// identifier, publish-subscribe channel); Kreps, Narkhede, Rao, Kafka, 2011 (topics, partitions,
// consumer groups, offsets).
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "sim/message.h"
#include "sim/table.h"
#include "transactions/transaction.h"

namespace txsim {

// Between services and broker
inline constexpr Word kPublishAck = word("PublishAck");
inline constexpr Word kEventAck = word("EventAck");
inline constexpr Word kSubscribe = word("Subscribe");

// Body of each event's message and records.
struct EventHeader {
  static constexpr std::uint16_t kAllGroups = 0xFFFF;

  // The number of its transaction, and the oldest number not forgotten, in the order of the service
  // where it begins (begun_transactions.h).
  std::uint64_t number = 0;
  std::uint64_t oldest = 0;
  Time published;            // by the broker's clock
  std::uint32_t offset = 0;  // in its partition as the consumer group sees it
  std::uint16_t publisher = 0;
  std::uint16_t group = kAllGroups;
};

// Converts an event to a log record, of the event's type or another, and back.
inline LogRecord event_record(Word type, const Message& event) {
  LogRecord record;
  record.type = type;
  record.transaction_type = event.transaction_type;
  record.step = event.step;
  record.transaction = event.transaction;
  record.value = event.value;
  record.body = event.body;
  return record;
}
inline Message recorded_event(Word type, const LogRecord& record) {
  Message event;
  event.type = type;
  event.transaction_type = record.transaction_type;
  event.step = record.step;
  event.transaction = record.transaction;
  event.value = record.value;
  event.body = record.body;
  return event;
}

// Which consumer groups handle which events: a service publishes its events to one topic, and each
// of its subscribers takes those that it handles. It follows from the plan and never changes.
class Subscriptions {
 public:
  void add(Word event, std::uint16_t kind, std::uint16_t place, NodeId group) {
    groups_[key(event, kind, place)].push_back(group);
  }
  std::span<const NodeId> of(const Message& event) const {
    const std::vector<NodeId>* groups =
        groups_.find(key(event.type, event.transaction_type, event.step));
    if (groups == nullptr) return {};
    return *groups;
  }

 private:
  static std::uint64_t key(Word event, std::uint16_t kind, std::uint16_t place) {
    return (std::uint64_t{event.id} << 32) | (std::uint64_t{kind} << 16) | place;
  }
  Table<std::vector<NodeId>> groups_;
};

}  // namespace txsim
