// The two workloads that other simulators are measured with as well, as worlds of txsim.
//
// W1: 1,000 nodes pass messages on; each delivery sends one message to a random other node after a
// delay uniform in 1 to 5 ms. The kernel alone, with its digest.
// W2: one coordinator and three participants run two-phase commits for a number of clients at a
// time, delays uniform in 1 to 5 ms, timers set and cancelled: the protocol, log, row locks, digest
// and every check.
#pragma once

#include <cstdint>
#include <memory>

#include "scenarios/scenario.h"
#include "sim/world.h"

namespace txsim::bench {

World message_world(std::uint32_t nodes, std::uint32_t in_flight);

enum class Checks : std::uint8_t { Off, On };

struct CommitLoad {
  std::uint32_t clients = 32;
  std::uint64_t orders = 1'000'000;
  std::uint32_t kinds = 0;  // of transactions, each with rows of its own; 0: twice the clients
  Duration disk{0};
  bool with_prepare = true;  // the updates travel with Prepare: 12 messages among the services
};
std::shared_ptr<const Scenario> commit_scenario(const CommitLoad& load);
World commit_world(const Scenario& scenario, Checks checks);

}  // namespace txsim::bench
