// What `txsim describe` tells of a protocol, and what the scenario language needs to know of it.
#pragma once

#include <memory>
#include <string_view>
#include <vector>

#include "protocols/transaction.h"
#include "sim/node.h"

namespace txsim {

struct NamedText {
  std::string_view name;
  std::string_view text;
};

struct ProtocolInfo {
  std::string_view name;  // "two-phase-commit"; also its section in scenarios
  std::string_view what;  // one or two sentences
  std::string_view source;
  std::vector<NamedText> roles;
  std::vector<NamedText> messages;  // by the names that traces and faults use
  std::vector<NamedText> records;   // log records likewise
  std::vector<NamedText> timers;
  std::vector<NamedText> states;  // of each role: state, what it means and what it may become
  std::vector<NamedText> deviations;
  std::vector<std::string_view> promises;  // invariants that hold under the safe settings, whatever
                                           // crashes, losses and delays come
  std::vector<NamedText> conditions;       // what promises need besides: which, and that
};

// All protocols, and besides them "client", "entrance", "lock-service", "broker", "outbox", "inbox"
// and "store". Between them they name every message, record and timer that a trace can show.
const std::vector<ProtocolInfo>& protocol_infos();

// One each; defined beside its protocol.
ProtocolInfo local_info();
ProtocolInfo uncoordinated_info();
ProtocolInfo two_phase_commit_info();
ProtocolInfo tcc_info();
ProtocolInfo saga_orchestration_info();
ProtocolInfo saga_choreography_info();
ProtocolInfo broker_info();
ProtocolInfo outbox_info();
ProtocolInfo inbox_info();
ProtocolInfo client_info();
ProtocolInfo entrance_info();
ProtocolInfo lock_service_info();
ProtocolInfo store_info();

}  // namespace txsim
