#include "protocols/two_phase_commit_coordinator.h"

#include <algorithm>

#include "sim/assert.h"

namespace txsim::two_phase {
namespace {

std::uint64_t unprepared_of(const Home& home, std::uint16_t kind) {
  std::uint64_t set = 0;
  for (const NodeId node : home.plan.unprepared) set |= bit_of(home.kind(kind), node);
  return set;
}

}  // namespace

void Coordinator::enter(Transaction& transaction, State state) {
  const State from = transaction.state;
  switch (state) {
    case State::Init:
      TXSIM_ASSERT(false, "INIT is where a transaction begins");
      break;
    case State::Wait:
      TXSIM_ASSERT(from == State::Init, "WAIT comes after INIT");
      break;
    case State::Commit:  // from INIT if there is nobody to ask
      TXSIM_ASSERT(from == State::Wait || (from == State::Init && transaction.touched == 0),
                   "COMMIT comes after WAIT");
      break;
    case State::Abort:
      TXSIM_ASSERT(from == State::Init || from == State::Wait, "ABORT comes after INIT or WAIT");
      break;
  }
  transaction.state = state;
}

void Coordinator::send(const Home& home, Word type, TransactionId id,
                       const Transaction& transaction, std::size_t participant,
                       bool wants_ack) const {
  home.send(home.kind(transaction.kind).participants[participant], type, id, transaction.kind,
            mark(transaction.number, wants_ack), type == kUpdate ? transaction.step : 0);
}

Outcome Coordinator::on(const Home& home, const Message& message) {
  // A participant that has seen later numbers says so: our clock went back over a restart.
  begun_.learn(message.body.get<Mark>().oldest);
  switch (message.type.id) {
    case kUpdated.id:
    case kUpdateRefused.id:
      return on_updated(home, message);
    case kVoteYes.id:
      return on_vote(home, message, Vote::Yes);
    case kVoteNo.id:
      return on_vote(home, message, Vote::No);
    case kVoteReadOnly.id:
      return on_vote(home, message, Vote::ReadOnly);
    case kCommitted.id:
      return on_one_phase_answer(home, message, Outcome::Committed);
    case kAborted.id:
      return on_one_phase_answer(home, message, Outcome::Aborted);
    case kAck.id:
    case kAckHeuristic.id:
      on_ack(home, message);
      return Outcome::Unknown;
    case kInquiry.id:
      on_inquiry(home, message);
      return Outcome::Unknown;
    default:
      TXSIM_ASSERT(false, "a message that no participant sends to its coordinator");
  }
  return Outcome::Unknown;
}

// ---- phase one

Outcome Coordinator::begin(const Home& home, TransactionId id, std::uint16_t kind) {
  if (transactions_.contains(id)) return Outcome::Unknown;
  Transaction& transaction = transactions_[id];
  transaction.kind = kind;
  transaction.number = begun_.begin(id, home.context.now());
  home.enter_phase(id, Phase::Begun, kind);
  home.enter_phase(id, Phase::Working, kind);
  return work(home, id, transaction);
}

// Does the steps from the current one on, until one has to be waited for.
Outcome Coordinator::work(const Home& home, TransactionId id, Transaction& transaction) {
  const TransactionKind& kind = home.kind(transaction.kind);
  for (; transaction.step < kind.steps.size(); ++transaction.step) {
    const NodeId service = kind.steps[transaction.step].service;
    if (service != home.self()) {
      if (home.settings.with_prepare) continue;
      const auto participant = static_cast<std::size_t>(kind.participant_index(service));
      transaction.touched |= bit(participant);
      transaction.timer = home.context.set_timer(kUpdateTimeout, home.settings.update_timeout, id);
      send(home, kUpdate, id, transaction, participant);
      return Outcome::Unknown;
    }
    switch (home.store.update(home.context, id, transaction.kind, transaction.step)) {
      case StepResult::Done:
        if (!home.settings.hold_locks) home.store.release_locks(home.context, id);
        break;
      case StepResult::Waiting:
        transaction.timer =
            home.context.set_timer(kUpdateTimeout, home.settings.update_timeout, id);
        return Outcome::Unknown;
      case StepResult::Refused:
        return give_up(home, id, transaction);
    }
  }
  return ask(home, id, transaction);
}

Outcome Coordinator::on_updated(const Home& home, const Message& message) {
  Transaction* transaction = transactions_.find(message.transaction);
  if (transaction == nullptr || transaction->state != State::Init ||
      transaction->step != message.step || !transaction->timer.is_set()) {
    return Outcome::Unknown;  // a duplicate, or too late
  }
  if (home.kind(transaction->kind).steps[message.step].service != message.from) {
    return Outcome::Unknown;
  }
  home.context.cancel_timer(transaction->timer);
  if (message.type == kUpdateRefused) return give_up(home, message.transaction, *transaction);
  ++transaction->step;
  return work(home, message.transaction, *transaction);
}

Outcome Coordinator::on_lock(const Home& home, const LockNews& news) {
  Transaction* transaction = transactions_.find(news.transaction);
  if (transaction == nullptr || transaction->state != State::Init ||
      transaction->step != news.step) {
    return Outcome::Unknown;
  }
  home.context.cancel_timer(transaction->timer);
  if (news.result == StepResult::Refused) return give_up(home, news.transaction, *transaction);
  if (!home.settings.hold_locks) home.store.release_locks(home.context, news.transaction);
  ++transaction->step;
  return work(home, news.transaction, *transaction);
}

Outcome Coordinator::ask(const Home& home, TransactionId id, Transaction& transaction) {
  const std::size_t participants = home.kind(transaction.kind).participants.size();
  home.enter_phase(id, Phase::Deciding, transaction.kind);
  if (participants == 0) return decide(home, id, transaction, Outcome::Committed);
  transaction.asked = first_bits(participants);
  enter(transaction, State::Wait);
  // One phase leaves no record here: not for those who change something themselves, nor where a
  // repeated order must be recognised.
  if (home.settings.one_phase && participants == 1 && !home.shares[transaction.kind].changes &&
      !home.plan.orders_may_repeat) {
    transaction.one_phase = true;
    send(home, kCommitOnePhase, id, transaction, 0);
  } else {
    transaction.asked &= ~unprepared_of(home, transaction.kind);
    if (transaction.asked == 0) return all_voted(home, id, transaction, Outcome::Committed);
    if (home.settings.variant == CommitVariant::PresumedCommit) {
      home.append(kCollectingRecord, id, transaction.kind,
                  CoordinatorNote{transaction.number, 0, transaction.asked});
      if (home.settings.force_decision) home.context.force();
    }
    for (std::uint64_t left = transaction.asked; left != 0; left &= left - 1) {
      send(home, kPrepare, id, transaction, lowest(left));
    }
  }
  transaction.timer = home.context.set_timer(kVoteTimeout, home.settings.vote_timeout, id);
  return Outcome::Unknown;
}

Outcome Coordinator::on_vote(const Home& home, const Message& message, Vote vote) {
  Transaction* transaction = transactions_.find(message.transaction);
  if (transaction == nullptr || transaction->state != State::Wait || transaction->one_phase) {
    return Outcome::Unknown;  // a duplicate, or too late
  }
  const std::uint64_t sender = bit_of(home.kind(transaction->kind), message.from);
  return count(home, message.transaction, *transaction, sender, vote);
}

Outcome Coordinator::count(const Home& home, TransactionId id, Transaction& transaction,
                           std::uint64_t sender, Vote vote) {
  const std::uint64_t voted = transaction.yes | transaction.no | transaction.read_only;
  if (home.settings.votes_as_set && (voted & sender) != 0) return Outcome::Unknown;
  ++transaction.votes;
  switch (vote) {
    case Vote::Yes:
      transaction.yes |= sender;
      break;
    case Vote::No:
      transaction.no |= sender;
      break;
    case Vote::ReadOnly:
      transaction.read_only |= sender;
      break;
  }
  if (vote != Vote::No) ++transaction.yes_votes;
  // All are waited for, also after a no, so that nobody is told who aborts by himself.
  const bool all = home.settings.votes_as_set ? (voted | sender) == transaction.asked
                                              : transaction.votes >= size(transaction.asked);
  if (!all) return Outcome::Unknown;
  return all_voted(home, id, transaction, verdict(home, transaction, false));
}

// While others are awaited, all that comes of it is one more in the set, and it makes no difference
// whose answer is the last. Who has voted yes holds to that over a crash, so that what the message
// says does not become void before it is heard.
bool Coordinator::absorbs(const Plan& plan, const TwoPhaseCommitSettings& settings,
                          const Message& message) const {
  const bool is_lasting = settings.force_prepare && !settings.heuristic_after;
  if (!is_lasting || !settings.votes_as_set || !settings.unanimity) return false;
  const Transaction* transaction = transactions_.find(message.transaction);
  if (transaction == nullptr || transaction->one_phase) return false;
  if (message.body.get<Mark>().oldest > transaction->number) return false;  // a later number
  std::uint64_t awaited = 0;
  if (message.type == kVoteYes && transaction->state == State::Wait) {
    awaited = transaction->asked & ~(transaction->yes | transaction->no | transaction->read_only);
  } else if (message.type == kAck && transaction->state > State::Wait) {
    awaited = transaction->awaiting;
  }
  const std::uint64_t sender = bit_of(plan.kinds[transaction->kind], message.from);
  return (awaited & sender) != 0 && awaited != sender;
}

// Who knows no prepare is asked to commit once all others can, one after the other. Its answer is
// final: if the next one refuses, it is too late.
Outcome Coordinator::all_voted(const Home& home, TransactionId id, Transaction& transaction,
                               Outcome outcome) {
  const std::uint64_t left = unprepared_of(home, transaction.kind) & ~transaction.ended;
  if (outcome != Outcome::Committed || left == 0) return decide(home, id, transaction, outcome);
  home.context.cancel_timer(transaction.timer);
  transaction.last = bit(lowest(left));
  send(home, kCommitOnePhase, id, transaction, lowest(left));
  transaction.timer = home.context.set_timer(kVoteTimeout, home.settings.vote_timeout, id);
  return Outcome::Unknown;
}

Outcome Coordinator::on_last_answer(const Home& home, const Message& message, Outcome outcome) {
  Transaction& transaction = *transactions_.find(message.transaction);
  const std::uint64_t committed = transaction.ended;
  transaction.ended |= transaction.last;
  transaction.last = 0;
  if (outcome == Outcome::Committed) {
    return all_voted(home, message.transaction, transaction, outcome);
  }
  for (std::uint64_t left = committed; left != 0; left &= left - 1) {  // too late for these
    home.announce(FactKind::HeuristicReported, message.transaction, number_of(Outcome::Committed),
                  message.kind, home.kind(message.kind).participants[lowest(left)]);
  }
  return decide(home, message.transaction, transaction, outcome);
}

Outcome Coordinator::verdict(const Home& home, const Transaction& transaction,
                             bool too_late) const {
  if (transaction.crashed) return Outcome::Aborted;  // votes may come before it is told so
  const std::uint16_t asked = size(transaction.asked);
  const std::uint16_t yes = home.settings.votes_as_set
                                ? size(transaction.yes | transaction.read_only)
                                : transaction.yes_votes;
  if (home.settings.unanimity) {
    return !too_late && yes >= asked ? Outcome::Committed : Outcome::Aborted;
  }
  const bool majority = too_late ? yes > size(transaction.no) : 2 * yes > asked;
  return majority ? Outcome::Committed : Outcome::Aborted;
}

// ---- phase two

Outcome Coordinator::decide(const Home& home, TransactionId id, Transaction& transaction,
                            Outcome outcome) {
  const bool commits = outcome == Outcome::Committed;
  const TwoPhaseCommitSettings& settings = home.settings;
  home.context.cancel_timer(transaction.timer);
  enter(transaction, commits ? State::Commit : State::Abort);
  transaction.awaiting = transaction.asked & ~(transaction.no | transaction.read_only);
  if (!commits) transaction.awaiting |= unprepared_of(home, transaction.kind) & ~transaction.ended;
  const bool nothing_changed = commits && transaction.awaiting == 0 && transaction.no == 0 &&
                               !home.shares[transaction.kind].changes;
  if (!nothing_changed || settings.variant == CommitVariant::PresumedCommit) {
    const std::uint64_t own = commits ? home.store.steps_of(id) : 0;
    home.append(commits ? kCommitRecord : kAbortRecord, id, transaction.kind,
                CoordinatorNote{transaction.number, own, transaction.awaiting,
                                commits ? home.store.beyond_of(id) : 0});
    const bool presumed_abort = !commits && settings.variant == CommitVariant::PresumedAbort;
    if (settings.force_decision && !presumed_abort) home.context.force();
  } else {
    transaction.asked = 0;  // no record, no end of it
  }
  return conclude(home, id, transaction, outcome);
}

// The decision is durable: carries it out here and tells those who await it.
Outcome Coordinator::conclude(const Home& home, TransactionId id, Transaction& transaction,
                              Outcome outcome) {
  const bool commits = outcome == Outcome::Committed;
  const std::uint16_t kind = transaction.kind;
  if (home.settings.forget_after) transaction.decided = home.context.now();
  home.announce(FactKind::Decided, id, outcome, kind);
  home.enter_phase(id, commits ? Phase::Finishing : Phase::Undoing, kind);
  if (commits) {
    home.store.commit(home.context, id);
  } else {
    home.store.abort(home.context, id);
  }
  if (home.shares[kind].steps != 0) {
    home.announce(FactKind::Finished, id, static_cast<std::int64_t>(outcome), kind);
  }
  tell(home, id, transaction, outcome);
  const bool remembers = home.settings.acknowledged(outcome) && transaction.asked != 0;
  if (remembers && transaction.awaiting != 0) {
    if (home.settings.resend) {
      transaction.timer = home.context.set_timer(kResendAfter, home.settings.resend_after, id);
    }
    return outcome;
  }
  if (remembers) home.append(kEndRecord, id, kind, CoordinatorNote{transaction.number, 0, 0});
  forget(home, id, kind);
  return outcome;
}

void Coordinator::tell(const Home& home, TransactionId id, Transaction& transaction,
                       Outcome outcome) {
  const bool wants_ack = home.settings.acknowledged(outcome) && transaction.asked != 0;
  transaction.told = size(transaction.awaiting);
  for (std::uint64_t left = transaction.awaiting; left != 0; left &= left - 1) {
    send(home, outcome == Outcome::Committed ? kCommit : kAbort, id, transaction, lowest(left),
         wants_ack);
  }
}

void Coordinator::on_ack(const Home& home, const Message& message) {
  Transaction* transaction = transactions_.find(message.transaction);
  if (message.type == kAckHeuristic) {
    home.announce(FactKind::HeuristicReported, message.transaction, message.value, message.kind,
                  message.from);
  }
  if (transaction == nullptr || transaction->awaiting == 0) return;  // forgotten: a duplicate
  if (transaction->state != State::Commit && transaction->state != State::Abort) return;
  transaction->awaiting &= ~bit_of(home.kind(transaction->kind), message.from);
  ++transaction->acks;
  const bool all = home.settings.votes_as_set ? transaction->awaiting == 0
                                              : transaction->acks >= transaction->told;
  if (!all) return;
  home.context.cancel_timer(transaction->timer);
  home.append(kEndRecord, message.transaction, transaction->kind,
              CoordinatorNote{transaction->number, 0, 0});
  forget(home, message.transaction, transaction->kind);
}

void Coordinator::forget(const Home& home, TransactionId id, std::uint16_t kind) {
  home.enter_phase(id, Phase::Ended, kind);
  transactions_.erase(id);
  begun_.forget([&](TransactionId known) {
    return transactions_.contains(known) || home.context.waits(known);
  });
}

}  // namespace txsim::two_phase
