#include "transactions/transaction.h"

namespace txsim {
namespace {

constexpr FactInfo kFacts[] = {
    {FactKind::Submitted, "submitted", "a client has sent an order to a service; value: the order"},
    {FactKind::Told, "told", "a client has its answer: done, failed or busy"},
    {FactKind::GaveUp, "gave-up",
     "a client has stopped waiting and does not know how its order ended"},
    {FactKind::Recognised, "recognised",
     "the idempotent receiver has seen this order before and does not execute it again"},
    {FactKind::OrderLocked, "order-locked",
     "the lock service has given the order's lock to a transaction"},
    {FactKind::OrderUnlocked, "order-unlocked",
     "the order's lock is free again; extra: 0 released, 1 expired"},
    {FactKind::PhaseEntered, "phase",
     "the transaction enters a phase: begun, working, deciding, finishing, undoing, ended"},
    {FactKind::Decided, "decided", "the coordinator has decided: committed or aborted"},
    {FactKind::HeuristicReported, "heuristic-reported",
     "the coordinator has learned that a participant had decided otherwise"},
    {FactKind::Resent, "resent", "a message was sent again after a timeout"},
    {FactKind::Voted, "voted",
     "a participant has voted: no, yes (it may no longer abort by itself) or read-only"},
    {FactKind::InDoubt, "in-doubt",
     "a participant is prepared, and its wait for the decision has timed out"},
    {FactKind::DecidedAlone, "decided-alone",
     "a participant in doubt has decided by itself (heuristic decision)"},
    {FactKind::DoubtEnded, "doubt-ended",
     "a prepared participant has learned the decision from its coordinator or a peer, or has "
     "decided by itself; the decision need not be durable there yet"},
    {FactKind::Finished, "finished",
     "a node's part in the transaction has ended durably: committed or aborted"},
    {FactKind::Updated, "updated",
     "a step is in effect under lock, not yet for good; value: what it added"},
    {FactKind::Undone, "undone", "an updated step was rolled back"},
    {FactKind::Applied, "applied", "a step is in effect for good"},
    {FactKind::Reserved, "reserved", "an amount was moved from available to reserved"},
    {FactKind::Confirmed, "confirmed", "a reserved amount was taken for good"},
    {FactKind::Cancelled, "cancelled", "a reserved amount was returned to available"},
    {FactKind::Compensated, "compensated",
     "an applied step was undone by its compensation, or called off before it was applied"},
    {FactKind::Rejected, "rejected", "the service refused a step"},
    {FactKind::ReadDone, "read-done", "a step has read its resource"},
    {FactKind::Recovered, "recovered",
     "the amounts of a resource after its service's restart; value: available, extra: reserved"},
    {FactKind::LockWaited, "lock-waited",
     "a step waits for a row that another transaction has locked"},
    {FactKind::LockGranted, "lock-granted", "a step that waited has locked its row"},
    {FactKind::LockTimedOut, "lock-timed-out", "a step has stopped waiting for its row"},
    {FactKind::LockTaken, "lock-taken", "a row is locked from now on"},
    {FactKind::LockReleased, "lock-released", "a row is free again"},
    {FactKind::EventCommitted, "event-committed",
     "a local transaction that publishes an event is durable"},
    {FactKind::EventHandled, "event-handled", "a subscriber has handled an event for good"},
};

constexpr PhaseInfo kPhases[] = {
    {Phase::Begun, "begun", "the service that coordinates it has accepted the order"},
    {Phase::Working, "working", "its steps are in progress"},
    {Phase::Deciding, "deciding", "its steps are done; commit or abort is being decided"},
    {Phase::Finishing, "finishing", "it will commit; the services are carrying out the commit"},
    {Phase::Undoing, "undoing", "it will not commit; its effects are being undone"},
    {Phase::Ended, "ended", "no work is left for it"},
};

constexpr RoleInfo kRoles[] = {
    {Role::Client, "client", "submits orders and receives their results"},
    {Role::Coordinator, "coordinator",
     "a service where transactions begin: it drives them and decides how they end"},
    {Role::Participant, "participant",
     "a service that does steps of transactions that began elsewhere"},
    {Role::Broker, "broker", "passes events between services"},
    {Role::Lock, "lock", "the lock service, which keeps two executions of one order apart"},
    {Role::Operator, "operator",
     "a person who inspects stuck transactions and decides them by hand"},
};

// The name of the matching entry; a value outside its enum has none.
template <class Table, class Matches>
const char* name_of(const Table& table, Matches matches) {
  for (const auto& info : table) {
    if (matches(info)) return info.name.data();  // a literal, so it ends in a zero
  }
  return "?";
}

}  // namespace

std::span<const FactInfo> fact_infos() { return kFacts; }
std::span<const PhaseInfo> phase_infos() { return kPhases; }
std::span<const RoleInfo> role_infos() { return kRoles; }

void declare_facts(Dictionary& dictionary) {
  for (const FactInfo& info : kFacts) {
    dictionary.declare(static_cast<std::uint32_t>(info.kind), info.name);
  }
}

const char* text(FactKind kind) {
  return name_of(kFacts, [&](const FactInfo& info) { return info.kind == kind; });
}

const char* text(Phase phase) {
  return name_of(kPhases, [&](const PhaseInfo& info) { return info.phase == phase; });
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
    case Reply::Accepted:
      return "accepted";
    case Reply::InProgress:
      return "in-progress";
  }
  return "?";
}

const char* text(Role role) {
  return name_of(kRoles, [&](const RoleInfo& info) { return info.role == role; });
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
