// The settings of what stands around every protocol: store, entrance, lock service, broker. Their
// keys are declared in settings.cpp.
#pragma once

#include <cstdint>
#include <optional>

#include "sim/message.h"
#include "sim/time.h"

namespace txsim {

class SettingDeclarations;

// Who goes before whom waits for a row already.
enum class LockOrder : std::uint8_t {
  ConversionsFirst,  // a holder that wants its shared lock exclusive: all others would wait for it
  ReadersToo,        // and readers of a row that others only read: a writer may wait for ever
  NobodyFirst,       // a conversion behind a wait is a deadlock
};

struct StoreSettings {
  // A wait for a row lock ends after this, refused; 0: who would have to wait is refused at once.
  std::optional<Duration> lock_timeout = seconds(1);
  LockOrder lock_order = LockOrder::ConversionsFirst;
  bool keeps_context = true;  // off: a step that has waited is done by itself, as `apply` does
};
void declare_settings(StoreSettings& settings, SettingDeclarations& keys);

struct EntranceSettings {
  bool enabled = true;   // off: every submission is executed
  bool order_id = true;  // (switch) recognise orders that were executed before
  bool lock = true;      // (switch) one execution of an order at a time
  bool fencing = true;   // (switch) of a lock that has expired unseen: by its grant's token
  NodeId lock_service = kNoNode;
  Duration lock_timeout = milliseconds(500);  // wait for the lock service's answer, then ask again
  Duration keep_outcome = seconds(30);  // of an accepted transaction, for its client's queries
};
void declare_settings(EntranceSettings& settings, SettingDeclarations& keys);

struct LockServiceSettings {
  std::optional<Duration> expiry = seconds(30);  // (switch) a lock is free again after this
  bool owner_check = true;                       // (switch) only the owner may release
  bool knows_owner = true;  // (switch) off: denied also to the owner that asks anew
};
void declare_settings(LockServiceSettings& settings, SettingDeclarations& keys);

struct BrokerSettings {
  std::uint32_t partitions = 4;                  // of each topic; at least one
  Duration redeliver_after = milliseconds(500);  // an event that was not acknowledged
  std::uint32_t max_attempts = 0;      // refused so often, it becomes a dead letter; 0: never
  std::optional<Duration> retention;   // an event that is older is dropped, handled or not
  bool force_publish = true;           // (switch) off: acknowledged before it is durable
  bool durable_queues = true;          // (switch) off: a restart leaves no queues, for a while
  Duration queues_after = seconds(1);  // until the groups have declared theirs anew
  std::uint32_t members = 1;           // of each consumer group
  bool exclusive = true;               // (switch) off: each member of a group takes every event
};
void declare_settings(BrokerSettings& settings, SettingDeclarations& keys);

}  // namespace txsim
