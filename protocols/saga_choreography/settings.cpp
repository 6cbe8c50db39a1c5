#include "protocols/saga_choreography/settings.h"

#include "services/setting_declarations.h"

namespace txsim {

void declare_settings(SagaChoreographySettings& s, SettingDeclarations& keys) {
  keys.on_off("parallel", s.parallel, "adjacent steps at other services run at once; off: in turn");
  keys.duration_or_never("deadline", s.deadline, "a saga that is not done after this is cancelled",
                         kSwitch);
  keys.interval_or_never(
      "cancel_every", s.cancel_every,
      "if outbox or broker may give events up: cancel again until all is undone");
  keys.interval("retry_every", s.retry_every,
                "necessary work that cannot be done yet is retried after this time");
  keys.on_off("late_events", s.late_events,
              "off: a stop that is cancelled before its event came does not remember it", kSwitch);
  keys.on_off("inbox", s.inbox, "off: a redelivered event takes effect again", kSwitch);
  keys.on_off("outbox", s.outbox.enabled,
              "off: dual write, an event is sent outside the local transaction", kSwitch);
  keys.choice("relay", s.outbox.relay, {{"tailing", Relay::Tailing}, {"polling", Relay::Polling}},
              "publishes as soon as the event is durable, or polls every relay_every");
  keys.interval("relay_every", s.outbox.relay_every, "polling: the interval of the relay");
  keys.on_off("relay_marks", s.outbox.relay_marks,
              "off: polling remembers only the highest number of an event that it has published",
              kSwitch);
  keys.delay("visible_after", s.outbox.visible_after,
             "polling: delay from an event's number to its visibility");
  keys.interval("publish_timeout", s.outbox.publish_timeout,
                "an event that the broker has not acknowledged is published again after this time");
  keys.count("publish_attempts", s.outbox.publish_attempts, 1'000'000,
             "an event is given up after this many publications; 0: never");
  keys.choice(
      "dual_write", s.outbox.dual_write,
      {{"commit-first", DualWrite::CommitFirst}, {"publish-first", DualWrite::PublishFirst}},
      "without outbox: which of the two comes first");
}

}  // namespace txsim
