#include "protocols/tcc/settings.h"

#include "services/setting_declarations.h"

namespace txsim {

void declare_settings(TccSettings& s, SettingDeclarations& keys) {
  keys.on_off("parallel", s.parallel, "all steps of a phase at once; off: in turn");
  keys.interval("try_timeout", s.try_timeout,
                "the coordinator waits this long for an answer in any phase, then asks again");
  keys.count("retries", s.retries, 1000, "how often it asks again before it gives up");
  keys.interval("back_off", s.back_off, "the wait before the first retry; doubles with each");
  keys.choice("pending_policy", s.pending_policy,
              {{"retry", PendingPolicy::Retry},
               {"confirm-after", PendingPolicy::ConfirmAfter},
               {"alert", PendingPolicy::Alert}},
              "who continues an order whose Confirm has failed");
  keys.interval("pending_every", s.pending_every,
                "the interval at which the scheduler confirms pending orders again");
  keys.duration("confirm_after", s.confirm_after,
                "confirm-after: the scheduler waits this long first");
  keys.interval_or_never(
      "operator_after", s.operator_after,
      "alert: the operator inspects the order after this time, and again each time");
  keys.interval_or_never("cancel_every", s.cancel_every,
                         "the interval at which the scheduler cancels unanswered steps again");
  keys.interval("sweep_after", s.sweep_after,
                "a participant asks about a reservation of this age, again each time");
  keys.on_off("idempotence", s.reservations.idempotence, "a repeated phase has no effect", kSwitch);
  keys.on_off("empty_cancel", s.reservations.empty_cancel,
              "off: a Cancel without a Try gives back what was never reserved", kSwitch);
  keys.on_off("suspension", s.reservations.suspension, "off: a Try is accepted after its Cancel",
              kSwitch);
  keys.on_off("atomic_fence", s.reservations.atomic_fence,
              "off: the effect of a phase is durable before its record, not with it", kSwitch);
  keys.on_off("refusal_is_final", s.refusal_is_final,
              "off: a refused Try is sent again, as if unanswered", kSwitch);
  keys.on_off("resume_reserved", s.resume_reserved,
              "off: an order that a crash left RESERVED is never resumed", kSwitch);
  keys.on_off("retry", s.retry, "off: one attempt at each Try, Confirm and Cancel", kSwitch);
  keys.on_off("sweep", s.sweep, "off: participants never ask about old reservations", kSwitch);
}

}  // namespace txsim
