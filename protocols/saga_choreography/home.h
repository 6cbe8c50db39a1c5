// What a choreographed saga may use of its service while it handles one event: steps are put in
// effect and taken back, and events published, all in one local transaction.
#pragma once

#include "protocols/saga_choreography/itinerary.h"
#include "protocols/saga_choreography/messages.h"
#include "protocols/saga_choreography/settings.h"
#include "services/actions.h"
#include "services/inbox.h"
#include "services/outbox.h"
#include "services/role_home.h"

namespace txsim::choreography {

struct Home : RoleHome {
  Actions& actions;
  Inbox& inbox;
  Outbox& outbox;
  const Itineraries& itineraries;
  const SagaChoreographySettings& settings;

  // Ends the local transaction: it is durable, announced, and its events are published.
  void commit(TransactionId transaction) const;
  void announce_handled(TransactionId transaction, std::int64_t event) const {
    context.announce(
        {.what = fact_word(FactKind::EventHandled), .transaction = transaction, .value = event});
  }
};

// A saga at a service, while it handles one event.
struct Here : Handling<Home, void> {
  Saga saga() const { return {id, kind_index, mark.number}; }
  NodeId initiator() const { return coordinator(); }
  const Itinerary& itinerary() const { return itineraries[kind_index]; }

  // All steps of a stop, or none of them; but retriable steps stay in effect, and the rest is tried
  // again. True: all are in effect.
  bool act(const Stop& stop) const;
  // Takes back the stop's steps in effect, last first, and calls off the others, so that they have
  // no effect if they come late. False: a step cannot be taken back now.
  bool take_back(const Stop& stop) const;
  bool is_in_effect(const Stop& stop) const { return (actions.in_effect(id) & stop.writes) != 0; }
  bool is_called_off(const Stop& stop) const;

  // Published with the local transaction. `place`: the stop that publishes it.
  void publish(Word event, EventClass what, std::uint16_t place, std::uint64_t oldest,
               std::uint64_t round = 0) const;
};

inline Here at(const Home& home, const Saga& saga) {
  return {{home, saga.id, saga.kind, nullptr, {.number = saga.number}}};
}

}  // namespace txsim::choreography
