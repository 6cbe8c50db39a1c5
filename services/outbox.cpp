#include "services/outbox.h"

#include <algorithm>

namespace txsim {
namespace {

// In the outbox's records the header's unused offset field holds the event's name.
LogRecord record_of(const Message& event) {
  LogRecord record = event_record(kOutboxRecord, event);
  auto header = event.body.get<EventHeader>();
  header.offset = event.type.id;
  record.body.put(header);
  return record;
}

Message event_of(const LogRecord& record) {
  auto header = record.body.get<EventHeader>();
  Message event = recorded_event({header.offset}, record);
  header.offset = 0;
  event.body.put(header);
  return event;
}

std::uint64_t id_of(const Message& event) { return static_cast<std::uint64_t>(event.value); }

}  // namespace

Outbox::Outbox(NodeId broker, std::shared_ptr<const Subscriptions> subscriptions,
               const OutboxSettings& settings)
    : broker_(broker), subscriptions_(std::move(subscriptions)), settings_(settings) {}

// ---- One local transaction

void Outbox::add(Context& context, Message event) {
  if (places_.contains(id_of(event))) return;
  event.to = broker_;
  if (settings_.enabled) context.append(record_of(event));
  Entry& entry = keep(event);
  if (!settings_.visible_after.is_zero()) {
    if (visibility_.state() == 0) visibility_ = context.stream("outbox.visibility");
    entry.hidden =
        context.begin_period(kRelay, id_of(event), settings_.visible_after.drawn(visibility_));
    entry.is_hidden = true;
  }
  ++fresh_;
}

Outbox::Entry& Outbox::keep(const Message& event) {
  places_[id_of(event)] = dropped_ + entries_.size();
  Entry entry;
  entry.event = event;
  entries_.push(entry);
  return entries_.at(entries_.size() - 1);
}

void Outbox::before_commit(Context& context) {
  if (settings_.enabled || settings_.dual_write != DualWrite::PublishFirst) return;
  for (std::size_t i = entries_.size() - fresh_; i < entries_.size(); ++i) {
    publish(context, entries_.at(i));
  }
}

void Outbox::committed(Context& context) {
  const bool waits = settings_.enabled && settings_.relay == Relay::Polling;
  for (std::size_t i = entries_.size() - fresh_; i < entries_.size(); ++i) {
    Entry& entry = entries_.at(i);
    announce_committed(context, entry.event);
    if (!waits && entry.sent == 0) publish(context, entry);
  }
  if (fresh_ > 0) set_timer(context);
  fresh_ = 0;
}

void Outbox::announce_committed(Context& context, const Message& event) const {
  context.announce({.what = fact_word(FactKind::EventCommitted),
                    .transaction = event.transaction,
                    .value = event.value,
                    .extra = static_cast<std::int64_t>(subscriptions_->of(event).size())});
}

// ---- The relay

void Outbox::publish(Context& context, Entry& entry) {
  if (entry.sent != 0) {
    context.announce({.what = fact_word(FactKind::Resent),
                      .peer = broker_,
                      .transaction = entry.event.transaction});
  }
  entry.sent = runs_;
  if (settings_.publish_attempts != 0) ++entry.attempts;
  context.send(entry.event);
}

void Outbox::set_timer(Context& context) {
  if (relay_.is_set() || entries_.empty()) return;
  const bool polls = settings_.enabled && settings_.relay == Relay::Polling;
  relay_ = context.set_timer(kRelay, polls ? settings_.relay_every : settings_.publish_timeout);
}

// How many relay runs an acknowledgement may take: at least publish_timeout.
std::uint64_t Outbox::patience() const {
  if (!settings_.enabled || settings_.relay != Relay::Polling) return 2;
  const std::int64_t every = settings_.relay_every.ns > 0 ? settings_.relay_every.ns : 1;
  return 2 + static_cast<std::uint64_t>(settings_.publish_timeout.ns / every);
}

bool Outbox::on_timer(Context& context, const Timer& timer) {
  if (timer.what != kRelay) return false;
  relay_ = {};
  ++runs_;
  for (std::size_t i = 0; i < entries_.size(); ++i) {
    Entry& entry = entries_.at(i);
    const std::uint64_t number = dropped_ + i;
    if (entry.is_acknowledged || passes_over(context, entry, number)) continue;
    if (entry.sent != 0 && runs_ - entry.sent < patience()) continue;
    above_ = std::max(above_, number + 1);
    publish(context, entry);
  }
  set_timer(context);
  return true;
}

// Not visible yet, visible too late, or given up.
bool Outbox::passes_over(const Context& context, Entry& entry, std::uint64_t number) const {
  if (settings_.enabled && settings_.relay == Relay::Polling) {
    if (entry.is_hidden && !context.is_over(entry.hidden)) {
      ++entry.unseen;
      return true;
    }
    if (!settings_.relay_marks && entry.sent == 0 && number < above_) return true;
  }
  return settings_.publish_attempts != 0 && entry.attempts >= settings_.publish_attempts;
}

void Outbox::on_publish_ack(Context& context, const Message& message) {
  if (!acknowledge(id_of(message))) return;  // acknowledged before
  if (settings_.enabled) {
    LogRecord record = event_record(kEventSentRecord, message);
    record.body = {};
    context.append(record);
  }
  if (entries_.empty()) context.cancel_timer(relay_);
}

bool Outbox::acknowledge(std::uint64_t id) {
  const std::uint64_t* place = places_.find(id);
  if (place == nullptr) return false;
  entries_.at(*place - dropped_).is_acknowledged = true;
  above_ = std::max(above_, *place + 1);
  places_.erase(id);
  while (!entries_.empty() && entries_.front().is_acknowledged) {
    entries_.pop();
    ++dropped_;
  }
  return true;
}

// ---- Recovery

bool Outbox::read(const LogRecord& record) {
  switch (record.type.id) {
    case kOutboxRecord.id:
      keep(event_of(record)).event.to = broker_;
      return true;
    case kEventSentRecord.id:
      acknowledge(static_cast<std::uint64_t>(record.value));
      return true;
    default:
      return false;
  }
}

void Outbox::resume(Context& context) {
  for (std::size_t i = 0; i < entries_.size(); ++i) {
    if (!entries_.at(i).is_acknowledged) announce_committed(context, entries_.at(i).event);
  }
  if (entries_.empty()) return;
  const bool polls = settings_.relay == Relay::Polling;
  relay_ = context.set_timer(kRelay, polls ? settings_.relay_every : Duration{0});
}

void Outbox::write_checkpoint(std::vector<LogRecord>& log) const {
  if (!settings_.enabled) return;
  for (std::size_t i = 0; i < entries_.size(); ++i) {
    if (!entries_.at(i).is_acknowledged) log.push_back(record_of(entries_.at(i).event));
  }
}

Description outbox_description() {
  Description info;
  info.name = "outbox";
  info.what =
      "Keeps a service's events in its own database, in the same forced write as the change "
      "itself; a relay publishes them from there. Part of every service that publishes.";
  info.source = "Richardson, Microservices Patterns, 2018, 3.3 (transactional outbox).";
  info.roles = {{"outbox", "keeps events until the broker has them"},
                {"relay", "publishes them: by polling, or by tailing the log"}};
  info.records = {{"outbox", "an event, in the same forced write as the change (value: its id)"},
                  {"event-sent", "the broker has it (value: its id); not forced"}};
  info.timers = {{"relay", "events are published; unacknowledged ones again"}};
  info.states = {{"kept", "part of a local transaction; then to be sent when that commits"},
                 {"to be sent", "durable; then sent by the relay"},
                 {"sent", "again until the broker has acknowledged it; then forgotten"}};
  return info;
}

}  // namespace txsim
