// The plan as tables by kind and node, so that a fact finds its place without search. All copies of
// a judge share it; it never changes.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "transactions/transaction.h"

namespace txsim {

// A set of the parts of one transaction: 0 is its coordinator, i + 1 its i-th participant.
__extension__ using PartSet = unsigned __int128;
inline constexpr int kMostParts = 65;
inline constexpr auto kPartBits = [] {
  std::array<PartSet, kMostParts> bits{};
  for (std::size_t part = 0; part < kMostParts; ++part) bits[part] = PartSet{1} << part;
  return bits;
}();
constexpr PartSet part_bit(int part) { return kPartBits[static_cast<std::size_t>(part)]; }

constexpr std::uint64_t step_bit(std::uint8_t step) { return std::uint64_t{1} << (step & 63U); }

struct StepLayout {
  std::int64_t delta = 0;
  NodeId service = kNoNode;
  std::uint16_t resource = 0;
  bool is_record = false;  // its resource's amount counts records
  bool takes = false;
  bool as_read = false;
};

struct KindLayout {
  PartSet writers = 0;        // participants that have steps that are not read-only
  std::uint64_t writes = 0;   // these steps
  std::uint64_t creates = 0;  // steps that create an order's record
  std::uint32_t first_step = 0;
  std::uint32_t first_part = 0;
  std::uint16_t steps = 0;
  std::uint16_t parts = 0;
};

class Layout {
 public:
  explicit Layout(std::shared_ptr<const Plan> plan);

  const Plan& plan() const { return *plan_; }
  bool knows_kind(std::uint16_t kind) const { return kind < kinds_.size(); }
  const KindLayout& kind(std::uint16_t kind) const { return kinds_[kind]; }
  bool knows_step(std::uint16_t kind, std::uint8_t step) const {
    return knows_kind(kind) && step < kinds_[kind].steps;
  }
  const StepLayout& step(std::uint16_t kind, std::uint8_t step) const {
    return steps_[kinds_[kind].first_step + step];
  }
  // -1: the node has no part in this kind.
  int part(std::uint16_t kind, NodeId node) const {
    return node < node_count_ ? part_of_[kind * node_count_ + node] : -1;
  }
  NodeId node_of(std::uint16_t kind, int part) const {
    return nodes_[kinds_[kind].first_part + static_cast<std::uint32_t>(part)];
  }
  // The steps that a part does; none for part -1.
  std::uint64_t steps_of(std::uint16_t kind, int part) const {
    return part < 0 ? 0 : steps_of_[kinds_[kind].first_part + static_cast<std::uint32_t>(part)];
  }
  // Some step reads, so a participant may decide by what it has read.
  bool has_reads() const { return has_reads_; }
  std::size_t most_steps() const { return most_steps_; }  // of all kinds
  std::size_t most_parts() const { return most_parts_; }

  // For explanations: "order 7" or, for a later submission of it, "order 7, submission 2".
  std::string name(TransactionId id) const;
  std::string node(NodeId id) const;
  std::string resource(std::uint16_t id) const;

 private:
  std::shared_ptr<const Plan> plan_;
  std::size_t node_count_ = 0;
  std::size_t most_steps_ = 0;
  std::size_t most_parts_ = 0;
  bool has_reads_ = false;
  std::vector<KindLayout> kinds_;
  std::vector<StepLayout> steps_;        // kind after kind
  std::vector<NodeId> nodes_;            // part after part
  std::vector<std::uint64_t> steps_of_;  // likewise
  std::vector<std::int8_t> part_of_;     // by kind, then node
};

}  // namespace txsim
