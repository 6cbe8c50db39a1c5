#include "protocols/saga_orchestration/saga_orchestration.h"

#include "protocols/protocol.h"

namespace txsim {

SagaOrchestrationService::SagaOrchestrationService(std::shared_ptr<const Plan> plan, NodeId self,
                                                   const IdempotentReceiverSettings& receiver,
                                                   const StoreSettings& store,
                                                   const SagaOrchestrationSettings& settings)
    : TwoRoleService(plan, self, receiver, store),
      settings_(settings),
      actions_(std::move(plan), settings.actions) {}

// The scheduler's round: it may bring several sagas to their outcome.
void SagaOrchestrationService::handle(Context& context, const Timer& timer) {
  if (!orchestration::Orchestrator::is_round(timer)) {
    TwoRoleService::handle(context, timer);
    return;
  }
  for (const Resumed& decided : coordinator_.run_round(home(context))) {
    finish(context, decided.id, decided.outcome);
  }
}

void SagaOrchestrationService::write_checkpoint(std::vector<LogRecord>& log) const {
  if (settings_.progress_log) coordinator_.write_checkpoint(log);
  actions_.write_checkpoint(log);
}

namespace orchestration {
namespace {

void tell_words(Description& info) {
  info.messages = orchestration::kMessages.list();
  info.records = orchestration::kRecords.list();
  info.timers = orchestration::kTimers.list();
}

void tell_states(Description& info) {
  info.states = {
      {"saga RUNNING", "its steps are in progress; then RELEASING or COMPENSATING"},
      {"saga COMPENSATING", "the client is told failed; steps are being compensated"},
      {"saga PENDING", "a compensation has failed: the scheduler retries it"},
      {"saga RELEASING", "the client is told done; gifts are being released to others"},
      {"step NONE", "unknown here; then APPLIED or VOID"},
      {"step APPLIED", "in effect; others cannot take what it gave"},
      {"step RELEASED", "in effect for good"},
      {"step COMPENSATED", "taken back; a late Action is refused"},
      {"step VOID", "refused, or called off before it took effect; a late Action is refused"}};
  info.deviations = {
      {"failed compensations", "a scheduler retries them; no person repairs them"},
      {"save-points", "none: forward recovery continues behind the last logged step"},
      {"compensations", "the orchestrator does not log them: repeated ones do nothing"},
      {"refusals", "participants remember them, so that a late duplicate is refused too"},
      {"unreachable steps", "they are compensated too: a copy of the Action may be under way"},
      {"numbers", "messages are numbered, so that finished sagas can be forgotten"}};
}

}  // namespace
}  // namespace orchestration

Protocol saga_orchestration_protocol() {
  Protocol protocol = protocol_with_settings<SagaOrchestrationSettings>();
  Description& info = protocol.description;
  info.name = "saga-orchestration";
  info.what =
      "A saga run by an orchestrator (a process manager): it commands one step after the other, "
      "each taking effect at once; if one fails, it commands the compensations in reverse.";
  info.source =
      "Garcia-Molina, Salem, Sagas, 1987; Richardson, Microservices Patterns, 2018, chapter 4; "
      "Hohpe, Woolf, Enterprise Integration Patterns, 2003 (process manager).";
  info.roles = {
      {"coordinator", "the orchestrator, where the transaction begins: commands, logs, schedules"},
      {"participant", "each other service of its steps: does them and takes them back"}};
  orchestration::tell_words(info);
  orchestration::tell_states(info);
  info.promises = {"irrevocable",  "convergence",  "atomicity",
                   "conservation", "exactly-once", "truthful-reply",
                   "durability",   "no-hanging",   "compensation-order"};
  info.conditions = {
      {"convergence, atomicity, truthful-reply",
       "each step behind the pivot succeeds eventually (Richardson: retriable): the amount it "
       "takes, or wants to find, is available at some time, and it writes nothing as read"},
      {"convergence, atomicity, truthful-reply, compensation-order",
       "no step writes as read where a saga gives: it may overwrite what a compensation needs"}};
  protocol.steps_in_parallel = [](const AnySettings& settings) {
    return settings_as<SagaOrchestrationSettings>(settings).parallel;
  };
  protocol.asks_all_at_once = protocol.steps_in_parallel;
  protocol.make_services = make_services_of<SagaOrchestrationService, SagaOrchestrationSettings>;
  return protocol;
}

}  // namespace txsim
