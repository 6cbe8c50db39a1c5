// The broker: takes events from the services that publish them and passes each on to the services
// that subscribe to it, at least once and in order, however long these are away. A node of its own.
//
// Source: Kreps, Narkhede, Rao, Kafka: a Distributed Messaging System for Log Processing, 2011, and
// Kafka's documentation, whose names it uses; Hohpe & Woolf, Enterprise Integration Patterns, 2003
// (guaranteed delivery, message expiration, dead letter channel).
//
// Roles: broker; producers and consumers are the services (outbox.h, inbox.h). Each service
// publishes to a topic of its own, of several partitions; the order is the key, so that one order's
// events of one publisher stay in order. Each service that subscribes is a consumer group.
//
//   message      from → to            meaning; `value`: the event's id
//   (an event)   producer → broker    published: the message's type is the event's name
//   PublishAck   broker → producer    it is in the broker's log; sent again until this comes
//   (an event)   broker → consumer    delivered
//   EventAck     consumer → broker    its work is durable; sent again from redeliver_after on until
//                                     this comes
//   Subscribe    consumer → broker    back after a crash: what was under way is delivered again
//
//   an event, for one consumer group
//
//   ──published──▶ QUEUED ──first of its partition──▶ IN FLIGHT ──EventAck──▶ committed, dropped
//                    │                                  │  └──refused max_attempts times──▶ dead
//                    └──────older than `retention`──────┴──▶ expired                       letter
//
//   record (forced: !)   holds
//   (an event)!          the event, when it is published
//   offset-committed     a group has handled all of a partition below `value`
//   dead-letter          a group refused the event (`value`) too often and will not get it
//   expired              a group has not handled the event (`value`) in time and will not get it
//
// Offsets need no force: a lost one means that an event is delivered once more.
//
// One event of a partition is in flight to a group at a time, so the order holds even on a network
// that reorders, and deliveries overlap only across partitions. A consumer that refuses the
// connection uses up an attempt; a consumer that is down or unreachable does not. A refused event
// holds up the events behind it in its partition.
//
// Switch `force_publish`; off: the broker acknowledges an event before it is durable, and a crash
// may lose it. Switch `durable_queues`; off: a restart of the broker leaves no queues. Each group
// declares its own again, `queues_after` later; events published before that are accepted but reach
// no group. Switch `exclusive`; off: each of the `members` of a consumer group takes every event,
// not only those of its partitions. (The members share a node; which of them handles an event is
// not shown.)
//
// Deviations:
// - Deliveries are pushed, as in RabbitMQ; Kafka's consumers fetch.
// - Subscriptions follow from the plan and carry a filter (as in JMS and AMQP): a group gets only
//   the events that it handles. Kafka's groups get whole topics and skip the rest. So each group
//   has its own offsets, and an event is kept once for each group that gets it.
// - What all groups have handled is dropped at once; Kafka keeps it until `retention` has passed.
// - The broker treats a repeated publication as a new event: its consumers recognise it.
// - One broker, not replicated: its log survives its crashes.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "services/description.h"
#include "services/event.h"
#include "services/settings.h"
#include "sim/fingerprint.h"
#include "sim/node.h"
#include "sim/ring.h"
#include "sim/table.h"

namespace txsim {

inline constexpr Word kOffsetCommitted = word("offset-committed");
inline constexpr Word kDeadLetter = word("dead-letter");
inline constexpr Word kExpired = word("expired");
inline constexpr Word kRedeliver = word("redeliver");
inline constexpr Word kRetentionOver = word("retention-over");
inline constexpr Word kQueuesDeclared = word("queues-declared");

class Broker final : public NodeOf<Broker> {
 public:
  Broker(std::shared_ptr<const Subscriptions> subscriptions, const BrokerSettings& settings);

  void start(Context& context, std::span<const LogRecord> log) override;
  void on(Context& context, const Message& message) override;
  void on(Context& context, const Timer& timer) override;
  void on_refused(Context& context, const Message& message) override;
  bool checkpoint(std::vector<LogRecord>& log) const override;
  bool absorbs(const Message& message) const override;
  void digest_into(Fingerprint& into) const override {
    into.add(queues_, queues_of_group_, ages_, retention_, has_no_queues_);
  }

 private:
  // The events of one partition of a publisher's topic that a group has not handled yet.
  struct Queue {
    Ring<Message> events;        // the first may be in flight
    TimerId redelivery;          // of that one
    std::uint32_t next = 0;      // offset of the next event
    std::uint32_t attempts = 0;  // refusals so far
    bool in_flight = false;

    // `next` is the one behind the last event's. Without events any offset will do: offsets only
    // ascend, and earlier deliveries that are still under way are void.
    void digest_into(Fingerprint& into) const {
      into.add(events, redelivery, in_flight ? attempts : 0, in_flight);
    }
  };
  struct Place {
    std::uint16_t publisher = 0;
    std::uint16_t group = 0;
    std::uint32_t partition = 0;
  };
  struct Aged {
    Time published;
    std::uint64_t queue = 0;

    void digest_into(Fingerprint& into) const { into.add(queue); }
  };

  static std::uint64_t key(const Place& place) {
    return (std::uint64_t{place.publisher} << 48) | (std::uint64_t{place.group} << 32) |
           place.partition;
  }
  static Place place_of(std::uint64_t key) {
    return {static_cast<std::uint16_t>(key >> 48), static_cast<std::uint16_t>(key >> 32),
            static_cast<std::uint32_t>(key)};
  }
  std::uint64_t key_of(const Message& message, const EventHeader& header, NodeId group) const;
  std::uint32_t partition_of(TransactionId transaction) const {
    return static_cast<std::uint32_t>(order_of(transaction) % settings_.partitions);
  }

  void on_publish(Context& context, const Message& message);
  void on_ack(Context& context, const Message& message);
  void on_subscribe(Context& context, NodeId group);
  void on_redeliver(Context& context, std::uint64_t key);
  void on_retention_over(Context& context);

  Queue& queue(std::uint64_t key);  // made where there is none
  Queue& add(const Message& event, std::uint64_t key);
  void deliver_next(Context& context, std::uint64_t key, Queue& queue);
  void deliver(Context& context, std::uint64_t key, Queue& queue) const;
  void drop_first(Context& context, std::uint64_t key, Queue& queue, Word why);
  void watch_age(Context& context);
  void read(const LogRecord& record);

  std::shared_ptr<const Subscriptions> subscriptions_;
  BrokerSettings settings_;
  Table<Queue> queues_;
  Table<std::vector<std::uint64_t>> queues_of_group_;
  Ring<Aged> ages_;  // where retention ends: all that was published, oldest first
  TimerId retention_;
  bool has_no_queues_ = false;  // no group has declared one since the restart
};

Description broker_description();

}  // namespace txsim
