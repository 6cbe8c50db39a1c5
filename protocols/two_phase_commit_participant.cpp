#include "protocols/two_phase_commit_participant.h"

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

// A branch that does not vote in the same handler will not wait for ever.
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

// A step cannot be done: the branch is rolled back, and whoever asked is told.
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

}  // namespace txsim::two_phase
