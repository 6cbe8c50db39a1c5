// The inbox: a consumer remembers the ids of the events that it has handled, in the same forced
// write as their effects. An event that is delivered again, because a relay or a broker could not
// know that it was handled, is acknowledged and has no effect.
//
// Source: idempotent receiver (Hohpe & Woolf, Enterprise Integration Patterns, 2003; Richardson,
// Microservices Patterns, 2018, 3.3.4; Helland, Idempotence Is Not a Medical Condition, 2012).
//
//   record          holds
//   event-handled   value: the event's id; body: its transaction's number. Forced with its effect
//
// An id is dropped once the service where its transaction began has forgotten that (see
// begun_transactions.h): any later event of the transaction is older than the oldest, and so is
// known to be handled or void.
//
// Switch `enabled`; off: the ids are kept, but duplicates count as new events.
#pragma once

#include <cstdint>
#include <vector>

#include "services/description.h"
#include "services/event.h"
#include "sim/fingerprint.h"
#include "sim/node.h"
#include "sim/ring.h"
#include "sim/table.h"

namespace txsim {

inline constexpr Word kEventHandledRecord = word("event-handled");

class Inbox {
 public:
  explicit Inbox(bool enabled) : enabled_(enabled) {}

  bool is_duplicate(const Message& event) const {
    return enabled_ && has_handled(static_cast<std::uint64_t>(event.value));
  }
  bool has_handled(std::uint64_t id) const { return ids_.contains(id); }
  // Part of a local transaction: the event is handled once that commits. `initiator`: the service
  // where its transaction began.
  void take(Context& context, const Message& event, NodeId initiator);
  // The initiator has forgotten all transactions below `oldest`.
  void learn_oldest(NodeId initiator, std::uint64_t oldest);
  std::size_t size() const { return ids_.size(); }

  // Recovery: each record of the log in order; false: not one of these.
  bool read(const LogRecord& record);
  void write_checkpoint(std::vector<LogRecord>& log) const;
  // Those of one number are forgotten together: their order does not count.
  void digest_into(Fingerprint& into) const {
    into.add(ids_);
    std::uint64_t sum = 0;
    by_initiator_.for_each([&](std::uint64_t initiator, const Ring<Id>& ids) {
      std::uint64_t run = 0;  // of equal numbers
      for (std::size_t i = 0; i < ids.size(); ++i) {
        if (i > 0 && ids.at(i).number != ids.at(i - 1).number) ++run;
        sum += Fingerprint::of(initiator, run, ids.at(i));
      }
    });
    into.add(sum);
  }

 private:
  struct Handled {
    std::uint64_t number = 0;
    TransactionId transaction = 0;
    std::uint32_t initiator = kNoNode;

    void digest_into(Fingerprint& into) const { into.add(number, transaction, initiator); }
  };
  struct Id {
    std::uint64_t number = 0;
    std::uint64_t id = 0;

    void digest_into(Fingerprint& into) const { into.add(number, id); }
  };

  void remember(std::uint64_t id, const Handled& handled);
  static LogRecord record_of(std::uint64_t id, const Handled& handled);

  bool enabled_;
  Table<Handled> ids_;
  Table<Ring<Id>> by_initiator_;  // in the order of arrival
};

Description inbox_description();

}  // namespace txsim
