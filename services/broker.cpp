#include "services/broker.h"

#include <algorithm>

#include "sim/assert.h"

namespace txsim {
namespace {

EventHeader header_of(const Message& message) { return message.body.get<EventHeader>(); }

}  // namespace

Broker::Broker(std::shared_ptr<const Subscriptions> subscriptions, const BrokerSettings& settings)
    : subscriptions_(std::move(subscriptions)), settings_(settings) {
  TXSIM_ASSERT(settings_.partitions > 0, "a topic has at least one partition");
}

void Broker::on(Context& context, const Message& message) {
  switch (message.type.id) {
    case kEventAck.id:
      on_ack(context, message);
      return;
    case kSubscribe.id:
      on_subscribe(context, message.from);
      return;
    default:  // all others are events
      on_publish(context, message);
  }
}

// ---- One handler a message, in the order of the happy path

void Broker::on_publish(Context& context, const Message& message) {
  Message event = message;
  EventHeader header = header_of(message);
  header.publisher = static_cast<std::uint16_t>(message.from);
  header.group = EventHeader::kAllGroups;
  header.offset = 0;
  if (settings_.retention) header.published = context.now();
  event.body.put(header);
  Message acknowledgement = message;
  acknowledgement.to = message.from;
  acknowledgement.type = kPublishAck;
  if (!settings_.force_publish) context.send(acknowledgement);
  context.append(event_record(event.type, event));
  context.force();
  if (settings_.force_publish) context.send(acknowledgement);
  if (has_no_queues_) return;
  for (const NodeId group : subscriptions_->of(event)) {
    const std::uint64_t key = key_of(event, header, group);
    deliver_next(context, key, add(event, key));
  }
  watch_age(context);
}

std::uint64_t Broker::key_of(const Message& message, const EventHeader& header,
                             NodeId group) const {
  return key(
      {header.publisher, static_cast<std::uint16_t>(group), partition_of(message.transaction)});
}

Broker::Queue& Broker::queue(std::uint64_t key) {
  Queue* known = queues_.find(key);
  if (known != nullptr) return *known;
  queues_of_group_[place_of(key).group].push_back(key);
  return queues_[key];
}

Broker::Queue& Broker::add(const Message& event, std::uint64_t key) {
  Queue& queue = this->queue(key);
  const Place place = place_of(key);
  Message queued = event;
  queued.to = place.group;
  EventHeader header = header_of(event);
  header.group = place.group;
  header.offset = queue.next++;
  queued.body.put(header);
  queue.events.push(queued);
  if (settings_.retention) ages_.push({header.published, key});
  return queue;
}

void Broker::deliver_next(Context& context, std::uint64_t key, Queue& queue) {
  if (queue.in_flight || queue.events.empty()) return;
  queue.in_flight = true;
  queue.attempts = 0;
  deliver(context, key, queue);
}

void Broker::deliver(Context& context, std::uint64_t key, Queue& queue) const {
  const Message& event = queue.events.front();
  const std::uint32_t takers = settings_.exclusive ? 1 : settings_.members;
  for (std::uint32_t member = 0; member < takers; ++member) context.send(event);
  queue.redelivery = context.set_timer(kRedeliver, settings_.redeliver_after, event.transaction,
                                       static_cast<std::int64_t>(key));
}

// Only the event in flight can be acknowledged: earlier ones have been dropped.
void Broker::on_ack(Context& context, const Message& message) {
  const EventHeader header = header_of(message);
  const std::uint64_t key = key_of(message, header, message.from);
  Queue* queue = queues_.find(key);
  if (queue == nullptr || !queue->in_flight) return;
  const Message& first = queue->events.front();
  if (first.value != message.value || header_of(first).offset != header.offset) return;
  drop_first(context, key, *queue, kOffsetCommitted);
  deliver_next(context, key, *queue);
}

// Publications are queued behind what is in flight, acknowledged or not, and offsets only ascend: a
// late acknowledgement is void forever.
bool Broker::absorbs(const Message& message) const {
  if (message.type != kEventAck || settings_.retention) return false;
  const EventHeader header = header_of(message);
  const Queue* queue = queues_.find(key_of(message, header, message.from));
  if (queue == nullptr || has_no_queues_) return false;
  if (queue->events.empty()) return header.offset < queue->next;
  return queue->in_flight && header.offset <= header_of(queue->events.front()).offset;
}

void Broker::drop_first(Context& context, std::uint64_t key, Queue& queue, Word why) {
  const Message& first = queue.events.front();
  context.cancel_timer(queue.redelivery);
  queue.in_flight = false;
  LogRecord record;
  record.type = why;
  record.transaction_type = first.transaction_type;
  record.step = static_cast<std::uint16_t>(place_of(key).partition);
  record.transaction = first.transaction;
  EventHeader header = header_of(first);
  ++header.offset;
  record.value = why == kOffsetCommitted ? std::int64_t{header.offset} : first.value;
  record.body.put(header);
  context.append(record);
  queue.events.pop();
}

// A consumer is back, and has forgotten what it was doing.
void Broker::on_subscribe(Context& context, NodeId group) {
  const std::vector<std::uint64_t>* keys = queues_of_group_.find(group);
  if (keys == nullptr) return;
  for (const std::uint64_t key : *keys) {
    Queue& queue = *queues_.find(key);
    if (!queue.in_flight) continue;
    context.cancel_timer(queue.redelivery);
    on_redeliver(context, key);
  }
}

// ---- Failures

void Broker::on(Context& context, const Timer& timer) {
  switch (timer.what.id) {
    case kRedeliver.id:
      on_redeliver(context, static_cast<std::uint64_t>(timer.value));
      return;
    case kRetentionOver.id:
      retention_ = {};
      on_retention_over(context);
      return;
    case kQueuesDeclared.id:
      has_no_queues_ = false;
      return;
    default:
      TXSIM_ASSERT(false, "a timer that is not the broker's");
  }
}

void Broker::on_redeliver(Context& context, std::uint64_t key) {
  Queue* queue = queues_.find(key);
  TXSIM_ASSERT(queue != nullptr && queue->in_flight, "delivers again what is not in flight");
  context.announce({.what = fact_word(FactKind::Resent),
                    .peer = place_of(key).group,
                    .transaction = queue->events.front().transaction});
  deliver(context, key, *queue);
}

// The consumer has refused a delivery; a redelivery already has a timer.
void Broker::on_refused(Context& context, const Message& message) {
  if (message.type == kPublishAck) return;  // the producer publishes again
  const EventHeader header = header_of(message);
  const std::uint64_t key = key_of(message, header, message.to);
  Queue* queue = queues_.find(key);
  if (queue == nullptr || !queue->in_flight) return;
  if (header_of(queue->events.front()).offset != header.offset) return;
  if (settings_.max_attempts == 0 || ++queue->attempts < settings_.max_attempts) return;
  drop_first(context, key, *queue, kDeadLetter);
  deliver_next(context, key, *queue);
}

void Broker::watch_age(Context& context) {
  if (ages_.empty() || retention_.is_set()) return;
  const Duration left = ages_.front().published + *settings_.retention - context.now();
  retention_ =
      context.set_timer(kRetentionOver, std::clamp(left, Duration{0}, *settings_.retention));
}

void Broker::on_retention_over(Context& context) {
  const Time since{context.now().ns - settings_.retention->ns};
  while (!ages_.empty() && ages_.front().published <= since) {
    const std::uint64_t key = ages_.front().queue;
    ages_.pop();
    Queue& queue = *queues_.find(key);
    while (!queue.events.empty() && header_of(queue.events.front()).published <= since) {
      drop_first(context, key, queue, kExpired);
    }
    deliver_next(context, key, queue);
  }
  watch_age(context);
}

// ---- Recovery

void Broker::start(Context& context, std::span<const LogRecord> log) {
  for (const LogRecord& record : log) read(record);
  const bool is_first_boot = log.empty() && context.is_beginning();
  if (!settings_.durable_queues && !is_first_boot) {
    queues_.for_each_sorted([](std::uint64_t, Queue& queue) { queue.events.clear(); });
    ages_.clear();
    has_no_queues_ = true;
    context.set_timer(kQueuesDeclared, settings_.queues_after);
  }
  queues_.for_each_sorted(
      [&](std::uint64_t key, Queue& queue) { deliver_next(context, key, queue); });
  watch_age(context);
}

void Broker::read(const LogRecord& record) {
  const auto header = record.body.get<EventHeader>();
  switch (record.type.id) {
    case kOffsetCommitted.id:
    case kDeadLetter.id:
    case kExpired.id: {
      Queue& queue = this->queue(key({header.publisher, header.group, record.step}));
      while (!queue.events.empty() && header_of(queue.events.front()).offset < header.offset) {
        queue.events.pop();
      }
      queue.next = std::max(queue.next, header.offset);
      return;
    }
    default:
      break;
  }
  const Message event = recorded_event(record.type, record);
  if (header.group != EventHeader::kAllGroups) {  // of a checkpoint
    add(event, key_of(event, header, header.group));
    return;
  }
  for (const NodeId group : subscriptions_->of(event)) add(event, key_of(event, header, group));
}

bool Broker::checkpoint(std::vector<LogRecord>& log) const {
  queues_.for_each_sorted([&](std::uint64_t key, const Queue& queue) {
    const Place place = place_of(key);
    EventHeader header;
    header.publisher = place.publisher;
    header.group = place.group;
    header.offset = queue.events.empty() ? queue.next : header_of(queue.events.front()).offset;
    LogRecord committed;
    committed.type = kOffsetCommitted;
    committed.step = static_cast<std::uint16_t>(place.partition);
    committed.value = header.offset;
    committed.body.put(header);
    log.push_back(committed);
    for (std::size_t i = 0; i < queue.events.size(); ++i) {
      log.push_back(event_record(queue.events.at(i).type, queue.events.at(i)));
    }
  });
  return true;
}

Description broker_description() {
  Description info;
  info.name = "broker";
  info.what =
      "Takes events from the services that publish them and passes each on to those that subscribe "
      "to it, at least once and in order. A node of its own.";
  info.source =
      "Kreps, Narkhede, Rao, Kafka: a Distributed Messaging System for Log Processing, 2011; Hohpe "
      "& Woolf, Enterprise Integration Patterns, 2003.";
  info.roles = {
      {"broker", "keeps each event in its log until all its subscribers have handled it"},
      {"producer", "a service: publishes to its topic, repeatedly until acknowledged"},
      {"consumer", "a service, a consumer group of its own: acknowledges what it handled"}};
  info.messages = {
      {"PublishAck", "broker to producer: the event is in the log (value: its id)"},
      {"EventAck", "consumer to broker: the event's work is durable (value: its id)"},
      {"Subscribe", "consumer to broker: back after a crash; deliver again what was under way"}};
  info.records = {
      {"offset-committed", "a group has handled all of a partition below this (value)"},
      {"dead-letter", "a group has refused an event (value) too often and will not get it"},
      {"expired", "a group has not handled an event (value) in time and will not get it"}};
  info.timers = {{"redeliver", "an event was not acknowledged: it is delivered again"},
                 {"retention-over", "the oldest event is dropped, handled or not"},
                 {"queues-declared", "durable_queues off: the groups have queues again"}};
  info.states = {
      {"queued", "behind others of its partition, or its consumer is busy; then in flight"},
      {"in flight",
       "delivered, repeatedly until acknowledged; then handled, dead letter or expired"}};
  info.deviations = {
      {"push", "events are delivered, not fetched; one of each partition and group at a time"},
      {"filter", "a group gets only those events of a topic that it handles"},
      {"memory", "an event that all groups have handled is dropped at once"},
      {"one node", "not replicated: its log survives its crashes"}};
  return info;
}

}  // namespace txsim
