// Recovery of both roles from the log, and the checkpoints that shorten it.
//
// Nothing is forced while a node recovers, so that all it announces about what it found comes in
// the instant of its restart.
#include "protocols/two_phase_commit_coordinator.h"
#include "protocols/two_phase_commit_participant.h"
#include "sim/assert.h"

namespace txsim::two_phase {
namespace {

template <class Note>
void write(std::vector<LogRecord>& log, Word type, TransactionId id, std::uint16_t kind,
           const Note& note) {
  LogRecord record;
  record.type = type;
  record.kind = kind;
  record.transaction = id;
  record.value = static_cast<std::int64_t>(note.steps);
  record.body.put(note);
  log.push_back(record);
}

}  // namespace

// ---- coordinator

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
        write(log, kCollectingRecord, id, transaction.kind, note);
        break;
      case State::Commit:
        write(log, kCommitRecord, id, transaction.kind, note);
        break;
      case State::Abort:
        write(log, kAbortRecord, id, transaction.kind, note);
        break;
    }
  });
}

// ---- participant

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
    write(log, kForgottenRecord, 0, 0, note);
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
        write(log, kPreparedRecord, id, branch.kind, note);
        return;
      case State::Committed:
        write(log, kCommittedRecord, id, branch.kind, note);
        break;
      case State::Aborted:
        write(log, kAbortedRecord, id, branch.kind, note);
        break;
    }
    if (branch.settled) write(log, kEndRecord, id, branch.kind, note);
  });
}

}  // namespace txsim::two_phase
