#include "protocols/three_phase_commit/coordinator.h"

#include "sim/assert.h"

namespace txsim::three_phase {

void Coordinator::enter(const Here& here, State state) {
  const State from = here->state;
  const bool is_decided = from == State::Commit || from == State::Abort;
  switch (state) {
    case State::Init:
    case State::Recovering:
      TXSIM_ASSERT(false, "a state in which a transaction begins, or is found in the log");
      break;
    case State::Wait:
      TXSIM_ASSERT(from == State::Init, "WAIT comes after INIT");
      break;
    case State::PreCommit:
      TXSIM_ASSERT(from == State::Wait, "PRECOMMIT comes after WAIT");
      break;
    case State::Commit:  // from INIT without participants, from WAIT without PRECOMMIT
      TXSIM_ASSERT(!is_decided && (from != State::Init || here->touched == 0),
                   "COMMIT comes after a vote");
      break;
    case State::Abort:
      TXSIM_ASSERT(!is_decided, "a decision is made once");
      break;
  }
  here->state = state;
}

// Not another execution under the same id, whose late votes and acknowledgements do not count here.
// A participant without a number answers with 0.
Coordinator::Here Coordinator::at(const Home& home, const Message& message) {
  Here here = at(home, message.transaction, message.transaction_type);
  const std::uint64_t number = message.body.get<Mark>().number;
  if (here.is_known() && number != 0 && number != here->number) here.state = nullptr;
  return here;
}

Outcome Coordinator::on(const Home& home, const Message& message) {
  // A participant has seen later numbers: our clock went back across a restart.
  begun_.learn(message.body.get<Mark>().oldest);
  const Here here = at(home, message);
  switch (message.type.id) {
    case kUpdated.id:
    case kUpdateRefused.id:
      return on_updated(here, message);
    case kVoteYes.id:
      return on_vote(here, message, Vote::Yes);
    case kVoteNo.id:
      return on_vote(here, message, Vote::No);
    case kPreCommitted.id:
      return on_precommitted(here, message);
    case kAck.id:
      on_ack(here, message);
      return Outcome::Unknown;
    case kInquiry.id:
      on_inquiry(here, message);
      return Outcome::Unknown;
    case kRecovering.id:
      return on_recovering(here, message);
    case kCommit.id:
      return on_told(here, Outcome::Committed);
    case kAbort.id:
      return on_told(here, Outcome::Aborted);
    case kUndecided.id:
      return Outcome::Unknown;  // the others decide, and the timer asks again
    default:
      TXSIM_ASSERT(false, "a message that no participant sends to its coordinator");
  }
  return Outcome::Unknown;
}

// ---- the updates

Outcome Coordinator::begin(const Home& home, TransactionId id, std::uint16_t kind) {
  if (transactions_.contains(id)) return Outcome::Unknown;
  Transaction& transaction = transactions_[id];
  transaction.kind = kind;
  transaction.number = begun_.begin(id, home.context.ascending());
  const Here here = at(home, id);
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
  ++here->step;
  return work(here);
}

// ---- phase one: the votes

Outcome Coordinator::ask(const Here& here) {
  here.enter_phase(Phase::Deciding);
  here->asked = here.participants();
  if (here->asked == 0) return decide(here, Outcome::Committed);
  enter(here, State::Wait);
  for (std::uint64_t left = here->asked; left != 0; left &= left - 1) {
    here.send(here.participant(lowest(left)), kPrepare);
  }
  here->timer = here.set_timer(kVoteTimeout, here.settings.vote_timeout);
  return Outcome::Unknown;
}

// All votes are awaited, also after a no, so that a participant that aborts by itself needs no
// message.
Outcome Coordinator::on_vote(const Here& here, const Message& message, Vote vote) {
  if (!here.is_known() || here->state != State::Wait) {
    return Outcome::Unknown;  // a duplicate, or too late
  }
  const std::uint64_t sender = here.bit_of(message.from);
  if (((here->yes | here->no) & sender) != 0) return Outcome::Unknown;
  (vote == Vote::Yes ? here->yes : here->no) |= sender;
  if ((here->yes | here->no) != here->asked) return Outcome::Unknown;
  if (here->no != 0) return decide(here, Outcome::Aborted);
  if (!here.settings.precommit) return decide(here, Outcome::Committed);
  return pre_commit(here);
}

// While others are awaited, an answer only adds a member to the set, and the order of the answers
// makes no difference. A yes vote survives a crash, so the message does not become void before it
// arrives.
bool Coordinator::absorbs(const Plan& plan, const ThreePhaseCommitSettings& settings,
                          const Message& message) const {
  const Transaction* transaction = transactions_.find(message.transaction);
  if (transaction == nullptr || !settings.force_prepare) return false;
  const Mark theirs = message.body.get<Mark>();
  if (theirs.number != transaction->number || theirs.oldest > transaction->number) return false;
  std::uint64_t awaited = 0;
  if (message.type == kVoteYes && transaction->state == State::Wait) {
    awaited = transaction->asked & ~(transaction->yes | transaction->no);
  } else if (message.type == kPreCommitted && transaction->state == State::PreCommit) {
    awaited = transaction->asked & ~transaction->informed;
  } else if (message.type == kAck && transaction->state == State::Commit) {
    awaited = transaction->awaiting;
  }
  const std::uint64_t sender = plan.kinds[transaction->kind].participant_bit(message.from);
  return (awaited & sender) != 0 && awaited != sender;
}

// ---- phase two: all know that all have voted yes

// With its record the coordinator has voted yes too, on its own steps: from now on it may not abort
// by itself, and after a crash it is in doubt.
Outcome Coordinator::pre_commit(const Here& here) {
  here.cancel_timer(here->timer);
  enter(here, State::PreCommit);
  here->steps = here.store.steps_of(here.id);
  here->beyond = here.store.beyond_of(here.id);
  here.append(kPreCommitRecord,
              CoordinatorNote{here->number, here->steps, here->asked, here->beyond});
  if (here.settings.force_precommit) here.force();
  if (here->steps != 0) here.announce(here.voted(Vote::Yes));
  inform(here);
  return Outcome::Unknown;
}

void Coordinator::inform(const Here& here) {
  for (std::uint64_t left = here->asked & ~here->informed; left != 0; left &= left - 1) {
    here.send(here.participant(lowest(left)), kPreCommit);
  }
  ++here->requests;
  here->timer = here.set_timer(kPreCommitTimeout, here.settings.precommit_timeout);
}

Outcome Coordinator::on_precommitted(const Here& here, const Message& message) {
  if (!here.is_known() || here->state != State::PreCommit) {
    return Outcome::Unknown;  // a duplicate, or from before a crash
  }
  here->informed |= here.bit_of(message.from);
  if (here->informed != here->asked) return Outcome::Unknown;
  return decide(here, Outcome::Committed);
}

// ---- phase three: the decision

Outcome Coordinator::decide(const Here& here, Outcome outcome) {
  const bool commits = outcome == Outcome::Committed;
  here.cancel_timer(here->timer);
  if (here->state == State::Recovering && here->steps != 0) {
    here.end_doubt(outcome);
  }
  enter(here, commits ? State::Commit : State::Abort);
  here->awaiting = here->asked & ~here->no;
  CoordinatorNote note{here->number, 0, here->awaiting};
  if (commits) {
    note.steps = here.store.steps_of(here.id);
    note.beyond = here.store.beyond_of(here.id);
  }
  here.append(commits ? kCommitRecord : kAbortRecord, note);
  if (commits && here.settings.force_decision) here.force();
  return conclude(here, outcome);
}

// The decision is durable, or presumed: carries it out here and sends it to those that await it.
Outcome Coordinator::conclude(const Here& here, Outcome outcome) {
  const bool commits = outcome == Outcome::Committed;
  here.announce(FactKind::Decided, outcome);
  here.enter_phase(commits ? Phase::Finishing : Phase::Undoing);
  if (commits) {
    here.store.commit(here.context, here.id);
  } else {
    here.store.abort(here.context, here.id);
  }
  if (here.own_steps() != 0) here.announce(FactKind::Finished, outcome);
  tell(here, false);
  here->requests = 1;
  if (commits && here->awaiting != 0) {
    here->timer = here.set_timer(kResendAfter, here.settings.resend_after);
    return outcome;
  }
  if (commits) here.append(kEndRecord, CoordinatorNote{here->number});
  forget(here);
  return outcome;
}

void Coordinator::tell(const Here& here, bool again) const {
  const bool commits = here->state == State::Commit;
  for (std::uint64_t left = here->awaiting; left != 0; left &= left - 1) {
    const NodeId to = here.participant(lowest(left));
    here.send(to, commits ? kCommit : kAbort, {.detail = commits ? kWantsAck : 0});
    if (again) here.announce_resent(to);
  }
}

void Coordinator::on_ack(const Here& here, const Message& message) {
  if (here.is_known() && here->state == State::Commit) {
    here->awaiting &= ~here.bit_of(message.from);
    if (here->awaiting == 0) {
      here.cancel_timer(here->timer);
      here.append(kEndRecord, CoordinatorNote{here->number});
      forget(here);
    }
  }
  if (message.body.get<Mark>().detail == 0) return;
  at(here, message).reply(message, kNoted);  // its mark says that the transaction is forgotten
}

void Coordinator::forget(const Here& here) {
  here.enter_phase(Phase::Ended);
  transactions_.erase(here.id);
  begun_.forget([&](TransactionId known) {
    return transactions_.contains(known) || here.context.waits(known);
  });
}

// ---- failures: timeouts, refusals, inquiries

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
      return decide(here, Outcome::Aborted);
    case kPreCommitTimeout.id:
      // A participant that still does not answer has crashed: it asks when it is back.
      if (here->requests >= here.settings.inquiries) {
        return decide(here, Outcome::Committed);
      }
      inform(here);
      break;
    case kResendAfter.id:
      // A participant that still does not answer has crashed: when it is back it asks, or
      // acknowledges again.
      if (here->requests++ >= here.settings.inquiries) break;
      tell(here, true);
      here->timer = here.set_timer(kResendAfter, here.settings.resend_after);
      break;
    case kAskAfter.id:
      if (here->steps != 0) here.announce(FactKind::InDoubt, Outcome::Unknown);
      inquire(here);
      break;
    default:
      TXSIM_ASSERT(false, "a timer that the coordinator never sets");
  }
  return Outcome::Unknown;
}

Outcome Coordinator::on_refused(const Home& home, const Message& message) {
  const Here here = at(home, message);
  if (!here.is_known()) return Outcome::Unknown;
  switch (message.type.id) {
    case kUpdate.id:
      if (here->state != State::Init || here->step != message.step) break;
      return give_up(here);
    case kPrepare.id:
      if (here->state != State::Wait) break;
      return decide(here, Outcome::Aborted);
    default:
      break;  // the timers send it again
  }
  return Outcome::Unknown;
}

// A transaction without a record, or a forgotten one, has not committed: no participant can have
// precommitted before the coordinator's record of it was durable.
void Coordinator::on_inquiry(const Here& here, const Message& message) {
  Word reply = kAbort;
  std::uint64_t wants_ack = 0;
  if (here.is_known()) {
    switch (here->state) {
      case State::Init:
      case State::Wait:
      case State::PreCommit:
        reply = kUndecided;
        break;
      case State::Recovering:
        reply = kRecovering;
        break;
      case State::Commit:
        reply = kCommit;
        wants_ack = kWantsAck;
        break;
      case State::Abort:
        break;
    }
  }
  here.reply(message, reply, {.detail = wants_ack});
}

// ---- Recovery in doubt: it crashed in PRECOMMIT, and the participants may have decided since.

void Coordinator::inquire(const Here& here) {
  for (std::uint64_t left = here->asked; left != 0; left &= left - 1) {
    here.send(here.participant(lowest(left)), kInquiry);
  }
  here->timer = here.set_timer(kAskAfter, here.settings.decision_timeout);
}

// Total failure: all have crashed in doubt, and all are back. None has decided, otherwise it would
// say so, and none will without this node. All have voted yes.
Outcome Coordinator::on_recovering(const Here& here, const Message& message) {
  if (!here.is_known() || here->state != State::Recovering) return Outcome::Unknown;
  here->crashed |= here.bit_of(message.from);
  if (here->crashed != here->asked) return Outcome::Unknown;
  return decide(here, Outcome::Committed);
}

// The others have decided while this node was down, or considered it crashed. If this node has
// decided too, the decisions should not differ; it keeps its own.
Outcome Coordinator::on_told(const Here& here, Outcome outcome) {
  if (!here.is_known()) return Outcome::Unknown;
  switch (here->state) {
    case State::Init:
    case State::Wait:
    case State::Commit:
    case State::Abort:
      return Outcome::Unknown;
    case State::PreCommit:
    case State::Recovering:
      break;
  }
  return decide(here, outcome);
}

// ---- Recovery and checkpoints. Nothing is forced while a node recovers, so that all its
// announcements about what it found come in the instant of its restart.

bool Coordinator::read(const Home& home, const LogRecord& record) {
  switch (record.type.id) {
    case kPreCommitRecord.id:
    case kCommitRecord.id:
    case kAbortRecord.id:
    case kEndRecord.id:
      break;
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
  if (record.type == kPreCommitRecord) {
    transaction.state = State::Recovering;
    transaction.asked = note.told;
    transaction.steps = note.steps;
    transaction.beyond = note.beyond;
    return true;
  }
  const bool commits = record.type == kCommitRecord;
  transaction.state = commits ? State::Commit : State::Abort;
  if (!commits) return true;
  home.store.redo(record.transaction_type, note.steps, note.beyond);
  transaction.asked = first_bits(home.kind(record.transaction_type).participants.size());
  transaction.awaiting = note.told;
  return true;
}

Outcome Coordinator::outcome_in(const LogRecord& record) {
  if (record.type == kCommitRecord) return Outcome::Committed;
  return record.type == kAbortRecord ? Outcome::Aborted : Outcome::Unknown;
}

// A decision is sent again, unless it is presumed; if there is none, the participants are asked.
// Returns all transactions that it resumes and, if decided, the outcome for the client.
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
      case State::Wait:
      case State::PreCommit:
        TXSIM_ASSERT(false, "no record shows such a transaction");
        break;
      case State::Recovering:
        here.store.hold(here.context, here.id, here.kind_index, here->steps, here->beyond);
        if (here->steps != 0) here.announce(here.voted(Vote::Yes));
        inquire(here);
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

void Coordinator::write_checkpoint(std::vector<LogRecord>& log) const {
  transactions_.for_each_sorted([&](TransactionId id, const Transaction& transaction) {
    CoordinatorNote note{transaction.number, 0, transaction.awaiting};
    switch (transaction.state) {
      case State::Init:
      case State::Wait:
        break;
      case State::PreCommit:
      case State::Recovering:
        note = {transaction.number, transaction.steps, transaction.asked, transaction.beyond};
        log.push_back(record_of(kPreCommitRecord, id, transaction.kind, note));
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

}  // namespace txsim::three_phase
