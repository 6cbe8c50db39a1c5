#include "checks/layout.h"

#include <fmt/format.h>

#include <algorithm>

#include "sim/assert.h"

namespace txsim {

Layout::Layout(std::shared_ptr<const Plan> plan)
    : plan_(std::move(plan)), node_count_(plan_->nodes.size()) {
  part_of_.assign(plan_->kinds.size() * node_count_, std::int8_t{-1});
  for (std::size_t k = 0; k < plan_->kinds.size(); ++k) {
    const TransactionKind& kind = plan_->kinds[k];
    TXSIM_ASSERT(kind.steps.size() <= TransactionKind::kMostSteps, "too many steps in a kind");
    TXSIM_ASSERT(kind.participants.size() < kMostParts, "too many participants in a kind");
    KindLayout layout;
    layout.first_step = static_cast<std::uint32_t>(steps_.size());
    layout.first_part = static_cast<std::uint32_t>(nodes_.size());
    layout.steps = static_cast<std::uint16_t>(kind.steps.size());
    layout.parts = static_cast<std::uint16_t>(kind.participants.size() + 1);
    for (std::size_t s = 0; s < kind.steps.size(); ++s) {
      const Step& step = kind.steps[s];
      steps_.push_back({.delta = step.delta(),
                        .service = step.service,
                        .resource = step.resource,
                        .is_record = plan_->resources[step.resource].is_records,
                        .takes = step.action == Action::Take,
                        .as_read = step.as_read});
      if (!step.is_read_only()) layout.writes |= std::uint64_t{1} << s;
      if (step.action == Action::Create) layout.creates |= std::uint64_t{1} << s;
    }
    has_reads_ = has_reads_ || layout.writes != kind.all_steps();
    nodes_.push_back(kind.begins_at);
    nodes_.insert(nodes_.end(), kind.participants.begin(), kind.participants.end());
    for (int part = 0; part < layout.parts; ++part) {
      const NodeId node = nodes_[layout.first_part + static_cast<std::uint32_t>(part)];
      const std::uint64_t steps = kind.steps_of(node);
      steps_of_.push_back(steps);
      if (part > 0 && (steps & layout.writes) != 0) layout.writers |= part_bit(part);
      if (node < node_count_) part_of_[k * node_count_ + node] = static_cast<std::int8_t>(part);
    }
    most_steps_ = std::max<std::size_t>(most_steps_, layout.steps);
    most_parts_ = std::max<std::size_t>(most_parts_, layout.parts);
    kinds_.push_back(layout);
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
