// The order domain in a small world, for tests of protocols. An order creates its record, takes 2
// from stock, takes 500 points and completes its record.
#pragma once

#include <memory>
#include <string_view>

#include "tests/protocols/small_world.h"

namespace txsim::testing {

inline constexpr NodeId kShop = 0;
inline constexpr NodeId kProduct = 1;
inline constexpr NodeId kPoint = 2;

struct ShopWorld {
  SmallWorld small;
  std::uint16_t orders = 0;
  std::uint16_t stock = 0;
  std::uint16_t points = 0;

  explicit ShopWorld(std::int64_t points_there);
  World run(const SmallWorld::Make& make_service, Duration until);
  void lose(std::string_view type, std::uint64_t nth);
  void refuse(NodeId node, Duration at, Duration duration);
  // Crashes the node for 100 ms at the instant when its n-th record of this kind becomes durable.
  void crash_when_durable(std::string_view record, NodeId node, std::uint64_t nth = 1);
};

// The same for services that need only their protocol's settings.
template <class Service, class Settings>
struct ShopOf : ShopWorld {
  Settings settings;

  explicit ShopOf(std::int64_t points_there = 1000) : ShopWorld(points_there) {}
  SmallWorld::Make maker() const {
    return [this](std::shared_ptr<const Plan> plan, NodeId self) {
      return std::make_shared<Service>(plan, self, small.receiver, small.store, settings);
    };
  }
  World run(Duration until = seconds(60)) { return ShopWorld::run(maker(), until); }
};

std::size_t count(const World& world, FactKind fact, NodeId node);
// The number of these replies to clients.
std::size_t told(const World& world, Reply reply);
// Runs 1,500 orders of four clients. Requires that all get the reply `done`, and that checkpoints
// keep only orders in flight: at most this number of records.
void check_memory(ShopWorld& shop, const SmallWorld::Make& make_service, std::int64_t most = 64);

}  // namespace txsim::testing
