// Choreographed saga: no service commands another. Each does its steps when it learns that the
// earlier ones are done, publishes that by an event, and takes its steps back when it learns that
// later ones are undone. A broker passes the events on.
//
// Source: Richardson, Microservices Patterns, 2018, ch. 3 and 4 (choreography, outbox, idempotent
// consumer, pivot and retriable steps); Garcia-Molina, Salem, Sagas, 1987 (compensation in
// reverse); Helland, Life beyond Distributed Transactions, 2007 (at-least-once messages met by
// memory). In the words of Hohpe & Woolf, Enterprise Integration Patterns, 2003, this is a routing
// slip: the itinerary is known beforehand, here from the plan, and no single node controls each
// step as a process manager would.
//
// Roles: initiator, the service where the saga begins: it receives the last step's event, keeps the
// deadline and answers the client; participants, the other services of its steps; broker
// (broker.h). Each service has an outbox (outbox.h) and an inbox (inbox.h). The transaction's id is
// the correlation id of all its events.
//
//   event             published by         received by
//   StepDone          a stop that is done  the next stops; at the end the initiator
//   StepFailed        a stop that refuses  the stop before it
//   StepCompensated   a stop taken back,   the stop before it, down to the initiator
//                     or called off
//   SagaCancelled     the initiator        the services of the last steps before its own
//                                          next ones (serial: one; parallel: all of the group)
//   SagaDone          the initiator        services that have no part in the saga
//
//   A stop is a run of consecutive steps at one service: one local transaction. Serial:
//
//   initiator ─StepDone─▶ product ─StepDone─▶ point ─StepDone─▶ initiator: done
//   initiator ◀─StepCompensated─ product ◀─StepFailed─ point (refuses)
//   initiator ─SagaCancelled─▶ point ─StepCompensated─▶ product ─StepCompensated─▶ initiator
//
//   Parallel: the stops of one group receive the initiator's StepDone at once; the initiator joins
//   their answers, and if one fails, cancels the others.
//
//   the client      Submit ─▶ accepted, at once; OrderQuery ─▶ in progress ... done, failed
//
// States: of a saga at its initiator see initiator.h, of a stop participant.h.
//
//   record (forced: !)       by          when
//   saga-begun!              initiator   with its first steps, before the client gets `accepted`
//   saga-advanced!           initiator   own steps between others are done
//   saga-cancelled!          initiator   it will be undone, or it asks for that; value: the round
//   saga-done!               initiator   all is done
//   saga-undone!             initiator   all is undone
//   put-off!, made-up!       a stop      work could not be done yet; is done now
//   told-of!                 bystander   orders that it was informed of, 64 for each record
//   applied! compensated! void!          per step, where it is done (actions.h)
//   outbox! event-sent       published events (outbox.h); event-handled! handled events (inbox.h)
//
// Cost, fault-free, of a saga with s stops elsewhere, one step each, between the initiator's first
// and last: an event costs 2 messages to publish and 2 for each subscriber.
//   serial:    4s + 4 messages; forced writes: s at participants, 2 at the initiator, s + 1 at the
//              broker.
//   parallel:  6s + 2 messages; s at participants, s + 1 at the initiator, which handles each
//              answer by itself, s + 1 at the broker.
//   serial, refused by the last stop elsewhere: 8s messages; 2s - 1 at participants, 2 at the
//              initiator, 2s at the broker.
// A service that is informed of the completion adds 4 messages (2 for each further one), a forced
// write of its own and one at the broker. Acknowledgements of the relay and offsets are not forced.
//
// Deadline: kept by the initiator. When it expires, the initiator publishes the cancellation. A
// stop that is done is taken back, one that is not remembers that it is cancelled, and each informs
// the stop before it. A cancellation makes earlier events void: a StepDone that comes late, or
// never, has no effect any more.
//
// If no event is ever given up, one cancellation is enough: it is in the outbox, durable together
// with the decision to cancel, and it and its answers reach all their subscribers, however long
// these are away. Otherwise (`cancel_every`; e.g. with dual write, or a broker that has dead
// letters) it is published again until all is undone, and after a restart of the initiator: in
// rounds, so that a lost one does not hide the next.
//
// Pivot: behind it the saga only goes forward. A refused step there is put off and retried. Only
// the pivot's service knows whether the pivot has been passed; so it receives the cancellation
// first, and ignores it if it is too late.
//
// The client is told "failed" as soon as the initiator knows that the saga will be undone, though
// some steps may still be in effect then.
//
// Recovery: the outbox holds the events that a service has to publish, the inbox those it has
// handled, and the broker delivers the rest. The initiator continues to keep deadlines and to
// cancel.
//
// Switches: `outbox`, `inbox`, `deadline`, `late_events` (off: a stop that is cancelled before its
// event came does nothing and forgets the cancellation, so the event takes effect when it comes),
// and the broker's `force_publish`.
//
// Deviations:
// - The events do not carry the itinerary, as a routing slip would: all services know the plan.
// - The sources' services each keep a status of their own; here only the initiator's counts.
// - Events carry a number (begun_transactions.h), so that services can drop what their initiator
//   has forgotten; the sources keep inboxes forever, or for a time.
// - Others may spend what a saga has given before it is taken back: the compensation is then put
//   off until the amount is there again (the orchestrated saga has a semantic lock against that).
// - Events carry no fencing token (fence.h): only the initiator compares it. The events of an
//   execution are in its outbox, and precede those of the next one.
// - Nothing ends a saga that has passed its pivot and whose event has become a dead letter, or has
//   expired: with `max_attempts` or `retention` set, that is not promised.
#pragma once

#include <memory>
#include <vector>

#include "protocols/saga_choreography/initiator.h"
#include "protocols/saga_choreography/participant.h"
#include "services/service.h"

namespace txsim {

// What all services and the broker of a world share; it follows from the plan.
struct Choreography {
  std::shared_ptr<const choreography::Itineraries> itineraries;
  std::shared_ptr<const Subscriptions> subscriptions;
  NodeId broker = kNoNode;
};
Choreography make_choreography(const Plan& plan, NodeId broker, bool parallel);

class SagaChoreographyService final : public NodeOf<SagaChoreographyService, Service> {
 public:
  SagaChoreographyService(std::shared_ptr<const Plan> plan, NodeId self,
                          const IdempotentReceiverSettings& receiver, const StoreSettings& store,
                          const Choreography& choreography,
                          const SagaChoreographySettings& settings);
  bool absorbs(const Message& message) const override;

 private:
  void begin(Context& context, TransactionId transaction, std::uint16_t kind) override;
  void handle(Context& context, const Message& message) override;
  // Events of one order share a partition, in the order in which its initiator has published them.
  FencingToken token_in(const Message&) const override { return 0; }
  void handle(Context& context, const Timer& timer) override;
  void handle_refused(Context& context, const Message& message) override;
  void on_lock(Context& context, const LockNews& news) override;
  void recover(Context& context, std::span<const LogRecord> log) override;
  void write_checkpoint(std::vector<LogRecord>& log) const override;
  void digest_own(Fingerprint& into) const override {
    into.add(actions_, inbox_, outbox_, initiator_, participant_);
  }

  choreography::Home home(Context& context) {
    return {{context, store(), plan()}, actions_, inbox_, outbox_,
            *choreography_.itineraries, settings_};
  }
  void commit(const choreography::Home& home, TransactionId transaction);
  void tell_handled(const choreography::Home& home);
  void tell(const choreography::Home& home, const choreography::News& news);
  void acknowledge(Context& context, const Message& event) const;

  SagaChoreographySettings settings_;
  Choreography choreography_;
  Actions actions_;
  Inbox inbox_;
  Outbox outbox_;
  choreography::Initiator initiator_;
  choreography::Participant participant_;
};

}  // namespace txsim
