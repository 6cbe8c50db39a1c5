#include "scenarios/glossary.h"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>

#include "protocols/registry.h"
#include "scenarios/words.h"

namespace txsim {
namespace {

// In alphabetical order.
const std::vector<Term> kTerms = {
    {"aborted",
     {"abort", "rollback", "rolled back"},
     "A transaction that ended without effect: its changes are rolled back.",
     {"atomicity", "truthful-reply"}},
    {"ACID",
     {"consistency"},
     "Atomicity, consistency, isolation, durability: what a transaction promises (Haerder, "
     "Reuter "
     "1983). Each has its invariant; consistency of amounts is conservation.",
     {"atomicity", "conservation", "isolation", "durability"}},
    {"at-least-once delivery",
     {"at-least-once", "redelivery"},
     "A message is delivered until it is acknowledged, so it may arrive more than once. The "
     "receiver must recognise duplicates.",
     {"broker.redeliver_after", "saga-choreography.inbox", "exactly-once"}},
    {"blocking",
     {"blocked", "non-blocking"},
     "A participant that is up cannot end its transaction because another node is down. "
     "Two-phase "
     "commit blocks those that have voted yes while the coordinator is down (Skeen 1981).",
     {"two-phase-commit", "non-blocking", "bounded-blocking"}},
    {"choreography",
     {"choreographed saga", "event-driven saga"},
     "A saga without a coordinator: each service reacts to the events of the service before it.",
     {"saga-choreography"}},
    {"committed",
     {"commit", "done"},
     "A transaction whose steps are all in effect for good.",
     {"atomicity", "durability"}},
    {"compensated",
     {"undone"},
     "A saga that ended without effect: each step that took effect was compensated.",
     {"saga-orchestration", "saga-choreography", "compensation-order"}},
    {"compensation",
     {"compensate", "compensating transaction", "undo"},
     "A transaction that undoes an earlier step of its saga. Others may have seen the effect "
     "meanwhile (Garcia-Molina, Salem 1987).",
     {"compensation-order", "isolation", "saga-orchestration.registry"}},
    {"counterexample",
     {"shortest run"},
     "A run that violates an invariant. txsim explore finds a shortest one and writes it as a "
     "schedule, which txsim replay runs and txsim shrink reduces.",
     {"violated"}},
    {"crash-stop",
     {"fail-stop"},
     "A crash after which the node never restarts: a crash without a duration.",
     {"crash"}},
    {"dead letter",
     {"dead letter queue", "dlq", "poison message"},
     "An event that its subscriber refused too often: the broker sets it aside.",
     {"broker.max_attempts", "no-lost-event"}},
    {"deadlock",
     {"wait-for cycle"},
     "Transactions that wait for each other's locks in a circle. A lock timeout resolves it.",
     {"store.lock_timeout", "bounded-blocking"}},
    {"deploy",
     {"deployment", "redeploy", "rolling restart", "rollout"},
     "A process is stopped and started again: a crash with a duration, of one node after "
     "another.",
     {"crash", "faults.crash_every"}},
    {"dirty read",
     {"dirty use", "read uncommitted"},
     "A transaction uses a change that another transaction has not committed and later undoes.",
     {"isolation"}},
    {"dual write",
     {},
     "A database and a broker are written one after the other, without a common transaction: a "
     "crash in between loses the event, or publishes a change that was rolled back.",
     {"saga-choreography.outbox", "saga-choreography.dual_write"}},
    {"empty cancel",
     {"empty rollback", "null compensation"},
     "A cancel or compensation that arrives before its action: it is recorded and succeeds.",
     {"tcc.empty_cancel", "no-hanging"}},
    {"eventual consistency",
     {"eventually consistent", "liveness"},
     "Once faults have healed, every transaction ends everywhere, and nothing stays reserved or "
     "locked.",
     {"convergence"}},
    {"fencing token",
     {"fence", "fencing"},
     "A number that grows with each grant of a lock. The service that keeps the data refuses "
     "smaller numbers, so an owner whose lease has expired changes nothing (Burrows 2006; "
     "Kleppmann 2016).",
     {"lock-service", "lease"}},
    {"forced write",
     {"force", "fsync", "write-ahead log", "wal"},
     "A log record that is on disk before the node sends anything that depends on it.",
     {"disk.delay", "two-phase-commit.force_decision"}},
    {"hanging",
     {"suspension"},
     "A reservation or action that arrives after its cancel, so that nothing will ever undo it.",
     {"no-hanging", "tcc.suspension", "saga-orchestration.suspension"}},
    {"heuristic decision",
     {"heuristic", "heuristic outcome"},
     "A prepared participant, or an operator for it, decides alone after a wait. The decision may "
     "differ from the coordinator's.",
     {"two-phase-commit.heuristic_after", "mixed", "agreement"}},
    {"idempotency",
     {"dedup", "deduplication", "idempotence", "idempotent"},
     "A request that arrives a second time has no second effect.",
     {"exactly-once", "tcc.idempotence", "saga-orchestration.idempotence",
      "saga-choreography.inbox"}},
    {"idempotency key",
     {"order id", "request id"},
     "An id that the client is given before it submits, so that a repeated submission is "
     "recognised.",
     {"idempotent-receiver", "idempotent-receiver.order_id"}},
    {"idempotent receiver",
     {"entrance"},
     "What stands before any protocol and executes an order once, however often it is submitted "
     "(Hohpe, Woolf 2003).",
     {"idempotent-receiver", "idempotency key", "exactly-once"}},
    {"in doubt",
     {"indoubt", "prepared", "uncertain"},
     "A participant has voted yes and does not know the decision: it holds its locks and may "
     "neither commit nor abort.",
     {"two-phase-commit", "two-phase-commit.decision_timeout"}},
    {"lease",
     {"lock expiry", "ttl"},
     "A lock that expires after a time, even if its owner does not notice. An owner that pauses "
     "for longer continues without the lock.",
     {"lock-service.expiry", "fencing token"}},
    {"livelock",
     {"endless loop"},
     "Events continue forever without progress: the same states recur.",
     {"convergence"}},
    {"lost update",
     {"write skew"},
     "Anomalies of transactions that read data while others change it (Berenson et al. 1995; Adya "
     "1999).",
     {"isolation"}},
    {"message loss",
     {"lost message", "packet loss"},
     "A message that is sent and never arrives.",
     {"drop", "network.loss", "faults.loss"}},
    {"mixed",
     {"heuristic mixed", "partial commit"},
     "A transaction that ends with some of its steps in effect and others not.",
     {"atomicity", "agreement"}},
    {"one-phase commit",
     {"1pc", "last resource"},
     "A single participant, or the last one, decides by itself, without a vote.",
     {"two-phase-commit.one_phase", "service.prepares"}},
    {"orchestrator",
     {"orchestrated saga", "orchestration"},
     "The coordinator of a saga: it commands one step after another and, if one is refused, the "
     "compensations.",
     {"saga-orchestration"}},
    {"outbox",
     {"change data capture", "transactional outbox"},
     "The local transaction that an event announces also writes the event to a table. A relay "
     "publishes it from there.",
     {"saga-choreography.outbox", "saga-choreography.relay", "no-lost-event"}},
    {"partition",
     {"network partition", "split brain"},
     "Messages between two groups of nodes are lost for a while.",
     {"faults.partition_every"}},
    {"pause",
     {"gc pause", "stop-the-world", "vm pause"},
     "A node stops for a while without noticing; meanwhile its locks and timers expire.",
     {"faults.pause_every", "lock-service.expiry"}},
    {"pending",
     {"stuck"},
     "A transaction that has not ended: it still has to be finished or undone.",
     {"convergence", "tcc.pending_policy"}},
    {"pivot",
     {"point of no return"},
     "The step of a saga after which there is no way back: later steps are repeated until they are "
     "done.",
     {"transaction.pivot"}},
    {"presumed abort",
     {"presumed commit", "presumed nothing"},
     "The answer of a coordinator that has no record of a transaction (Mohan, Lindsay, Obermarck "
     "1986).",
     {"two-phase-commit.variant"}},
    {"reservation",
     {"hold", "reserve", "reserved", "tentative"},
     "An amount that is set aside for a transaction: it is neither available nor taken. A Confirm "
     "takes "
     "it, a Cancel returns it.",
     {"tcc", "Try", "convergence"}},
    {"restart",
     {"reboot", "recover", "recovery"},
     "A crashed node starts again with its durable data, and resumes from its log.",
     {"crash", "saga-orchestration.recovery"}},
    {"retry",
     {"back-off", "exponential back-off"},
     "A request without an answer is sent again. Its first copy may have taken effect.",
     {"exactly-once", "tcc.retries", "saga-orchestration.retries", "workload.retries"}},
    {"saga",
     {"llt", "long-lived transaction"},
     "A transaction of steps that take effect immediately, each in a local transaction; if one "
     "fails, compensations undo the steps before it (Garcia-Molina, Salem 1987).",
     {"saga-orchestration", "saga-choreography", "compensation-order"}},
    {"semantic lock",
     {"countermeasure"},
     "A record in an intermediate state, which others can see and refuse.",
     {"saga-orchestration.semantic_lock", "isolation"}},
    {"three-phase commit",
     {"3pc", "paxos commit"},
     "Protocols of atomic commitment that do not block (Skeen 1981; Gray, Lamport 2006).",
     {"three-phase-commit", "blocking", "two-phase-commit"}},
    {"timeout",
     {"time-out"},
     "No answer in time. It says nothing about the effect, which may have happened or may still "
     "happen.",
     {"workload.timeout", "two-phase-commit.vote_timeout", "tcc.try_timeout",
      "saga-orchestration.step_timeout", "uncoordinated.call_timeout"}},
    {"try-confirm-cancel",
     {},
     "Reserve at every participant, then take everywhere or return everywhere.",
     {"tcc"}},
    {"two-phase commit",
     {"2pc", "atomic commit", "atomic commitment", "xa"},
     "All participants vote. The transaction commits if all vote yes; otherwise it aborts. XA is "
     "the "
     "interface of transaction managers and databases for it (X/Open 1991).",
     {"two-phase-commit"}},
    {"unknown",
     {"lost reply", "unknown outcome"},
     "The client does not know how a transaction ended: it was never begun, has not ended, or its "
     "answer was lost.",
     {"truthful-reply", "timeout"}},
};

}  // namespace

const std::vector<Term>& glossary() { return kTerms; }

std::string normal_term(std::string_view text) {
  std::string term;
  for (const char c : text) {
    const auto code = static_cast<unsigned char>(c);
    term += std::isalnum(code) != 0 ? static_cast<char>(std::tolower(code)) : '-';
  }
  return term;
}

const Term* find_term(std::string_view text) {
  const std::string wanted = normal_term(text);
  const auto is_it = [&](std::string_view name) { return normal_term(name) == wanted; };
  const auto found = std::find_if(glossary().begin(), glossary().end(), [&](const Term& term) {
    return is_it(term.name) || std::any_of(term.also.begin(), term.also.end(), is_it);
  });
  return found == glossary().end() ? nullptr : &*found;
}

std::vector<std::string> protocols_called(std::string_view text) {
  const Term* term = find_term(text);
  if (term == nullptr) return {};
  const std::string name = normal_term(term->name);
  if (find_protocol(name) != nullptr) return {name};
  std::vector<std::string> names;
  for (const std::string_view see : term->see) {
    if (find_protocol(see) != nullptr) names.emplace_back(see);
  }
  return names;
}

std::string did_you_mean_protocol(std::string_view wrong) {
  const std::vector<std::string> called = protocols_called(wrong);
  if (called.empty()) return did_you_mean(wrong, protocol_names());
  return fmt::format(" (did you mean '{}'?)", fmt::join(called, "' or '"));
}

std::string glossary_rows() {
  std::string rows;
  for (const Term& term : glossary()) {
    rows += fmt::format("| {} | {} | {} | `{}` |\n", term.name, fmt::join(term.also, ", "),
                        term.says, fmt::join(term.see, "` `"));
  }
  return rows;
}

}  // namespace txsim
