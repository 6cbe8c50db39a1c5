#include "services/settings.h"

#include "services/setting_declarations.h"

namespace txsim {

void declare_settings(IdempotentReceiverSettings& s, SettingDeclarations& keys) {
  keys.on_off("enabled", s.enabled, "off: every submission is executed");
  keys.on_off("order_id", s.order_id, "recognise orders that have already been executed", kSwitch);
  keys.on_off("lock", s.lock, "one execution of an order at a time", kSwitch);
  keys.on_off(
      "fencing", s.fencing,
      "off: the grant's token is not compared, and a lock that expires in a pause lets the next "
      "execution in",
      kSwitch);
  keys.interval("lock_timeout", s.lock_timeout,
                "wait for the lock service this long, then ask again");
  keys.interval("keep_outcome", s.keep_outcome,
                "keep the outcome of an accepted order for clients that ask for it");
}

void declare_settings(LockServiceSettings& s, SettingDeclarations& keys) {
  keys.duration_or_never("expiry", s.expiry, "a lock becomes free after this time", kSwitch);
  keys.on_off("owner_check", s.owner_check, "only the owner may release a lock", kSwitch);
  keys.on_off("knows_owner", s.knows_owner,
              "off: an owner that asks again is denied its own lock, as SET NX does");
}

void declare_settings(StoreSettings& s, SettingDeclarations& keys) {
  keys.duration_or_never(
      "lock_timeout", s.lock_timeout,
      "a wait for a row lock ends after this time, refused; 0s: refused at once. A wait until the "
      "record of the last holder is durable does not count, because its lock is already free "
      "(early lock release)");
}

void declare_settings(BrokerSettings& s, SettingDeclarations& keys) {
  keys.count_from_one("partitions", s.partitions, 1000,
                      "partitions of each service's topic; events of one order share one");
  keys.interval("redeliver_after", s.redeliver_after,
                "an unacknowledged event is delivered again after this time");
  keys.count("max_attempts", s.max_attempts, 1'000'000,
             "an event refused this many times becomes a dead letter; 0: never");
  keys.duration_or_never("retention", s.retention, "an older event is dropped, handled or not");
  keys.on_off("force_publish", s.force_publish,
              "off: events are acknowledged before they are durable", kSwitch);
  keys.on_off("durable_queues", s.durable_queues,
              "off: a restart of the broker leaves no queues until queues_after", kSwitch);
  keys.duration("queues_after", s.queues_after,
                "subscribers declare their queues again after this time; until then nothing is "
                "kept for them");
  keys.count_from_one("members", s.members, 1000,
                      "consumers in each group, which share its partitions");
  keys.on_off("exclusive", s.exclusive,
              "off: each member of a group takes every event, not only its partitions'", kSwitch);
}

}  // namespace txsim
