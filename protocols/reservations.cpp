#include "protocols/reservations.h"

#include <bit>

#include "sim/assert.h"

namespace txsim {
namespace {

constexpr std::uint64_t bit(std::uint16_t step) { return std::uint64_t{1} << step; }

// What a step holds back while it is tried, and what it moves when it is confirmed.
std::int64_t reserved_by(const Step& step) { return step.action == Action::Take ? step.amount : 0; }
std::int64_t confirmed_by(const Step& step) {
  return step.action == Action::Take ? step.amount : step.delta();
}

FactKind fact_of(StepState state) {
  switch (state) {
    case StepState::Tried:
      return FactKind::Reserved;
    case StepState::Confirmed:
      return FactKind::Confirmed;
    case StepState::Cancelled:
    case StepState::Suspended:
      return FactKind::Cancelled;
    case StepState::None:
      break;
  }
  TXSIM_ASSERT(false, "no step becomes as if it had never been");
}

Word record_of(StepState state) {
  switch (state) {
    case StepState::Tried:
      return kTriedRecord;
    case StepState::Confirmed:
      return kConfirmedRecord;
    case StepState::Cancelled:
      return kCancelledRecord;
    case StepState::Suspended:
      return kSuspendedRecord;
    case StepState::None:
      break;
  }
  TXSIM_ASSERT(false, "no record says that a step never was");
}

LogRecord make_record(Word type, const StepPlace& place, std::int64_t value) {
  LogRecord record;
  record.type = type;
  record.kind = place.kind;
  record.step = place.step;
  record.transaction = place.transaction;
  record.value = value;
  record.body.put(place.number);
  return record;
}

}  // namespace

// ---- The three phases

bool Reservations::reserve(Context& context, Store& store, const StepPlace& place) {
  const Step& wanted = step(place);
  if (wanted.is_read_only()) {
    untold_.push_back({.what = fact_word(FactKind::ReadDone),
                       .step = static_cast<std::uint8_t>(place.step),
                       .transaction = place.transaction,
                       .extra = amount_and_kind(store.available(wanted.resource), place.kind)});
    return true;
  }
  Entry& entry = open(place);
  switch (state(entry, place.step)) {
    case StepState::None:
      break;
    case StepState::Tried:
    case StepState::Confirmed:
      if (settings_.idempotence) return true;
      break;
    case StepState::Cancelled:
    case StepState::Suspended:
      if (!settings_.suspension) break;
      announce(context, FactKind::Rejected, place, 0, store.available(wanted.resource));
      return false;
  }
  const std::int64_t amount = reserved_by(wanted);
  if (store.available(wanted.resource) < amount) {
    // Remembered, so that the same Try does not succeed later, when nobody will confirm it.
    enter(entry, place.step, StepState::Suspended);
    context.append(make_record(kSuspendedRecord, place, 0));
    announce(context, FactKind::Rejected, place, 0, store.available(wanted.resource));
    return false;
  }
  change(context, store, entry, place, StepState::Tried, amount);
  return true;
}

bool Reservations::confirm(Context& context, Store& store, const StepPlace& place) {
  Entry& entry = open(place);
  switch (state(entry, place.step)) {
    case StepState::Confirmed:
      if (settings_.idempotence) return true;
      break;
    case StepState::Tried:
      break;
    case StepState::None:
    case StepState::Cancelled:
    case StepState::Suspended:
      return false;
  }
  change(context, store, entry, place, StepState::Confirmed, confirmed_by(step(place)));
  return true;
}

bool Reservations::cancel(Context& context, Store& store, const StepPlace& place) {
  Entry& entry = open(place);
  const std::int64_t amount = reserved_by(step(place));
  switch (state(entry, place.step)) {
    case StepState::Tried:
      break;
    case StepState::Cancelled:
      if (settings_.idempotence) return true;
      break;
    case StepState::Suspended:
      return true;
    case StepState::Confirmed:
      return false;
    case StepState::None:
      if (!settings_.empty_cancel) break;
      change(context, store, entry, place, StepState::Suspended, 0);
      return true;
  }
  change(context, store, entry, place, StepState::Cancelled, amount);
  return true;
}

void Reservations::change(Context& context, Store& store, Entry& entry, const StepPlace& place,
                          StepState state, std::int64_t amount) {
  const Step& changed = step(place);
  move(store, changed, state, amount);
  enter(entry, place.step, state);
  context.append(make_record(record_of(state), place, amount));
  untold_.push_back({.what = fact_word(fact_of(state)),
                     .step = static_cast<std::uint8_t>(place.step),
                     .transaction = place.transaction,
                     .value = amount,
                     .extra = amount_and_kind(store.available(changed.resource), place.kind)});
}

void Reservations::move(Store& store, const Step& step, StepState state, std::int64_t amount) {
  switch (state) {
    case StepState::Tried:
      store.move(step.resource, -amount, amount);
      break;
    case StepState::Confirmed:
      if (step.action == Action::Take) {
        store.move(step.resource, 0, -amount);
      } else {
        store.move(step.resource, amount, 0);
      }
      break;
    case StepState::Cancelled:
      store.move(step.resource, amount, -amount);
      break;
    case StepState::None:
    case StepState::Suspended:
      break;
  }
}

void Reservations::flush(Context& context) {
  context.force();
  for (const Fact& fact : untold_) context.announce(fact);
  untold_.clear();
}

void Reservations::announce(Context& context, FactKind what, const StepPlace& place,
                            std::int64_t value, std::int64_t available) const {
  context.announce({.what = fact_word(what),
                    .step = static_cast<std::uint8_t>(place.step),
                    .transaction = place.transaction,
                    .value = value,
                    .extra = amount_and_kind(available, place.kind)});
}

// ---- What is remembered

void Reservations::enter(Entry& entry, std::uint16_t step, StepState state) {
  for (std::uint64_t* set : {&entry.tried, &entry.confirmed, &entry.cancelled, &entry.suspended}) {
    *set &= ~bit(step);
  }
  switch (state) {
    case StepState::Tried:
      entry.tried |= bit(step);
      return;
    case StepState::Confirmed:
      entry.confirmed |= bit(step);
      return;
    case StepState::Cancelled:
      entry.cancelled |= bit(step);
      return;
    case StepState::Suspended:
      entry.suspended |= bit(step);
      return;
    case StepState::None:
      break;
  }
  TXSIM_ASSERT(false, "no step becomes as if it had never been");
}

StepState Reservations::state(const Entry& entry, std::uint16_t step) {
  if ((entry.tried & bit(step)) != 0) return StepState::Tried;
  if ((entry.confirmed & bit(step)) != 0) return StepState::Confirmed;
  if ((entry.cancelled & bit(step)) != 0) return StepState::Cancelled;
  if ((entry.suspended & bit(step)) != 0) return StepState::Suspended;
  return StepState::None;
}

StepState Reservations::state(TransactionId transaction, std::uint16_t step) const {
  const Entry* entry = entries_.find(transaction);
  return entry == nullptr ? StepState::None : state(*entry, step);
}

std::uint64_t Reservations::tried(TransactionId transaction) const {
  const Entry* entry = entries_.find(transaction);
  return entry == nullptr ? 0 : entry->tried;
}

std::uint64_t Reservations::confirmed(TransactionId transaction) const {
  const Entry* entry = entries_.find(transaction);
  return entry == nullptr ? 0 : entry->confirmed;
}

std::uint64_t Reservations::called_off(TransactionId transaction) const {
  const Entry* entry = entries_.find(transaction);
  return entry == nullptr ? 0 : entry->cancelled | entry->suspended;
}

Reservations::Entry& Reservations::open(const StepPlace& place) {
  Entry* known = entries_.find(place.transaction);
  if (known != nullptr) return *known;
  Entry& entry = entries_[place.transaction];
  entry.number = place.number;
  entry.kind = place.kind;
  peers_[plan_->kinds[place.kind].begins_at].entries.push(place.transaction);
  return entry;
}

void Reservations::learn_oldest(NodeId coordinator, std::uint64_t oldest) {
  Peer& peer = peers_[coordinator];
  if (oldest <= peer.oldest) return;
  peer.oldest = oldest;
  while (!peer.entries.empty()) {
    const TransactionId id = peer.entries.front();
    Entry* entry = entries_.find(id);
    if (entry != nullptr && entry->number >= oldest) break;
    peer.entries.pop();
    if (entry == nullptr) continue;
    entry->is_outlived = true;
    drop_if_outlived(id);
  }
}

void Reservations::drop_if_outlived(TransactionId transaction) {
  const Entry* entry = entries_.find(transaction);
  if (entry->is_outlived && entry->tried == 0) entries_.erase(transaction);
}

std::uint64_t Reservations::oldest(NodeId coordinator) const {
  const Peer* peer = peers_.find(coordinator);
  return peer == nullptr ? 0 : peer->oldest;
}

// ---- Recovery

bool Reservations::read(Store& store, const LogRecord& record) {
  StepState to = StepState::None;
  switch (record.type.id) {
    case kTriedRecord.id:
      to = StepState::Tried;
      break;
    case kConfirmedRecord.id:
      to = StepState::Confirmed;
      break;
    case kCancelledRecord.id:
      to = StepState::Cancelled;
      break;
    case kSuspendedRecord.id:
      to = StepState::Suspended;
      break;
    case kKeptRecord.id:
      to = static_cast<StepState>(record.value);
      break;
    case kForgottenRecord.id:
      peers_[record.step].oldest = record.body.get<std::uint64_t>();
      return true;
    default:
      return false;
  }
  const StepPlace place{record.transaction, record.kind, record.step,
                        record.body.get<std::uint64_t>()};
  enter(open(place), place.step, to);
  if (record.type != kKeptRecord) move(store, step(place), to, record.value);
  return true;
}

void Reservations::announce_again(Context& context, const Store& store) const {
  entries_.for_each_sorted([&](TransactionId id, const Entry& entry) {
    std::uint64_t left = entry.tried | entry.confirmed | entry.cancelled | entry.suspended;
    for (; left != 0; left &= left - 1) {
      const StepPlace place{id, entry.kind, static_cast<std::uint16_t>(std::countr_zero(left)),
                            entry.number};
      const StepState now = state(entry, place.step);
      const Step& of = step(place);
      std::int64_t value = 0;
      if (now == StepState::Confirmed) value = confirmed_by(of);
      if (now == StepState::Tried || now == StepState::Cancelled) value = reserved_by(of);
      announce(context, fact_of(now), place, value, store.available(of.resource));
    }
  });
}

void Reservations::write_checkpoint(std::vector<LogRecord>& log) const {
  peers_.for_each_sorted([&](std::uint64_t node, const Peer& peer) {
    StepPlace place;
    place.step = static_cast<std::uint16_t>(node);
    place.number = peer.oldest;
    log.push_back(make_record(kForgottenRecord, place, 0));
  });
  entries_.for_each_sorted([&](TransactionId id, const Entry& entry) {
    std::uint64_t left = entry.tried | entry.confirmed | entry.cancelled | entry.suspended;
    for (; left != 0; left &= left - 1) {
      const auto step = static_cast<std::uint16_t>(std::countr_zero(left));
      log.push_back(make_record(kKeptRecord, {id, entry.kind, step, entry.number},
                                static_cast<std::int64_t>(state(entry, step))));
    }
  });
}

}  // namespace txsim
