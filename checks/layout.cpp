#include "checks/layout.h"

#include <fmt/format.h>

#include "sim/assert.h"

namespace txsim {

Layout::Layout(std::shared_ptr<const Plan> plan)
    : plan_(std::move(plan)), node_count_(plan_->nodes.size()) {
  parts_.assign(plan_->kinds.size() * node_count_, std::int8_t{-1});
  for (std::size_t k = 0; k < plan_->kinds.size(); ++k) {
    const TransactionKind& kind = plan_->kinds[k];
    TXSIM_ASSERT(kind.steps.size() <= TransactionKind::kMostSteps, "too many steps in a kind");
    TXSIM_ASSERT(kind.participants.size() < kMostParts, "too many participants in a kind");
    KindLayout layout;
    layout.nodes.push_back(kind.begins_at);
    layout.nodes.insert(layout.nodes.end(), kind.participants.begin(), kind.participants.end());
    for (std::size_t s = 0; s < kind.steps.size(); ++s) {
      if (!kind.steps[s].is_read_only()) layout.writes |= std::uint64_t{1} << s;
    }
    for (std::size_t part = 0; part < layout.nodes.size(); ++part) {
      const NodeId node = layout.nodes[part];
      const std::uint64_t steps = kind.steps_of(node);
      layout.steps_of.push_back(steps);
      if (part > 0 && (steps & layout.writes) != 0) {
        layout.writers |= part_bit(static_cast<int>(part));
      }
      if (node < node_count_) parts_[k * node_count_ + node] = static_cast<std::int8_t>(part);
    }
    kinds_.push_back(std::move(layout));
  }
}

std::string Layout::name(TransactionId id) const {
  if (submission_of(id) == 0) return fmt::format("order {}", order_of(id));
  return fmt::format("order {}, submission {}", order_of(id), submission_of(id) + 1);
}

std::string Layout::node(NodeId id) const {
  return id < plan_->nodes.size() ? plan_->nodes[id] : fmt::format("node {}", id);
}

std::string Layout::resource(std::uint16_t id) const {
  if (id >= plan_->resources.size()) return fmt::format("resource {}", id);
  const Resource& resource = plan_->resources[id];
  return fmt::format("{} of {}", resource.name, node(resource.service));
}

}  // namespace txsim
