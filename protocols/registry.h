// The list of all protocols. It contains txsim's own from the start; a program that links the
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
// Null: no protocol has this name.
std::shared_ptr<const Protocol> find_protocol(std::string_view name);

// What is wrong with a user's protocol, and how to fix it.
class BadProtocol : public std::invalid_argument {
 public:
  using std::invalid_argument::invalid_argument;
};
// Throws BadProtocol: its name is not valid or is taken, it has no settings or makes no services,
// or the registry is closed. A name that is a section of scenarios is refused when the scenario
// language is built.
void register_protocol(Protocol protocol);
// No more protocols can be registered: the scenario language has read its sections from the list.
void close_registry();

// All protocols, and behind them "client", "idempotent-receiver", "lock-service", "broker",
// "outbox", "inbox" and "store". Between them they name every message, record and timer that a
// trace can show.
std::vector<const Description*> descriptions();

// Whether the described part takes part in a scenario under the protocol: the protocol itself, the
// parts in front of any protocol, and with a broker the parts that use it.
bool is_used_under(const Protocol& protocol, const Description& description);

}  // namespace txsim
