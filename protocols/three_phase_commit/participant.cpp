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

void Participant::end(Branch& branch, State state) {
  TXSIM_ASSERT(!branch.ended, "a branch ends once");
  branch.session = {};
  branch.ended = state;
}

void Participant::pre_commit(Branch& branch) {
  TXSIM_ASSERT(branch.is_in_doubt(), "PRECOMMITTED comes after WAIT");
  branch.precommitted = true;
}

void Participant::on(const Home& home, const Message& message) {
  const NodeId coordinator = home.kind(message.kind).begins_at;
  if (message.from == coordinator) {
    learn_oldest(home, coordinator, message.body.get<Mark>().oldest);
  }
  Branch* branch = branches_.find(message.transaction);
  if (branch != nullptr && branch->number != message.body.get<Mark>().number) {
    if (branch->number > message.body.get<Mark>().number) {
      on_earlier_execution(home, message, *branch);
      return;
    }
    end_earlier_execution(home, message.transaction, *branch);
    branch = nullptr;
  }
  switch (message.type.id) {
    case kUpdate.id:
      on_update(home, message, branch);
      break;
    case kPrepare.id:
      on_prepare(home, message, branch);
      break;
    case kPreCommit.id:
      on_precommit(home, message, branch);
      break;
    case kCommit.id:
      on_decision(home, message, branch, Outcome::Committed);
      break;
    case kAbort.id:
      on_decision(home, message, branch, Outcome::Aborted);
      break;
    case kInquiry.id:
      on_inquiry(home, message, branch);
      break;
    case kNoted.id:
      if (branch != nullptr) home.context.cancel_timer(branch->timer);
      break;
    case kUndecided.id:
      on_undecided(home, message, branch);
      break;
    case kRecovering.id:
      on_recovering(home, message, branch);
      break;
    case kStateRequest.id:
      on_state_request(home, message, branch);
      break;
    case kWaiting.id:
    case kPreCommitted.id:
      on_state(home, message, branch);
      break;
    default:
      TXSIM_ASSERT(false, "a message that nobody sends to a participant");
  }
}

void Participant::send(const Home& home, NodeId to, Word type, TransactionId id,
                       const Branch& branch, std::uint16_t step) {
  home.send(to, type, id, branch.kind, Mark{branch.number, 0, 0}, step);
}

void Participant::answer(const Home& home, Word type, TransactionId id, const Branch& branch,
                         std::uint16_t step) {
  send(home, home.kind(branch.kind).begins_at, type, id, branch, step);
}

XaRecord Participant::record(const Home& home, TransactionId id, Branch& branch, Outcome outcome,
                             bool force) {
  const bool commits = outcome == Outcome::Committed;
  ParticipantNote note;
  note.number = branch.number;
  note.steps = commits ? home.store.steps_of(id) : 0;
  note.beyond = commits ? home.store.beyond_of(id) : 0;
  note.coordinator = home.kind(branch.kind).begins_at;
  branch.logged = true;
  return {
      .record = Home::record(commits ? kCommittedRecord : kAbortedRecord, id, branch.kind, note),
      .force = force && home.settings.force_commit,
      .fact = {}};
}

void Participant::log_abort(const Home& home, TransactionId id, Branch& branch) {
  home.context.append(*record(home, id, branch, Outcome::Aborted, false).record);
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
  if (branch.timer.is_set()) return;
  branch.timer = home.context.set_timer(kIdleTimeout, home.settings.idle_timeout, id);
}

// The branch has ended; it is erased when its coordinator has forgotten the transaction.
void Participant::close(const Home& home, TransactionId id, Branch& branch) {
  home.context.cancel_timer(branch.timer);
  peers_[home.kind(branch.kind).begins_at].closed.push({branch.number, id});
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

bool Participant::is_forgotten(const Home& home, const Message& message) const {
  const Peer* peer = peers_.find(home.kind(message.kind).begins_at);
  return peer != nullptr && message.body.get<Mark>().number < peer->oldest;
}

// ---- A transaction can be executed more than once under its id. Its coordinator begins it again
// once it has forgotten the execution before, which it does not as long as somebody has not
// acknowledged that this is committed. So who has not ended it by then has it aborted.

void Participant::end_earlier_execution(const Home& home, TransactionId id, Branch& branch) {
  if (branch.is_in_doubt()) {
    home.end_doubt(id, branch.kind, Outcome::Aborted);
    finish(home, id, branch, record(home, id, branch, Outcome::Aborted, false), Outcome::Aborted);
  } else if (!branch.ended) {
    roll_back(home, id, branch);
  }
  home.context.cancel_timer(branch.timer);
  branches_.erase(id);
}

// The message is about one before that of the branch.
void Participant::on_earlier_execution(const Home& home, const Message& message,
                                       const Branch& branch) {
  const TransactionId id = message.transaction;
  switch (message.type.id) {
    case kUpdate.id:
    case kPrepare.id: {  // a late duplicate, or the coordinator's clock went back
      const Word refusal = message.type == kUpdate ? kUpdateRefused : kVoteNo;
      home.send(message.from, refusal, id, message.kind, Mark{0, branch.number, 0}, message.step);
      break;
    }
    case kPreCommit.id:
    case kInquiry.id:
    case kStateRequest.id:
      home.send(message.from, kAbort, id, message.kind,
                Mark{message.body.get<Mark>().number, 0, 0});
      break;
    case kCommit.id:
    case kAbort.id:
      acknowledge(home, message);
      break;
    default:
      break;  // nobody waits for an answer
  }
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
      answer(home, kUpdated, id, *branch, message.step);
      return;
    case State::Aborted:
      answer(home, kUpdateRefused, id, *branch, message.step);
      return;
    case State::Wait:
    case State::PreCommitted:
    case State::Committed:
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
  if (branch.asked) {
    do_all_steps(home, id, branch);
    return;
  }
  if (branch.done == home.own_steps(branch.kind)) resource_.end(branch.session, id);
  answer(home, kUpdated, id, branch, step);
}

// The updates travelled with the request: all of them are done before it is answered.
void Participant::do_all_steps(const Home& home, TransactionId id, Branch& branch) {
  std::uint64_t left = home.own_steps(branch.kind) & ~branch.done;
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
  }
  resource_.end(branch.session, id);
  vote(home, id, branch);
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

// A step cannot be done: the branch is rolled back, and the sender is told.
void Participant::refuse(const Home& home, TransactionId id, Branch& branch, std::uint16_t step) {
  if (branch.asked) {
    vote_no(home, id, branch);
    return;
  }
  roll_back(home, id, branch);
  answer(home, kUpdateRefused, id, branch, step);
}

void Participant::roll_back(const Home& home, TransactionId id, Branch& branch) {
  // A step may be waiting for its row lock: nothing but the end of its session makes it stop.
  resource_.disconnect(home, branch.session);
  end(branch, State::Aborted);
  home.announce(FactKind::Finished, id, Outcome::Aborted, branch.kind);
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
  }
  switch (branch->state()) {
    case State::Active:
      if (branch->asked) return;  // a duplicate; its steps are under way
      if (home.settings.with_prepare) {
        branch->asked = true;
        do_all_steps(home, id, *branch);
      } else {  // its updates have never come, or were lost in a crash
        vote_no(home, id, *branch);
      }
      break;
    case State::Idle:
      vote(home, id, *branch);
      break;
    case State::Wait:
    case State::PreCommitted:
    case State::Committed:
      answer(home, kVoteYes, id, *branch);
      break;
    case State::Aborted:
      answer(home, kVoteNo, id, *branch);
      break;
  }
}

void Participant::vote(const Home& home, TransactionId id, Branch& branch) {
  home.context.cancel_timer(branch.timer);
  branch.beyond = home.store.beyond_of(id);
  ParticipantNote note{branch.number, home.store.steps_of(id), home.kind(branch.kind).begins_at};
  note.beyond = branch.beyond;
  const XaRecord prepared{Home::record(kPreparedRecord, id, branch.kind, note),
                          home.settings.force_prepare, Home::voted(id, branch.kind, Vote::Yes)};
  require(resource_.prepare(home, branch.session, id, prepared), XaCode::Ok);
  answer(home, kVoteYes, id, branch);
  be_patient(home, id, branch);
}

void Participant::vote_no(const Home& home, TransactionId id, Branch& branch) {
  log_abort(home, id, branch);
  home.context.announce(Home::voted(id, branch.kind, Vote::No));
  roll_back(home, id, branch);
  answer(home, kVoteNo, id, branch);
}

// ---- all have voted yes

void Participant::on_precommit(const Home& home, const Message& message, Branch* branch) {
  const TransactionId id = message.transaction;
  if (branch == nullptr) return;  // a late duplicate of what is over
  switch (branch->state()) {
    case State::Active:
    case State::Idle:
      break;  // it has not voted: a duplicate, or its vote was not forced
    case State::Wait:
    case State::PreCommitted:
      if (branch->duty == Duty::Recovers) {  // it will ask again whatever it knows
        send(home, message.from, kPreCommitted, id, *branch);
        break;
      }
      // From one that it takes for crashed: too late, for the states have been told to another.
      if (message.from != leader(home, *branch)) break;
      pre_commit(*branch);
      send(home, message.from, kPreCommitted, id, *branch);
      branch->requests = 0;
      be_patient(home, id, *branch);
      break;
    case State::Committed:
    case State::Aborted:
      home.send(message.from, tell_outcome(home, message, branch), id, message.kind,
                Mark{branch->number, 0, 0});
      break;
  }
}

// ---- the decision

void Participant::on_decision(const Home& home, const Message& message, Branch* branch,
                              Outcome outcome) {
  const TransactionId id = message.transaction;
  const bool from_peer = message.from != home.kind(message.kind).begins_at;
  if (branch == nullptr) {
    if (from_peer) return;
    // It has committed and forgotten, or has nothing here. An Abort that came before what it aborts
    // is remembered.
    if (outcome == Outcome::Aborted && !is_forgotten(home, message)) {
      Branch& early = remember(message);
      end(early, State::Aborted);
      close(home, id, early);
    }
    acknowledge(home, message);
    return;
  }
  switch (branch->state()) {
    case State::Wait:
    case State::PreCommitted:
      home.end_doubt(id, branch->kind, outcome);
      finish(home, id, *branch, record(home, id, *branch, outcome, outcome == Outcome::Committed),
             outcome);
      if (branch->duty == Duty::Recovers && outcome == Outcome::Committed) {
        acknowledge_again(home, id, *branch);
        return;
      }
      break;
    case State::Active:
    case State::Idle:
      // Commit comes to one that has not voted only if its vote was not forced.
      if (!from_peer) roll_back(home, id, *branch);
      break;
    case State::Committed:
    case State::Aborted:
      break;  // a duplicate; or decided otherwise, which must not be, and stays
  }
  if (!from_peer) acknowledge(home, message);
}

void Participant::acknowledge(const Home& home, const Message& message) {
  const Mark mark = message.body.get<Mark>();
  if (mark.detail == 0) return;
  home.send(message.from, kAck, message.transaction, message.kind, Mark{mark.number, 0, 0});
}

// The database ends the prepared branch: by the record, and the fact with it if there is one.
void Participant::finish(const Home& home, TransactionId id, Branch& branch, const XaRecord& record,
                         Outcome outcome) {
  const bool commits = outcome == Outcome::Committed;
  if (commits) {
    require(resource_.commit(home, branch.session, id, record), XaCode::Ok);
  } else {
    require(resource_.rollback(home, branch.session, id, record), XaCode::Ok);
  }
  end(branch, commits ? State::Committed : State::Aborted);
  home.announce(FactKind::Finished, id, outcome, branch.kind);
  close(home, id, branch);
}

// ---- in doubt: it relies on the coordinator, then on the first participant that has not crashed

void Participant::on_timer(const Home& home, const Timer& timer) {
  const TransactionId id = timer.transaction;
  Branch* branch = branches_.find(id);
  TXSIM_ASSERT(branch != nullptr, "a forgotten branch has no timer");
  branch->timer = {};
  switch (timer.what.id) {
    case kIdleTimeout.id:
      if (branch->asked) {
        refuse(home, id, *branch, branch->waiting);
      } else {
        give_up(home, id, *branch);
      }
      break;
    case kDecisionTimeout.id:
      home.announce(FactKind::InDoubt, id, 0, branch->kind);
      doubt(home, id, *branch);
      break;
    case kAckAgain.id:
      if (branch->requests < home.settings.inquiries) acknowledge_again(home, id, *branch);
      break;
    default:
      TXSIM_ASSERT(false, "a timer that the participant never sets");
  }
}

// It has waited too long for Prepare. Nobody is told, and nobody need be; but an Update that comes
// twice must not open the branch again after a crash.
void Participant::give_up(const Home& home, TransactionId id, Branch& branch) {
  log_abort(home, id, branch);
  home.context.force();
  roll_back(home, id, branch);
}

void Participant::be_patient(const Home& home, TransactionId id, Branch& branch) {
  home.context.cancel_timer(branch.timer);
  branch.timer = home.context.set_timer(kDecisionTimeout, home.settings.decision_timeout, id);
}

// Its wait has run out.
void Participant::doubt(const Home& home, TransactionId id, Branch& branch) {
  const bool is_silent = branch.requests >= home.settings.inquiries;
  switch (branch.duty) {
    case Duty::Recovers:
      inquire(home, id, branch);
      break;
    case Duty::Follows:
      if (is_silent && home.settings.terminate) {
        take_for_crashed(home, branch, leader(home, branch));
      }
      follow(home, id, branch);
      break;
    case Duty::Asks:
    case Duty::Informs:
      if (is_silent) {
        branch.crashed |= unanswered(home, branch);
        apply_rule(home, id, branch);
      } else {
        request(home, id, branch);
      }
      break;
  }
}

// Whom it relies on: itself, if all before it have crashed.
NodeId Participant::leader(const Home& home, const Branch& branch) const {
  const TransactionKind& kind = home.kind(branch.kind);
  if (!branch.is_coordinator_crashed) return kind.begins_at;
  const std::uint64_t up = first_bits(kind.participants.size()) & ~branch.crashed;
  return kind.participants[lowest(up)];
}

void Participant::take_for_crashed(const Home& home, Branch& branch, NodeId node) {
  if (node == home.kind(branch.kind).begins_at) {
    branch.is_coordinator_crashed = true;
  } else {
    branch.crashed |= bit_of(home.kind(branch.kind), node);
  }
  branch.requests = 0;
}

void Participant::follow(const Home& home, TransactionId id, Branch& branch) {
  const NodeId before = leader(home, branch);
  if (before == home.self()) {
    terminate(home, id, branch);
    return;
  }
  send(home, before, kInquiry, id, branch);
  if (home.settings.terminate) ++branch.requests;
  be_patient(home, id, branch);
}

// Whom it relies on is there.
void Participant::on_undecided(const Home& home, const Message& message, Branch* branch) const {
  if (branch == nullptr || !branch->is_in_doubt() || branch->duty != Duty::Follows) return;
  if (message.from == leader(home, *branch)) branch->requests = 0;
}

// Who has crashed since its vote does not know what the others have done meanwhile, and has no part
// in what they do.
void Participant::on_recovering(const Home& home, const Message& message, Branch* branch) {
  if (branch == nullptr || !branch->is_in_doubt() || !home.settings.terminate) return;
  const TransactionId id = message.transaction;
  switch (branch->duty) {
    case Duty::Recovers:
      break;  // it knows no more
    case Duty::Follows:
      if (message.from != leader(home, *branch)) {
        branch->crashed |= bit_of(home.kind(branch->kind), message.from);
        break;
      }
      take_for_crashed(home, *branch, message.from);
      follow(home, id, *branch);
      break;
    case Duty::Asks:
    case Duty::Informs:
      branch->crashed |= bit_of(home.kind(branch->kind), message.from);
      apply_rule(home, id, *branch);
      break;
  }
}

// Somebody is in doubt, and asks.
void Participant::on_inquiry(const Home& home, const Message& message, Branch* branch) {
  Word reply = kUndecided;
  if (branch == nullptr || !branch->is_in_doubt()) {
    reply = tell_outcome(home, message, branch);
  } else if (branch->duty == Duty::Recovers) {
    reply = kRecovering;
  }
  home.send(message.from, reply, message.transaction, message.kind,
            Mark{message.body.get<Mark>().number, 0, 0});
}

// How it has ended here. Who has not voted yet never will, and who is in doubt of what is forgotten
// here has not committed it, or its coordinator would not have forgotten it. The answer must be
// sure to survive a crash.
Word Participant::tell_outcome(const Home& home, const Message& message, Branch* branch) {
  const TransactionId id = message.transaction;
  if (branch == nullptr) {
    if (is_forgotten(home, message)) return kAbort;
    branch = &remember(message);
    end(*branch, State::Aborted);
    close(home, id, *branch);
  } else if (!branch->ended) {
    roll_back(home, id, *branch);
  }
  if (!branch->logged) log_abort(home, id, *branch);
  home.context.force(id);
  return branch->state() == State::Committed ? kCommit : kAbort;
}

// ---- Termination: the backup asks for the states of all that have not crashed, and decides by the
// rule. See three_phase_commit.h.

std::uint64_t Participant::others(const Home& home, const Branch& branch) const {
  const TransactionKind& kind = home.kind(branch.kind);
  return first_bits(kind.participants.size()) & ~branch.crashed & ~bit_of(kind, home.self());
}

// Those whose answer the backup waits for.
std::uint64_t Participant::unanswered(const Home& home, const Branch& branch) const {
  const bool asks = branch.duty == Duty::Asks;
  return others(home, branch) & ~branch.precommitted_there & ~(asks ? branch.waiting_there : 0);
}

void Participant::terminate(const Home& home, TransactionId id, Branch& branch) {
  branch.duty = Duty::Asks;
  branch.requests = 0;
  if (unanswered(home, branch) == 0) {
    apply_rule(home, id, branch);
  } else {
    request(home, id, branch);
  }
}

void Participant::request(const Home& home, TransactionId id, Branch& branch) {
  const TransactionKind& kind = home.kind(branch.kind);
  for (std::uint64_t left = unanswered(home, branch); left != 0; left &= left - 1) {
    send(home, kind.participants[lowest(left)],
         branch.duty == Duty::Asks ? kStateRequest : kPreCommit, id, branch);
  }
  ++branch.requests;
  be_patient(home, id, branch);
}

// The sender is the backup: it has found that all before it have crashed. From now on nothing is
// heard of these, so that the state that is told here lasts.
void Participant::on_state_request(const Home& home, const Message& message, Branch* branch) {
  const TransactionId id = message.transaction;
  const Mark mark{message.body.get<Mark>().number, 0, 0};
  if (branch == nullptr || !branch->is_in_doubt()) {
    home.send(message.from, tell_outcome(home, message, branch), id, message.kind, mark);
    return;
  }
  if (branch->duty == Duty::Recovers) {
    home.send(message.from, kRecovering, id, message.kind, mark);
    return;
  }
  const TransactionKind& kind = home.kind(message.kind);
  const std::uint64_t sender = bit_of(kind, message.from);
  // From one that it takes for crashed; or from one that takes this node for crashed, wrongly.
  if ((branch->crashed & sender) != 0 || sender > bit_of(kind, home.self())) return;
  branch->is_coordinator_crashed = true;
  branch->crashed |= sender - 1;
  branch->requests = 0;
  be_patient(home, id, *branch);
  send(home, message.from, branch->precommitted ? kPreCommitted : kWaiting, id, *branch);
}

void Participant::on_state(const Home& home, const Message& message, Branch* branch) {
  if (branch == nullptr || !branch->is_in_doubt()) return;
  if (branch->duty != Duty::Asks && branch->duty != Duty::Informs) return;
  const std::uint64_t sender = bit_of(home.kind(branch->kind), message.from);
  (message.type == kPreCommitted ? branch->precommitted_there : branch->waiting_there) |= sender;
  apply_rule(home, message.transaction, *branch);
}

// One that has decided has answered with its decision. Else: if all that are left are in WAIT, none
// has committed, and they abort. If one is PRECOMMITTED, none has aborted: all that are left become
// PRECOMMITTED, then they commit.
void Participant::apply_rule(const Home& home, TransactionId id, Branch& branch) {
  if (unanswered(home, branch) != 0) return;
  if (branch.duty == Duty::Asks) {
    if (!branch.precommitted && branch.precommitted_there == 0) {
      decide(home, id, branch, Outcome::Aborted);
      return;
    }
    pre_commit(branch);
    branch.duty = Duty::Informs;
    branch.requests = 0;
    if (unanswered(home, branch) != 0) {
      request(home, id, branch);
      return;
    }
  }
  decide(home, id, branch, Outcome::Committed);
}

// In the coordinator's place. The record comes before anybody is told.
void Participant::decide(const Home& home, TransactionId id, Branch& branch, Outcome outcome) {
  const std::uint64_t told = others(home, branch);
  home.end_doubt(id, branch.kind, outcome);
  XaRecord decided = record(home, id, branch, outcome, true);
  decided.fact = Fact{.what = fact_word(FactKind::Decided),
                      .transaction = id,
                      .value = number_of(outcome),
                      .extra = branch.kind};
  finish(home, id, branch, decided, outcome);
  for (std::uint64_t left = told; left != 0; left &= left - 1) {
    send(home, home.kind(branch.kind).participants[lowest(left)],
         outcome == Outcome::Committed ? kCommit : kAbort, id, branch);
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
  branch = {};
  branch.number = note.number;
  branch.kind = record.kind;
  branch.done = note.steps;
  branch.beyond = note.beyond;
  if (record.type == kPreparedRecord) return;
  const bool commits = record.type == kCommittedRecord;
  if (commits) home.store.redo(record.kind, note.steps, note.beyond);
  branch.ended = commits ? State::Committed : State::Aborted;
  branch.logged = true;
}

void Participant::resume(const Home& home) {
  for (const TransactionId id : branches_.sorted_keys()) {
    Branch& branch = *branches_.find(id);
    switch (branch.state()) {
      case State::Active:
      case State::Idle:
      case State::PreCommitted:
        TXSIM_ASSERT(false, "no record shows such a branch");
        break;
      case State::Wait:
        resource_.restore(home, id, id, branch.kind, branch.done, branch.beyond);
        home.context.announce(Home::voted(id, branch.kind, Vote::Yes));
        branch.duty = Duty::Recovers;
        inquire(home, id, branch);
        break;
      case State::Committed:
      case State::Aborted: {
        const bool commits = branch.state() == State::Committed;
        home.announce(FactKind::Finished, id, commits ? Outcome::Committed : Outcome::Aborted,
                      branch.kind);
        close(home, id, branch);
        if (commits) acknowledge_again(home, id, branch);
        break;
      }
    }
  }
}

// The coordinator may have given up waiting for its Ack. If that has crashed too, it tells its
// decision again when it is back.
void Participant::acknowledge_again(const Home& home, TransactionId id, Branch& branch) {
  home.send(home.kind(branch.kind).begins_at, kAck, id, branch.kind, Mark{branch.number, 0, 1});
  ++branch.requests;
  branch.timer = home.context.set_timer(kAckAgain, home.settings.resend_after, id);
}

// It asks all: those that have not crashed decide without it.
void Participant::inquire(const Home& home, TransactionId id, Branch& branch) {
  const TransactionKind& kind = home.kind(branch.kind);
  answer(home, kInquiry, id, branch);
  if (home.settings.terminate) {
    for (const NodeId peer : kind.participants) {
      if (peer != home.self()) send(home, peer, kInquiry, id, branch);
    }
  }
  be_patient(home, id, branch);
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
    switch (branch.state()) {
      case State::Active:
      case State::Idle:
        break;
      case State::Wait:
      case State::PreCommitted:
        note.steps = branch.done;
        note.beyond = branch.beyond;
        Home::write(log, kPreparedRecord, id, branch.kind, note);
        break;
      case State::Committed:
        Home::write(log, kCommittedRecord, id, branch.kind, note);
        break;
      case State::Aborted:
        Home::write(log, kAbortedRecord, id, branch.kind, note);
        break;
    }
  });
}

}  // namespace txsim::three_phase
