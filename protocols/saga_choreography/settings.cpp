#include "protocols/saga_choreography/settings.h"

#include "services/setting_declarations.h"

namespace txsim {

void declare_settings(SagaChoreographySettings& s, SettingDeclarations& keys) {
  keys.on_off("parallel", s.parallel, "steps next to each other elsewhere at once; off: in turn");
  keys.duration_or_never("deadline", s.deadline, "a saga that is not done after this is cancelled",
                         kSwitch);
  keys.interval_or_never(
      "cancel_every", s.cancel_every,
      "where outbox or broker may give an event up: cancelled again until all is undone");
  keys.interval("retry_every", s.retry_every,
                "what cannot be done yet, and has to be, is tried again");
  keys.on_off("late_events", s.late_events,
              "off: who is cancelled before its event came does not remember that", kSwitch);
  keys.on_off("inbox", s.inbox, "off: an event that comes again has its effect again", kSwitch);
  keys.on_off("outbox", s.outbox.enabled,
              "off: dual write, an event is sent beside the local transaction", kSwitch);
  keys.choice("relay", s.outbox.relay, {{"tailing", Relay::Tailing}, {"polling", Relay::Polling}},
              "publishes as soon as the event is durable, or looks every relay_every");
  keys.interval("relay_every", s.outbox.relay_every, "polling: the relay looks so often");
  keys.on_off("relay_marks", s.outbox.relay_marks,
              "off: polling remembers only the highest number of an event that it has published",
              kSwitch);
  keys.delay("visible_after", s.outbox.visible_after,
             "polling sees an event so much later than it was given its number");
  keys.interval("publish_timeout", s.outbox.publish_timeout,
                "an event that the broker has not acknowledged is published again");
  keys.count("publish_attempts", s.outbox.publish_attempts, 1'000'000,
             "an event published so often in vain is given up; 0: never");
  keys.choice(
      "dual_write", s.outbox.dual_write,
      {{"commit-first", DualWrite::CommitFirst}, {"publish-first", DualWrite::PublishFirst}},
      "without outbox: which of the two comes first");
}

}  // namespace txsim
