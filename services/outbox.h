// The outbox: the events of a local transaction are kept in the service's own database, in the same
// forced write as the change itself, and a relay publishes them from there. So either both happen
// or neither, though database and broker know nothing of each other.
//
// Source: Richardson, Microservices Patterns, 2018, 3.3 (transactional outbox; polling publisher;
// transaction log tailing); the problem without it, dual writes: Kleppmann, Designing
// Data-Intensive Applications, 2017, ch. 11.
//
//   an event here
//
//   ──add──▶ KEPT ──committed──▶ TO BE SENT ──relay──▶ SENT ──PublishAck──▶ (forgotten)
//                                                        └─▶ again after publish_timeout
//
//   record       written by    holds
//   outbox       add           the event; value: its id
//   event-sent   PublishAck    value: the id of an event that the broker has; not forced: at worst
//                              the event is published again, under the same id
//
//   timer   then
//   relay   new events are published, and unacknowledged ones again
//
// Relay: `tailing` reads the database's log and publishes as soon as the event is durable;
// `polling` reads the outbox every `relay_every`. After a restart, events that are not marked as
// sent are published again.
//
// Polling sees an event once its transaction has committed, but the event got its number when it
// was inserted (a sequence belongs to no transaction). Here a local transaction is one instant, and
// `visible_after` says how much later its events become visible: with several at once, not in the
// order of their numbers.
//
// Switch `relay_marks`; off: polling remembers only the highest number that it has published, and
// reads above that. An event that becomes visible later with a lower number is never published.
// After `publish_attempts` without an acknowledgement (0: any number) an event is given up.
//
// Switch `enabled`; off: dual write. The event is sent straight to the broker and kept in memory
// only. `commit-first`: after the local transaction; a crash between the two loses the event.
// `publish-first`: before it; a crash between the two undoes a change that has already been
// published.
#pragma once

#include <algorithm>
#include <cstdint>
#include <memory>
#include <vector>

#include "services/description.h"
#include "services/event.h"
#include "sim/fingerprint.h"
#include "sim/node.h"
#include "sim/random.h"
#include "sim/ring.h"
#include "sim/table.h"

namespace txsim {

inline constexpr Word kOutboxRecord = word("outbox");
inline constexpr Word kEventSentRecord = word("event-sent");
inline constexpr Word kRelay = word("relay");

enum class Relay : std::uint8_t { Tailing, Polling };
enum class DualWrite : std::uint8_t { CommitFirst, PublishFirst };

struct OutboxSettings {
  bool enabled = true;  // (switch) off: dual write
  Relay relay = Relay::Tailing;
  Duration relay_every = milliseconds(50);       // polling
  Duration publish_timeout = milliseconds(500);  // then unacknowledged events are sent again
  DualWrite dual_write = DualWrite::CommitFirst;
  bool relay_marks = true;  // (switch) off: polling looks above the highest number published
  Delay visible_after = Delay::constant(Duration{0});  // delay until polling sees an event
  std::uint32_t publish_attempts = 0;                  // then an event is given up; 0: never
};

class Outbox {
 public:
  Outbox(NodeId broker, std::shared_ptr<const Subscriptions> subscriptions,
         const OutboxSettings& settings);

  // Part of a local transaction: the event is published once that commits. An event that is already
  // waiting to be sent is not added again. `event`: type, kind, step, transaction, value, header.
  void add(Context& context, Message event);
  // Before the local transaction is forced, and after it. Announces EventCommitted.
  void before_commit(Context& context);
  void committed(Context& context);

  void on_publish_ack(Context& context, const Message& message);
  // False: not the outbox's timer.
  bool on_timer(Context& context, const Timer& timer);

  std::size_t size() const { return places_.size(); }

  // Recovery: each record of the log in order (false: not one of these), then `resume`, which
  // announces EventCommitted again for each event that is still here.
  bool read(const LogRecord& record);
  void resume(Context& context);
  void write_checkpoint(std::vector<LogRecord>& log) const;
  // Relay runs are counted backwards from now, event numbers from the first event here.
  void digest_into(Fingerprint& into) const {
    into.add(entries_.size(), fresh_, relay_, above_ > dropped_ ? above_ - dropped_ : 0,
             visibility_);
    for (std::size_t i = 0; i < entries_.size(); ++i) {
      const Entry& entry = entries_.at(i);
      into.add(entry.is_acknowledged);
      if (entry.is_acknowledged) continue;  // only keeps its place
      const std::uint64_t age = entry.sent == 0 ? 0 : 1 + runs_ - entry.sent;
      into.add(entry.event, entry.attempts, entry.unseen, std::min(age, 1 + patience()));
      if (entry.is_hidden) into.add(entry.hidden);
    }
  }

 private:
  struct Entry {
    Message event;
    std::uint64_t sent = 0;  // the relay run that sent it; 0: not yet
    Period hidden;           // until polling sees it
    std::uint32_t attempts = 0;
    std::uint32_t unseen = 0;  // relay runs that were too early to see it
    bool is_hidden = false;
    bool is_acknowledged = false;
  };

  Entry& keep(const Message& event);
  bool passes_over(const Context& context, Entry& entry, std::uint64_t number) const;
  bool acknowledge(std::uint64_t id);  // false: acknowledged before
  void publish(Context& context, Entry& entry);
  void announce_committed(Context& context, const Message& event) const;
  void set_timer(Context& context);
  std::uint64_t patience() const;

  NodeId broker_;
  std::shared_ptr<const Subscriptions> subscriptions_;
  OutboxSettings settings_;
  Ring<Entry> entries_;          // in the order of creation; the first is not acknowledged
  Table<std::uint64_t> places_;  // by event: how many were created before it
  std::uint64_t dropped_ = 0;    // created and no longer in `entries_`
  std::size_t fresh_ = 0;        // this many of the last are not committed yet; 0 between handlers
  std::uint64_t runs_ = 1;       // of the relay
  std::uint64_t above_ = 0;      // number of the next event that polling has never published
  Stream visibility_;
  TimerId relay_;
};

Description outbox_description();

}  // namespace txsim
