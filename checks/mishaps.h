// Which mishap met which phase of a transaction how often: what a set of runs has tried, and what
// it has not.
#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "checks/ledger.h"
#include "checks/verdict.h"

namespace txsim {

class Mishaps {
 public:
  // A record that is no fact, before the ledger learns of it.
  void met(const TraceRecord& record, Ledger& ledger);
  std::vector<MishapCount> counts() const;

 private:
  static constexpr std::size_t kCells = std::size_t{kMishaps} * kPartKinds * kPhases;
  static std::size_t cell(Mishap mishap, Part part, std::size_t phase) {
    return (static_cast<std::size_t>(mishap) * kPartKinds + static_cast<std::size_t>(part)) *
               kPhases +
           phase;
  }
  void met_node(Mishap mishap, NodeId node, Ledger& ledger);
  void met_message(Mishap mishap, const TraceRecord& record, Ledger& ledger);

  std::array<std::uint32_t, kCells> counts_{};
};

}  // namespace txsim
