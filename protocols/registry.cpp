#include "protocols/registry.h"

#include <fmt/format.h>

#include <algorithm>

#include "services/broker.h"
#include "services/client.h"
#include "services/idempotent_receiver.h"
#include "services/inbox.h"
#include "services/lock_service.h"
#include "services/outbox.h"
#include "services/store.h"

namespace txsim {

// All protocols, each by the name of its folder, which defines NAME_protocol().
// clang-format off
#define TXSIM_PROTOCOLS(protocol) \
  protocol(local) \
  protocol(uncoordinated) \
  protocol(two_phase_commit) \
  protocol(three_phase_commit) \
  protocol(tcc) \
  protocol(saga_orchestration) \
  protocol(saga_choreography)
// clang-format on

#define TXSIM_DECLARE(name) Protocol name##_protocol();
TXSIM_PROTOCOLS(TXSIM_DECLARE)

namespace {

using List = std::vector<std::shared_ptr<const Protocol>>;

// What every protocol behind an idempotent receiver needs of it.
std::shared_ptr<const Protocol> behind_receiver(Protocol protocol) {
  for (const std::string_view promise : protocol.description.promises) {
    if (promise == "exactly-once") {
      protocol.description.conditions.push_back(
          {promise,
           "where an order may be submitted more than once (workload.retries, workload.repeats, "
           "duplicated messages), the idempotent receiver keeps its executions "
           "apart (txsim describe idempotent-receiver)"});
    }
    if (promise == "convergence") {
      protocol.description.conditions.push_back(
          {promise,
           "where the idempotent receiver locks orders (idempotent-receiver.lock), locks expire "
           "(lock-service.expiry): "
           "nobody else frees the lock of a submission that was lost in a crash"});
    }
  }
  return std::make_shared<const Protocol>(std::move(protocol));
}

List& registered() {
#define TXSIM_LIST(name) behind_receiver(name##_protocol()),
  static List list = {TXSIM_PROTOCOLS(TXSIM_LIST)};
  return list;
}

bool& is_closed() {
  static bool closed = false;
  return closed;
}

// The parts in front of every protocol, and those that work through a broker.
const std::vector<Description>& in_front_of_any() {
  static const std::vector<Description> list = {
      client_description(), idempotent_receiver_description(), lock_service_description()};
  return list;
}
const std::vector<Description>& by_broker() {
  static const std::vector<Description> list = {broker_description(), outbox_description(),
                                                inbox_description()};
  return list;
}
const Description& of_store() {
  static const Description store = store_description();
  return store;
}

}  // namespace

const List& protocols() { return registered(); }

std::vector<std::string> protocol_names() {
  std::vector<std::string> names;
  for (const auto& protocol : protocols()) names.emplace_back(protocol->name());
  return names;
}

std::shared_ptr<const Protocol> find_protocol(std::string_view name) {
  const auto found = std::find_if(protocols().begin(), protocols().end(),
                                  [&](const auto& protocol) { return protocol->name() == name; });
  return found == protocols().end() ? nullptr : *found;
}

void register_protocol(Protocol protocol) {
  const std::string_view name = protocol.name();
  const auto fail = [&](std::string_view what) {
    throw BadProtocol(fmt::format("protocol '{}': {}", name, what));
  };
  const bool is_name = !name.empty() && name.front() >= 'a' && name.front() <= 'z' &&
                       std::all_of(name.begin(), name.end(), [](char c) {
                         return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-';
                       });
  if (!is_name) fail("a name is small letters, digits and -, the first a letter");
  const auto known = descriptions();
  const bool is_taken = std::any_of(known.begin(), known.end(),
                                    [&](const Description* other) { return other->name == name; });
  if (is_taken) fail("the name is taken; give it another");
  if (!protocol.settings) fail("it has no settings; protocol_with_settings makes one that has");
  if (!protocol.make_services) fail("it makes no services; set make_services");
  if (is_closed()) fail("register it before the first scenario is read");
  registered().push_back(behind_receiver(std::move(protocol)));
}

void close_registry() { is_closed() = true; }

std::vector<const Description*> descriptions() {
  std::vector<const Description*> list;
  for (const auto& protocol : protocols()) list.push_back(&protocol->description);
  for (const Description& description : in_front_of_any()) list.push_back(&description);
  for (const Description& description : by_broker()) list.push_back(&description);
  list.push_back(&of_store());
  return list;
}

bool is_used_under(const Protocol& protocol, const Description& description) {
  const auto is_in = [&](const std::vector<Description>& list) {
    return std::any_of(list.begin(), list.end(),
                       [&](const Description& one) { return one.name == description.name; });
  };
  return description.name == protocol.name() || is_in(in_front_of_any()) ||
         description.name == of_store().name || (protocol.needs_broker && is_in(by_broker()));
}

}  // namespace txsim
