#include "protocols/two_phase_commit/coordinator.h"

#include <algorithm>

#include "sim/assert.h"

namespace txsim::two_phase {

void Coordinator::enter(const Here& here, State state) {
  const State from = here->state;
  switch (state) {
    case State::Init:
      TXSIM_ASSERT(false, "INIT is where a transaction begins");
      break;
    case State::Wait:
      TXSIM_ASSERT(from == State::Init, "WAIT comes after INIT");
      break;
    case State::Commit:  // from INIT without participants to ask
      TXSIM_ASSERT(from == State::Wait || (from == State::Init && here->touched == 0),
                   "COMMIT comes after WAIT");
      break;
    case State::Abort:
      TXSIM_ASSERT(from == State::Init || from == State::Wait, "ABORT comes after INIT or WAIT");
      break;
  }
  here->state = state;
}

std::uint64_t Coordinator::unprepared(const Here& here) {
  std::uint64_t set = 0;
  for (const NodeId node : here.plan.unprepared) set |= here.bit_of(node);
  return set;
}

Outcome Coordinator::on(const Home& home, const Message& message) {
  // A participant has seen later numbers: our clock went back across a restart.
  begun_.learn(message.body.get<Mark>().oldest);
  const Here here = at(home, message.transaction, message.transaction_type);
  switch (message.type.id) {
    case kUpdated.id:
    case kUpdateRefused.id:
      return on_updated(here, message);
    case kVoteYes.id:
      return on_vote(here, message, Vote::Yes);
    case kVoteNo.id:
      return on_vote(here, message, Vote::No);
    case kVoteReadOnly.id:
      return on_vote(here, message, Vote::ReadOnly);
    case kCommitted.id:
      return on_one_phase_answer(here, message, Outcome::Committed);
    case kAborted.id:
      return on_one_phase_answer(here, message, Outcome::Aborted);
    case kAck.id:
    case kAckHeuristic.id:
      on_ack(here, message);
      return Outcome::Unknown;
    case kInquiry.id:
      on_inquiry(here, message);
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
  transaction.number = begun_.begin(id, home.context.ascending());
  const Here here = at(home, id, kind);
  here.enter_phase(Phase::Begun);
  here.enter_phase(Phase::Working);
  return work(here);
}

// Does the steps from the current one on, until one needs a wait.
Outcome Coordinator::work(const Here& here) {
  const TransactionKind& kind = here.kind();
  for (; here->step < kind.steps.size(); ++here->step) {
    const NodeId service = kind.steps[here->step].service;
    if (service != here.self()) {
      if (here.settings.with_prepare) continue;
      here->touched |= here.bit_of(service);
      here->timer = here.set_timer(kUpdateTimeout, here.settings.update_timeout);
      here.send(service, kUpdate, {.step = here->step});
      return Outcome::Unknown;
    }
    switch (here.store.update(here.context, here.id, here.kind_index, here->step)) {
      case StepResult::Done:
        if (!here.settings.hold_locks) here.store.release_locks(here.context, here.id);
        break;
      case StepResult::Waiting:
        here->timer = here.set_timer(kUpdateTimeout, here.settings.update_timeout);
        return Outcome::Unknown;
      case StepResult::Refused:
        return give_up(here);
    }
  }
  return ask(here);
}

Outcome Coordinator::on_updated(const Here& here, const Message& message) {
  if (!here.is_known() || here->state != State::Init || here->step != message.step ||
      !here->timer.is_set()) {
    return Outcome::Unknown;  // a duplicate, or too late
  }
  if (here.kind().steps[message.step].service != message.from) return Outcome::Unknown;
  here.cancel_timer(here->timer);
  if (message.type == kUpdateRefused) return give_up(here);
  ++here->step;
  return work(here);
}

Outcome Coordinator::on_lock(const Home& home, const LockNews& news) {
  const Here here = at(home, news.transaction);
  if (!here.is_known() || here->state != State::Init || here->step != news.step) {
    return Outcome::Unknown;
  }
  here.cancel_timer(here->timer);
  if (news.result == StepResult::Refused) return give_up(here);
  if (!here.settings.hold_locks) here.store.release_locks(here.context, here.id);
  ++here->step;
  return work(here);
}

Outcome Coordinator::ask(const Here& here) {
  here.enter_phase(Phase::Deciding);
  here->asked = here.participants();
  if (here->asked == 0) return decide(here, Outcome::Committed);
  enter(here, State::Wait);
  // One phase leaves no record here: not allowed if the coordinator changes something itself, nor
  // if a repeated order must be recognised.
  if (here.settings.one_phase && size(here->asked) == 1 && here.own_writes() == 0 &&
      !here.plan.orders_may_repeat) {
    here->one_phase = true;
    here.send(here.participant(0), kCommitOnePhase);
  } else {
    here->asked &= ~unprepared(here);
    if (here->asked == 0) return all_voted(here, Outcome::Committed);
    if (here.settings.variant == CommitVariant::PresumedCommit) {
      here.append(kCollectingRecord, CoordinatorNote{here->number, 0, here->asked});
      if (here.settings.force_decision) here.force();
    }
    for (std::uint64_t left = here->asked; left != 0; left &= left - 1) {
      here.send(here.participant(lowest(left)), kPrepare);
    }
  }
  here->timer = here.set_timer(kVoteTimeout, here.settings.vote_timeout);
  return Outcome::Unknown;
}

Outcome Coordinator::on_vote(const Here& here, const Message& message, Vote vote) {
  if (!here.is_known() || here->state != State::Wait || here->one_phase) {
    return Outcome::Unknown;  // a duplicate, or too late
  }
  return count(here, here.bit_of(message.from), vote);
}

Outcome Coordinator::count(const Here& here, std::uint64_t sender, Vote vote) {
  const std::uint64_t voted = here->yes | here->no | here->read_only;
  if (here.settings.votes_as_set && (voted & sender) != 0) return Outcome::Unknown;
  ++here->votes;
  switch (vote) {
    case Vote::Yes:
      here->yes |= sender;
      break;
    case Vote::No:
      here->no |= sender;
      break;
    case Vote::ReadOnly:
      here->read_only |= sender;
      break;
  }
  if (vote != Vote::No) ++here->yes_votes;
  // All votes are awaited, also after a no, so that a participant that aborts by itself needs no
  // message.
  const bool all = here.settings.votes_as_set ? (voted | sender) == here->asked
                                              : here->votes >= size(here->asked);
  if (!all) return Outcome::Unknown;
  return all_voted(here, verdict(here, false));
}

// While others are awaited, an answer only adds a member to the set, and the order of the answers
// makes no difference. A yes vote survives a crash, so the message does not become void before it
// arrives.
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
  const std::uint64_t sender = plan.kinds[transaction->kind].participant_bit(message.from);
  return (awaited & sender) != 0 && awaited != sender;
}

// A participant that cannot prepare is asked to commit once all others can, one after the other.
// Its answer is final: if the next one refuses, it is too late.
Outcome Coordinator::all_voted(const Here& here, Outcome outcome) {
  const std::uint64_t left = unprepared(here) & ~here->ended;
  if (outcome != Outcome::Committed || left == 0) return decide(here, outcome);
  here.cancel_timer(here->timer);
  here->last = bit(lowest(left));
  here.send(here.participant(lowest(left)), kCommitOnePhase);
  here->timer = here.set_timer(kVoteTimeout, here.settings.vote_timeout);
  return Outcome::Unknown;
}

Outcome Coordinator::on_last_answer(const Here& here, Outcome outcome) {
  const std::uint64_t committed = here->ended;
  here->ended |= here->last;
  here->last = 0;
  if (outcome == Outcome::Committed) return all_voted(here, outcome);
  for (std::uint64_t left = committed; left != 0; left &= left - 1) {  // too late for these
    here.announce(FactKind::HeuristicReported, Outcome::Committed, here.participant(lowest(left)));
  }
  return decide(here, outcome);
}

Outcome Coordinator::verdict(const Here& here, bool too_late) const {
  if (here->crashed) return Outcome::Aborted;  // votes may arrive before that
  const std::uint16_t asked = size(here->asked);
  const std::uint16_t yes =
      here.settings.votes_as_set ? size(here->yes | here->read_only) : here->yes_votes;
  if (here.settings.unanimity) {
    return !too_late && yes >= asked ? Outcome::Committed : Outcome::Aborted;
  }
  const bool majority = too_late ? yes > size(here->no) : 2 * yes > asked;
  return majority ? Outcome::Committed : Outcome::Aborted;
}

// ---- phase two

Outcome Coordinator::decide(const Here& here, Outcome outcome) {
  const bool commits = outcome == Outcome::Committed;
  const TwoPhaseCommitSettings& settings = here.settings;
  here.cancel_timer(here->timer);
  enter(here, commits ? State::Commit : State::Abort);
  here->awaiting = here->asked & ~(here->no | here->read_only);
  if (!commits) here->awaiting |= unprepared(here) & ~here->ended;
  const bool nothing_changed =
      commits && here->awaiting == 0 && here->no == 0 && here.own_writes() == 0;
  if (!nothing_changed || settings.variant == CommitVariant::PresumedCommit) {
    const std::uint64_t own = commits ? here.store.steps_of(here.id) : 0;
    here.append(commits ? kCommitRecord : kAbortRecord,
                CoordinatorNote{here->number, own, here->awaiting,
                                commits ? here.store.beyond_of(here.id) : 0});
    const bool presumed_abort = !commits && settings.variant == CommitVariant::PresumedAbort;
    if (settings.force_decision && !presumed_abort) here.force();
  } else {
    here->asked = 0;  // without a record, no end record
  }
  return conclude(here, outcome);
}

// The decision is durable: carries it out here and sends it to those that await it.
Outcome Coordinator::conclude(const Here& here, Outcome outcome) {
  const bool commits = outcome == Outcome::Committed;
  if (here.settings.forget_after) {
    here->remembers = here.context.begin_period(kResendAfter, here.id, *here.settings.forget_after);
  }
  here.announce(FactKind::Decided, outcome);
  here.enter_phase(commits ? Phase::Finishing : Phase::Undoing);
  if (commits) {
    here.store.commit(here.context, here.id);
  } else {
    here.store.abort(here.context, here.id);
  }
  if (here.own_steps() != 0) here.announce(FactKind::Finished, outcome);
  const bool remembers = here.settings.acknowledged(outcome) && here->asked != 0;
  here->told = size(here->awaiting);
  for (std::uint64_t left = here->awaiting; left != 0; left &= left - 1) {
    here.send(here.participant(lowest(left)), commits ? kCommit : kAbort,
              {.detail = remembers ? kWantsAck : 0});
  }
  if (remembers && here->awaiting != 0) {
    if (here.settings.resend) {
      here->timer = here.set_timer(kResendAfter, here.settings.resend_after);
    }
    return outcome;
  }
  if (remembers) here.append(kEndRecord, CoordinatorNote{here->number});
  forget(here);
  return outcome;
}

void Coordinator::on_ack(const Here& here, const Message& message) {
  if (message.type == kAckHeuristic) {
    here.announce(FactKind::HeuristicReported, static_cast<Outcome>(message.value), message.from);
  }
  if (!here.is_known() || here->awaiting == 0) return;  // forgotten: a duplicate
  if (here->state != State::Commit && here->state != State::Abort) return;
  here->awaiting &= ~here.bit_of(message.from);
  ++here->acks;
  const bool all = here.settings.votes_as_set ? here->awaiting == 0 : here->acks >= here->told;
  if (!all) return;
  here.cancel_timer(here->timer);
  here.append(kEndRecord, CoordinatorNote{here->number});
  forget(here);
}

void Coordinator::forget(const Here& here) {
  here.enter_phase(Phase::Ended);
  transactions_.erase(here.id);
  begun_.forget([&](TransactionId known) {
    return transactions_.contains(known) || here.context.waits(known);
  });
}

// ---- Failures: timeouts, refusals, inquiries; and the one-phase answer

// Aborts before any Prepare: no participant can be in doubt, so nothing is recorded, and a
// participant that does not receive the abort aborts by itself.
Outcome Coordinator::give_up(const Here& here) {
  here.cancel_timer(here->timer);
  enter(here, State::Abort);
  here->awaiting = here->touched;
  return conclude(here, Outcome::Aborted);
}

Outcome Coordinator::on_timer(const Home& home, const Timer& timer) {
  const Here here = at(home, timer.transaction);
  TXSIM_ASSERT(here.is_known(), "a forgotten transaction has no timer");
  here->timer = {};
  switch (timer.what.id) {
    case kUpdateTimeout.id:
      return give_up(here);
    case kVoteTimeout.id:
      if (here->one_phase || here->last != 0) break;  // not ours: ask again
      return decide(here, verdict(here, true));
    case kResendAfter.id:
      break;
    default:
      TXSIM_ASSERT(false, "a timer that the coordinator never sets");
  }
  resend(here);
  return Outcome::Unknown;
}

void Coordinator::resend(const Here& here) {
  if (!here.settings.resend) return;
  const bool deciding = here->one_phase || here->last != 0;
  const std::optional<Duration> forget_after = here.settings.forget_after;
  if (!deciding && forget_after && here.context.is_over(here->remembers, *forget_after)) {
    here.append(kEndRecord, CoordinatorNote{here->number});
    forget(here);
    return;
  }
  const std::uint64_t asked = here->last != 0 ? here->last : here->asked;
  Word type = kCommitOnePhase;
  if (!deciding) type = here->state == State::Commit ? kCommit : kAbort;
  for (std::uint64_t left = deciding ? asked : here->awaiting; left != 0; left &= left - 1) {
    const NodeId to = here.participant(lowest(left));
    here.send(to, type, {.detail = deciding ? 0 : kWantsAck});
    here.announce_resent(to);
  }
  here->timer = here.set_timer(deciding ? kVoteTimeout : kResendAfter, here.settings.resend_after);
}

Outcome Coordinator::on_refused(const Home& home, const Message& message) {
  const Here here = at(home, message.transaction, message.transaction_type);
  if (!here.is_known()) return Outcome::Unknown;
  switch (message.type.id) {
    case kUpdate.id:
      if (here->state != State::Init || here->step != message.step) break;
      return give_up(here);
    case kPrepare.id:
      if (here->state != State::Wait) break;
      if (here.settings.unanimity) return decide(here, Outcome::Aborted);
      return count(here, here.bit_of(message.to), Vote::No);
    default:
      break;  // the timers send it again
  }
  return Outcome::Unknown;
}

void Coordinator::on_inquiry(const Here& here, const Message& message) {
  if (!here.is_known()) {
    const bool commit = here.settings.presumption() == Outcome::Committed;
    here.reply(message, commit ? kCommit : kAbort);
    return;
  }
  switch (here->state) {
    case State::Init:
    case State::Wait:
      here.reply(message, kUncertain);
      break;
    case State::Commit:
    case State::Abort:
      here.reply(message, here->state == State::Commit ? kCommit : kAbort, {.detail = kWantsAck});
      break;
  }
}

Outcome Coordinator::on_one_phase_answer(const Here& here, const Message& message,
                                         Outcome outcome) {
  if (outcome == Outcome::Committed) here.reply(message, kAck);  // it keeps its outcome until then
  if (!here.is_known()) return Outcome::Unknown;
  if (here->last != 0 && here->state == State::Wait && here->last == here.bit_of(message.from)) {
    here.cancel_timer(here->timer);
    return on_last_answer(here, outcome);
  }
  if (!here->one_phase) return Outcome::Unknown;
  here.cancel_timer(here->timer);
  enter(here, outcome == Outcome::Committed ? State::Commit : State::Abort);
  here->asked = 0;  // without a record, no end record
  return conclude(here, outcome);
}

// ---- Recovery and checkpoints. Nothing is forced while a node recovers, so that all its
// announcements about what it found come in the instant of its restart.

bool Coordinator::read(const Home& home, const LogRecord& record) {
  switch (record.type.id) {
    case kCollectingRecord.id:
    case kCommitRecord.id:
    case kAbortRecord.id:
      break;
    case kEndRecord.id:
      if (home.kind(record.transaction_type).begins_at == home.self()) break;
      return false;
    default:
      return false;
  }
  const auto note = record.body.get<CoordinatorNote>();
  begun_.learn(note.number);
  if (record.type == kEndRecord) {
    transactions_.erase(record.transaction);
    return true;
  }
  Transaction& transaction = transactions_[record.transaction];
  transaction = {};
  transaction.number = note.number;
  transaction.kind = record.transaction_type;
  if (record.type == kCollectingRecord) {
    transaction.state = State::Wait;
    transaction.crashed = true;
    transaction.asked = note.told;
    return true;
  }
  const bool commits = record.type == kCommitRecord;
  if (commits) home.store.redo(record.transaction_type, note.steps, note.beyond);
  transaction.state = commits ? State::Commit : State::Abort;
  if (home.settings.acknowledged(commits ? Outcome::Committed : Outcome::Aborted)) {
    transaction.asked = first_bits(home.kind(record.transaction_type).participants.size());
    transaction.awaiting = note.told;
  }
  return true;
}

Outcome Coordinator::outcome_in(const LogRecord& record) {
  if (record.type == kCommitRecord) return Outcome::Committed;
  return record.type == kAbortRecord ? Outcome::Aborted : Outcome::Unknown;
}

// A transaction that was collecting is aborted, by a timer at once; a decision is sent again,
// unless it is presumed. Returns all transactions that it resumes and, if decided, the outcome for
// the client.
std::vector<Resumed> Coordinator::resume(const Home& home) {
  std::vector<BegunTransactions::Begun> left;
  transactions_.for_each_sorted([&](TransactionId id, const Transaction& transaction) {
    left.push_back({transaction.number, id});
  });
  begun_.resume(left);
  std::vector<Resumed> resumed;
  for (const BegunTransactions::Begun& begun : left) {
    const Here here = at(home, begun.id);
    Resumed one{begun.id, here.kind_index, Outcome::Unknown};
    switch (here->state) {
      case State::Init:
        TXSIM_ASSERT(false, "INIT leaves no record");
        break;
      case State::Wait:
        here->timer = here.set_timer(kVoteTimeout, Duration{0});
        break;
      case State::Commit:
        one.outcome = conclude(here, Outcome::Committed);
        break;
      case State::Abort:
        one.outcome = conclude(here, Outcome::Aborted);
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
        log.push_back(record_of(kCollectingRecord, id, transaction.kind, note));
        break;
      case State::Commit:
        log.push_back(record_of(kCommitRecord, id, transaction.kind, note));
        break;
      case State::Abort:
        log.push_back(record_of(kAbortRecord, id, transaction.kind, note));
        break;
    }
  });
}

}  // namespace txsim::two_phase
