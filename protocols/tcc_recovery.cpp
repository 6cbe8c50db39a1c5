// Recovery of the coordinator of TCC from its log, and its checkpoints.
//
// Nothing is forced while a node recovers, so that all it announces about what it found comes in
// the instant of its restart: what there is to do is left to the scheduler.
#include "protocols/tcc_coordinator.h"
#include "sim/assert.h"

namespace txsim::tcc {

void Coordinator::read(const Home& home, const LogRecord& record) {
  const auto note = record.body.get<OrderNote>();
  const TransactionId id = record.transaction;
  begun_.learn(note.number);
  switch (record.type.id) {
    case kOrderConfirmed.id:
      ended_.push_back({id, record.kind, Outcome::Committed});
      transactions_.erase(id);
      for (std::uint64_t submission = 0; submission < 256; ++submission) {
        Transaction* sibling = transactions_.find(transaction_id(order_of(id), submission));
        if (sibling != nullptr) sibling->again = true;
      }
      return;
    case kOrderClosed.id:
      transactions_.erase(id);
      return;
    default:
      break;
  }
  Transaction& transaction = transactions_[id];
  transaction.number = note.number;
  transaction.kind = record.kind;
  transaction.touched |= note.touched;
  transaction.again = transaction.again || note.again != 0;
  switch (record.type.id) {
    case kOrderCreated.id:
      transaction.state = State::Created;
      for (const NodeId node : home.kind(record.kind).participants) {
        transaction.touched |= home.writes_of(record.kind, node);
      }
      break;
    case kOrderReserved.id:
      transaction.state = State::Reserved;
      break;
    case kOrderPending.id:
      transaction.state = State::Pending;
      break;
    case kOrderCancelled.id:
      transaction.state = State::Cancelled;
      transaction.touched = note.touched;
      ended_.push_back({id, record.kind, Outcome::Aborted});
      break;
    default:
      TXSIM_ASSERT(false, "a record that no coordinator writes");
  }
}

// Gives the transactions that it carries on, and those that have ended, with their outcome.
std::vector<Coordinator::Resumed> Coordinator::resume(const Home& home) {
  std::vector<Resumed> resumed;
  resumed.swap(ended_);
  for (Resumed& ended : resumed) {
    ended.carried_on = transactions_.contains(ended.id);
    if (ended.carried_on) home.enter_phase(ended.id, Phase::Undoing, ended.kind);
    home.announce(FactKind::Decided, ended.id, ended.outcome, ended.kind);
    if (home.writes_of(ended.kind, home.self()) != 0) {
      home.announce(FactKind::Finished, ended.id, ended.outcome, ended.kind);
    }
    if (!ended.carried_on) home.enter_phase(ended.id, Phase::Ended, ended.kind);
  }
  std::vector<BegunTransactions::Begun> left;
  transactions_.for_each_sorted([&](TransactionId id, const Transaction& transaction) {
    left.push_back({transaction.number, id});
  });
  begun_.resume(left);
  for (const BegunTransactions::Begun& begun : left) {
    Transaction& transaction = *transactions_.find(begun.id);
    if (transaction.state != State::Cancelled) resumed.push_back({begun.id, transaction.kind});
    if (transaction.state == State::Created) {
      home.enter_phase(begun.id, Phase::Working, transaction.kind);
    } else if (transaction.state != State::Cancelled) {
      home.enter_phase(begun.id, Phase::Finishing, transaction.kind);
    }
    if (transaction.state == State::Pending) {
      wait_pending(home, begun.id, transaction, true);
    } else if (transaction.state != State::Reserved || home.settings.resume_reserved) {
      wait_for_scheduler(home, begun.id, transaction, Duration{0});
    }
  }
  return resumed;
}

void Coordinator::write_checkpoint(std::vector<LogRecord>& log) const {
  transactions_.for_each_sorted([&](TransactionId id, const Transaction& transaction) {
    LogRecord record;
    switch (transaction.state) {
      case State::Created:
        record.type = kOrderCreated;
        break;
      case State::Reserved:
        record.type = kOrderReserved;
        break;
      case State::Pending:
        record.type = kOrderPending;
        break;
      case State::Cancelled:
        record.type = kOrderCancelled;
        break;
    }
    record.kind = transaction.kind;
    record.transaction = id;
    record.body.put(OrderNote{transaction.number, transaction.touched,
                              transaction.again ? std::uint64_t{1} : std::uint64_t{0}});
    log.push_back(record);
  });
}

}  // namespace txsim::tcc
