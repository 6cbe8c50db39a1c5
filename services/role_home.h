// What a role of a protocol may use of its service while it handles one event, and what the roles
// of all protocols do with it. A protocol's Home adds its own.
#pragma once

#include "services/begun_transactions.h"
#include "services/step_memory.h"
#include "services/step_set.h"
#include "services/store.h"
#include "sim/node.h"
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

  void announce(FactKind what, TransactionId transaction, std::int64_t value, std::int64_t extra,
                NodeId peer = kNoNode) const {
    context.announce({fact_word(what), peer, 0, transaction, value, extra});
  }
  // Decided, DecidedAlone, Finished.
  void announce(FactKind what, TransactionId transaction, Outcome outcome,
                std::uint16_t kind) const {
    announce(what, transaction, static_cast<std::int64_t>(outcome), kind);
  }
  void enter_phase(TransactionId transaction, Phase phase, std::uint16_t kind) const {
    announce(FactKind::PhaseEntered, transaction, static_cast<std::int64_t>(phase), kind);
  }
  void send(NodeId to, Word type, const StepPlace& place, const Mark& mark,
            std::int64_t value = 0) const {
    Message message;
    message.to = to;
    message.type = type;
    message.kind = place.kind;
    message.step = place.step;
    message.transaction = place.transaction;
    message.value = value;
    message.body.put(FencedMark{mark, store.fence().token_of(place.transaction)});
    context.send(message);
  }
};

}  // namespace txsim
