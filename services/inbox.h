// The inbox: a consumer remembers the ids of the events that it has handled, in the same forced
// write as what they effected. An event that comes again, from a relay or a broker that could not
// know, is acknowledged and has no effect.
//
// Source: idempotent receiver (Hohpe & Woolf, Enterprise Integration Patterns, 2003; Richardson,
// Microservices Patterns, 2018, 3.3.4; Helland, Idempotence Is Not a Medical Condition, 2012).
//
//   record          holds
//   event-handled   value: the event's id; body: its transaction's number. Forced with its effect
//
// An id is dropped once the service where its transaction began has forgotten that (see
// begun_transactions.h): whatever still comes of the transaction is older than the oldest, and so
// is known to have been handled or to be void.
//
// Switch `enabled`; off: the ids are kept, and duplicates are taken for new events all the same.
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
  // Part of a local transaction: the event has been handled if and when that commits. `origin`: the
  // service where its transaction began.
  void take(Context& context, const Message& event, NodeId origin);
  // The origin has forgotten all transactions below `oldest`.
  void learn_oldest(NodeId origin, std::uint64_t oldest);
  std::size_t size() const { return ids_.size(); }

  // Recovery: each record of the log in order; false: not one of these.
  bool read(const LogRecord& record);
  void write_checkpoint(std::vector<LogRecord>& log) const;
  // Those of one number are forgotten together: among them the order does not count.
  void digest_into(Fingerprint& into) const {
    into.add(ids_);
    std::uint64_t sum = 0;
    by_origin_.for_each([&](std::uint64_t origin, const Ring<Id>& ids) {
      std::uint64_t run = 0;  // of equal numbers
      for (std::size_t i = 0; i < ids.size(); ++i) {
        if (i > 0 && ids.at(i).number != ids.at(i - 1).number) ++run;
        sum += Fingerprint::of(origin, run, ids.at(i));
      }
    });
    into.add(sum);
  }

 private:
  struct Handled {
    std::uint64_t number = 0;
    TransactionId transaction = 0;
    std::uint32_t origin = kNoNode;

    void digest_into(Fingerprint& into) const { into.add(number, transaction, origin); }
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
  Table<Ring<Id>> by_origin_;  // in the order of their coming
};

Description inbox_description();

}  // namespace txsim
