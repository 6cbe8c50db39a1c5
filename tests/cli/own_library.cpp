// A library with protocols that txsim loads.
#include "protocols/loadable.h"
#include "tests/cli/idle_protocol.h"

TXSIM_PROTOCOLS(txsim::testing::idle("idle"), txsim::testing::idle("idler"));
