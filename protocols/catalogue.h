// The list of all protocols and of what they run on, each as `txsim describe` tells it.
#pragma once

#include <vector>

#include "services/description.h"

namespace txsim {

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

}  // namespace txsim
