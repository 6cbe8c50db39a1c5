// What several transactions of one node share, as items for the kernel (sim/node.h: reads, writes).
#pragma once

#include <cstdint>

namespace txsim {

// Items of one node are told apart by their kind, in the highest byte.
enum class ItemKind : std::uint8_t { Row = 1, SharedRow, Order, Numbers };

constexpr std::uint64_t item(ItemKind kind, std::uint64_t number) {
  return (static_cast<std::uint64_t>(kind) << 56) | number;
}
// A row of the service's database, by its place in Plan::resources: for the transaction that
// changed it, or held it exclusively ...
constexpr std::uint64_t row_item(std::uint16_t resource) { return item(ItemKind::Row, resource); }
// ... and for a transaction that held it shared, which delays only those that want to change it.
constexpr std::uint64_t shared_row_item(std::uint16_t resource) {
  return item(ItemKind::SharedRow, resource);
}
// An order: its outcome at the idempotent receiver, its lock at the lock service.
constexpr std::uint64_t order_item(std::uint64_t order) { return item(ItemKind::Order, order); }
// Which order numbers a client has taken.
inline constexpr std::uint64_t kNumbersItem = item(ItemKind::Numbers, 0);

}  // namespace txsim
