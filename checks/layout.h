// The plan as tables by kind and node, so that a fact finds its place without search. Shared by all
// copies of a judge; never changes.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "protocols/transaction.h"

namespace txsim {

// A set of the parts of one transaction: 0 is its coordinator, i + 1 its i-th participant.
__extension__ using PartSet = unsigned __int128;
inline constexpr int kMostParts = 65;
constexpr PartSet part_bit(int part) { return PartSet{1} << part; }

constexpr std::uint64_t step_bit(std::uint8_t step) { return std::uint64_t{1} << (step & 63U); }

struct KindLayout {
  std::uint64_t writes = 0;             // the steps that are not read-only
  PartSet writers = 0;                  // participants that have such steps
  std::vector<std::uint64_t> steps_of;  // by part: the steps it does
  std::vector<NodeId> nodes;            // by part
};

class Layout {
 public:
  explicit Layout(std::shared_ptr<const Plan> plan);

  const Plan& plan() const { return *plan_; }
  bool knows_kind(std::uint16_t kind) const { return kind < kinds_.size(); }
  const KindLayout& kind(std::uint16_t kind) const { return kinds_[kind]; }
  const Step& step(std::uint16_t kind, std::uint8_t step) const {
    return plan_->kinds[kind].steps[step];
  }
  bool knows_step(std::uint16_t kind, std::uint8_t step) const {
    return knows_kind(kind) && step < plan_->kinds[kind].steps.size();
  }
  // -1: the node has no part in this kind.
  int part(std::uint16_t kind, NodeId node) const {
    return node < node_count_ ? parts_[kind * node_count_ + node] : -1;
  }

  // For explanations: "order 7" or, for a later submission of it, "order 7, submission 2".
  std::string name(TransactionId id) const;
  std::string node(NodeId id) const;
  std::string resource(std::uint16_t id) const;

 private:
  std::shared_ptr<const Plan> plan_;
  std::size_t node_count_ = 0;
  std::vector<KindLayout> kinds_;
  std::vector<std::int8_t> parts_;  // by kind, then node
};

}  // namespace txsim
