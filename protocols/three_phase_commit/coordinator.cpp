#include "protocols/three_phase_commit/coordinator.h"

#include "sim/assert.h"

namespace txsim::three_phase {

void Coordinator::enter(Transaction& transaction, State state) {
  const State from = transaction.state;
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
    case State::Commit:  // from INIT if there is nobody to ask, from WAIT if there is no PRECOMMIT
      TXSIM_ASSERT(!is_decided && (from != State::Init || transaction.touched == 0),
                   "COMMIT comes after a vote");
      break;
    case State::Abort:
      TXSIM_ASSERT(!is_decided, "a decision is made once");
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

// The transaction that the message is about. Not another execution under the same id, of which a
// message comes late: votes and acknowledgements of that are none of this. A participant that has
// no number to answer with says 0.
Coordinator::Transaction* Coordinator::find(const Message& message) {
  Transaction* transaction = transactions_.find(message.transaction);
  if (transaction == nullptr) return nullptr;
  const std::uint64_t number = message.body.get<Mark>().number;
  return number == 0 || number == transaction->number ? transaction : nullptr;
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
    case kPreCommitted.id:
      return on_precommitted(home, message);
    case kAck.id:
      on_ack(home, message);
      return Outcome::Unknown;
    case kInquiry.id:
      on_inquiry(home, message);
      return Outcome::Unknown;
    case kRecovering.id:
      return on_recovering(home, message);
    case kCommit.id:
      return on_told(home, message, Outcome::Committed);
    case kAbort.id:
      return on_told(home, message, Outcome::Aborted);
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
  Transaction* transaction = find(message);
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
  ++transaction->step;
  return work(home, news.transaction, *transaction);
}

// ---- phase one: the votes

Outcome Coordinator::ask(const Home& home, TransactionId id, Transaction& transaction) {
  home.enter_phase(id, Phase::Deciding, transaction.kind);
  transaction.asked = first_bits(home.kind(transaction.kind).participants.size());
  if (transaction.asked == 0) return decide(home, id, transaction, Outcome::Committed);
  enter(transaction, State::Wait);
  for (std::uint64_t left = transaction.asked; left != 0; left &= left - 1) {
    send(home, kPrepare, id, transaction, lowest(left));
  }
  transaction.timer = home.context.set_timer(kVoteTimeout, home.settings.vote_timeout, id);
  return Outcome::Unknown;
}

// All are waited for, also after a no, so that nobody is told who aborts by himself.
Outcome Coordinator::on_vote(const Home& home, const Message& message, Vote vote) {
  Transaction* transaction = find(message);
  if (transaction == nullptr || transaction->state != State::Wait) {
    return Outcome::Unknown;  // a duplicate, or too late
  }
  const std::uint64_t sender = bit_of(home.kind(transaction->kind), message.from);
  if (((transaction->yes | transaction->no) & sender) != 0) return Outcome::Unknown;
  (vote == Vote::Yes ? transaction->yes : transaction->no) |= sender;
  if ((transaction->yes | transaction->no) != transaction->asked) return Outcome::Unknown;
  const TransactionId id = message.transaction;
  if (transaction->no != 0) return decide(home, id, *transaction, Outcome::Aborted);
  if (!home.settings.precommit) return decide(home, id, *transaction, Outcome::Committed);
  return pre_commit(home, id, *transaction);
}

// While others are awaited, all that comes of it is one more in the set, and it makes no difference
// whose answer is the last. Who has voted yes holds to that over a crash, so that what the message
// says does not become void before it is heard.
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
  const std::uint64_t sender = bit_of(plan.kinds[transaction->kind], message.from);
  return (awaited & sender) != 0 && awaited != sender;
}

// ---- phase two: all know that all have voted yes

// With its record the coordinator has voted yes too, on its own steps: from now on it may not abort
// by itself, and after a crash it is in doubt.
Outcome Coordinator::pre_commit(const Home& home, TransactionId id, Transaction& transaction) {
  home.context.cancel_timer(transaction.timer);
  enter(transaction, State::PreCommit);
  transaction.steps = home.store.steps_of(id);
  transaction.beyond = home.store.beyond_of(id);
  home.append(kPreCommitRecord, id, transaction.kind,
              CoordinatorNote{transaction.number, transaction.steps, transaction.asked,
                              transaction.beyond});
  if (home.settings.force_precommit) home.context.force();
  if (transaction.steps != 0) {
    home.context.announce(Home::voted(id, transaction.kind, Vote::Yes));
  }
  inform(home, id, transaction);
  return Outcome::Unknown;
}

void Coordinator::inform(const Home& home, TransactionId id, Transaction& transaction) {
  for (std::uint64_t left = transaction.asked & ~transaction.informed; left != 0;
       left &= left - 1) {
    send(home, kPreCommit, id, transaction, lowest(left));
  }
  ++transaction.requests;
  transaction.timer =
      home.context.set_timer(kPreCommitTimeout, home.settings.precommit_timeout, id);
}

Outcome Coordinator::on_precommitted(const Home& home, const Message& message) {
  Transaction* transaction = find(message);
  if (transaction == nullptr || transaction->state != State::PreCommit) {
    return Outcome::Unknown;  // a duplicate, or from before a crash
  }
  transaction->informed |= bit_of(home.kind(transaction->kind), message.from);
  if (transaction->informed != transaction->asked) return Outcome::Unknown;
  return decide(home, message.transaction, *transaction, Outcome::Committed);
}

// ---- phase three: the decision

Outcome Coordinator::decide(const Home& home, TransactionId id, Transaction& transaction,
                            Outcome outcome) {
  const bool commits = outcome == Outcome::Committed;
  home.context.cancel_timer(transaction.timer);
  if (transaction.state == State::Recovering && transaction.steps != 0) {
    home.end_doubt(id, transaction.kind, outcome);
  }
  enter(transaction, commits ? State::Commit : State::Abort);
  transaction.awaiting = transaction.asked & ~transaction.no;
  CoordinatorNote note{transaction.number, 0, transaction.awaiting};
  if (commits) {
    note.steps = home.store.steps_of(id);
    note.beyond = home.store.beyond_of(id);
  }
  home.append(commits ? kCommitRecord : kAbortRecord, id, transaction.kind, note);
  if (commits && home.settings.force_decision) home.context.force();
  return conclude(home, id, transaction, outcome);
}

// The decision is durable, or presumed: carries it out here and tells those who await it.
Outcome Coordinator::conclude(const Home& home, TransactionId id, Transaction& transaction,
                              Outcome outcome) {
  const bool commits = outcome == Outcome::Committed;
  const std::uint16_t kind = transaction.kind;
  home.announce(FactKind::Decided, id, outcome, kind);
  home.enter_phase(id, commits ? Phase::Finishing : Phase::Undoing, kind);
  if (commits) {
    home.store.commit(home.context, id);
  } else {
    home.store.abort(home.context, id);
  }
  if (home.own_steps(kind) != 0) home.announce(FactKind::Finished, id, outcome, kind);
  tell(home, id, transaction, false);
  transaction.requests = 1;
  if (commits && transaction.awaiting != 0) {
    transaction.timer = home.context.set_timer(kResendAfter, home.settings.resend_after, id);
    return outcome;
  }
  if (commits) home.append(kEndRecord, id, kind, CoordinatorNote{transaction.number, 0, 0});
  forget(home, id, kind);
  return outcome;
}

void Coordinator::tell(const Home& home, TransactionId id, const Transaction& transaction,
                       bool again) const {
  const bool commits = transaction.state == State::Commit;
  for (std::uint64_t left = transaction.awaiting; left != 0; left &= left - 1) {
    send(home, commits ? kCommit : kAbort, id, transaction, lowest(left), commits);
    if (!again) continue;
    home.announce(FactKind::Resent, id, 0, 0,
                  home.kind(transaction.kind).participants[lowest(left)]);
  }
}

void Coordinator::on_ack(const Home& home, const Message& message) {
  Transaction* transaction = find(message);
  if (transaction != nullptr && transaction->state == State::Commit) {
    transaction->awaiting &= ~bit_of(home.kind(transaction->kind), message.from);
    if (transaction->awaiting == 0) {
      home.context.cancel_timer(transaction->timer);
      home.append(kEndRecord, message.transaction, transaction->kind,
                  CoordinatorNote{transaction->number, 0, 0});
      forget(home, message.transaction, transaction->kind);
    }
  }
  const Mark theirs = message.body.get<Mark>();
  if (theirs.detail == 0) return;
  home.send(message.from, kNoted, message.transaction, message.kind, mark(theirs.number));
}

void Coordinator::forget(const Home& home, TransactionId id, std::uint16_t kind) {
  home.enter_phase(id, Phase::Ended, kind);
  transactions_.erase(id);
  begun_.forget([&](TransactionId known) {
    return transactions_.contains(known) || home.context.waits(known);
  });
}

// ---- failures: timeouts, refusals, inquiries

// Aborts before anybody was asked: nobody can be in doubt, so nothing is recorded and a participant
// that does not hear of it aborts by itself.
Outcome Coordinator::give_up(const Home& home, TransactionId id, Transaction& transaction) {
  home.context.cancel_timer(transaction.timer);
  enter(transaction, State::Abort);
  transaction.awaiting = transaction.touched;
  return conclude(home, id, transaction, Outcome::Aborted);
}

Outcome Coordinator::on_timer(const Home& home, const Timer& timer) {
  const TransactionId id = timer.transaction;
  Transaction* transaction = transactions_.find(id);
  TXSIM_ASSERT(transaction != nullptr, "a forgotten transaction has no timer");
  transaction->timer = {};
  switch (timer.what.id) {
    case kUpdateTimeout.id:
      return give_up(home, id, *transaction);
    case kVoteTimeout.id:
      return decide(home, id, *transaction, Outcome::Aborted);
    case kPreCommitTimeout.id:
      // Who still does not answer has crashed: when it is back it asks.
      if (transaction->requests >= home.settings.inquiries) {
        return decide(home, id, *transaction, Outcome::Committed);
      }
      inform(home, id, *transaction);
      break;
    case kResendAfter.id:
      // Who still does not answer has crashed: when it is back it asks, or acknowledges again.
      if (transaction->requests++ >= home.settings.inquiries) break;
      tell(home, id, *transaction, true);
      transaction->timer = home.context.set_timer(kResendAfter, home.settings.resend_after, id);
      break;
    case kAskAfter.id:
      if (transaction->steps != 0) {
        home.announce(FactKind::InDoubt, id, 0, transaction->kind);
      }
      inquire(home, id, *transaction);
      break;
    default:
      TXSIM_ASSERT(false, "a timer that the coordinator never sets");
  }
  return Outcome::Unknown;
}

Outcome Coordinator::on_refused(const Home& home, const Message& message) {
  Transaction* transaction = find(message);
  if (transaction == nullptr) return Outcome::Unknown;
  switch (message.type.id) {
    case kUpdate.id:
      if (transaction->state != State::Init || transaction->step != message.step) break;
      return give_up(home, message.transaction, *transaction);
    case kPrepare.id:
      if (transaction->state != State::Wait) break;
      return decide(home, message.transaction, *transaction, Outcome::Aborted);
    default:
      break;  // the timers send it again
  }
  return Outcome::Unknown;
}

// What left no record, or is forgotten, has not committed: nobody can have precommitted before the
// coordinator's record of it was durable.
void Coordinator::on_inquiry(const Home& home, const Message& message) {
  const Transaction* transaction = find(message);
  Word reply = kAbort;
  bool wants_ack = false;
  if (transaction != nullptr) {
    switch (transaction->state) {
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
        wants_ack = true;
        break;
      case State::Abort:
        break;
    }
  }
  home.send(message.from, reply, message.transaction, message.kind,
            mark(message.body.get<Mark>().number, wants_ack));
}

// ---- Recovery in doubt: it crashed in PRECOMMIT, and the participants may have decided since.

void Coordinator::inquire(const Home& home, TransactionId id, Transaction& transaction) {
  for (std::uint64_t left = transaction.asked; left != 0; left &= left - 1) {
    send(home, kInquiry, id, transaction, lowest(left));
  }
  transaction.timer = home.context.set_timer(kAskAfter, home.settings.decision_timeout, id);
}

// Total failure: all have crashed in doubt, and all are back. Nobody has decided, for who had would
// say so, and nobody will without us. All have voted yes.
Outcome Coordinator::on_recovering(const Home& home, const Message& message) {
  Transaction* transaction = find(message);
  if (transaction == nullptr || transaction->state != State::Recovering) return Outcome::Unknown;
  transaction->crashed |= bit_of(home.kind(transaction->kind), message.from);
  if (transaction->crashed != transaction->asked) return Outcome::Unknown;
  return decide(home, message.transaction, *transaction, Outcome::Committed);
}

// The others have decided while this node was down, or took it for crashed. Who has decided itself
// meets here what should not be, and stays by its decision.
Outcome Coordinator::on_told(const Home& home, const Message& message, Outcome outcome) {
  Transaction* transaction = find(message);
  if (transaction == nullptr) return Outcome::Unknown;
  switch (transaction->state) {
    case State::Init:
    case State::Wait:
    case State::Commit:
    case State::Abort:
      return Outcome::Unknown;
    case State::PreCommit:
    case State::Recovering:
      break;
  }
  return decide(home, message.transaction, *transaction, outcome);
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
  if (record.type == kPreCommitRecord) {
    transaction.state = State::Recovering;
    transaction.asked = note.told;
    transaction.steps = note.steps;
    transaction.beyond = note.beyond;
    return;
  }
  const bool commits = record.type == kCommitRecord;
  transaction.state = commits ? State::Commit : State::Abort;
  if (!commits) return;
  home.store.redo(record.kind, note.steps, note.beyond);
  transaction.asked = first_bits(home.kind(record.kind).participants.size());
  transaction.awaiting = note.told;
}

// What was decided is told again, unless it is presumed; of what was not, the participants are
// asked. Gives all that it carries on and, where decided, the outcome for the client.
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
      case State::Wait:
      case State::PreCommit:
        TXSIM_ASSERT(false, "no record shows such a transaction");
        break;
      case State::Recovering:
        home.store.hold(home.context, begun.id, transaction.kind, transaction.steps,
                        transaction.beyond);
        if (transaction.steps != 0) {
          home.context.announce(Home::voted(begun.id, transaction.kind, Vote::Yes));
        }
        inquire(home, begun.id, transaction);
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
        Home::write(log, kPreCommitRecord, id, transaction.kind, note);
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

}  // namespace txsim::three_phase
