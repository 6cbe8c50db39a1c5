#include "services/settings.h"

#include "services/setting_declarations.h"

namespace txsim {

void declare_settings(IdempotentReceiverSettings& s, SettingDeclarations& keys) {
  keys.on_off("enabled", s.enabled, "off: every submission is executed");
  keys.on_off("order_id", s.order_id, "recognise orders that were executed before", kSwitch);
  keys.on_off("lock", s.lock, "one execution of an order at a time", kSwitch);
  keys.on_off("fencing", s.fencing,
              "off: nobody compares the grant's token, and a lock that expires in a pause keeps "
              "nobody out",
              kSwitch);
  keys.interval("lock_timeout", s.lock_timeout, "wait for the lock service, then ask again");
  keys.interval("keep_outcome", s.keep_outcome,
                "for clients that ask for the outcome of what was accepted");
}

void declare_settings(LockServiceSettings& s, SettingDeclarations& keys) {
  keys.duration_or_never("expiry", s.expiry, "a lock is free again after this", kSwitch);
  keys.on_off("owner_check", s.owner_check, "only the owner may release a lock", kSwitch);
  keys.on_off("knows_owner", s.knows_owner,
              "off: an owner that asks again is denied its own lock, as SET NX does");
}

void declare_settings(StoreSettings& s, SettingDeclarations& keys) {
  keys.duration_or_never(
      "lock_timeout", s.lock_timeout,
      "a wait for a row lock ends after this, refused; 0s: refused at once. A wait until the "
      "record of "
      "the last holder is durable does not count: its lock is free already (early lock release)");
}

void declare_settings(BrokerSettings& s, SettingDeclarations& keys) {
  keys.count_from_one("partitions", s.partitions, 1000,
                      "of each service's topic; events of one order share one");
  keys.interval("redeliver_after", s.redeliver_after,
                "an event that was not acknowledged is delivered again");
  keys.count("max_attempts", s.max_attempts, 1'000'000,
             "an event refused so often becomes a dead letter; 0: never");
  keys.duration_or_never("retention", s.retention,
                         "an event that is older is dropped, handled or not");
  keys.on_off("force_publish", s.force_publish,
              "off: events are acknowledged before they are durable", kSwitch);
  keys.on_off("durable_queues", s.durable_queues,
              "off: a restart of the broker leaves no queues, for queues_after", kSwitch);
  keys.duration(
      "queues_after", s.queues_after,
      "then subscribers have declared their queues again; before, nothing is kept for them");
  keys.count_from_one("members", s.members, 1000,
                      "consumers in each group, which share its partitions");
  keys.on_off("exclusive", s.exclusive,
              "off: each member of a group takes every event, not only its partitions'", kSwitch);
}

}  // namespace txsim
