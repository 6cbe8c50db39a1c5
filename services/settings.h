// The settings of what stands around every protocol: store, idempotent receiver, lock service,
// broker. What
// each means is said where its key is declared (settings.cpp).
#pragma once

#include <cstdint>
#include <optional>

#include "sim/message.h"
#include "sim/time.h"

namespace txsim {

class SettingDeclarations;

// Which requests may overtake one that already waits for a row.
enum class LockOrder : std::uint8_t {
  ConversionsFirst,  // a holder that wants its shared lock exclusive: all others would wait for it
  ReadersToo,        // and readers of a row that others only read: a writer may starve
  NobodyFirst,       // a conversion behind a wait is a deadlock
};

struct StoreSettings {
  std::optional<Duration> lock_timeout = seconds(1);
  LockOrder lock_order = LockOrder::ConversionsFirst;
  bool keeps_context = true;  // off: a step that waited is applied outside its transaction
};
void declare_settings(StoreSettings& settings, SettingDeclarations& keys);

struct IdempotentReceiverSettings {
  bool enabled = true;
  bool order_id = true;
  bool lock = true;
  bool fencing = true;
  NodeId lock_service = kNoNode;
  Duration lock_timeout = milliseconds(500);
  Duration keep_outcome = seconds(30);
};
void declare_settings(IdempotentReceiverSettings& settings, SettingDeclarations& keys);

struct LockServiceSettings {
  std::optional<Duration> expiry = seconds(30);
  bool owner_check = true;
  bool knows_owner = true;
};
void declare_settings(LockServiceSettings& settings, SettingDeclarations& keys);

struct BrokerSettings {
  std::uint32_t partitions = 4;
  Duration redeliver_after = milliseconds(500);
  std::uint32_t max_attempts = 0;
  std::optional<Duration> retention;
  bool force_publish = true;
  bool durable_queues = true;
  Duration queues_after = seconds(1);
  std::uint32_t members = 1;
  bool exclusive = true;
};
void declare_settings(BrokerSettings& settings, SettingDeclarations& keys);

}  // namespace txsim
