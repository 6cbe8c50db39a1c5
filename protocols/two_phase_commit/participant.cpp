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
    case XaSession::State::Prepared:  // by rules that leave it to its session
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

void Participant::end(Branch& branch, State state) {
  TXSIM_ASSERT(!branch.ended, "a branch ends once");
  branch.session = {};
  branch.ended = state;
}

void Participant::on(const Home& home, const Message& message) {
  const NodeId coordinator = home.kind(message.kind).begins_at;
  if (message.from == coordinator) {
    learn_oldest(coordinator, message.body.get<Mark>().oldest);
  }
  Branch* branch = branches_.find(message.transaction);
  switch (message.type.id) {
    case kUpdate.id:
      on_update(home, message, branch);
      break;
    case kPrepare.id:
      on_prepare(home, message, branch);
      break;
    case kCommit.id:
      on_decision(home, message, branch, Outcome::Committed);
      break;
    case kAbort.id:
      on_decision(home, message, branch, Outcome::Aborted);
      break;
    case kCommitOnePhase.id:
      on_commit_one_phase(home, message, branch);
      break;
    case kAck.id:
      on_ack(home, message, branch);
      break;
    case kInquiry.id:
      on_inquiry(home, message, branch);
      break;
    case kUncertain.id:
      break;  // nothing learned: the timer asks again
    default:
      TXSIM_ASSERT(false, "a message that nobody sends to a participant");
  }
}

void Participant::answer(const Home& home, Word type, TransactionId id, const Branch& branch,
                         std::int64_t value, std::uint16_t step) const {
  home.send(home.kind(branch.kind).begins_at, type, id, branch.kind, Mark{branch.number, 0, 0},
            step, value);
}

XaRecord Participant::record(const Home& home, TransactionId id, Branch& branch, Outcome outcome,
                             bool force) {
  const bool commits = outcome == Outcome::Committed;
  ParticipantNote note;
  note.number = branch.number;
  note.steps = commits ? home.store.steps_of(id) : 0;
  note.beyond = commits ? home.store.beyond_of(id) : 0;
  note.coordinator = home.kind(branch.kind).begins_at;
  note.alone = branch.alone ? 1 : 0;
  note.one_phase = branch.one_phase ? 1 : 0;
  branch.logged = true;
  return {
      .record = Home::record(commits ? kCommittedRecord : kAbortedRecord, id, branch.kind, note),
      .force = force && home.settings.force_commit,
      .fact = {}};
}

void Participant::log(const Home& home, TransactionId id, Branch& branch, Outcome outcome,
                      bool force) {
  const XaRecord made = record(home, id, branch, outcome, force);
  home.context.append(*made.record);
  if (made.force) home.context.force();
}

Fact Participant::voted(TransactionId id, const Branch& branch, Vote vote) {
  return {.what = fact_word(FactKind::Voted),
          .transaction = id,
          .value = static_cast<std::int64_t>(vote),
          .extra = branch.kind};
}

// ---- which transactions there are

Participant::Branch& Participant::remember(const Message& message) {
  Branch& branch = branches_[message.transaction];
  branch.number = message.body.get<Mark>().number;
  branch.kind = message.kind;
  return branch;
}

// A session of its own, and the branch started in it.
Participant::Branch& Participant::open(const Message& message) {
  Branch& branch = remember(message);
  const XaCode started = resource_.start(branch.session, message.transaction, message.kind);
  TXSIM_ASSERT(started == XaCode::Ok, "starts a branch that is there");
  return branch;
}

// A branch that does not vote in the same handler will not wait forever.
void Participant::limit_wait(const Home& home, TransactionId id, Branch& branch) {
  if (branch.timer.is_set() || !home.settings.idle_timeout) return;
  branch.timer = home.context.set_timer(kIdleTimeout, *home.settings.idle_timeout, id);
}

// The branch has ended; it is erased when its coordinator has forgotten the transaction.
void Participant::close(const Home& home, TransactionId id, Branch& branch) {
  home.context.cancel_timer(branch.timer);
  home.context.cancel_timer(branch.heuristic);
  peers_[home.kind(branch.kind).begins_at].closed.push({branch.number, id});
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

bool Participant::is_forgotten(const Home& home, const Message& message) const {
  const Peer* peer = peers_.find(home.kind(message.kind).begins_at);
  return peer != nullptr && message.body.get<Mark>().number < peer->oldest;
}

// ---- before the vote

void Participant::on_update(const Home& home, const Message& message, Branch* branch) {
  const TransactionId id = message.transaction;
  if (branch == nullptr) {
    if (is_forgotten(home, message)) {  // a late duplicate, or the coordinator's clock went back
      const Peer& peer = *peers_.find(message.from);
      home.send(message.from, kUpdateRefused, id, message.kind, Mark{0, peer.oldest, 0},
                message.step);
      return;
    }
    branch = &open(message);
    limit_wait(home, id, *branch);
  }
  switch (branch->state()) {
    case State::Active:
      break;
    case State::Idle:
      answer(home, kUpdated, id, *branch, 0, message.step);
      return;
    case State::Aborted:
      answer(home, kUpdateRefused, id, *branch, 0, message.step);
      return;
    case State::Prepared:
    case State::Committed:
    case State::Left:
      return;  // a duplicate: the coordinator has gone on
  }
  if (branch->waiting == message.step || branch->asked) return;  // a duplicate
  switch (resource_.update(home, branch->session, message.step)) {
    case StepResult::Done:
      step_done(home, id, *branch, message.step);
      break;
    case StepResult::Waiting:
      branch->waiting = message.step;
      break;
    case StepResult::Refused:
      refuse(home, id, *branch, message.step);
      break;
  }
}

void Participant::step_done(const Home& home, TransactionId id, Branch& branch,
                            std::uint16_t step) {
  branch.done |= bit(step);
  if (!home.settings.hold_locks) home.store.release_locks(home.context, id);
  if (branch.asked) {
    do_all_steps(home, id, branch);
    return;
  }
  if (branch.done == home.shares[branch.kind].steps) resource_.end(branch.session, id);
  answer(home, kUpdated, id, branch, 0, step);
}

// The updates travelled with the request: all of them are done before it is answered.
void Participant::do_all_steps(const Home& home, TransactionId id, Branch& branch) {
  std::uint64_t left = home.shares[branch.kind].steps & ~branch.done;
  for (; left != 0; left &= left - 1) {
    const auto step = static_cast<std::uint16_t>(lowest(left));
    const StepResult result = resource_.update(home, branch.session, step);
    if (result == StepResult::Waiting) {
      branch.waiting = step;
      limit_wait(home, id, branch);
      return;
    }
    if (result == StepResult::Refused) {
      refuse(home, id, branch, step);
      return;
    }
    branch.done |= bit(step);
    if (!home.settings.hold_locks) home.store.release_locks(home.context, id);
  }
  resource_.end(branch.session, id);
  if (branch.asked == kCommitOnePhase) {
    commit_one_phase(home, id, branch);
  } else {
    vote(home, id, branch);
  }
}

void Participant::on_lock(const Home& home, const LockNews& news) {
  Branch* branch = branches_.find(news.transaction);
  if (branch == nullptr || branch->waiting != news.step) return;
  branch->waiting = kNoStep;
  resource_.waited(home, branch->session, news.result);
  if (news.result == StepResult::Refused) {
    refuse(home, news.transaction, *branch, news.step);
  } else {
    step_done(home, news.transaction, *branch, news.step);
  }
}

// A step cannot be done: the branch is rolled back, and the sender gets a refusal.
void Participant::refuse(const Home& home, TransactionId id, Branch& branch, std::uint16_t step) {
  if (branch.asked == kPrepare) {
    vote_no(home, id, branch);
    return;
  }
  const Word refusal = branch.asked == kCommitOnePhase ? kAborted : kUpdateRefused;
  roll_back(home, id, branch);
  answer(home, refusal, id, branch, 0, step);
}

void Participant::roll_back(const Home& home, TransactionId id, Branch& branch) {
  // A step may be waiting for its row lock: nothing but the end of its session makes it stop.
  resource_.disconnect(home, branch.session);
  end(branch, State::Aborted);
  home.announce(FactKind::Finished, id, number_of(Outcome::Aborted), branch.kind);
  close(home, id, branch);
}

// ---- the vote

void Participant::on_prepare(const Home& home, const Message& message, Branch* branch) {
  const TransactionId id = message.transaction;
  if (branch == nullptr) {
    if (is_forgotten(home, message)) {
      home.send(message.from, kVoteNo, id, message.kind,
                Mark{0, peers_.find(message.from)->oldest, 0});
      return;
    }
    branch = &open(message);
    // Without the updates it has never come or was lost in a crash: no.
    if (!home.settings.with_prepare) {
      vote_no(home, id, *branch);
      return;
    }
  }
  switch (branch->state()) {
    case State::Active:
      if (branch->asked) return;  // a duplicate; its steps are under way
      if (home.settings.with_prepare) {
        branch->asked = kPrepare;
        do_all_steps(home, id, *branch);
      } else {
        vote_no(home, id, *branch);
      }
      break;
    case State::Idle:
      vote(home, id, *branch);
      break;
    case State::Prepared:
    case State::Committed:
      answer(home, kVoteYes, id, *branch);
      break;
    case State::Left:
      answer(home, kVoteReadOnly, id, *branch);
      break;
    case State::Aborted:
      answer(home, kVoteNo, id, *branch);
      break;
  }
}

void Participant::vote(const Home& home, TransactionId id, Branch& branch) {
  const TwoPhaseCommitSettings& settings = home.settings;
  home.context.cancel_timer(branch.timer);
  if (settings.read_only_vote && resource_.lets_readers_leave() &&
      !home.shares[branch.kind].changes) {
    const XaRecord leaving{{}, false, voted(id, branch, Vote::ReadOnly)};
    require(resource_.prepare(home, branch.session, id, leaving, true), XaCode::ReadOnly);
    end(branch, State::Left);
    home.announce(FactKind::Finished, id, number_of(Outcome::Unknown), branch.kind);
    answer(home, kVoteReadOnly, id, branch);
    close(home, id, branch);
    return;
  }
  branch.beyond = home.store.beyond_of(id);
  ParticipantNote note{branch.number, home.store.steps_of(id), home.kind(branch.kind).begins_at};
  note.beyond = branch.beyond;
  const XaRecord prepared{Home::record(kPreparedRecord, id, branch.kind, note),
                          settings.force_prepare, voted(id, branch, Vote::Yes)};
  require(resource_.prepare(home, branch.session, id, prepared), XaCode::Ok);
  answer(home, kVoteYes, id, branch);
  branch.timer = home.context.set_timer(kDecisionTimeout, settings.decision_timeout, id);
  if (settings.heuristic_after) {
    branch.heuristic = home.context.set_timer(kHeuristicAfter, *settings.heuristic_after, id);
  }
}

void Participant::vote_no(const Home& home, TransactionId id, Branch& branch) {
  log(home, id, branch, Outcome::Aborted, home.settings.acknowledged(Outcome::Aborted));
  // A reader that lost its branch in a crash may have voted before: it takes nothing back.
  const bool may_have_voted = branch.done == 0 && !home.shares[branch.kind].changes;
  if (!may_have_voted) {
    home.context.announce(voted(id, branch, Vote::No));
  }
  roll_back(home, id, branch);
  answer(home, kVoteNo, id, branch);
}

void Participant::on_commit_one_phase(const Home& home, const Message& message, Branch* branch) {
  const TransactionId id = message.transaction;
  if (branch == nullptr) {
    if (is_forgotten(home, message) || !home.settings.with_prepare) {
      home.send(message.from, kAborted, id, message.kind, message.body.get<Mark>());
      return;
    }
    branch = &open(message);
  }
  switch (branch->state()) {
    case State::Active:
      if (branch->asked) return;  // a duplicate; its steps are under way
      branch->asked = kCommitOnePhase;
      if (home.settings.with_prepare) {
        do_all_steps(home, id, *branch);
      } else {
        refuse(home, id, *branch, 0);
      }
      break;
    case State::Idle:
      commit_one_phase(home, id, *branch);
      break;
    case State::Committed:
      answer(home, kCommitted, id, *branch);
      break;
    case State::Aborted:
      answer(home, kAborted, id, *branch);
      break;
    case State::Prepared:
    case State::Left:
      TXSIM_ASSERT(false, "one phase after a vote");
      break;
  }
}

// It decides for its coordinator, and so it remembers the outcome until that has learned it.
void Participant::commit_one_phase(const Home& home, TransactionId id, Branch& branch) {
  home.context.cancel_timer(branch.timer);
  branch.one_phase = true;
  XaRecord committed = record(home, id, branch, Outcome::Committed, true);
  committed.fact = voted(id, branch, Vote::Yes);
  require(resource_.commit_one_phase(home, branch.session, id, committed), XaCode::Ok);
  end(branch, State::Committed);
  home.announce(FactKind::Finished, id, number_of(Outcome::Committed), branch.kind);
  answer(home, kCommitted, id, branch);
  if (home.settings.resend) {
    branch.timer = home.context.set_timer(kAnswerAgain, home.settings.resend_after, id);
  }
}

void Participant::on_ack(const Home& home, const Message& message, Branch* branch) {
  if (branch == nullptr || !branch->one_phase) return;  // a duplicate
  branch->one_phase = false;
  home.append(kEndRecord, message.transaction, branch->kind, ParticipantNote{branch->number});
  close(home, message.transaction, *branch);
}

// ---- Once it has voted: the decision, doubt, and a decision of its own

void Participant::on_decision(const Home& home, const Message& message, Branch* branch,
                              Outcome outcome) {
  const TransactionId id = message.transaction;
  const bool from_peer = message.from != home.kind(message.kind).begins_at;
  if (branch == nullptr) {
    if (from_peer) return;
    if (outcome == Outcome::Aborted && !home.settings.rollback_by_id) undo_what_is_active(home);
    // It has committed and forgotten, or has nothing here. An Abort that came before what it aborts
    // is remembered.
    if (outcome == Outcome::Aborted && !is_forgotten(home, message)) {
      Branch& early = remember(message);
      if (message.body.get<Mark>().detail != 0) log(home, id, early, outcome, true);
      end(early, State::Aborted);
      close(home, id, early);
    }
    acknowledge(home, message);
    return;
  }
  if (from_peer && branch->state() != State::Prepared) return;
  if (branch->alone) {
    meet_decision(home, message, *branch, outcome);
    return;
  }
  switch (branch->state()) {
    case State::Prepared:
      end_doubt(home, id, *branch, outcome);
      if (home.settings.pass_on == PassOn::Before) pass_on(home, id, *branch, outcome);
      finish(home, id, *branch, outcome);
      if (home.settings.pass_on == PassOn::After) pass_on(home, id, *branch, outcome);
      break;
    case State::Active:
    case State::Idle:
      // Commit without a vote comes only from a coordinator without unanimity; what is not complete
      // cannot be committed.
      if (outcome == Outcome::Committed && branch->state() == State::Idle) {
        finish(home, id, *branch, outcome);
        break;
      }
      if (message.body.get<Mark>().detail != 0) {
        log(home, id, *branch, Outcome::Aborted, home.settings.acknowledged(Outcome::Aborted));
      }
      roll_back(home, id, *branch);
      break;
    case State::Committed:
    case State::Aborted:
    case State::Left:
      break;  // a duplicate
  }
  if (!from_peer) acknowledge(home, message);
}

// Each in its session, which goes on as if nothing had happened: what comes next is all that its
// branch has. A session that waits for a row does nothing else meanwhile.
void Participant::undo_what_is_active(const Home& home) {
  branches_.for_each_sorted([&](TransactionId id, const Branch& branch) {
    if (branch.state() == State::Active && branch.waiting == kNoStep) {
      home.store.abort(home.context, id);
    }
  });
}

// No verdict depends on when it learns the decision, only for how long it was in doubt.
void Participant::end_doubt(const Home& home, TransactionId id, const Branch& branch,
                            Outcome outcome) {
  home.context.announce({.what = fact_word(FactKind::DoubtEnded),
                         .transaction = id,
                         .value = number_of(outcome),
                         .extra = branch.kind,
                         .is_measure = true});
}

void Participant::pass_on(const Home& home, TransactionId id, const Branch& branch,
                          Outcome outcome) {
  for (const NodeId peer : home.kind(branch.kind).participants) {
    if (peer == home.self()) continue;
    home.send(peer, outcome == Outcome::Committed ? kCommit : kAbort, id, branch.kind,
              Mark{branch.number, 0, 0});
  }
}

void Participant::acknowledge(const Home& home, const Message& message) const {
  const Mark mark = message.body.get<Mark>();
  if (mark.detail == 0) return;
  home.send(message.from, kAck, message.transaction, message.kind, Mark{mark.number, 0, 0});
}

// The database ends the branch: by a record, and the fact with it if there is one.
void Participant::end_in_database(const Home& home, TransactionId id, Branch& branch,
                                  Outcome outcome, const XaRecord& record) {
  const bool commits = outcome == Outcome::Committed;
  if (branch.state() == State::Idle) {  // commits without a vote
    require(resource_.commit_one_phase(home, branch.session, id, record), XaCode::Ok);
  } else if (commits) {
    require(resource_.commit(home, branch.session, id, record), XaCode::Ok);
  } else {
    require(resource_.rollback(home, branch.session, id, record), XaCode::Ok);
  }
  end(branch, commits ? State::Committed : State::Aborted);
}

void Participant::finish(const Home& home, TransactionId id, Branch& branch, Outcome outcome) {
  const bool force = home.settings.acknowledged(outcome);
  end_in_database(home, id, branch, outcome, record(home, id, branch, outcome, force));
  if (!home.settings.unlock_with_end) {
    home.append(kUnlockedRecord, id, branch.kind, ParticipantNote{branch.number});
  }
  home.announce(FactKind::Finished, id, number_of(outcome), branch.kind);
  if (!branch.alone) close(home, id, branch);
}

// ---- in doubt

void Participant::on_timer(const Home& home, const Timer& timer) {
  const TransactionId id = timer.transaction;
  Branch* branch = branches_.find(id);
  TXSIM_ASSERT(branch != nullptr, "a forgotten branch has no timer");
  switch (timer.what.id) {
    case kIdleTimeout.id:
      branch->timer = {};
      if (branch->asked) {
        refuse(home, id, *branch, branch->waiting);
      } else {
        give_up(home, id, *branch);
      }
      break;
    case kDecisionTimeout.id:
      branch->timer = {};
      if (branch->state() == State::Prepared) {
        home.announce(FactKind::InDoubt, id, 0, branch->kind);
      }
      if (home.settings.resend) inquire(home, id, *branch);
      break;
    case kHeuristicAfter.id:
      branch->heuristic = {};
      decide_alone(home, id, *branch);
      break;
    case kAnswerAgain.id:
      answer(home, kCommitted, id, *branch);
      home.announce(FactKind::Resent, id, 0, 0, home.kind(branch->kind).begins_at);
      branch->timer = home.context.set_timer(kAnswerAgain, home.settings.resend_after, id);
      break;
    default:
      TXSIM_ASSERT(false, "a timer that the participant never sets");
  }
}

// It has waited too long for Prepare. Nobody is told, and nobody need be; but an Update that comes
// twice must not open the branch again after a crash.
void Participant::give_up(const Home& home, TransactionId id, Branch& branch) {
  log(home, id, branch, Outcome::Aborted, false);
  home.context.force();
  roll_back(home, id, branch);
}

void Participant::inquire(const Home& home, TransactionId id, Branch& branch) {
  const TransactionKind& kind = home.kind(branch.kind);
  answer(home, kInquiry, id, branch);
  if (home.settings.cooperative_termination && branch.state() == State::Prepared) {
    for (const NodeId peer : kind.participants) {
      if (peer != home.self()) {
        home.send(peer, kInquiry, id, branch.kind, Mark{branch.number, 0, 0});
      }
    }
  }
  branch.timer = home.context.set_timer(kDecisionTimeout, home.settings.decision_timeout, id);
}

// Another participant is in doubt. Who has not voted yet never will, and says so: but only once
// that is sure to survive a crash.
void Participant::on_inquiry(const Home& home, const Message& message, Branch* branch) {
  const TransactionId id = message.transaction;
  const Mark mark{message.body.get<Mark>().number, 0, 0};
  Word reply = kUncertain;
  if (branch == nullptr) {
    const bool may_have_left = home.settings.read_only_vote && !home.shares[message.kind].changes;
    if (!is_forgotten(home, message) && !may_have_left) {
      Branch& never = remember(message);
      end(never, State::Aborted);
      close(home, id, never);
      branch = &never;
    }
  } else if (branch->state() == State::Active || branch->state() == State::Idle) {
    roll_back(home, id, *branch);
  }
  if (branch != nullptr && !branch->alone) {
    if (branch->state() == State::Committed) reply = kCommit;
    if (branch->state() == State::Aborted) {
      if (!branch->logged) log(home, id, *branch, Outcome::Aborted, false);
      reply = kAbort;
    }
    if (reply != kUncertain) home.context.force(id);
  }
  home.send(message.from, reply, id, message.kind, mark);
}

// ---- the heuristic decision

void Participant::decide_alone(const Home& home, TransactionId id, Branch& branch) {
  const Outcome outcome = home.settings.heuristic_choice == HeuristicChoice::Commit
                              ? Outcome::Committed
                              : Outcome::Aborted;
  branch.alone = true;
  end_doubt(home, id, branch, outcome);
  XaRecord decided = record(home, id, branch, outcome, true);
  decided.fact = Fact{.what = fact_word(FactKind::DecidedAlone),
                      .transaction = id,
                      .value = number_of(outcome),
                      .extra = branch.kind};
  end_in_database(home, id, branch, outcome, decided);
  home.announce(FactKind::Finished, id, number_of(outcome), branch.kind);
}

// The coordinator's decision comes to one who has decided alone.
void Participant::meet_decision(const Home& home, const Message& message, Branch& branch,
                                Outcome outcome) {
  const Outcome own = branch.state() == State::Committed ? Outcome::Committed : Outcome::Aborted;
  if (!branch.settled) {
    branch.settled = true;
    home.append(kEndRecord, message.transaction, branch.kind, ParticipantNote{branch.number});
    close(home, message.transaction, branch);
  }
  if (own == outcome) {
    acknowledge(home, message);
  } else {
    answer(home, kAckHeuristic, message.transaction, branch, number_of(own));
  }
}

// ---- Recovery and checkpoints. Nothing is forced while a node recovers, so that all it announces
// about what it found comes in the instant of its restart.

void Participant::read(const Home& home, const LogRecord& record) {
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
  branch.kind = record.kind;
  branch.done = note.steps;
  branch.beyond = note.beyond;
  if (record.type == kPreparedRecord) {
    branch.ended.reset();
    return;
  }
  const bool commits = record.type == kCommittedRecord;
  if (commits) home.store.redo(record.kind, note.steps, note.beyond);
  branch.ended = commits ? State::Committed : State::Aborted;
  branch.logged = true;
  branch.alone = note.alone != 0;
  branch.one_phase = note.one_phase != 0;
}

void Participant::resume(const Home& home) {
  for (const TransactionId id : branches_.sorted_keys()) {
    Branch& branch = *branches_.find(id);
    switch (branch.state()) {
      case State::Active:
      case State::Idle:
      case State::Left:
        TXSIM_ASSERT(false, "no record shows such a branch");
        break;
      case State::Prepared:
        resume_prepared(home, id, branch);
        break;
      case State::Committed:
        resume_ended(home, id, branch, Outcome::Committed);
        break;
      case State::Aborted:
        resume_ended(home, id, branch, Outcome::Aborted);
        break;
    }
  }
}

void Participant::resume_prepared(const Home& home, TransactionId id, Branch& branch) {
  if (!resource_.restore(home, id, id, branch.kind, branch.done,
                         branch.beyond)) {  // it had only read
    end(branch, State::Left);
    home.announce(FactKind::Finished, id, number_of(Outcome::Unknown), branch.kind);
    close(home, id, branch);
    return;
  }
  home.context.announce(voted(id, branch, Vote::Yes));
  if (home.settings.heuristic_after) {
    branch.heuristic = home.context.set_timer(kHeuristicAfter, *home.settings.heuristic_after, id);
  }
  if (home.settings.resend) {
    inquire(home, id, branch);
  } else {
    branch.timer = home.context.set_timer(kDecisionTimeout, home.settings.decision_timeout, id);
  }
}

void Participant::resume_ended(const Home& home, TransactionId id, Branch& branch,
                               Outcome outcome) {
  const auto value = static_cast<std::int64_t>(outcome);
  home.store.lock_again(home.context, id, branch.kind, branch.locked);
  if (branch.one_phase) {
    home.context.announce(voted(id, branch, Vote::Yes));
  }
  if (branch.alone) home.announce(FactKind::DecidedAlone, id, value, branch.kind);
  home.announce(FactKind::Finished, id, value, branch.kind);
  if (branch.one_phase) {
    answer(home, kCommitted, id, branch);
    if (home.settings.resend) {
      branch.timer = home.context.set_timer(kAnswerAgain, home.settings.resend_after, id);
    }
  } else if (branch.alone && !branch.settled) {
    if (home.settings.resend) inquire(home, id, branch);
  } else {
    close(home, id, branch);
  }
}

void Participant::write_checkpoint(const Plan& plan, std::vector<LogRecord>& log) const {
  peers_.for_each_sorted([&](std::uint64_t node, const Peer& peer) {
    ParticipantNote note;
    note.number = peer.oldest;
    note.coordinator = static_cast<NodeId>(node);
    Home::write(log, kForgottenRecord, 0, 0, note);
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
        Home::write(log, kPreparedRecord, id, branch.kind, note);
        return;
      case State::Committed:
        Home::write(log, kCommittedRecord, id, branch.kind, note);
        break;
      case State::Aborted:
        Home::write(log, kAbortedRecord, id, branch.kind, note);
        break;
    }
    if (branch.settled) Home::write(log, kEndRecord, id, branch.kind, note);
  });
}

}  // namespace txsim::two_phase
