// The tools of a protocol's role while it handles one event: what it may use of its service (its
// home), and the transaction that the event is about (the handling). A protocol's Home adds what
// its roles need in addition.
#pragma once

#include <cstdint>

#include "services/begun_transactions.h"
#include "services/step_memory.h"
#include "services/step_set.h"
#include "services/store.h"
#include "sim/node.h"
#include "sim/table.h"
#include "transactions/transaction.h"

namespace txsim {

struct RoleHome {
  Context& context;
  Store& store;
  const Plan& plan;

  NodeId self() const { return context.self(); }
  const TransactionKind& kind(std::uint16_t index) const { return plan.kinds[index]; }
  // Steps of a service that change something.
  std::uint64_t writes_of(std::uint16_t index, NodeId service) const {
    return kind(index).steps_of(service) & kind(index).writes();
  }
};

// A log record of the protocol. The trace shows the value of its note, if it has one.
template <class Note>
LogRecord record_of(Word type, TransactionId transaction, std::uint16_t kind, const Note& note) {
  LogRecord record;
  record.type = type;
  record.transaction_type = kind;
  record.transaction = transaction;
  if constexpr (requires { note.value(); }) record.value = note.value();
  record.body.put(note);
  return record;
}

// The content of a message in addition to its type, its transaction and the numbers of its mark.
struct Payload {
  std::uint16_t step = 0;
  std::int64_t value = 0;
  std::uint64_t detail = 0;  // Mark::detail
};

// A transaction at a role while it handles one event. `here->` is the role's state of the
// transaction (State: its `number` and `kind`, and what the protocol adds); `here.` is everything
// that the role may do about it.
template <class Home, class State>
struct Handling : Home {
  TransactionId id = 0;
  std::uint16_t kind_index = 0;
  State* state = nullptr;  // null: the transaction is unknown here
  Mark mark;               // carried by each message about it, as of this event

  bool is_known() const { return state != nullptr; }
  State* operator->() const { return state; }

  const TransactionKind& kind() const { return Home::kind(kind_index); }
  NodeId coordinator() const { return kind().begins_at; }
  StepPlace place(std::uint16_t step) const { return {id, kind_index, step, mark.number}; }
  // Sets of participants are bit masks by their place in TransactionKind::participants.
  std::uint64_t participants() const { return first_bits(kind().participants.size()); }
  NodeId participant(std::size_t place) const { return kind().participants[place]; }
  std::uint64_t bit_of(NodeId node) const { return kind().participant_bit(node); }
  // Steps of this service, and those of them that change something.
  std::uint64_t own_steps() const { return kind().steps_of(Home::self()); }
  std::uint64_t own_writes() const { return writes_of(Home::self()); }
  std::uint64_t writes_of(NodeId service) const { return Home::writes_of(kind_index, service); }

  // A message about the transaction.
  void send(NodeId to, Word type, const Payload& payload = {}) const {
    put(to, type, payload, mark.number);
  }
  // The answer to a message about it: to the sender, with its step and number.
  void reply(const Message& message, Word type, Payload payload = {}) const {
    payload.step = message.step;
    put(message.from, type, payload, message.body.get<Mark>().number);
  }

  template <class Note>
  LogRecord record(Word type, const Note& note) const {
    return record_of(type, id, kind_index, note);
  }
  template <class Note>
  void append(Word type, const Note& note) const {
    Home::context.append(record(type, note));
  }
  // Later effects wait until the transaction's records are durable.
  void force() const { Home::context.force(id); }

  TimerId set_timer(Word what, Duration after) const {
    return Home::context.set_timer(what, after, id);
  }
  void cancel_timer(TimerId& timer) const { Home::context.cancel_timer(timer); }

  Fact fact(FactKind what, Outcome outcome, NodeId peer = kNoNode) const {
    return {fact_word(what), peer, 0, id, static_cast<std::int64_t>(outcome), kind_index};
  }
  // Announces the service's vote on its part.
  Fact voted(Vote vote) const {
    return {fact_word(FactKind::Voted),      kNoNode,   0, id,
            static_cast<std::int64_t>(vote), kind_index};
  }
  void announce(const Fact& fact) const { Home::context.announce(fact); }
  void announce(FactKind what, Outcome outcome, NodeId peer = kNoNode) const {
    announce(fact(what, outcome, peer));
  }
  void announce_resent(NodeId to) const {
    announce({.what = fact_word(FactKind::Resent), .peer = to, .transaction = id});
  }
  // No verdict depends on when it learns the decision, only the time it was in doubt does.
  void end_doubt(Outcome outcome) const {
    Fact ended = fact(FactKind::DoubtEnded, outcome);
    ended.is_measure = true;
    announce(ended);
  }
  void enter_phase(Phase phase) const {
    announce({.what = fact_word(FactKind::PhaseEntered),
              .transaction = id,
              .value = static_cast<std::int64_t>(phase),
              .extra = kind_index});
  }

 private:
  void put(NodeId to, Word type, const Payload& payload, std::uint64_t number) const {
    Message message;
    message.to = to;
    message.type = type;
    message.transaction_type = kind_index;
    message.step = payload.step;
    message.transaction = id;
    message.value = payload.value;
    message.body.put(
        FencedMark{{number, mark.oldest, payload.detail}, Home::store.fence().token_of(id)});
    Home::context.send(message);
  }
};

// A role's handling of a transaction; `states`: the transactions it knows, by id. `kind` and `mark`
// come from the event, for a transaction that it does not know.
template <class Home, class State>
Handling<Home, State> handling(const Home& home, Table<State>& states, TransactionId id,
                               std::uint16_t kind, Mark mark) {
  State* known = states.find(id);
  if (known == nullptr) return {home, id, kind, nullptr, mark};
  mark.number = known->number;
  return {home, id, known->kind, known, mark};
}

// A transaction that a coordinator resumes after a crash, and its outcome if that is certain.
struct Resumed {
  TransactionId id = 0;
  std::uint16_t kind = 0;
  Outcome outcome = Outcome::Unknown;
};

}  // namespace txsim
