#include "protocols/transaction.h"

namespace txsim {
namespace {

constexpr FactKind kFacts[] = {
    FactKind::Submitted,    FactKind::Told,         FactKind::GaveUp,
    FactKind::Recognised,   FactKind::OrderLocked,  FactKind::OrderUnlocked,
    FactKind::PhaseEntered, FactKind::Decided,      FactKind::HeuristicReported,
    FactKind::Resent,       FactKind::Voted,        FactKind::InDoubt,
    FactKind::DecidedAlone, FactKind::Finished,     FactKind::Updated,
    FactKind::Undone,       FactKind::Applied,      FactKind::Reserved,
    FactKind::Confirmed,    FactKind::Cancelled,    FactKind::Compensated,
    FactKind::Rejected,     FactKind::ReadDone,     FactKind::Recovered,
    FactKind::LockWaited,   FactKind::LockGranted,  FactKind::LockTimedOut,
    FactKind::LockTaken,    FactKind::LockReleased, FactKind::EventCommitted,
    FactKind::EventHandled,
};

}  // namespace

void declare_facts(Dictionary& dictionary) {
  for (const FactKind kind : kFacts) {
    dictionary.declare(static_cast<std::uint32_t>(kind), text(kind));
  }
}

const char* text(FactKind kind) {
  switch (kind) {
    case FactKind::Submitted:
      return "submitted";
    case FactKind::Told:
      return "told";
    case FactKind::GaveUp:
      return "gave-up";
    case FactKind::Recognised:
      return "recognised";
    case FactKind::OrderLocked:
      return "order-locked";
    case FactKind::OrderUnlocked:
      return "order-unlocked";
    case FactKind::PhaseEntered:
      return "phase";
    case FactKind::Decided:
      return "decided";
    case FactKind::HeuristicReported:
      return "heuristic-reported";
    case FactKind::Resent:
      return "resent";
    case FactKind::Voted:
      return "voted";
    case FactKind::InDoubt:
      return "in-doubt";
    case FactKind::DecidedAlone:
      return "decided-alone";
    case FactKind::Finished:
      return "finished";
    case FactKind::Updated:
      return "updated";
    case FactKind::Undone:
      return "undone";
    case FactKind::Applied:
      return "applied";
    case FactKind::Reserved:
      return "reserved";
    case FactKind::Confirmed:
      return "confirmed";
    case FactKind::Cancelled:
      return "cancelled";
    case FactKind::Compensated:
      return "compensated";
    case FactKind::Rejected:
      return "rejected";
    case FactKind::ReadDone:
      return "read-done";
    case FactKind::Recovered:
      return "recovered";
    case FactKind::LockWaited:
      return "lock-waited";
    case FactKind::LockGranted:
      return "lock-granted";
    case FactKind::LockTimedOut:
      return "lock-timed-out";
    case FactKind::LockTaken:
      return "lock-taken";
    case FactKind::LockReleased:
      return "lock-released";
    case FactKind::EventCommitted:
      return "event-committed";
    case FactKind::EventHandled:
      return "event-handled";
  }
  return "?";
}

const char* text(Phase phase) {
  switch (phase) {
    case Phase::Begun:
      return "begun";
    case Phase::Working:
      return "working";
    case Phase::Deciding:
      return "deciding";
    case Phase::Finishing:
      return "finishing";
    case Phase::Undoing:
      return "undoing";
    case Phase::Ended:
      return "ended";
  }
  return "?";
}

const char* text(Outcome outcome) {
  switch (outcome) {
    case Outcome::Unknown:
      return "unknown";
    case Outcome::Committed:
      return "committed";
    case Outcome::Aborted:
      return "aborted";
    case Outcome::Mixed:
      return "mixed";
  }
  return "?";
}

const char* text(Vote vote) {
  switch (vote) {
    case Vote::No:
      return "no";
    case Vote::Yes:
      return "yes";
    case Vote::ReadOnly:
      return "read-only";
  }
  return "?";
}

const char* text(Reply reply) {
  switch (reply) {
    case Reply::Done:
      return "done";
    case Reply::Failed:
      return "failed";
    case Reply::Busy:
      return "busy";
  }
  return "?";
}

const char* text(Role role) {
  switch (role) {
    case Role::Client:
      return "client";
    case Role::Coordinator:
      return "coordinator";
    case Role::Participant:
      return "participant";
    case Role::Broker:
      return "broker";
    case Role::Lock:
      return "lock";
    case Role::Operator:
      return "operator";
  }
  return "?";
}

const char* text(Action action) {
  switch (action) {
    case Action::Take:
      return "take";
    case Action::Give:
      return "give";
    case Action::Read:
      return "read";
    case Action::Create:
      return "create";
    case Action::Complete:
      return "complete";
  }
  return "?";
}

}  // namespace txsim
