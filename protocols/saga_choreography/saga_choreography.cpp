#include "protocols/saga_choreography/saga_choreography.h"

#include "protocols/protocol.h"
#include "sim/assert.h"

namespace txsim {

using choreography::HandledEvent;
using choreography::Home;
using choreography::Initiator;
using choreography::News;

Choreography make_choreography(const Plan& plan, NodeId broker, bool parallel) {
  Choreography made;
  made.itineraries = choreography::make_itineraries(plan, parallel);
  made.subscriptions = choreography::make_subscriptions(plan, *made.itineraries);
  made.broker = broker;
  return made;
}

SagaChoreographyService::SagaChoreographyService(std::shared_ptr<const Plan> plan, NodeId self,
                                                 const IdempotentReceiverSettings& receiver,
                                                 const StoreSettings& store,
                                                 const Choreography& choreography,
                                                 const SagaChoreographySettings& settings)
    : NodeOf(plan, self, receiver, store),
      settings_(settings),
      choreography_(choreography),
      actions_(std::move(plan), {.idempotence = settings.inbox, .semantic_lock = false}),
      inbox_(settings.inbox),
      outbox_(choreography.broker, choreography.subscriptions, settings.outbox) {}

void SagaChoreographyService::begin(Context& context, TransactionId transaction,
                                    std::uint16_t kind) {
  if (initiator_.knows(transaction)) return;
  const Home here = home(context);
  initiator_.begin(here, transaction, kind);
  commit(here, transaction);
}

void SagaChoreographyService::handle(Context& context, const Message& message) {
  if (message.type == kPublishAck) {
    outbox_.on_publish_ack(context, message);
    return;
  }
  const Home here = home(context);
  if (participant_.on_event(here, initiator_, message)) {
    commit(here, message.transaction);
  } else {
    tell_handled(here);
  }
  acknowledge(context, message);
}

// Only the relay's timer depends on the broker's acknowledgement: with an inbox no event is
// published again after it.
bool SagaChoreographyService::absorbs(const Message& message) const {
  return message.type == kPublishAck && settings_.inbox && settings_.outbox.enabled;
}

void SagaChoreographyService::acknowledge(Context& context, const Message& event) const {
  Message acknowledgement = event;
  acknowledgement.to = choreography_.broker;
  acknowledgement.type = kEventAck;
  context.send(acknowledgement);
}

void SagaChoreographyService::handle(Context& context, const Timer& timer) {
  if (outbox_.on_timer(context, timer)) return;
  const Home here = home(context);
  const bool is_known =
      initiator_.on_timer(here, timer) || participant_.on_timer(here, initiator_, timer);
  TXSIM_ASSERT(is_known, "a timer that no part of the service has set");
  commit(here, timer.transaction);
}

// The relay publishes again, the broker delivers again what was not acknowledged.
void SagaChoreographyService::handle_refused(Context& context, const Message& message) {
  (void)context;
  (void)message;
}

void SagaChoreographyService::on_lock(Context& context, const LockNews& news) {
  (void)context;
  (void)news;
  TXSIM_ASSERT(false, "a saga takes no row locks");
}

// Ends the local transaction of this handler, and reports its result.
void SagaChoreographyService::commit(const Home& home, TransactionId transaction) {
  home.commit(transaction);
  tell_handled(home);
  for (const News& news : initiator_.news()) tell(home, news);
  initiator_.clear_news();
}

void SagaChoreographyService::tell_handled(const Home& home) {
  for (const HandledEvent& handled : participant_.handled()) {
    home.announce_handled(handled.transaction, handled.event);
  }
  participant_.clear_handled();
  for (const HandledEvent& handled : initiator_.void_events()) {
    home.announce_handled(handled.transaction, handled.event);
  }
}

void SagaChoreographyService::tell(const Home& home, const News& news) {
  const choreography::Here here = at(home, news.saga);
  switch (news.what) {
    case News::What::Accepted:
      receiver().accept(here.context, here.id);
      return;
    case News::What::Done:
      here.announce(FactKind::Decided, Outcome::Committed);
      here.enter_phase(Phase::Finishing);
      here.enter_phase(Phase::Ended);
      finish(here.context, here.id, Outcome::Committed);
      return;
    case News::What::TurnedBack:
      here.announce(FactKind::Decided, Outcome::Aborted);
      here.enter_phase(Phase::Undoing);
      finish(here.context, here.id, Outcome::Aborted);
      return;
    case News::What::Undone:
      here.enter_phase(Phase::Ended);
      return;
  }
}

void SagaChoreographyService::recover(Context& context, std::span<const LogRecord> log) {
  const Home here = home(context);
  for (const LogRecord& record : log) {  // what nobody takes is the store's or the receiver's
    if (initiator_.read(record) || participant_.read(record)) continue;
    if (outbox_.read(record) || inbox_.read(record)) continue;
    actions_.read(store(), record);
  }
  actions_.resume(context, store());
  outbox_.resume(context);
  participant_.resume(here);
  for (const Initiator::Resumed& resumed : initiator_.resume(here)) {
    const TransactionId id = resumed.saga.id;
    if (resumed.outcome != Outcome::Unknown) receiver().remember(order_of(id), resumed.outcome);
    if (resumed.carried_on) receiver().resume(id, resumed.saga.kind, true);
    if (resumed.outcome == Outcome::Unknown) continue;
    if (resumed.carried_on) {
      finish(context, id, resumed.outcome);
    } else {
      receiver().keep(context, id, resumed.outcome);
    }
  }
  const bool is_first_boot = log.empty() && context.is_beginning();
  if (is_first_boot) return;
  Message subscribe;
  subscribe.to = choreography_.broker;
  subscribe.type = kSubscribe;
  context.send(subscribe);
}

void SagaChoreographyService::write_checkpoint(std::vector<LogRecord>& log) const {
  initiator_.write_checkpoint(log);
  participant_.write_checkpoint(log);
  outbox_.write_checkpoint(log);
  inbox_.write_checkpoint(log);
  actions_.write_checkpoint(log);
}

namespace choreography {
namespace {

void tell_states(Description& info) {
  info.states = {
      {"saga WORKING", "its steps are in progress; then DONE, ASKED or UNDOING"},
      {"saga ASKED", "cancelled unless it is past its pivot; then as WORKING, or UNDOING"},
      {"saga UNDOING", "the client is told failed; steps are being compensated"},
      {"saga DONE, UNDONE", "over at its initiator, and forgotten"},
      {"stop WAITING", "for StepDone of all before it; then DONE, put off, or VOID"},
      {"stop DONE", "its steps are in effect; then COMPENSATED if a later stop is undone"},
      {"stop VOID", "refused or cancelled: a late StepDone has no effect"},
      {"stop put off", "behind the pivot, or a compensation: retried until it succeeds"}};
  info.deviations = {
      {"itinerary", "all services know it from the plan; the events do not carry it"},
      {"status", "only the initiator's counts"},
      {"numbers", "events are numbered, so that finished sagas can be forgotten"},
      {"no semantic lock",
       "a gift that others have spent is taken back once the amount is there again"},
      {"lost events", "behind the pivot nothing replaces a dead letter or an expired event"}};
}

// An event of a committed local transaction reaches all its subscribers eventually: neither the
// outbox nor the broker ever gives one up.
bool reaches_all(const OutboxSettings& outbox, const BrokerSettings& broker) {
  const bool is_published = outbox.enabled && outbox.publish_attempts == 0 &&
                            (outbox.relay_marks || outbox.relay == Relay::Tailing);
  return is_published && broker.max_attempts == 0 && !broker.retention && broker.force_publish &&
         broker.durable_queues;
}

Services make_services(const ServiceParts& parts, const AnySettings& settings) {
  SagaChoreographySettings own = settings_as<SagaChoreographySettings>(settings);
  // A cancellation that reaches all is published once.
  if (reaches_all(own.outbox, parts.broker_settings)) own.cancel_every.reset();
  const Choreography choreography =
      make_choreography(*parts.plan, parts.broker, parts.plan->steps_in_parallel);
  return {[parts, choreography, own](NodeId self) {
            return std::make_shared<const SagaChoreographyService>(parts.plan, self, parts.receiver,
                                                                   parts.store, choreography, own);
          },
          choreography.subscriptions};
}

}  // namespace
}  // namespace choreography

Protocol saga_choreography_protocol() {
  Protocol protocol = protocol_with_settings<SagaChoreographySettings>();
  Description& info = protocol.description;
  info.name = "saga-choreography";
  info.what =
      "No service commands another: each does its steps when it learns that the earlier ones are "
      "done, and takes them back when it learns that later ones are undone. A routing slip.";
  info.source =
      "Richardson, Microservices Patterns, 2018, ch. 3 and 4; Garcia-Molina, Salem, Sagas, 1987; "
      "Helland, Life beyond Distributed Transactions, 2007; Hohpe & Woolf, 2003.";
  info.roles = {
      {"initiator", "the service where the saga begins: keeps the deadline, answers the client"},
      {"participant", "each other service of its steps"},
      {"broker", "passes events on"}};
  info.messages = choreography::kMessages.list();
  info.records = choreography::kRecords.list();
  info.timers = choreography::kTimers.list();
  choreography::tell_states(info);
  info.promises = {"irrevocable",        "convergence",    "atomicity",  "conservation",
                   "exactly-once",       "truthful-reply", "durability", "no-hanging",
                   "compensation-order", "no-lost-event"};
  info.conditions = {
      {"convergence, atomicity, truthful-reply, no-lost-event",
       "each step behind the pivot succeeds eventually (Richardson: retriable): the amount it "
       "takes, or wants to find, is available at some time, and it writes nothing as read"},
      {"convergence, atomicity, truthful-reply, compensation-order, no-lost-event",
       "a gift that a saga has to take back is available at some time: others may spend it"},
      {"no-lost-event",
       "no event is given up (publish_attempts; broker.max_attempts, broker.retention)"},
      {"convergence, atomicity, truthful-reply",
       "if events may be given up: the initiator cancels again (cancel_every), and there is no "
       "pivot, because nothing replaces an event that is lost behind it"}};
  protocol.needs_broker = true;
  protocol.steps_in_parallel = [](const AnySettings& settings) {
    return settings_as<SagaChoreographySettings>(settings).parallel;
  };
  protocol.draws = [](const AnySettings& settings) {
    return settings_as<SagaChoreographySettings>(settings).outbox.visible_after.kind !=
           Delay::Kind::Constant;
  };
  protocol.make_services = choreography::make_services;
  return protocol;
}

}  // namespace txsim
