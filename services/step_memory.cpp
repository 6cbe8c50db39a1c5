#include "services/step_memory.h"

#include "services/items.h"
#include "services/step_set.h"
#include "sim/assert.h"

namespace txsim {
namespace {

LogRecord make_record(Word type, const StepPlace& place, std::int64_t value) {
  LogRecord record;
  record.type = type;
  record.transaction_type = place.kind;
  record.step = place.step;
  record.transaction = place.transaction;
  record.value = value;
  record.body.put(place.number);
  return record;
}

Fact make_fact(FactKind what, const StepPlace& place, std::int64_t value, std::int64_t available) {
  return {.what = fact_word(what),
          .step = static_cast<std::uint8_t>(place.step),
          .transaction = place.transaction,
          .value = value,
          .extra = amount_and_kind(available, place.kind)};
}

}  // namespace

// ---- New phases

void StepMemory::enter(Context& context, const StepPlace& place, State state, std::int64_t value) {
  put(open(place), place.step, state);
  if (value != 0) changes(place);
  context.append(make_record(states_[std::size_t{state} - 1].record, place, value));
}

void StepMemory::tell_later(FactKind what, const StepPlace& place, std::int64_t value,
                            std::int64_t available) {
  untold_.push_back(make_fact(what, place, value, available));
}

void StepMemory::tell(Context& context, FactKind what, const StepPlace& place, std::int64_t value,
                      std::int64_t available) {
  context.announce(make_fact(what, place, value, available));
}

void StepMemory::flush(Context& context, TransactionId transaction) {
  context.force(transaction);
  for (const std::uint16_t resource : changed_) context.writes(transaction, row_item(resource));
  changed_.clear();
  for (const Fact& fact : untold_) context.announce(fact);
  untold_.clear();
}

// ---- The memory

StepMemory::Entry& StepMemory::open(const StepPlace& place) {
  Entry* known = entries_.find(place.transaction);
  if (known != nullptr) return *known;
  Entry& entry = entries_[place.transaction];
  entry.number = place.number;
  entry.kind = place.kind;
  peers_[kind_at(place.kind).begins_at].entries.push(place.transaction);
  return entry;
}

void StepMemory::put(Entry& entry, std::uint16_t step, State state) {
  TXSIM_ASSERT(state >= 1 && state <= kMostStates, "no step becomes as if it had never been");
  for (std::uint64_t& set : entry.steps) set &= ~bit(step);
  entry.steps[std::size_t{state} - 1] |= bit(step);
}

StepMemory::State StepMemory::state(const Entry& entry, std::uint16_t step) {
  for (std::size_t i = 0; i < kMostStates; ++i) {
    if ((entry.steps[i] & bit(step)) != 0) return static_cast<State>(i + 1);
  }
  return 0;
}

StepMemory::State StepMemory::state_of(TransactionId transaction, std::uint16_t step) const {
  const Entry* entry = entries_.find(transaction);
  return entry == nullptr ? State{0} : state(*entry, step);
}

std::uint64_t StepMemory::steps_in(TransactionId transaction, State state) const {
  const Entry* entry = entries_.find(transaction);
  return entry == nullptr ? 0 : entry->steps[std::size_t{state} - 1];
}

void StepMemory::learn_oldest(NodeId coordinator, std::uint64_t oldest) {
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

void StepMemory::drop_if_outlived(TransactionId transaction) {
  const Entry* entry = entries_.find(transaction);
  if (!entry->is_outlived) return;
  for (std::size_t i = 0; i < states_.size(); ++i) {
    if (states_[i].is_open && entry->steps[i] != 0) return;
  }
  entries_.erase(transaction);
}

std::uint64_t StepMemory::oldest(NodeId coordinator) const {
  const Peer* peer = peers_.find(coordinator);
  return peer == nullptr ? 0 : peer->oldest;
}

// ---- Recovery

std::optional<StepMemory::Remembered> StepMemory::recall(const LogRecord& record) {
  State to = record.type == kKeptRecord ? static_cast<State>(record.value) : State{0};
  for (std::size_t i = 0; i < states_.size(); ++i) {
    if (states_[i].record == record.type) to = static_cast<State>(i + 1);
  }
  if (to == 0) return std::nullopt;
  const StepPlace place{record.transaction, record.transaction_type, record.step,
                        record.body.get<std::uint64_t>()};
  Entry& entry = open(place);
  const State before = state(entry, record.step);
  put(entry, record.step, to);
  return Remembered{place, before, to, record.value, record.type == kKeptRecord};
}

void StepMemory::recall_oldest(const LogRecord& record) {
  peers_[record.step].oldest = record.body.get<std::uint64_t>();
}

void StepMemory::write_kept(std::vector<LogRecord>& log) const {
  peers_.for_each_sorted([&](std::uint64_t node, const Peer& peer) {
    StepPlace place;
    place.step = static_cast<std::uint16_t>(node);
    place.number = peer.oldest;
    log.push_back(make_record(kForgottenRecord, place, 0));
  });
  for_each_step([&](const StepPlace& place, State state) {
    log.push_back(make_record(kKeptRecord, place, state));
  });
}

}  // namespace txsim
