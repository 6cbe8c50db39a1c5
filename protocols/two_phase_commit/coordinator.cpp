#include "protocols/two_phase_commit/coordinator.h"

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

// ---- Failures: timeouts, refusals, inquiries; and the one-phase answer

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

// ---- Recovery and checkpoints. Nothing is forced while a node recovers, so that all it announces
// about what it found comes in the instant of its restart.

void Coordinator::read(const Home& home, const LogRecord& record) {
  const auto note = record.body.get<CoordinatorNote>();
  begun_.learn(note.number);
  if (record.type == kEndRecord) {
    transactions_.erase(record.transaction);
    return;
  }
  Transaction& transaction = transactions_[record.transaction];
  transaction = {};
  transaction.number = note.number;
  transaction.kind = record.kind;
  if (record.type == kCollectingRecord) {
    transaction.state = State::Wait;
    transaction.crashed = true;
    transaction.asked = note.told;
    return;
  }
  const bool commits = record.type == kCommitRecord;
  if (commits) home.store.redo(record.kind, note.steps, note.beyond);
  transaction.state = commits ? State::Commit : State::Abort;
  if (home.settings.acknowledged(commits ? Outcome::Committed : Outcome::Aborted)) {
    transaction.asked = first_bits(home.kind(record.kind).participants.size());
    transaction.awaiting = note.told;
  }
}

// What was collecting is aborted, by a timer at once; what was decided is told again, unless it is
// presumed. Gives all that it carries on and, where decided, the outcome for the client.
std::vector<Coordinator::Resumed> Coordinator::resume(const Home& home) {
  std::vector<BegunTransactions::Begun> left;
  transactions_.for_each_sorted([&](TransactionId id, const Transaction& transaction) {
    left.push_back({transaction.number, id});
  });
  begun_.resume(left);
  std::vector<Resumed> resumed;
  for (const BegunTransactions::Begun& begun : left) {
    Transaction& transaction = *transactions_.find(begun.id);
    Resumed one{begun.id, transaction.kind, Outcome::Unknown};
    switch (transaction.state) {
      case State::Init:
        TXSIM_ASSERT(false, "INIT leaves no record");
        break;
      case State::Wait:
        transaction.timer = home.context.set_timer(kVoteTimeout, Duration{0}, begun.id);
        break;
      case State::Commit:
        one.outcome = conclude(home, begun.id, transaction, Outcome::Committed);
        break;
      case State::Abort:
        one.outcome = conclude(home, begun.id, transaction, Outcome::Aborted);
        break;
    }
    resumed.push_back(one);
  }
  return resumed;
}

void Coordinator::write_checkpoint(const TwoPhaseCommitSettings& settings,
                                   std::vector<LogRecord>& log) const {
  transactions_.for_each_sorted([&](TransactionId id, const Transaction& transaction) {
    CoordinatorNote note{transaction.number, 0, transaction.awaiting};
    switch (transaction.state) {
      case State::Init:
        break;
      case State::Wait:
        if (settings.variant != CommitVariant::PresumedCommit || transaction.one_phase) break;
        note.told = transaction.asked;
        Home::write(log, kCollectingRecord, id, transaction.kind, note);
        break;
      case State::Commit:
        Home::write(log, kCommitRecord, id, transaction.kind, note);
        break;
      case State::Abort:
        Home::write(log, kAbortRecord, id, transaction.kind, note);
        break;
    }
  });
}

}  // namespace txsim::two_phase
