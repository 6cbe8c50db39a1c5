// The state machines of a protocol as runs have shown them: for each role its states and what led
// from one to the next, as a graph in Graphviz' DOT language.
//
// States are those of the time-space diagram: a transaction's phase at its coordinator, its part at
// a participant, the wait of its client.
#pragma once

#include <compare>
#include <cstdint>
#include <map>
#include <string>

#include "runs/run.h"

namespace txsim {

class StateMachines {
 public:
  // Adds what the run shows. Requires that its trace was kept.
  void add(const RunResult& result);

  // The same runs give the same text, in any order.
  std::string dot() const;

  struct Machine {  // one for each protocol and role
    std::string protocol;
    std::string role;
    auto operator<=>(const Machine&) const = default;
  };
  struct Step {
    std::string from;  // empty: the transaction was not known here before
    std::string to;
    auto operator<=>(const Step&) const = default;
  };
  using Causes = std::map<std::string, std::uint64_t>;  // how often each was seen
  const std::map<Machine, std::map<Step, Causes>>& machines() const { return machines_; }

 private:
  std::map<Machine, std::map<Step, Causes>> machines_;
};

}  // namespace txsim
