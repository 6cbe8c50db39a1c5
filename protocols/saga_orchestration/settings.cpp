#include "protocols/saga_orchestration/settings.h"

#include "services/setting_declarations.h"

namespace txsim {

void declare_settings(SagaOrchestrationSettings& s, SettingDeclarations& keys) {
  keys.on_off("parallel", s.parallel, "adjacent steps at other services run at once; off: in turn");
  keys.interval("step_timeout", s.step_timeout,
                "the orchestrator waits this long for an answer, then sends the command again");
  keys.count("retries", s.retries, 1000, "how often it sends a command again before it gives up");
  keys.interval("back_off", s.back_off, "the wait before the first retry");
  keys.on_off("back_off_doubles", s.back_off_doubles,
              "the wait doubles with each retry; off: it stays the same");
  keys.duration_or_never("deadline", s.deadline,
                         "a saga that has not done all its steps in this time turns back", kSwitch);
  keys.choice("recovery", s.recovery,
              {{"backward", SagaRecovery::Backward}, {"forward", SagaRecovery::Forward}},
              "the direction of a saga that a crash of its orchestrator interrupted");
  keys.interval("registry_every", s.registry_every,
                "the interval at which the scheduler retries registered compensations");
  keys.on_off("progress_log", s.progress_log,
              "off: the orchestrator writes no log, and a crash loses every saga", kSwitch);
  keys.on_off("compensate_unknown", s.compensate_unknown,
              "off: only steps that were acknowledged are compensated", kSwitch);
  keys.on_off("reverse_order", s.reverse_order, "off: compensations run in the order of the steps",
              kSwitch);
  keys.on_off("registry", s.registry, "off: a failed compensation is lost", kSwitch);
  keys.on_off("registry_blocks", s.registry_blocks,
              "a registered compensation holds up earlier ones; off: they overtake it", kSwitch);
  keys.count(
      "registry_batch", s.registry_batch, 1000,
      "the scheduler takes this many sagas each time, the oldest that are due; 0: all, each at "
      "its own time");
  keys.on_off(
      "registry_back_off", s.registry_back_off,
      "of a batch, a saga that failed again is due later each time; off: at every round of the "
      "scheduler",
      kSwitch);
  keys.on_off("refusal_decides", s.refusal_decides,
              "one record holds a refusal and the turn back; off: two records", kSwitch);
  keys.on_off("idempotence", s.actions.idempotence,
              "a repeated action or compensation has no effect", kSwitch);
  keys.on_off("suspension", s.actions.suspension,
              "off: an action is accepted after its compensation", kSwitch);
  keys.on_off("semantic_lock", s.actions.semantic_lock,
              "others may not take what an unfinished saga has given", kSwitch);
}

}  // namespace txsim
