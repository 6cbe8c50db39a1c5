#include "reports/glossary.h"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>

namespace txsim {
namespace {

// By alphabet.
const std::vector<Term> kTerms = {
    {"aborted",
     {"abort", "rollback", "rolled back"},
     "A transaction that ended without effect: what it had done is rolled back.",
     {"atomicity", "truthful-reply"}},
    {"ACID",
     {"consistency"},
     "Atomicity, consistency, isolation, durability: what a transaction promises (Haerder, "
     "Reuter "
     "1983). Each has its invariant; consistency of amounts is conservation.",
     {"atomicity", "conservation", "isolation", "durability"}},
    {"at-least-once delivery",
     {"at-least-once", "redelivery"},
     "A message is delivered until it is acknowledged, so it may come more than once; the receiver "
     "has to recognise the second.",
     {"broker.redeliver_after", "saga-choreography.inbox", "exactly-once"}},
    {"blocking",
     {"blocked", "non-blocking"},
     "A participant that is up cannot end its transaction because another node is down. "
     "Two-phase "
     "commit blocks those that have voted yes while the coordinator is down (Skeen 1981).",
     {"two-phase-commit", "non-blocking", "bounded-blocking"}},
    {"choreography",
     {"choreographed saga", "event-driven saga"},
     "A saga without a coordinator: each service acts on the events of the one before it.",
     {"saga-choreography"}},
    {"committed",
     {"commit", "done"},
     "A transaction all of whose steps are in effect, for good.",
     {"atomicity", "durability"}},
    {"compensated",
     {"undone"},
     "A saga that ended without effect: each step that took effect was compensated.",
     {"saga-orchestration", "saga-choreography", "compensation-order"}},
    {"compensation",
     {"compensate", "compensating transaction", "undo"},
     "A transaction that takes back what an earlier step of its saga did. Others may have seen "
     "it "
     "meanwhile (Garcia-Molina, Salem 1987).",
     {"compensation-order", "isolation", "saga-orchestration.registry"}},
    {"counterexample",
     {"shortest run"},
     "A run that violates an invariant. txsim explore finds a shortest one and writes it as a "
     "schedule, which txsim replay runs and txsim shrink makes small.",
     {"violated"}},
    {"crash-stop",
     {"fail-stop"},
     "A crash after which the node never returns: a crash without a duration.",
     {"crash"}},
    {"dead letter",
     {"dead letter queue", "dlq", "poison message"},
     "An event that its subscriber refused too often: the broker sets it aside.",
     {"broker.max_attempts", "no-lost-event"}},
    {"deadlock",
     {"wait-for cycle"},
     "Transactions that wait for each other's locks in a circle. A wait that ends after a time "
     "dissolves it.",
     {"store.lock_timeout", "bounded-blocking"}},
    {"deploy",
     {"deployment", "redeploy", "rolling restart", "rollout"},
     "A process is stopped and started again: a crash with a duration, of one node after "
     "another.",
     {"crash", "faults.crash_every"}},
    {"dirty read",
     {"dirty use", "read uncommitted"},
     "A transaction uses what another has not ended yet, and takes back later.",
     {"isolation"}},
    {"dual write",
     {},
     "A database and a broker are written one after the other, in no common transaction: a crash "
     "between them loses the event, or tells what was rolled back.",
     {"saga-choreography.outbox", "saga-choreography.dual_write"}},
    {"empty cancel",
     {"empty rollback", "null compensation"},
     "A cancel or compensation that comes where nothing was done yet: it writes that down and "
     "succeeds.",
     {"tcc.empty_cancel", "no-hanging"}},
    {"eventual consistency",
     {"eventually consistent", "liveness"},
     "Once faults have healed, every transaction ends everywhere and nothing is left over.",
     {"convergence"}},
    {"fencing token",
     {"fence", "fencing"},
     "A number that grows with each grant of a lock. The service that keeps the data refuses a "
     "smaller one, "
     "so "
     "that an owner whose lease has run out changes nothing (Burrows 2006; Kleppmann 2016).",
     {"lock-service", "lease"}},
    {"forced write",
     {"force", "fsync", "write-ahead log", "wal"},
     "A log record that is on disk before anything that depends on it is told to others.",
     {"disk.delay", "two-phase-commit.force_decision"}},
    {"hanging",
     {"suspension"},
     "A reservation or action that comes after its cancel, which nobody will ever take back.",
     {"no-hanging", "tcc.suspension", "saga-orchestration.suspension"}},
    {"heuristic decision",
     {"heuristic", "heuristic outcome"},
     "A prepared participant decides alone after a wait, or an operator for it: it may decide "
     "otherwise than the coordinator.",
     {"two-phase-commit.heuristic_after", "mixed", "agreement"}},
    {"idempotency",
     {"dedup", "deduplication", "idempotence", "idempotent"},
     "What comes a second time has no second effect.",
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
     "A lock that is free again after a time, whether its owner knows or not. An owner that "
     "pauses "
     "longer goes on without it.",
     {"lock-service.expiry", "fencing token"}},
    {"livelock",
     {"endless loop"},
     "Something always happens and nothing ever ends: a state that comes back.",
     {"convergence"}},
    {"lost update",
     {"write skew"},
     "Anomalies of transactions that read what others change meanwhile (Berenson et al. 1995; "
     "Adya "
     "1999).",
     {"isolation"}},
    {"message loss",
     {"lost message", "packet loss"},
     "A message that is sent and never arrives.",
     {"drop", "network.loss", "faults.loss"}},
    {"mixed",
     {"heuristic mixed", "partial commit"},
     "A transaction some of whose steps are in effect at the end, and others not.",
     {"atomicity", "agreement"}},
    {"one-phase commit",
     {"1pc", "last resource"},
     "A single participant, or the last one, decides by itself: no vote.",
     {"two-phase-commit.one_phase", "service.prepares"}},
    {"orchestrator",
     {"orchestrated saga", "orchestration"},
     "The coordinator of a saga: it commands one step after another and, where one is refused, "
     "the "
     "compensations.",
     {"saga-orchestration"}},
    {"outbox",
     {"change data capture", "transactional outbox"},
     "An event is written in the local transaction that it tells of, and published from there.",
     {"saga-choreography.outbox", "saga-choreography.relay", "no-lost-event"}},
    {"partition",
     {"network partition", "split brain"},
     "Messages between two groups of nodes are lost for a while.",
     {"faults.partition_every"}},
    {"pause",
     {"gc pause", "stop-the-world", "vm pause"},
     "A node does nothing for a while and knows nothing of it; its locks and timers run out.",
     {"faults.pause_every", "lock-service.expiry"}},
    {"pending",
     {"stuck"},
     "A transaction that has not ended: somebody still has to finish or undo it.",
     {"convergence", "tcc.pending_policy"}},
    {"pivot",
     {"point of no return"},
     "The step of a saga behind which there is no way back: what follows is repeated until it is "
     "done.",
     {"transaction.pivot"}},
    {"presumed abort",
     {"presumed commit", "presumed nothing"},
     "What a coordinator that knows nothing of a transaction answers (Mohan, Lindsay, Obermarck "
     "1986).",
     {"two-phase-commit.variant"}},
    {"reservation",
     {"hold", "reserve", "reserved", "tentative"},
     "An amount that is set aside for a transaction: neither available nor taken. A Confirm "
     "takes "
     "it, a Cancel returns it.",
     {"tcc", "Try", "convergence"}},
    {"restart",
     {"reboot", "recover", "recovery"},
     "A crashed node starts again with what is durable, and goes on from its log.",
     {"crash", "saga-orchestration.recovery"}},
    {"retry",
     {"back-off", "exponential back-off"},
     "What was not answered is asked again. Its first copy may have taken effect.",
     {"exactly-once", "tcc.retries", "saga-orchestration.retries", "workload.retries"}},
    {"saga",
     {"llt", "long-lived transaction"},
     "A transaction of steps that take effect at once, each in a local transaction; where one "
     "fails, compensations undo those before it (Garcia-Molina, Salem 1987).",
     {"saga-orchestration", "saga-choreography", "compensation-order"}},
    {"semantic lock",
     {"countermeasure"},
     "A record in an intermediate state, which others can see and refuse.",
     {"saga-orchestration.semantic_lock", "isolation"}},
    {"three-phase commit",
     {"3pc", "paxos commit"},
     "Protocols of atomic commitment that do not block (Skeen 1981; Gray, Lamport 2006).",
     {"blocking", "two-phase-commit"}},
    {"timeout",
     {"time-out"},
     "No answer in time. It says nothing about the effect: that may have been, or still come.",
     {"workload.timeout", "two-phase-commit.vote_timeout", "tcc.try_timeout",
      "saga-orchestration.step_timeout", "uncoordinated.call_timeout"}},
    {"try-confirm-cancel",
     {},
     "Reserve at every participant, then take everywhere or return everywhere.",
     {"tcc"}},
    {"two-phase commit",
     {"2pc", "atomic commit", "atomic commitment", "xa"},
     "All participants vote; the transaction is committed if all say yes, else aborted. XA is "
     "the "
     "interface of transaction managers and databases for it (X/Open 1991).",
     {"two-phase-commit"}},
    {"unknown",
     {"lost reply", "unknown outcome"},
     "Nobody has told how a transaction ended: it was never begun, or has not ended, or its "
     "answer "
     "was lost.",
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

std::string glossary_rows() {
  std::string rows;
  for (const Term& term : glossary()) {
    rows += fmt::format("| {} | {} | {} | `{}` |\n", term.name, fmt::join(term.also, ", "),
                        term.says, fmt::join(term.see, "` `"));
  }
  return rows;
}

}  // namespace txsim
