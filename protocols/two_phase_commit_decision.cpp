// The participant once it has voted: the decision, doubt, and a decision of its own.
#include "protocols/two_phase_commit_participant.h"
#include "sim/assert.h"

namespace txsim::two_phase {
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
// twice must not open the branch anew after a crash.
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

}  // namespace txsim::two_phase
