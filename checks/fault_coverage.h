// Which fault hit which phase of a transaction how often: what a set of runs has tried, and what
// it has not.
#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "checks/ledger.h"
#include "checks/verdict.h"

namespace txsim {

class FaultCoverage {
 public:
  // A record that is no fact, before the ledger learns of it.
  void met(const TraceRecord& record, Ledger& ledger);
  std::vector<FaultCount> counts() const;

 private:
  static constexpr std::size_t kCells = std::size_t{kFaultEffects} * kPartKinds * kPhases;
  static std::size_t cell(FaultEffect fault, Part part, std::size_t phase) {
    return (static_cast<std::size_t>(fault) * kPartKinds + static_cast<std::size_t>(part)) *
               kPhases +
           phase;
  }
  void met_node(FaultEffect fault, NodeId node, Ledger& ledger);
  void met_message(FaultEffect fault, const TraceRecord& record, Ledger& ledger);

  std::array<std::uint32_t, kCells> counts_{};
};

}  // namespace txsim
