// The coordinator when not all goes well: timeouts, refusals, inquiries; and the one-phase answer.
#include "protocols/two_phase_commit_coordinator.h"
#include "sim/assert.h"

namespace txsim::two_phase {

// Aborts before anybody was asked: nobody can be in doubt, so nothing is recorded and a participant
// that does not hear of it aborts by itself.
Outcome Coordinator::give_up(const Home& home, TransactionId id, Transaction& transaction) {
  home.context.cancel_timer(transaction.timer);
  enter(transaction, State::Abort);
  transaction.awaiting = transaction.touched;
  return conclude(home, id, transaction, Outcome::Aborted);
}

Outcome Coordinator::on_timer(const Home& home, const Timer& timer) {
  Transaction* transaction = transactions_.find(timer.transaction);
  TXSIM_ASSERT(transaction != nullptr, "a forgotten transaction has no timer");
  transaction->timer = {};
  switch (timer.what.id) {
    case kUpdateTimeout.id:
      return give_up(home, timer.transaction, *transaction);
    case kVoteTimeout.id:
      if (transaction->one_phase || transaction->last != 0) break;  // not ours: ask again
      return decide(home, timer.transaction, *transaction, verdict(home, *transaction, true));
    case kResendAfter.id:
      break;
    default:
      TXSIM_ASSERT(false, "a timer that the coordinator never sets");
  }
  resend(home, timer.transaction, *transaction);
  return Outcome::Unknown;
}

void Coordinator::resend(const Home& home, TransactionId id, Transaction& transaction) {
  if (!home.settings.resend) return;
  const bool deciding = transaction.one_phase || transaction.last != 0;
  const std::optional<Duration> forget_after = home.settings.forget_after;
  if (!deciding && forget_after && home.context.now() - transaction.decided >= *forget_after) {
    home.append(kEndRecord, id, transaction.kind, CoordinatorNote{transaction.number, 0, 0});
    forget(home, id, transaction.kind);
    return;
  }
  const std::uint64_t asked = transaction.last != 0 ? transaction.last : transaction.asked;
  Word type = kCommitOnePhase;
  if (!deciding) type = transaction.state == State::Commit ? kCommit : kAbort;
  for (std::uint64_t left = deciding ? asked : transaction.awaiting; left != 0; left &= left - 1) {
    send(home, type, id, transaction, lowest(left), !deciding);
    home.announce(FactKind::Resent, id, 0, 0,
                  home.kind(transaction.kind).participants[lowest(left)]);
  }
  transaction.timer = home.context.set_timer(deciding ? kVoteTimeout : kResendAfter,
                                             home.settings.resend_after, id);
}

Outcome Coordinator::on_refused(const Home& home, const Message& message) {
  Transaction* transaction = transactions_.find(message.transaction);
  if (transaction == nullptr) return Outcome::Unknown;
  switch (message.type.id) {
    case kUpdate.id:
      if (transaction->state != State::Init || transaction->step != message.step) break;
      return give_up(home, message.transaction, *transaction);
    case kPrepare.id:
      if (transaction->state != State::Wait) break;
      if (home.settings.unanimity) {
        return decide(home, message.transaction, *transaction, Outcome::Aborted);
      }
      return count(home, message.transaction, *transaction,
                   bit_of(home.kind(transaction->kind), message.to), Vote::No);
    default:
      break;  // the timers send it again
  }
  return Outcome::Unknown;
}

void Coordinator::on_inquiry(const Home& home, const Message& message) {
  const Transaction* transaction = transactions_.find(message.transaction);
  const Mark theirs = message.body.get<Mark>();
  if (transaction == nullptr) {
    const bool commit = home.settings.presumption() == Outcome::Committed;
    home.send(message.from, commit ? kCommit : kAbort, message.transaction, message.kind,
              mark(theirs.number));
    return;
  }
  switch (transaction->state) {
    case State::Init:
    case State::Wait:
      home.send(message.from, kUncertain, message.transaction, message.kind, mark(theirs.number));
      break;
    case State::Commit:
    case State::Abort:
      home.send(message.from, transaction->state == State::Commit ? kCommit : kAbort,
                message.transaction, message.kind, mark(theirs.number, true));
      break;
  }
}

Outcome Coordinator::on_one_phase_answer(const Home& home, const Message& message,
                                         Outcome outcome) {
  const Mark theirs = message.body.get<Mark>();
  if (outcome == Outcome::Committed) {  // it keeps its outcome until then
    home.send(message.from, kAck, message.transaction, message.kind, mark(theirs.number));
  }
  Transaction* transaction = transactions_.find(message.transaction);
  if (transaction == nullptr) return Outcome::Unknown;
  if (transaction->last != 0 && transaction->state == State::Wait &&
      transaction->last == bit_of(home.kind(transaction->kind), message.from)) {
    home.context.cancel_timer(transaction->timer);
    return on_last_answer(home, message, outcome);
  }
  if (!transaction->one_phase) return Outcome::Unknown;
  home.context.cancel_timer(transaction->timer);
  enter(*transaction, outcome == Outcome::Committed ? State::Commit : State::Abort);
  transaction->asked = 0;  // no record, no end of it
  return conclude(home, message.transaction, *transaction, outcome);
}

}  // namespace txsim::two_phase
