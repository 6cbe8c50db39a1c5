// The list of all protocols. Those of txsim are in it from the start; a program that links the
// library adds its own before it reads its first scenario.
#pragma once

#include <memory>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include "protocols/protocol.h"

namespace txsim {

// In the order in which they were registered. The pointers stay valid.
const std::vector<std::shared_ptr<const Protocol>>& protocols();
std::vector<std::string> protocol_names();
// Null: there is none of this name.
std::shared_ptr<const Protocol> find_protocol(std::string_view name);

// What is wrong with a protocol of one's own, and a way out.
class BadProtocol : public std::invalid_argument {
 public:
  using std::invalid_argument::invalid_argument;
};
// Throws BadProtocol: its name is no name or is taken, it has no settings or makes no services, or
// the registry is closed. A name that is a section of scenarios is refused when that language is
// read.
void register_protocol(Protocol protocol);
// No more can be registered: the scenario language has taken the sections from the list.
void close_registry();

// All protocols, and behind them "client", "idempotent-receiver", "lock-service", "broker",
// "outbox", "inbox" and "store". Between them they name every message, record and timer that a
// trace can show.
std::vector<const Description*> descriptions();

// Whether a scenario under the protocol has a use for what is described: the protocol itself, what
// stands in front of any, and with a broker what works through it.
bool is_used_under(const Protocol& protocol, const Description& description);

}  // namespace txsim
