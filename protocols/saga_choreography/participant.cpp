#include "protocols/saga_choreography/participant.h"

#include "sim/assert.h"

namespace txsim::choreography {
namespace {

std::uint64_t id_of(const Message& event) { return static_cast<std::uint64_t>(event.value); }

std::uint64_t oldest_of(const Here& here) { return here.actions.oldest(here.initiator()); }

}  // namespace

bool Participant::on_event(const Home& home, Initiator& initiator, const Message& event) {
  const Here here = at(home, saga_of(event));
  const NodeId began_at = here.initiator();
  if (event.type == kSagaDone) {
    on_saga_done(here, event);
    return true;
  }
  if (began_at != here.self()) {
    const auto header = event.body.get<EventHeader>();
    here.actions.learn_oldest(began_at, header.oldest);
    here.inbox.learn_oldest(began_at, header.oldest);
  }
  handled_.push_back({event.transaction, event.value});
  if (is_over(here, initiator) || here.inbox.is_duplicate(event)) {
    if (put_off_.contains(id_of(event))) handled_.clear();
    return false;
  }
  here.inbox.take(here.context, event, began_at);
  if (carry_out(here, initiator, event)) return true;
  handled_.clear();
  put_off(here, event);
  return true;
}

// The initiator knows which sagas are not over; other services compare with the oldest number they
// have received.
bool Participant::is_over(const Here& here, const Initiator& initiator) {
  const NodeId began_at = here.initiator();
  if (began_at == here.self()) return !initiator.knows(here.id);
  return here.mark.number < here.actions.oldest(began_at);
}

bool Participant::carry_out(const Here& here, Initiator& initiator, const Message& event) {
  switch (static_cast<EventClass>(id_of(event) & 3U)) {
    case EventClass::Done:
      return on_step_done(here, initiator, event);
    case EventClass::Undone:
      return on_undone(here, initiator, event);
    case EventClass::Cancelled:
      return on_cancelled(here, event);
    case EventClass::SagaDone:
      break;
  }
  TXSIM_ASSERT(false, "a saga that is done is no stop's concern");
}

// ---- One handler an event, in the order of the happy path

bool Participant::on_step_done(const Here& here, Initiator& initiator, const Message& event) {
  const Itinerary& itinerary = here.itinerary();
  const auto leg = static_cast<std::uint16_t>(itinerary.stop(event.step).leg + 1);
  const std::uint16_t place = itinerary.place_of(here.self(), leg);
  const Stop& stop = itinerary.stop(place);
  if (stop.is_own && !initiator.awaits_done(here.id, itinerary.own_before(leg))) return true;
  if (!are_all_done(here, static_cast<std::uint16_t>(leg - 1))) return true;
  if (here.is_called_off(stop)) return true;
  const std::uint64_t oldest = stop.is_own ? initiator.oldest() : oldest_of(here);
  if (!here.act(stop)) {
    if (stop.is_retriable) return false;
    if (stop.is_own) {
      initiator.refused(here);
    } else {
      here.publish(kStepFailed, EventClass::Undone, place, oldest);
    }
    return true;
  }
  if (!itinerary.is_last(leg)) here.publish(kStepDone, EventClass::Done, place, oldest);
  if (stop.is_own) initiator.done(here, leg);
  return true;
}

bool Participant::are_all_done(const Here& here, std::uint16_t leg) {
  const Itinerary& itinerary = here.itinerary();
  for (std::uint16_t i = itinerary.first(leg); i < itinerary.first(leg + 1); ++i) {
    const std::int64_t id = event_id(here.id, EventClass::Done, i);
    if (!here.inbox.has_handled(static_cast<std::uint64_t>(id))) return false;
  }
  return true;
}

// Steps behind the pivot hold up no service: a service that is informed of the end has no part in
// it.
void Participant::on_saga_done(const Here& here, const Message& event) {
  constexpr std::uint64_t kOrdersInPage = 64;
  const std::uint64_t order = order_of(here.id);
  std::uint64_t& page = told_[order / kOrdersInPage];
  if ((page & bit(order % kOrdersInPage)) == 0) {
    page |= bit(order % kOrdersInPage);
    LogRecord record;
    record.type = kToldRecord;
    record.transaction_type = event.transaction_type;
    record.transaction = here.id;
    record.value = static_cast<std::int64_t>(order / kOrdersInPage);
    record.body.put(page);
    here.context.append(record);
  }
  handled_.push_back({here.id, event.value});
}

// ---- Failures: StepFailed and StepCompensated, then SagaCancelled

bool Participant::on_undone(const Here& here, Initiator& initiator, const Message& event) {
  const Itinerary& itinerary = here.itinerary();
  const auto leg = static_cast<std::uint16_t>(itinerary.stop(event.step).leg - 1);
  const std::uint16_t place = itinerary.place_of(here.self(), leg);
  const Stop& stop = itinerary.stop(place);
  make_up_for_lost(here, event, EventClass::Undone, 0);
  if (!stop.is_own) {
    if (!here.take_back(stop)) return false;
    undone(here, event, place);
    return true;
  }
  if (!initiator.is_at(here.id, leg)) return true;
  if (!are_all_undone(here, initiator, static_cast<std::uint16_t>(leg + 1))) {
    initiator.undone_in_part(here);
    return true;
  }
  initiator.undone_behind(here);
  if (!here.take_back(stop)) return false;
  initiator.taken_back(here, leg);
  return true;
}

bool Participant::are_all_undone(const Here& here, const Initiator& initiator, std::uint16_t leg) {
  const Itinerary& itinerary = here.itinerary();
  const std::uint64_t last = initiator.round(here.id);
  for (std::uint16_t i = itinerary.first(leg); i < itinerary.first(leg + 1); ++i) {
    bool is_undone = false;
    for (std::uint64_t round = 0; round <= last && !is_undone; ++round) {
      const std::int64_t id = event_id(here.id, EventClass::Undone, i, round);
      is_undone = here.inbox.has_handled(static_cast<std::uint64_t>(id));
    }
    if (!is_undone) return false;
  }
  return true;
}

bool Participant::on_cancelled(const Here& here, const Message& event) {
  const Itinerary& itinerary = here.itinerary();
  const std::uint16_t leg = itinerary.cancelled_first(itinerary.stop(event.step).leg);
  const std::uint16_t place = itinerary.place_of(here.self(), leg);
  const Stop& stop = itinerary.stop(place);
  make_up_for_lost(here, event, EventClass::Cancelled, 1);
  if (stop.has_pivot && is_done(here, stop)) return true;  // too late: it will be completed
  if (!here.take_back(stop)) return false;
  undone(here, event, place);
  return true;
}

// Lost rounds before the event's, which count from `first`, are handled with it: all rounds since
// the last one handled here are published then.
void Participant::make_up_for_lost(const Here& here, const Message& event, EventClass what,
                                   std::uint64_t first) {
  const auto id = [&](std::uint64_t round) { return event_id(here.id, what, event.step, round); };
  const auto is_handled = [&](std::uint64_t round) {
    const auto known = static_cast<std::uint64_t>(id(round));
    return here.inbox.has_handled(known) && !put_off_.contains(known);
  };
  std::uint64_t round = round_of(event);
  while (round > first && !is_handled(round - 1)) --round;
  for (; round < round_of(event); ++round) handled_.push_back({here.id, id(round)});
}

bool Participant::is_done(const Here& here, const Stop& stop) {
  if (stop.writes != 0) return here.is_in_effect(stop);
  return !here.is_called_off(stop) && are_all_done(here, static_cast<std::uint16_t>(stop.leg - 1));
}

// The stop is undone: the stop before it learns that, in the same round.
void Participant::undone(const Here& here, const Message& event, std::uint16_t place) {
  make_void(here, here.itinerary().stop(place));
  here.publish(kStepCompensated, EventClass::Undone, place, oldest_of(here), round_of(event));
}

// From now on a late event of the stops before has no effect.
void Participant::make_void(const Here& here, const Stop& stop) {
  const Itinerary& itinerary = here.itinerary();
  const auto leg = static_cast<std::uint16_t>(stop.leg - 1);
  for (std::uint16_t i = itinerary.first(leg); i < itinerary.first(leg + 1); ++i) {
    const std::int64_t id = event_id(here.id, EventClass::Done, i);
    if (here.inbox.has_handled(static_cast<std::uint64_t>(id))) continue;
    handled_.push_back({here.id, id});
  }
}

// ---- Work that is put off

// Without an inbox an event may arrive again while it is put off: it is already being retried.
void Participant::put_off(const Here& here, const Message& event) {
  if (put_off_.contains(id_of(event))) return;
  put_off_[id_of(event)] = event;
  here.context.append(event_record(kPutOffRecord, event));
  set_retry(here, event);
}

void Participant::set_retry(const Here& here, const Message& event) {
  here.context.set_timer(kRetryEvent, here.settings.retry_every, here.id, event.value);
}

bool Participant::on_timer(const Home& home, Initiator& initiator, const Timer& timer) {
  if (timer.what != kRetryEvent) return false;
  const auto id = static_cast<std::uint64_t>(timer.value);
  const Message* found = put_off_.find(id);
  TXSIM_ASSERT(found != nullptr, "tries again what is not put off");
  const Message event = *found;
  const Here here = at(home, saga_of(event));
  if (!is_over(here, initiator) && !carry_out(here, initiator, event)) {
    handled_.clear();
    set_retry(here, event);
    return true;
  }
  handled_.push_back({event.transaction, event.value});
  put_off_.erase(id);
  here.context.append(event_record(kMadeUpRecord, event));
  return true;
}

// ---- Recovery

bool Participant::read(const LogRecord& record) {
  switch (record.type.id) {
    case kPutOffRecord.id:
      put_off_[static_cast<std::uint64_t>(record.value)] = recorded_event({}, record);
      return true;
    case kMadeUpRecord.id:
      put_off_.erase(static_cast<std::uint64_t>(record.value));
      made_up_.push_back({record.transaction, record.value});
      return true;
    case kToldRecord.id:
      told_[static_cast<std::uint64_t>(record.value)] = record.body.get<std::uint64_t>();
      return true;
    default:
      return false;
  }
}

// Work that was made up had been acknowledged long before: the crash may have prevented its fact
// EventHandled.
void Participant::resume(const Home& home) {
  for (const HandledEvent& handled : made_up_) {
    home.announce_handled(handled.transaction, handled.event);
  }
  made_up_.clear();
  put_off_.for_each_sorted(
      [&](std::uint64_t, const Message& event) { set_retry(at(home, saga_of(event)), event); });
}

void Participant::write_checkpoint(std::vector<LogRecord>& log) const {
  put_off_.for_each_sorted([&](std::uint64_t, const Message& event) {
    log.push_back(event_record(kPutOffRecord, event));
  });
  told_.for_each_sorted([&](std::uint64_t page, std::uint64_t orders) {
    LogRecord record;
    record.type = kToldRecord;
    record.value = static_cast<std::int64_t>(page);
    record.body.put(orders);
    log.push_back(record);
  });
}

}  // namespace txsim::choreography
