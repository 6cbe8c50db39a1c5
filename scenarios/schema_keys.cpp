// Every section and key of the scenario language, one line each: name, type with default, meaning.
#include "scenarios/schema_keys.h"

namespace txsim {
namespace {

void top(Keys& key, Values&) {
  key("include", sentences("path"), "a scenario file that this one builds on, relative to it");
}

void scenario(Keys& key, Values& v) {
  Scenario& s = v.scenario;
  key("title", line(s.title, "text (=the file's name)"), "what it shows, in one line");
  key("source", line(s.source, "text (=none)"), "where the story comes from");
  key("protocol",
      choice(s.protocol, {{text(ProtocolName::Local), ProtocolName::Local},
                          {text(ProtocolName::Uncoordinated), ProtocolName::Uncoordinated},
                          {text(ProtocolName::TwoPhaseCommit), ProtocolName::TwoPhaseCommit},
                          {text(ProtocolName::Tcc), ProtocolName::Tcc},
                          {text(ProtocolName::SagaOrchestration), ProtocolName::SagaOrchestration},
                          {text(ProtocolName::SagaChoreography), ProtocolName::SagaChoreography}}),
      "who keeps the transactions together");
  key("seed", seed(s.seed), "all random draws follow from it");
  key("horizon", horizon(s.horizon), "the run ends here at the latest");
}

void service(Keys& key, Values& v) {
  key("resource", sentences("NAME AMOUNT"), "a named amount, never below zero: stock 100");
  key("records", sentences("NAME"), "a table of order records: orders");
  key("disk", delay(v.service.disk, "that of [disk]"), "how long a forced write takes here");
  key("prepares", on_off(v.service.prepares),
      "two-phase-commit: off: commits in one phase, once all that prepare have voted yes");
}

void transaction(Keys& key, Values& v) {
  key("begins_at", name("service", "that of the first step"),
      "the service that clients ask, which coordinates");
  key("share", count(v.transaction.share, 1'000'000), "how many of these in each round of orders");
  key("step", sentences("step"), "what is done, in this order; at most 64");
  key("pivot", step_number(v.transaction.pivot),
      "sagas: once this step is done, counted from 1, there is no way back");
  key("tells", sentences("services"),
      "saga-choreography: services that are told when one is done, and have no part in it");
}

void workload(Keys& key, Values& v) {
  Workload& w = v.scenario.workload;
  key("orders", count(v.orders, "1, or as many as the times given"), "how many orders in all");
  key("arrivals", arrivals(w),
      "every 100ms | at 0ms, 10ms | random every 50ms | 32 clients [thinking 10ms]");
  key("timeout", duration(w.timeout), "how long the client waits for an answer");
  key("retries", count(w.retries, 255), "how often it submits an order again after a timeout");
  key("repeats", count(w.repeats, 255), "how often it submits each order again unasked");
  key("repeat_after", duration(w.repeat_after), "the gap between those");
  key("poll_every", interval(w.poll_every),
      "where services answer accepted, the client asks for the status so often");
}

void network(Keys& key, Values& v) {
  Link& l = v.scenario.network;
  key("delay", delay(l.delay), "how long a message takes");
  key("loss", probability(l.loss), "of each message");
  key("duplication", probability(l.duplication), "of each message");
  key("order", link_order(l.fifo), "fifo: messages of one direction never overtake each other");
}

void link(Keys& key, Values& v) {
  constexpr const char* kGeneral = "that of [network]";
  key("delay", delay(v.link.delay, kGeneral), "how long a message takes on this link");
  key("loss", probability(v.link.loss, kGeneral), "of each message on this link");
  key("duplication", probability(v.link.duplication, kGeneral), "of each message on this link");
  key("order", link_order(v.link.fifo, kGeneral), "fifo: messages never overtake each other");
}

void disk(Keys& key, Values& v) { key("delay", delay(v.disk), "how long a forced write takes"); }

void entrance(Keys& key, Values& v) {
  EntranceSettings& e = v.scenario.settings.entrance;
  key("enabled", on_off(e.enabled), "off: every submission is executed");
  key("order_id", on_off(e.order_id), "(switch) recognise orders that were executed before");
  key("lock", on_off(e.lock), "(switch) one execution of an order at a time");
  key("fencing", on_off(e.fencing),
      "(switch) off: nobody compares the grant's token, and a lock that expires in a pause keeps "
      "nobody out");
  key("lock_timeout", interval(e.lock_timeout), "wait for the lock service, then ask again");
  key("keep_outcome", interval(e.keep_outcome),
      "for clients that ask for the outcome of what was accepted");
}

void lock_service(Keys& key, Values& v) {
  LockServiceSettings& l = v.scenario.settings.lock_service;
  key("expiry", duration_or_never(l.expiry), "(switch) a lock is free again after this");
  key("owner_check", on_off(l.owner_check), "(switch) only the owner may release a lock");
  key("knows_owner", on_off(l.knows_owner),
      "off: an owner that asks anew is denied its own lock, as SET NX does");
}

void store(Keys& key, Values& v) {
  key("lock_timeout", duration_or_never(v.scenario.settings.store.lock_timeout),
      "a wait for a row lock ends after this, refused; 0s: refused at once. A wait until the "
      "record of "
      "the last holder is durable does not count: its lock is free already (early lock release)");
}

void local(Keys& key, Values& v) {
  key("transaction", on_off(v.scenario.settings.local.transaction),
      "(switch) all steps in one transaction; off: each by itself");
}

void uncoordinated(Keys& key, Values& v) {
  key("call_timeout", duration(v.scenario.settings.uncoordinated.call_timeout),
      "wait for a service's answer, then give up");
}

void two_phase_commit(Keys& key, Values& v) {
  TwoPhaseCommitSettings& s = v.scenario.settings.two_phase_commit;
  key("variant",
      choice(s.variant, {{"basic", CommitVariant::Basic},
                         {"presumed-abort", CommitVariant::PresumedAbort},
                         {"presumed-commit", CommitVariant::PresumedCommit}}),
      "what a coordinator that knows nothing answers");
  key("read_only_vote", on_off(s.read_only_vote),
      "a participant that changed nothing leaves after its vote");
  key("one_phase", on_off(s.one_phase), "a single participant decides by itself");
  key("resource",
      choice(s.resource, {{"textbook", XaRules::Textbook},
                          {"mariadb", XaRules::MariaDb},
                          {"postgresql", XaRules::PostgreSql}}),
      "the database behind each participant: what its prepared branches keep "
      "(docs/conformance.md)");
  key("cooperative_termination", on_off(s.cooperative_termination),
      "in doubt: ask the other participants too");
  key("with_prepare", on_off(s.with_prepare), "updates travel with Prepare, not before it");
  key("update_timeout", duration(s.update_timeout),
      "the coordinator waits for an update's answer, then aborts");
  key("vote_timeout", duration(s.vote_timeout), "the coordinator waits for votes, then aborts");
  key("idle_timeout", duration_or_never(s.idle_timeout),
      "(switch) a participant that has not voted aborts by itself after this");
  key("decision_timeout", interval(s.decision_timeout),
      "a prepared participant asks for the decision after this, again each time");
  key("resend_after", interval(s.resend_after),
      "the coordinator sends its decision again until acknowledged");
  key("forget_after", duration_or_never(s.forget_after),
      "the coordinator forgets a decision that is not acknowledged by then");
  key("pass_on",
      choice(s.pass_on,
             {{"never", PassOn::Never}, {"before", PassOn::Before}, {"after", PassOn::After}}),
      "a participant tells the others the decision, before or after it carries it out");
  key("heuristic_after", duration_or_never(s.heuristic_after),
      "a prepared participant decides alone after this");
  key("heuristic_choice",
      choice(s.heuristic_choice,
             {{"commit", HeuristicChoice::Commit}, {"abort", HeuristicChoice::Abort}}),
      "what it decides then");
  key("force_prepare", on_off(s.force_prepare), "(switch) force the participant's prepare record");
  key("force_commit", on_off(s.force_commit),
      "(switch) force the participant's commit record, where the variant does");
  key("force_decision", on_off(s.force_decision), "(switch) force the coordinator's decision");
  key("resend", on_off(s.resend), "(switch) resend the decision and ask for it");
  key("unanimity", on_off(s.unanimity), "(switch) off: a majority of yes is enough");
  key("votes_as_set", on_off(s.votes_as_set), "(switch) off: a duplicate vote counts twice");
  key("hold_locks", on_off(s.hold_locks), "(switch) off: row locks are freed after each update");
  key("keeps_context", on_off(s.keeps_context),
      "(switch) off: an update that waited for its row lock is carried out outside its "
      "transaction");
  key("unlock_with_end", on_off(s.unlock_with_end),
      "(switch) off: a branch's end is durable before its row locks are freed");
  key("rollback_by_id", on_off(s.rollback_by_id),
      "(switch) off: an Abort of a branch that is not there rolls back, unseen, what is active "
      "there");
}

void tcc_keys(Keys& key, Values& v) {
  TccSettings& s = v.scenario.settings.tcc;
  key("parallel", on_off(s.parallel), "all steps of a phase at once; off: in turn");
  key("try_timeout", interval(s.try_timeout),
      "the coordinator waits for an answer of any phase, then asks again");
  key("retries", count(s.retries, 1000), "how often it asks again before it gives up");
  key("back_off", interval(s.back_off), "the wait before the first retry; doubles with each");
  key("pending_policy",
      choice(s.pending_policy, {{"retry", PendingPolicy::Retry},
                                {"confirm-after", PendingPolicy::ConfirmAfter},
                                {"alert", PendingPolicy::Alert}}),
      "who goes on with an order whose Confirm has failed");
  key("pending_every", interval(s.pending_every), "the scheduler confirms pending orders again");
  key("confirm_after", duration(s.confirm_after),
      "confirm-after: the scheduler waits so long before it does");
  key("operator_after", interval_or_never(s.operator_after),
      "alert: the operator looks after this, again each time");
  key("cancel_every", interval_or_never(s.cancel_every),
      "the scheduler cancels again what has not answered");
  key("sweep_after", interval(s.sweep_after),
      "a participant asks about a reservation of this age, again each time");
  key("idempotence", on_off(s.reservations.idempotence),
      "(switch) a phase that was done already has no effect");
  key("empty_cancel", on_off(s.reservations.empty_cancel),
      "(switch) off: a Cancel without a Try gives back what was never reserved");
  key("suspension", on_off(s.reservations.suspension),
      "(switch) off: a Try is accepted after its Cancel");
  key("atomic_fence", on_off(s.reservations.atomic_fence),
      "(switch) off: what a phase does is durable before the memory of it, not with it");
  key("refusal_is_final", on_off(s.refusal_is_final),
      "(switch) off: a refused Try is asked again, as if it had not been answered");
  key("resume_reserved", on_off(s.resume_reserved),
      "(switch) off: an order that a crash left RESERVED is taken up by nobody");
  key("retry", on_off(s.retry), "(switch) off: one attempt at each Try, Confirm and Cancel");
  key("sweep", on_off(s.sweep), "(switch) off: participants never ask about old reservations");
}

void saga_orchestration(Keys& key, Values& v) {
  SagaOrchestrationSettings& s = v.scenario.settings.saga_orchestration;
  key("parallel", on_off(s.parallel), "neighbouring steps elsewhere at once; off: in turn");
  key("step_timeout", interval(s.step_timeout),
      "the orchestrator waits for an answer to a command, then asks again");
  key("retries", count(s.retries, 1000), "how often it asks again before it gives up");
  key("back_off", interval(s.back_off), "the wait before the first retry");
  key("back_off_doubles", on_off(s.back_off_doubles), "with each retry; off: it stays the same");
  key("deadline", duration_or_never(s.deadline),
      "(switch) a saga that has not done all its steps by then turns back");
  key("recovery",
      choice(s.recovery,
             {{"backward", SagaRecovery::Backward}, {"forward", SagaRecovery::Forward}}),
      "where a saga goes that a crash of its orchestrator interrupted");
  key("registry_every", interval(s.registry_every),
      "the scheduler takes up what is registered, again each time");
  key("progress_log", on_off(s.progress_log),
      "(switch) off: the orchestrator writes nothing, a crash forgets every saga");
  key("compensate_unknown", on_off(s.compensate_unknown),
      "(switch) off: only steps that were acknowledged are compensated");
  key("reverse_order", on_off(s.reverse_order),
      "(switch) off: compensations run in the order of the steps");
  key("registry", on_off(s.registry), "(switch) off: a compensation that failed is lost");
  key("registry_blocks", on_off(s.registry_blocks),
      "(switch) what is registered holds up earlier compensations; off: they overtake it");
  key("registry_batch", count(s.registry_batch, 1000),
      "the scheduler takes up so many sagas each time, the oldest that are due; 0: all, each "
      "in its own time");
  key("registry_back_off", on_off(s.registry_back_off),
      "(switch) of a batch, what failed again is due later each time; off: whenever the "
      "scheduler comes round");
  key("refusal_decides", on_off(s.refusal_decides),
      "(switch) a refused step and the turning back are one record; off: two");
  key("idempotence", on_off(s.actions.idempotence),
      "(switch) an action or compensation that was done already has no effect");
  key("suspension", on_off(s.actions.suspension),
      "(switch) off: an action is accepted after its compensation");
  key("semantic_lock", on_off(s.actions.semantic_lock),
      "(switch) others may not take what an unfinished saga has given");
}

void broker(Keys& key, Values& v) {
  BrokerSettings& s = v.scenario.settings.broker;
  key("partitions", count_from_one(s.partitions, 1000),
      "of each service's topic; events of one order share one");
  key("redeliver_after", interval(s.redeliver_after),
      "an event that was not acknowledged is delivered again");
  key("max_attempts", count(s.max_attempts, 1'000'000),
      "an event refused so often becomes a dead letter; 0: never");
  key("retention", duration_or_never(s.retention),
      "an event that is older is dropped, handled or not");
  key("force_publish", on_off(s.force_publish),
      "(switch) off: events are acknowledged before they are durable");
  key("durable_queues", on_off(s.durable_queues),
      "(switch) off: a restart of the broker leaves no queues, for queues_after");
  key("queues_after", duration(s.queues_after),
      "then subscribers have declared their queues anew; before, nothing is kept for them");
  key("members", count_from_one(s.members, 1000),
      "consumers in each group, which share its partitions");
  key("exclusive", on_off(s.exclusive),
      "(switch) off: each member of a group takes every event, not only its partitions'");
}

void saga_choreography(Keys& key, Values& v) {
  SagaChoreographySettings& s = v.scenario.settings.saga_choreography;
  OutboxSettings& o = s.outbox;
  key("parallel", on_off(s.parallel), "steps next to each other elsewhere at once; off: in turn");
  key("deadline", duration_or_never(s.deadline),
      "(switch) a saga that is not done after this is cancelled");
  key("cancel_every", interval_or_never(s.cancel_every),
      "where outbox or broker may give an event up: cancelled again until all is undone");
  key("retry_every", interval(s.retry_every),
      "what cannot be done yet, and has to be, is tried again");
  key("late_events", on_off(s.late_events),
      "(switch) off: who is cancelled before its event came does not remember that");
  key("inbox", on_off(s.inbox), "(switch) off: an event that comes again has its effect again");
  key("outbox", on_off(o.enabled),
      "(switch) off: dual write, an event is sent beside the local transaction");
  key("relay", choice(o.relay, {{"tailing", Relay::Tailing}, {"polling", Relay::Polling}}),
      "publishes as soon as the event is durable, or looks every relay_every");
  key("relay_every", interval(o.relay_every), "polling: the relay looks so often");
  key("relay_marks", on_off(o.relay_marks),
      "(switch) off: polling remembers only the highest number of an event that it has published");
  key("visible_after", delay(o.visible_after),
      "polling sees an event so much later than it was given its number");
  key("publish_timeout", interval(o.publish_timeout),
      "an event that the broker has not acknowledged is published again");
  key("publish_attempts", count(o.publish_attempts, 1'000'000),
      "an event published so often in vain is given up; 0: never");
  key("dual_write",
      choice(o.dual_write, {{"commit-first", DualWrite::CommitFirst},
                            {"publish-first", DualWrite::PublishFirst}}),
      "without outbox: which of the two comes first");
}

void faults(Keys& key, Values& v) {
  RandomFaults& r = v.scenario.random_faults;
  key("fault", sentences("fault"), "what goes wrong, where and when");
  key("loss", probability(r.loss), "of each message at random, on top of its link's");
  key("duplication", probability(r.duplication), "of each message at random");
  key("crash_every", gap(r.crash_every), "mean time between crashes of a node");
  key("crash_for", delay(r.crash_for), "how long such a crash lasts");
  key("pause_every", gap(r.pause_every), "mean time between pauses of a node");
  key("pause_for", delay(r.pause_for), "how long such a pause lasts");
  key("partition_every", gap(r.partition_every),
      "mean time between cuts of one node from the rest");
  key("partition_for", delay(r.partition_for), "how long such a cut lasts");
  key("quiet_after", moment(r.quiet_after, "the end"),
      "no random fault begins or lasts after this");
  key("spare", sentences("nodes (=client)"), "nodes that no random crash, pause or cut befalls");
}

void checks(Keys& key, Values& v) {
  key("longest_lock_wait", duration_or_never(v.scenario.longest_lock_wait),
      "bounded-blocking: nobody waits longer for a lock; never: not judged");
}

void expect(Keys& key, Values&) {
  key("that", sentences("expectation"), "what the run must come to, or it fails");
}

}  // namespace

const std::vector<SectionForm>& section_forms() {
  static const std::vector<SectionForm> forms = {
      {"", "", "before any section", top},
      {"scenario", "", "what this is and how it runs", scenario},
      {"service", "NAME", "a service with resources of its own", service},
      {"transaction", "NAME", "a kind of transaction", transaction},
      {"workload", "", "the orders that clients submit", workload},
      {"network", "", "all links", network},
      {"link", "NODES -> NODES", "some links (<->: both directions), later ones over earlier",
       link},
      {"disk", "", "all disks", disk},
      {"entrance", "", "before any protocol: one execution of each order", entrance},
      {"lock-service", "", "keeps two executions of one order apart", lock_service},
      {"store", "", "the services' databases", store},
      {"local", "", "under this protocol", local},
      {"uncoordinated", "", "under this protocol", uncoordinated},
      {"two-phase-commit", "", "under this protocol", two_phase_commit},
      {"tcc", "", "under this protocol", tcc_keys},
      {"saga-orchestration", "", "under this protocol", saga_orchestration},
      {"saga-choreography", "", "under this protocol", saga_choreography},
      {"broker", "", "passes events between services (saga-choreography)", broker},
      {"faults", "", "what goes wrong", faults},
      {"checks", "", "bounds for the checks", checks},
      {"expect", "", "what the run must come to", expect},
  };
  return forms;
}

}  // namespace txsim
