// A protocol as a value: its description and promises, its traits for the scenario language, the
// explorer and the reports, its keys, and the function that makes its services. The registry
// (registry.h) lists the protocols; a program that links the library adds its own (cli/program.h).
#pragma once

#include <functional>
#include <memory>
#include <string_view>
#include <utility>
#include <vector>

#include "services/description.h"
#include "services/event.h"
#include "services/setting_declarations.h"
#include "services/settings.h"
#include "sim/node.h"
#include "transactions/transaction.h"

namespace txsim {

// The input from which the services of one world are made.
struct ServiceParts {
  std::shared_ptr<const Plan> plan;
  IdempotentReceiverSettings receiver;
  StoreSettings store;
  NodeId broker = kNoNode;  // kNoNode: the world has none
  BrokerSettings broker_settings;
};

// Makes the services of one world, one for each node.
struct Services {
  std::function<std::shared_ptr<const Node>(NodeId self)> make;
  std::shared_ptr<const Subscriptions> subscriptions;  // which service receives which events
};

struct Protocol {
  Description description;  // its name is also its section in scenarios

  // Traits.
  //
  // Services send each other events through a broker, and answer clients with `accepted`.
  bool needs_broker = false;
  // All services share one node.
  bool is_one_node = false;
  // `txsim compare` includes it if no protocols are named.
  bool is_compared = true;
  // Why no step can be 'as read'; empty: steps can be.
  std::string_view no_as_read;

  // Its settings, at their defaults.
  AnySettings settings;
  // Whether, with these settings, steps of one group have no order (Plan::steps_in_parallel).
  std::function<bool(const AnySettings&)> steps_in_parallel = never;
  // Whether all services of a group are asked at once, so that identical ones are interchangeable.
  std::function<bool(const AnySettings&)> asks_all_at_once = never;
  // Whether services draw random numbers.
  std::function<bool(const AnySettings&)> draws = never;

  std::function<Services(const ServiceParts&, const AnySettings&)> make_services;

  std::string_view name() const { return description.name; }
  static bool never(const AnySettings&) { return false; }
};

// A protocol with settings of this type, and no traits.
template <class Settings>
Protocol protocol_with_settings() {
  Protocol protocol;
  protocol.settings = AnySettings(std::make_unique<SettingsOf<Settings>>());
  return protocol;
}

// The usual way to make services: NodeClass(plan, self, receiver, store, settings).
template <class NodeClass, class Settings>
Services make_services_of(const ServiceParts& parts, const AnySettings& settings) {
  return {[parts, own = settings_as<Settings>(settings)](NodeId self) {
            return std::make_shared<const NodeClass>(parts.plan, self, parts.receiver, parts.store,
                                                     own);
          },
          nullptr};
}

}  // namespace txsim
