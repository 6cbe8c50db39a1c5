// The turning point of a run that violates an invariant: the step after which no continuation ends
// well, and the single changes that would have prevented the violation.
//
// What may still come after a step is what the explorer tries (world_model.h): every order of
// messages, writes and timers; but no fault that has not struck yet. A continuation ends well if it
// reaches a state in which nothing needs to happen and the invariant is not violated.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "runs/run.h"
#include "scenarios/draft.h"

namespace txsim {

struct TurningPoint {
  enum class Kind : std::uint8_t {
    Step,   // before this step a continuation ends well, after it none does
    Start,  // none ends well from the beginning
    None,   // one ends well even after the last step: more time or another order would help
    Random  // the run draws faults at random: further ones may come
  };
  Kind kind = Kind::None;
  std::uint64_t step = 0;   // from 1
  std::uint64_t steps = 0;  // of the whole run
  std::string label;        // what the step was, as in a schedule
  // Its events, by sequence. `fault`: the place in the scenario of a fault that struck in this
  // step, if without that fault the step would not be the turning point.
  std::uint64_t first_event = 0;
  std::uint64_t last_event = 0;
  std::optional<std::size_t> fault;
  std::uint64_t states = 0;  // searched after it
  bool is_bounded = false;   // the bound on states ended the search
};

// Requires the run's trace.
TurningPoint find_turning_point(const RunResult& run, const std::string& invariant,
                                std::uint64_t most_states);

// A single change: one fault less, or one mechanism set to its default.
struct SavingChange {
  enum class Kind : std::uint8_t { NoFault, SwitchOn };  // SwitchOn: a key is left out
  Kind kind = Kind::NoFault;
  std::string what;                   // the fault's sentence; the switch: "tcc.retry"
  std::string value;                  // the switch's default: "on", "30s"; empty for a fault
  bool helps = false;                 // the invariant is then not violated
  std::vector<std::string> violated;  // the invariants that count and are then violated
};
std::vector<SavingChange> try_single_changes(const Draft& draft, const std::string& invariant);

}  // namespace txsim
