#include "protocols/two_phase_commit/participant.h"

#include "sim/assert.h"

namespace txsim::two_phase {
Participant::State Participant::Branch::state() const {
  if (ended) return *ended;
  switch (session.state) {
    case XaSession::State::Active:
      return State::Active;
    case XaSession::State::Idle:
      return State::Idle;
    case XaSession::State::Prepared:  // under rules that leave it to its session
    case XaSession::State::None:
      return State::Prepared;
    case XaSession::State::Local:
      break;
  }
  TXSIM_ASSERT(false, "a participant has no local transactions");
}

void Participant::require(XaCode given, XaCode wanted) {
  TXSIM_ASSERT(given == wanted, std::string("the database answers ") + text(given));
}

void Participant::end(const Here& here, State state) {
  TXSIM_ASSERT(!here->ended, "a branch ends once");
  here->session = {};
  here->ended = state;
}

void Participant::on(const Home& home, const Message& message) {
  const Mark theirs = message.body.get<Mark>();
  const NodeId coordinator = home.kind(message.transaction_type).begins_at;
  if (message.from == coordinator) learn_oldest(coordinator, theirs.oldest);
  Here here = at(home, message.transaction, message.transaction_type, theirs.number);
  switch (message.type.id) {
    case kUpdate.id:
      on_update(here, message);
      break;
    case kPrepare.id:
      on_prepare(here, message);
      break;
    case kCommit.id:
      on_decision(here, message, Outcome::Committed);
      break;
    case kAbort.id:
      on_decision(here, message, Outcome::Aborted);
      break;
    case kCommitOnePhase.id:
      on_commit_one_phase(here, message);
      break;
    case kAck.id:
      on_ack(here);
      break;
    case kInquiry.id:
      on_inquiry(here, message);
      break;
    case kUncertain.id:
      break;  // nothing learned: the timer asks again
    default:
      TXSIM_ASSERT(false, "a message that no node sends to a participant");
  }
}

XaRecord Participant::record(const Here& here, Outcome outcome, bool force) {
  const bool commits = outcome == Outcome::Committed;
  ParticipantNote note;
  note.number = here->number;
  note.steps = commits ? here.store.steps_of(here.id) : 0;
  note.beyond = commits ? here.store.beyond_of(here.id) : 0;
  note.coordinator = here.coordinator();
  note.alone = here->alone ? 1 : 0;
  note.one_phase = here->one_phase ? 1 : 0;
  here->logged = true;
  return {.record = here.record(commits ? kCommittedRecord : kAbortedRecord, note),
          .force = force && here.settings.force_commit,
          .fact = {}};
}

void Participant::log(const Here& here, Outcome outcome, bool force) {
  const XaRecord made = record(here, outcome, force);
  here.context.append(*made.record);
  if (made.force) here.force();
}

// ---- which transactions there are

void Participant::remember(Here& here) {
  here.state = &branches_[here.id];
  here->number = here.mark.number;
  here->kind = here.kind_index;
}

// A session of its own, and the branch started in it.
void Participant::open(Here& here) {
  remember(here);
  const XaCode started = resource_.start(here->session, here.id, here.kind_index);
  TXSIM_ASSERT(started == XaCode::Ok, "starts a branch that is there");
}

// A branch that does not vote in the same handler must not wait forever.
void Participant::limit_wait(const Here& here) {
  if (here->timer.is_set() || !here.settings.idle_timeout) return;
  here->timer = here.set_timer(kIdleTimeout, *here.settings.idle_timeout);
}

// The branch has ended; it is erased when its coordinator has forgotten the transaction.
void Participant::close(const Here& here) {
  here.cancel_timer(here->timer);
  here.cancel_timer(here->heuristic);
  peers_[here.coordinator()].closed.push({here->number, here.id});
}

void Participant::learn_oldest(NodeId coordinator, std::uint64_t oldest) {
  Peer& peer = peers_[coordinator];
  if (oldest <= peer.oldest) return;
  peer.oldest = oldest;
  while (!peer.closed.empty() && peer.closed.front().number < oldest) {
    branches_.erase(peer.closed.front().id);
    peer.closed.pop();
  }
}

bool Participant::is_forgotten(const Here& here) const {
  const Peer* peer = peers_.find(here.coordinator());
  return peer != nullptr && here.mark.number < peer->oldest;
}

// A late duplicate, or the coordinator's clock went back: the answer says which numbers are
// forgotten.
void Participant::refuse_forgotten(Here& here, const Message& message, Word refusal) const {
  here.mark = {.oldest = peers_.find(message.from)->oldest};
  here.send(message.from, refusal, {.step = message.step});
}

// ---- before the vote

void Participant::on_update(Here& here, const Message& message) {
  if (!here.is_known()) {
    if (is_forgotten(here)) return refuse_forgotten(here, message, kUpdateRefused);
    open(here);
    limit_wait(here);
  }
  switch (here->state()) {
    case State::Active:
      break;
    case State::Idle:
      here.send(here.coordinator(), kUpdated, {.step = message.step});
      return;
    case State::Aborted:
      here.send(here.coordinator(), kUpdateRefused, {.step = message.step});
      return;
    case State::Prepared:
    case State::Committed:
    case State::Left:
      return;  // a duplicate: the coordinator has continued
  }
  if (here->waiting == message.step || here->asked) return;  // a duplicate
  switch (resource_.update(here, here->session, message.step)) {
    case StepResult::Done:
      step_done(here, message.step);
      break;
    case StepResult::Waiting:
      here->waiting = message.step;
      break;
    case StepResult::Refused:
      refuse(here, message.step);
      break;
  }
}

void Participant::step_done(const Here& here, std::uint16_t step) {
  here->done |= bit(step);
  if (!here.settings.hold_locks) here.store.release_locks(here.context, here.id);
  if (here->asked) {
    do_all_steps(here);
    return;
  }
  if (here->done == here.own_steps()) resource_.end(here->session, here.id);
  here.send(here.coordinator(), kUpdated, {.step = step});
}

// The updates arrived with the request: all of them are done before it is answered.
void Participant::do_all_steps(const Here& here) {
  std::uint64_t left = here.own_steps() & ~here->done;
  for (; left != 0; left &= left - 1) {
    const auto step = static_cast<std::uint16_t>(lowest(left));
    const StepResult result = resource_.update(here, here->session, step);
    if (result == StepResult::Waiting) {
      here->waiting = step;
      limit_wait(here);
      return;
    }
    if (result == StepResult::Refused) {
      refuse(here, step);
      return;
    }
    here->done |= bit(step);
    if (!here.settings.hold_locks) here.store.release_locks(here.context, here.id);
  }
  resource_.end(here->session, here.id);
  if (here->asked == kCommitOnePhase) {
    commit_one_phase(here);
  } else {
    vote(here);
  }
}

void Participant::on_lock(const Home& home, const LockNews& news) {
  const Here here = at(home, news.transaction);
  if (!here.is_known() || here->waiting != news.step) return;
  here->waiting = kNoStep;
  resource_.waited(here, here->session, news.result);
  if (news.result == StepResult::Refused) {
    refuse(here, news.step);
  } else {
    step_done(here, news.step);
  }
}

// A step cannot be done: rolls the branch back and sends a refusal.
void Participant::refuse(const Here& here, std::uint16_t step) {
  if (here->asked == kPrepare) {
    vote_no(here);
    return;
  }
  const Word refusal = here->asked == kCommitOnePhase ? kAborted : kUpdateRefused;
  roll_back(here);
  here.send(here.coordinator(), refusal, {.step = step});
}

void Participant::roll_back(const Here& here) {
  // A step may be waiting for its row lock: only the end of its session stops it.
  resource_.disconnect(here, here->session);
  end(here, State::Aborted);
  here.announce(FactKind::Finished, Outcome::Aborted);
  close(here);
}

// ---- the vote

void Participant::on_prepare(Here& here, const Message& message) {
  if (!here.is_known()) {
    if (is_forgotten(here)) return refuse_forgotten(here, message, kVoteNo);
    open(here);
    // Its updates never arrived or were lost in a crash: no.
    if (!here.settings.with_prepare) {
      vote_no(here);
      return;
    }
  }
  switch (here->state()) {
    case State::Active:
      if (here->asked) return;  // a duplicate; its steps are under way
      if (here.settings.with_prepare) {
        here->asked = kPrepare;
        do_all_steps(here);
      } else {
        vote_no(here);
      }
      break;
    case State::Idle:
      vote(here);
      break;
    case State::Prepared:
    case State::Committed:
      here.send(here.coordinator(), kVoteYes);
      break;
    case State::Left:
      here.send(here.coordinator(), kVoteReadOnly);
      break;
    case State::Aborted:
      here.send(here.coordinator(), kVoteNo);
      break;
  }
}

void Participant::vote(const Here& here) {
  const TwoPhaseCommitSettings& settings = here.settings;
  here.cancel_timer(here->timer);
  if (settings.read_only_vote && resource_.lets_readers_leave() && here.own_writes() == 0) {
    const XaRecord leaving{{}, false, here.voted(Vote::ReadOnly)};
    require(resource_.prepare(here, here->session, here.id, leaving, true), XaCode::ReadOnly);
    end(here, State::Left);
    here.announce(FactKind::Finished, Outcome::Unknown);
    here.send(here.coordinator(), kVoteReadOnly);
    close(here);
    return;
  }
  here->beyond = here.store.beyond_of(here.id);
  ParticipantNote note{here->number, here.store.steps_of(here.id), here.coordinator()};
  note.beyond = here->beyond;
  const XaRecord prepared{here.record(kPreparedRecord, note), settings.force_prepare,
                          here.voted(Vote::Yes)};
  require(resource_.prepare(here, here->session, here.id, prepared), XaCode::Ok);
  here.send(here.coordinator(), kVoteYes);
  here->timer = here.set_timer(kDecisionTimeout, settings.decision_timeout);
  if (settings.heuristic_after) {
    here->heuristic = here.set_timer(kHeuristicAfter, *settings.heuristic_after);
  }
}

void Participant::vote_no(const Here& here) {
  log(here, Outcome::Aborted, here.settings.acknowledged(Outcome::Aborted));
  // A reader that lost its branch in a crash may have voted before: it revokes nothing.
  const bool may_have_voted = here->done == 0 && here.own_writes() == 0;
  if (!may_have_voted) {
    here.announce(here.voted(Vote::No));
  }
  roll_back(here);
  here.send(here.coordinator(), kVoteNo);
}

void Participant::on_commit_one_phase(Here& here, const Message& message) {
  if (!here.is_known()) {
    if (is_forgotten(here) || !here.settings.with_prepare) {
      here.mark = message.body.get<Mark>();
      here.send(message.from, kAborted);
      return;
    }
    open(here);
  }
  switch (here->state()) {
    case State::Active:
      if (here->asked) return;  // a duplicate; its steps are under way
      here->asked = kCommitOnePhase;
      if (here.settings.with_prepare) {
        do_all_steps(here);
      } else {
        refuse(here, 0);
      }
      break;
    case State::Idle:
      commit_one_phase(here);
      break;
    case State::Committed:
      here.send(here.coordinator(), kCommitted);
      break;
    case State::Aborted:
      here.send(here.coordinator(), kAborted);
      break;
    case State::Prepared:
    case State::Left:
      TXSIM_ASSERT(false, "one phase after a vote");
      break;
  }
}

// It decides for its coordinator, so it remembers the outcome until the coordinator has learned it.
void Participant::commit_one_phase(const Here& here) {
  here.cancel_timer(here->timer);
  here->one_phase = true;
  XaRecord committed = record(here, Outcome::Committed, true);
  committed.fact = here.voted(Vote::Yes);
  require(resource_.commit_one_phase(here, here->session, here.id, committed), XaCode::Ok);
  end(here, State::Committed);
  here.announce(FactKind::Finished, Outcome::Committed);
  here.send(here.coordinator(), kCommitted);
  if (here.settings.resend) {
    here->timer = here.set_timer(kAnswerAgain, here.settings.resend_after);
  }
}

void Participant::on_ack(const Here& here) {
  if (!here.is_known() || !here->one_phase) return;  // a duplicate
  here->one_phase = false;
  here.append(kEndRecord, ParticipantNote{here->number});
  close(here);
}

// ---- Once it has voted: the decision, doubt, and a decision of its own

void Participant::on_decision(Here& here, const Message& message, Outcome outcome) {
  const bool from_peer = message.from != here.coordinator();
  if (!here.is_known()) {
    if (from_peer) return;
    if (outcome == Outcome::Aborted && !here.settings.rollback_by_id) undo_what_is_active(here);
    // It has committed and forgotten, or has nothing here. An Abort that arrives before its
    // transaction is remembered.
    if (outcome == Outcome::Aborted && !is_forgotten(here)) {
      remember(here);
      if (message.body.get<Mark>().detail != 0) log(here, outcome, true);
      end(here, State::Aborted);
      close(here);
    }
    acknowledge(here, message);
    return;
  }
  if (from_peer && here->state() != State::Prepared) return;
  if (here->alone) {
    meet_decision(here, message, outcome);
    return;
  }
  switch (here->state()) {
    case State::Prepared:
      here.end_doubt(outcome);
      if (here.settings.pass_on == PassOn::Before) pass_on(here, outcome);
      finish(here, outcome);
      if (here.settings.pass_on == PassOn::After) pass_on(here, outcome);
      break;
    case State::Active:
    case State::Idle:
      // Only a coordinator without unanimity sends Commit without a vote; an incomplete branch
      // cannot be committed.
      if (outcome == Outcome::Committed && here->state() == State::Idle) {
        finish(here, outcome);
        break;
      }
      if (message.body.get<Mark>().detail != 0) {
        log(here, Outcome::Aborted, here.settings.acknowledged(Outcome::Aborted));
      }
      roll_back(here);
      break;
    case State::Committed:
    case State::Aborted:
    case State::Left:
      break;  // a duplicate
  }
  if (!from_peer) acknowledge(here, message);
}

// Each branch in its session, which continues as if nothing had happened: later statements are all
// that its branch has. A session that waits for a row does nothing else meanwhile.
void Participant::undo_what_is_active(const Home& home) {
  branches_.for_each_sorted([&](TransactionId id, const Branch& branch) {
    if (branch.state() == State::Active && branch.waiting == kNoStep) {
      home.store.abort(home.context, id);
    }
  });
}

void Participant::pass_on(const Here& here, Outcome outcome) {
  for (const NodeId peer : here.kind().participants) {
    if (peer == here.self()) continue;
    here.send(peer, outcome == Outcome::Committed ? kCommit : kAbort);
  }
}

void Participant::acknowledge(const Here& here, const Message& message) {
  if (message.body.get<Mark>().detail != 0) here.reply(message, kAck);
}

// The database ends the branch: by a record, and the fact with it if there is one.
void Participant::end_in_database(const Here& here, Outcome outcome, const XaRecord& record) {
  const bool commits = outcome == Outcome::Committed;
  if (here->state() == State::Idle) {  // commits without a vote
    require(resource_.commit_one_phase(here, here->session, here.id, record), XaCode::Ok);
  } else if (commits) {
    require(resource_.commit(here, here->session, here.id, record), XaCode::Ok);
  } else {
    require(resource_.rollback(here, here->session, here.id, record), XaCode::Ok);
  }
  end(here, commits ? State::Committed : State::Aborted);
}

void Participant::finish(const Here& here, Outcome outcome) {
  const bool force = here.settings.acknowledged(outcome);
  end_in_database(here, outcome, record(here, outcome, force));
  if (!here.settings.unlock_with_end) {
    here.append(kUnlockedRecord, ParticipantNote{here->number});
  }
  here.announce(FactKind::Finished, outcome);
  if (!here->alone) close(here);
}

// ---- in doubt

void Participant::on_timer(const Home& home, const Timer& timer) {
  const Here here = at(home, timer.transaction);
  TXSIM_ASSERT(here.is_known(), "a forgotten branch has no timer");
  switch (timer.what.id) {
    case kIdleTimeout.id:
      here->timer = {};
      if (here->asked) {
        refuse(here, here->waiting);
      } else {
        give_up(here);
      }
      break;
    case kDecisionTimeout.id:
      here->timer = {};
      if (here->state() == State::Prepared) {
        here.announce(FactKind::InDoubt, Outcome::Unknown);
      }
      if (here.settings.resend) inquire(here);
      break;
    case kHeuristicAfter.id:
      here->heuristic = {};
      decide_alone(here);
      break;
    case kAnswerAgain.id:
      here.send(here.coordinator(), kCommitted);
      here.announce_resent(here.coordinator());
      here->timer = here.set_timer(kAnswerAgain, here.settings.resend_after);
      break;
    default:
      TXSIM_ASSERT(false, "a timer that the participant never sets");
  }
}

// Its wait for Prepare has timed out. No message is needed; but a repeated Update must not open the
// branch again after a crash.
void Participant::give_up(const Here& here) {
  log(here, Outcome::Aborted, false);
  here.force();
  roll_back(here);
}

void Participant::inquire(const Here& here) {
  here.send(here.coordinator(), kInquiry);
  if (here.settings.cooperative_termination && here->state() == State::Prepared) {
    for (const NodeId peer : here.kind().participants) {
      if (peer != here.self()) here.send(peer, kInquiry);
    }
  }
  here->timer = here.set_timer(kDecisionTimeout, here.settings.decision_timeout);
}

// Another participant is in doubt. A participant that has not voted yet never will, and says so,
// but only once its abort is certain to survive a crash.
void Participant::on_inquiry(Here& here, const Message& message) {
  Word reply = kUncertain;
  if (!here.is_known()) {
    const bool may_have_left = here.settings.read_only_vote && here.own_writes() == 0;
    if (!is_forgotten(here) && !may_have_left) {
      remember(here);
      end(here, State::Aborted);
      close(here);
    }
  } else if (here->state() == State::Active || here->state() == State::Idle) {
    roll_back(here);
  }
  if (here.is_known() && !here->alone) {
    if (here->state() == State::Committed) reply = kCommit;
    if (here->state() == State::Aborted) {
      if (!here->logged) log(here, Outcome::Aborted, false);
      reply = kAbort;
    }
    if (reply != kUncertain) here.force();
  }
  here.reply(message, reply);
}

// ---- the heuristic decision

void Participant::decide_alone(const Here& here) {
  const Outcome outcome = here.settings.heuristic_choice == HeuristicChoice::Commit
                              ? Outcome::Committed
                              : Outcome::Aborted;
  here->alone = true;
  here.end_doubt(outcome);
  XaRecord decided = record(here, outcome, true);
  decided.fact = here.fact(FactKind::DecidedAlone, outcome);
  end_in_database(here, outcome, decided);
  here.announce(FactKind::Finished, outcome);
}

// The coordinator's decision reaches a participant that has decided alone.
void Participant::meet_decision(const Here& here, const Message& message, Outcome outcome) {
  const Outcome own = here->state() == State::Committed ? Outcome::Committed : Outcome::Aborted;
  if (!here->settled) {
    here->settled = true;
    here.append(kEndRecord, ParticipantNote{here->number});
    close(here);
  }
  if (own == outcome) {
    acknowledge(here, message);
  } else {
    here.send(here.coordinator(), kAckHeuristic, {.value = static_cast<std::int64_t>(own)});
  }
}

// ---- Recovery and checkpoints. Nothing is forced while a node recovers, so that all its
// announcements about what it found come in the instant of its restart.

void Participant::read(const Home& home, const LogRecord& record) {
  switch (record.type.id) {
    case kPreparedRecord.id:
    case kCommittedRecord.id:
    case kAbortedRecord.id:
    case kForgottenRecord.id:
    case kUnlockedRecord.id:
    case kEndRecord.id:
      break;
    default:
      return;  // the store's or the receiver's
  }
  const auto note = record.body.get<ParticipantNote>();
  if (record.type == kForgottenRecord) {
    peers_[note.coordinator].oldest = note.number;
    return;
  }
  Branch& branch = branches_[record.transaction];
  if (record.type == kEndRecord) {
    branch.settled = branch.alone;
    branch.one_phase = false;
    return;
  }
  if (record.type == kUnlockedRecord) {
    branch.locked = 0;
    return;
  }
  if (!home.settings.unlock_with_end && record.type != kPreparedRecord) branch.locked = branch.done;
  branch.number = note.number;
  branch.kind = record.transaction_type;
  branch.done = note.steps;
  branch.beyond = note.beyond;
  if (record.type == kPreparedRecord) {
    branch.ended.reset();
    return;
  }
  const bool commits = record.type == kCommittedRecord;
  if (commits) home.store.redo(record.transaction_type, note.steps, note.beyond);
  branch.ended = commits ? State::Committed : State::Aborted;
  branch.logged = true;
  branch.alone = note.alone != 0;
  branch.one_phase = note.one_phase != 0;
}

void Participant::resume(const Home& home) {
  for (const TransactionId id : branches_.sorted_keys()) {
    const Here here = at(home, id);
    switch (here->state()) {
      case State::Active:
      case State::Idle:
      case State::Left:
        TXSIM_ASSERT(false, "no record shows such a branch");
        break;
      case State::Prepared:
        resume_prepared(here);
        break;
      case State::Committed:
        resume_ended(here, Outcome::Committed);
        break;
      case State::Aborted:
        resume_ended(here, Outcome::Aborted);
        break;
    }
  }
}

void Participant::resume_prepared(const Here& here) {
  if (!resource_.restore(here, here.id, here.id, here.kind_index, here->done,
                         here->beyond)) {  // it had only read
    end(here, State::Left);
    here.announce(FactKind::Finished, Outcome::Unknown);
    close(here);
    return;
  }
  here.announce(here.voted(Vote::Yes));
  if (here.settings.heuristic_after) {
    here->heuristic = here.set_timer(kHeuristicAfter, *here.settings.heuristic_after);
  }
  if (here.settings.resend) {
    inquire(here);
  } else {
    here->timer = here.set_timer(kDecisionTimeout, here.settings.decision_timeout);
  }
}

void Participant::resume_ended(const Here& here, Outcome outcome) {
  here.store.lock_again(here.context, here.id, here.kind_index, here->locked);
  if (here->one_phase) {
    here.announce(here.voted(Vote::Yes));
  }
  if (here->alone) here.announce(FactKind::DecidedAlone, outcome);
  here.announce(FactKind::Finished, outcome);
  if (here->one_phase) {
    here.send(here.coordinator(), kCommitted);
    if (here.settings.resend) {
      here->timer = here.set_timer(kAnswerAgain, here.settings.resend_after);
    }
  } else if (here->alone && !here->settled) {
    if (here.settings.resend) inquire(here);
  } else {
    close(here);
  }
}

void Participant::write_checkpoint(const Plan& plan, std::vector<LogRecord>& log) const {
  peers_.for_each_sorted([&](std::uint64_t node, const Peer& peer) {
    ParticipantNote note;
    note.number = peer.oldest;
    note.coordinator = static_cast<NodeId>(node);
    log.push_back(record_of(kForgottenRecord, 0, 0, note));
  });
  branches_.for_each_sorted([&](TransactionId id, const Branch& branch) {
    ParticipantNote note;
    note.number = branch.number;
    note.coordinator = plan.kinds[branch.kind].begins_at;
    note.alone = branch.alone ? 1 : 0;
    note.one_phase = branch.one_phase ? 1 : 0;
    switch (branch.state()) {
      case State::Active:
      case State::Idle:
      case State::Left:
        return;
      case State::Prepared:
        note.steps = branch.done;
        note.beyond = branch.beyond;
        log.push_back(record_of(kPreparedRecord, id, branch.kind, note));
        return;
      case State::Committed:
        log.push_back(record_of(kCommittedRecord, id, branch.kind, note));
        break;
      case State::Aborted:
        log.push_back(record_of(kAbortedRecord, id, branch.kind, note));
        break;
    }
    if (branch.settled) log.push_back(record_of(kEndRecord, id, branch.kind, note));
  });
}

}  // namespace txsim::two_phase
