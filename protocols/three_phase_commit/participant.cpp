#include "protocols/three_phase_commit/participant.h"

#include <string>

#include "sim/assert.h"

namespace txsim::three_phase {

Participant::State Participant::Branch::state() const {
  if (ended) return *ended;
  switch (session.state) {
    case XaSession::State::Active:
      return State::Active;
    case XaSession::State::Idle:
      return State::Idle;
    case XaSession::State::None:
      return precommitted ? State::PreCommitted : State::Wait;
    case XaSession::State::Prepared:
    case XaSession::State::Local:
      break;
  }
  TXSIM_ASSERT(false, "by these rules a prepared branch has no session");
}

void Participant::require(XaCode given, XaCode wanted) {
  TXSIM_ASSERT(given == wanted, std::string("the database answers ") + text(given));
}

void Participant::end(const Here& here, State state) {
  TXSIM_ASSERT(!here->ended, "a branch ends once");
  here->session = {};
  here->ended = state;
}

void Participant::pre_commit(const Here& here) {
  TXSIM_ASSERT(here->is_in_doubt(), "PRECOMMITTED comes after WAIT");
  here->precommitted = true;
}

void Participant::on(const Home& home, const Message& message) {
  const Mark theirs = message.body.get<Mark>();
  const NodeId coordinator = home.kind(message.transaction_type).begins_at;
  if (message.from == coordinator) learn_oldest(home, coordinator, theirs.oldest);
  Here here = at(home, message.transaction, message.transaction_type, theirs.number);
  if (here.is_known() && here->number != theirs.number) {
    if (here->number > theirs.number) return on_earlier_execution(here, message);
    end_earlier_execution(here);
    here.mark.number = theirs.number;
  }
  switch (message.type.id) {
    case kUpdate.id:
      on_update(here, message);
      break;
    case kPrepare.id:
      on_prepare(here, message);
      break;
    case kPreCommit.id:
      on_precommit(here, message);
      break;
    case kCommit.id:
      on_decision(here, message, Outcome::Committed);
      break;
    case kAbort.id:
      on_decision(here, message, Outcome::Aborted);
      break;
    case kInquiry.id:
      on_inquiry(here, message);
      break;
    case kNoted.id:
      if (here.is_known()) here.cancel_timer(here->timer);
      break;
    case kUndecided.id:
      on_undecided(here, message);
      break;
    case kRecovering.id:
      on_recovering(here, message);
      break;
    case kStateRequest.id:
      on_state_request(here, message);
      break;
    case kWaiting.id:
    case kPreCommitted.id:
      on_state(here, message);
      break;
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
  here->logged = true;
  return {.record = here.record(commits ? kCommittedRecord : kAbortedRecord, note),
          .force = force && here.settings.force_commit,
          .fact = {}};
}

void Participant::log_abort(const Here& here) {
  here.context.append(*record(here, Outcome::Aborted, false).record);
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
  if (here->timer.is_set()) return;
  here->timer = here.set_timer(kIdleTimeout, here.settings.idle_timeout);
}

// The branch has ended; it is erased when its coordinator has forgotten the transaction.
void Participant::close(const Here& here) {
  here.cancel_timer(here->timer);
  peers_[here.coordinator()].closed.push({here->number, here.id});
}

void Participant::learn_oldest(const Home& home, NodeId coordinator, std::uint64_t oldest) {
  Peer& peer = peers_[coordinator];
  if (oldest <= peer.oldest) return;
  peer.oldest = oldest;
  while (!peer.closed.empty() && peer.closed.front().number < oldest) {
    const Closed& closed = peer.closed.front();
    Branch* branch = branches_.find(closed.id);
    if (branch != nullptr && branch->number == closed.number) {
      home.context.cancel_timer(branch->timer);
      branches_.erase(closed.id);
    }
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

// ---- A transaction can be executed more than once under its id. Its coordinator begins it again
// once it has forgotten the execution before, which requires all acknowledgements of a commit. So a
// participant that has not ended that execution by then must abort it.

void Participant::end_earlier_execution(Here& here) {
  if (here->is_in_doubt()) {
    here.end_doubt(Outcome::Aborted);
    finish(here, record(here, Outcome::Aborted, false), Outcome::Aborted);
  } else if (!here->ended) {
    roll_back(here);
  }
  here.cancel_timer(here->timer);
  branches_.erase(here.id);
  here.state = nullptr;
}

// The message belongs to an execution before that of the branch.
void Participant::on_earlier_execution(Here& here, const Message& message) {
  switch (message.type.id) {
    case kUpdate.id:
    case kPrepare.id:  // a late duplicate, or the coordinator's clock went back
      here.mark = {.oldest = here->number};
      here.send(message.from, message.type == kUpdate ? kUpdateRefused : kVoteNo,
                {.step = message.step});
      break;
    case kPreCommit.id:
    case kInquiry.id:
    case kStateRequest.id:
      here.reply(message, kAbort);
      break;
    case kCommit.id:
    case kAbort.id:
      acknowledge(here, message);
      break;
    default:
      break;  // no sender waits for an answer
  }
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
    case State::Wait:
    case State::PreCommitted:
    case State::Committed:
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
  }
  resource_.end(here->session, here.id);
  vote(here);
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

// A step cannot be done: rolls the branch back and notifies the sender.
void Participant::refuse(const Here& here, std::uint16_t step) {
  if (here->asked) {
    vote_no(here);
    return;
  }
  roll_back(here);
  here.send(here.coordinator(), kUpdateRefused, {.step = step});
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
  }
  switch (here->state()) {
    case State::Active:
      if (here->asked) return;  // a duplicate; its steps are under way
      if (here.settings.with_prepare) {
        here->asked = true;
        do_all_steps(here);
      } else {  // its updates never arrived, or were lost in a crash
        vote_no(here);
      }
      break;
    case State::Idle:
      vote(here);
      break;
    case State::Wait:
    case State::PreCommitted:
    case State::Committed:
      here.send(here.coordinator(), kVoteYes);
      break;
    case State::Aborted:
      here.send(here.coordinator(), kVoteNo);
      break;
  }
}

void Participant::vote(const Here& here) {
  here.cancel_timer(here->timer);
  here->beyond = here.store.beyond_of(here.id);
  ParticipantNote note{here->number, here.store.steps_of(here.id), here.coordinator()};
  note.beyond = here->beyond;
  const XaRecord prepared{here.record(kPreparedRecord, note), here.settings.force_prepare,
                          here.voted(Vote::Yes)};
  require(resource_.prepare(here, here->session, here.id, prepared), XaCode::Ok);
  here.send(here.coordinator(), kVoteYes);
  be_patient(here);
}

void Participant::vote_no(const Here& here) {
  log_abort(here);
  here.announce(here.voted(Vote::No));
  roll_back(here);
  here.send(here.coordinator(), kVoteNo);
}

// ---- all have voted yes

void Participant::on_precommit(Here& here, const Message& message) {
  if (!here.is_known()) return;  // a late duplicate for a finished branch
  switch (here->state()) {
    case State::Active:
    case State::Idle:
      break;  // it has not voted: a duplicate, or its vote was not forced
    case State::Wait:
    case State::PreCommitted:
      if (here->duty == Duty::Recovers) {  // it will ask again in any case
        here.send(message.from, kPreCommitted);
        break;
      }
      // From a node that it considers crashed: too late, because the states have been sent to
      // another.
      if (message.from != leader(here)) break;
      pre_commit(here);
      here.send(message.from, kPreCommitted);
      here->requests = 0;
      be_patient(here);
      break;
    case State::Committed:
    case State::Aborted:
      here.reply(message, tell_outcome(here));
      break;
  }
}

// ---- the decision

void Participant::on_decision(Here& here, const Message& message, Outcome outcome) {
  const bool from_peer = message.from != here.coordinator();
  if (!here.is_known()) {
    if (from_peer) return;
    // It has committed and forgotten, or has nothing here. An Abort that arrives before its
    // transaction is remembered.
    if (outcome == Outcome::Aborted && !is_forgotten(here)) {
      remember(here);
      end(here, State::Aborted);
      close(here);
    }
    acknowledge(here, message);
    return;
  }
  switch (here->state()) {
    case State::Wait:
    case State::PreCommitted:
      here.end_doubt(outcome);
      finish(here, record(here, outcome, outcome == Outcome::Committed), outcome);
      if (here->duty == Duty::Recovers && outcome == Outcome::Committed) {
        acknowledge_again(here);
        return;
      }
      break;
    case State::Active:
    case State::Idle:
      // Commit reaches a participant that has not voted only if its vote was not forced.
      if (!from_peer) roll_back(here);
      break;
    case State::Committed:
    case State::Aborted:
      break;  // a duplicate; or decided otherwise, which must not be, and stays
  }
  if (!from_peer) acknowledge(here, message);
}

void Participant::acknowledge(const Here& here, const Message& message) {
  if (message.body.get<Mark>().detail != 0) here.reply(message, kAck);
}

// The database ends the prepared branch: by the record, and the fact with it if there is one.
void Participant::finish(const Here& here, const XaRecord& record, Outcome outcome) {
  const bool commits = outcome == Outcome::Committed;
  if (commits) {
    require(resource_.commit(here, here->session, here.id, record), XaCode::Ok);
  } else {
    require(resource_.rollback(here, here->session, here.id, record), XaCode::Ok);
  }
  end(here, commits ? State::Committed : State::Aborted);
  here.announce(FactKind::Finished, outcome);
  close(here);
}

// ---- in doubt: it relies on the coordinator, then on the first participant that has not crashed

void Participant::on_timer(const Home& home, const Timer& timer) {
  const Here here = at(home, timer.transaction);
  TXSIM_ASSERT(here.is_known(), "a forgotten branch has no timer");
  here->timer = {};
  switch (timer.what.id) {
    case kIdleTimeout.id:
      if (here->asked) {
        refuse(here, here->waiting);
      } else {
        give_up(here);
      }
      break;
    case kDecisionTimeout.id:
      here.announce(FactKind::InDoubt, Outcome::Unknown);
      doubt(here);
      break;
    case kAckAgain.id:
      if (here->requests < here.settings.inquiries) acknowledge_again(here);
      break;
    default:
      TXSIM_ASSERT(false, "a timer that the participant never sets");
  }
}

// Its wait for Prepare has timed out. No message is needed; but a repeated Update must not open the
// branch again after a crash.
void Participant::give_up(const Here& here) {
  log_abort(here);
  here.force();
  roll_back(here);
}

void Participant::be_patient(const Here& here) {
  here.cancel_timer(here->timer);
  here->timer = here.set_timer(kDecisionTimeout, here.settings.decision_timeout);
}

// Its wait has timed out.
void Participant::doubt(const Here& here) {
  const bool is_silent = here->requests >= here.settings.inquiries;
  switch (here->duty) {
    case Duty::Recovers:
      inquire(here);
      break;
    case Duty::Follows:
      if (is_silent && here.settings.terminate) {
        take_for_crashed(here, leader(here));
      }
      follow(here);
      break;
    case Duty::Asks:
    case Duty::Informs:
      if (is_silent) {
        here->crashed |= unanswered(here);
        apply_rule(here);
      } else {
        request(here);
      }
      break;
  }
}

// The node it relies on: itself, if all before it have crashed.
NodeId Participant::leader(const Here& here) const {
  if (!here->is_coordinator_crashed) return here.coordinator();
  return here.participant(lowest(here.participants() & ~here->crashed));
}

void Participant::take_for_crashed(const Here& here, NodeId node) {
  if (node == here.coordinator()) {
    here->is_coordinator_crashed = true;
  } else {
    here->crashed |= here.bit_of(node);
  }
  here->requests = 0;
}

void Participant::follow(const Here& here) {
  const NodeId before = leader(here);
  if (before == here.self()) {
    terminate(here);
    return;
  }
  here.send(before, kInquiry);
  if (here.settings.terminate) ++here->requests;
  be_patient(here);
}

// The node it relies on is up.
void Participant::on_undecided(const Here& here, const Message& message) const {
  if (!here.is_known() || !here->is_in_doubt() || here->duty != Duty::Follows) return;
  if (message.from == leader(here)) here->requests = 0;
}

// A participant that has crashed since its vote does not know what the others have done meanwhile,
// and takes no part in the termination.
void Participant::on_recovering(const Here& here, const Message& message) {
  if (!here.is_known() || !here->is_in_doubt() || !here.settings.terminate) return;
  switch (here->duty) {
    case Duty::Recovers:
      break;  // no further knowledge
    case Duty::Follows:
      if (message.from != leader(here)) {
        here->crashed |= here.bit_of(message.from);
        break;
      }
      take_for_crashed(here, message.from);
      follow(here);
      break;
    case Duty::Asks:
    case Duty::Informs:
      here->crashed |= here.bit_of(message.from);
      apply_rule(here);
      break;
  }
}

// A node in doubt asks.
void Participant::on_inquiry(Here& here, const Message& message) {
  Word reply = kUndecided;
  if (!here.is_known() || !here->is_in_doubt()) {
    reply = tell_outcome(here);
  } else if (here->duty == Duty::Recovers) {
    reply = kRecovering;
  }
  here.reply(message, reply);
}

// How the branch has ended here. A participant that has not voted yet never will. One that is in
// doubt of a transaction that is forgotten here has not committed it, otherwise its coordinator
// would not have forgotten it. The answer must be certain to survive a crash.
Word Participant::tell_outcome(Here& here) {
  if (!here.is_known()) {
    if (is_forgotten(here)) return kAbort;
    remember(here);
    end(here, State::Aborted);
    close(here);
  } else if (!here->ended) {
    roll_back(here);
  }
  if (!here->logged) log_abort(here);
  here.force();
  return here->state() == State::Committed ? kCommit : kAbort;
}

// ---- Termination: the backup asks for the states of all that have not crashed, and decides by the
// rule. See three_phase_commit.h.

std::uint64_t Participant::others(const Here& here) const {
  return here.participants() & ~here->crashed & ~here.bit_of(here.self());
}

// Those whose answer the backup waits for.
std::uint64_t Participant::unanswered(const Here& here) const {
  const bool asks = here->duty == Duty::Asks;
  return others(here) & ~here->precommitted_there & ~(asks ? here->waiting_there : 0);
}

void Participant::terminate(const Here& here) {
  here->duty = Duty::Asks;
  here->requests = 0;
  if (unanswered(here) == 0) {
    apply_rule(here);
  } else {
    request(here);
  }
}

void Participant::request(const Here& here) {
  for (std::uint64_t left = unanswered(here); left != 0; left &= left - 1) {
    here.send(here.participant(lowest(left)),
              here->duty == Duty::Asks ? kStateRequest : kPreCommit);
  }
  ++here->requests;
  be_patient(here);
}

// The sender is the backup: it has found that all nodes before it have crashed. From now on their
// messages are ignored, so that the state reported here lasts.
void Participant::on_state_request(Here& here, const Message& message) {
  if (!here.is_known() || !here->is_in_doubt()) {
    here.reply(message, tell_outcome(here));
    return;
  }
  if (here->duty == Duty::Recovers) {
    here.reply(message, kRecovering);
    return;
  }
  const std::uint64_t sender = here.bit_of(message.from);
  // From a node that it considers crashed; or from one that wrongly considers this node crashed.
  if ((here->crashed & sender) != 0 || sender > here.bit_of(here.self())) return;
  here->is_coordinator_crashed = true;
  here->crashed |= sender - 1;
  here->requests = 0;
  be_patient(here);
  here.send(message.from, here->precommitted ? kPreCommitted : kWaiting);
}

void Participant::on_state(const Here& here, const Message& message) {
  if (!here.is_known() || !here->is_in_doubt()) return;
  if (here->duty != Duty::Asks && here->duty != Duty::Informs) return;
  const std::uint64_t sender = here.bit_of(message.from);
  (message.type == kPreCommitted ? here->precommitted_there : here->waiting_there) |= sender;
  apply_rule(here);
}

// A participant that has decided has answered with its decision. Otherwise: if all remaining ones
// are in WAIT, none has committed, and they abort. If one is PRECOMMITTED, none has aborted: all
// remaining ones become PRECOMMITTED, then they commit.
void Participant::apply_rule(const Here& here) {
  if (unanswered(here) != 0) return;
  if (here->duty == Duty::Asks) {
    if (!here->precommitted && here->precommitted_there == 0) {
      decide(here, Outcome::Aborted);
      return;
    }
    pre_commit(here);
    here->duty = Duty::Informs;
    here->requests = 0;
    if (unanswered(here) != 0) {
      request(here);
      return;
    }
  }
  decide(here, Outcome::Committed);
}

// In the coordinator's place. The record precedes every message.
void Participant::decide(const Here& here, Outcome outcome) {
  const std::uint64_t told = others(here);
  here.end_doubt(outcome);
  XaRecord decided = record(here, outcome, true);
  decided.fact = here.fact(FactKind::Decided, outcome);
  finish(here, decided, outcome);
  for (std::uint64_t left = told; left != 0; left &= left - 1) {
    here.send(here.participant(lowest(left)), outcome == Outcome::Committed ? kCommit : kAbort);
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
  branch = {};
  branch.number = note.number;
  branch.kind = record.transaction_type;
  branch.done = note.steps;
  branch.beyond = note.beyond;
  if (record.type == kPreparedRecord) return;
  const bool commits = record.type == kCommittedRecord;
  if (commits) home.store.redo(record.transaction_type, note.steps, note.beyond);
  branch.ended = commits ? State::Committed : State::Aborted;
  branch.logged = true;
}

void Participant::resume(const Home& home) {
  for (const TransactionId id : branches_.sorted_keys()) {
    const Here here = at(home, id);
    switch (here->state()) {
      case State::Active:
      case State::Idle:
      case State::PreCommitted:
        TXSIM_ASSERT(false, "no record shows such a branch");
        break;
      case State::Wait:
        resource_.restore(here, here.id, here.id, here.kind_index, here->done, here->beyond);
        here.announce(here.voted(Vote::Yes));
        here->duty = Duty::Recovers;
        inquire(here);
        break;
      case State::Committed:
      case State::Aborted: {
        const bool commits = here->state() == State::Committed;
        here.announce(FactKind::Finished, commits ? Outcome::Committed : Outcome::Aborted);
        close(here);
        if (commits) acknowledge_again(here);
        break;
      }
    }
  }
}

// The coordinator may have given up waiting for its Ack. If the coordinator has crashed too, it
// sends its decision again when it is back.
void Participant::acknowledge_again(const Here& here) {
  here.send(here.coordinator(), kAck, {.detail = kWantsAck});
  ++here->requests;
  here->timer = here.set_timer(kAckAgain, here.settings.resend_after);
}

// It asks all: those that have not crashed decide without it.
void Participant::inquire(const Here& here) {
  here.send(here.coordinator(), kInquiry);
  if (here.settings.terminate) {
    for (const NodeId peer : here.kind().participants) {
      if (peer != here.self()) here.send(peer, kInquiry);
    }
  }
  be_patient(here);
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
    switch (branch.state()) {
      case State::Active:
      case State::Idle:
        break;
      case State::Wait:
      case State::PreCommitted:
        note.steps = branch.done;
        note.beyond = branch.beyond;
        log.push_back(record_of(kPreparedRecord, id, branch.kind, note));
        break;
      case State::Committed:
        log.push_back(record_of(kCommittedRecord, id, branch.kind, note));
        break;
      case State::Aborted:
        log.push_back(record_of(kAbortedRecord, id, branch.kind, note));
        break;
    }
  });
}

}  // namespace txsim::three_phase
