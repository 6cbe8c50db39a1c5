// The matrix of a protocol: which guarantee is violated without which mechanism under which fault.
// Each mechanism is turned off in turn, and everything that can then happen within a budget of
// faults is explored.
//
// A cell says "proved" only if every search behind it was exhausted. It says "violated" only if the
// missing mechanism is the cause: with the mechanism on, the same scenario under the same faults
// keeps the guarantee.
//
// A scenario that turns something off itself, or has its own faults, exists because another
// mechanism could stand in for the one tested. It adds its violations and proves nothing.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "runs/explore.h"

namespace txsim {

// The mechanisms that can be turned off in a scenario: the switches of its protocol, of the broker
// if there is one, and of the idempotent receiver if orders pass through it. In the order of
// `txsim keys`.
struct Mechanism {
  std::string key;   // "tcc.retry"
  std::string off;   // "off", "never"
  std::string says;  // as `txsim keys` does, without "(switch)"

  std::string setting() const { return key + "=" + off; }
};
std::vector<Mechanism> mechanisms_of(const Scenario& scenario);

struct MatrixFault {
  std::string name;  // "crash", "loss+duplicate"
  FaultBudget budget;
};

// What is searched, and what each search counts for.
struct MatrixPlan {
  struct Row {
    std::string protocol;
    Mechanism mechanism;  // without a key: all are on
    bool is_all_on() const { return mechanism.key.empty(); }
  };
  // A scenario as one row runs it.
  struct Try {
    std::size_t row = 0;
    std::size_t as_is = 0;  // the try of the same scenario with nothing turned off, or itself
    std::shared_ptr<const Scenario> scenario;
    std::vector<std::string> settings;  // that override its file
    bool is_whole = true;               // its file turns no mechanism off and has no fault
  };
  std::vector<MatrixFault> faults;
  std::vector<Row> rows;  // of one protocol after another, each with "all are on" first
  std::vector<Try> tries;
  // Of each search; `jobs` counts all searches together. Once the watch has stopped a search, it is
  // to stop all others.
  SearchBounds bounds;
};

// A scenario, and a function that reads it with further settings over its file; null: the scenario
// is not valid with them.
struct MatrixSource {
  std::shared_ptr<const Scenario> scenario;
  std::vector<std::string> settings;  // that override its file
  std::function<std::shared_ptr<const Scenario>(const std::vector<std::string>&)> with;
};
struct MatrixWanted {
  std::vector<std::string> protocols;  // empty: all
  std::vector<std::string> switches;   // likewise
};
// Fills in rows and tries. A scenario that is not valid without a mechanism is left out of its row.
// If a protocol has no whole scenarios, all of its scenarios count as whole.
void add_scenarios(const std::vector<MatrixSource>& sources, const MatrixWanted& wanted,
                   MatrixPlan& plan);

// A violation found: the first one of a guarantee in one search.
struct MatrixFound {
  std::size_t invariant = 0;  // in `invariants()`
  Counterexample example;
};

// The searches of one try under one kind of fault.
struct MatrixSearch {
  std::vector<MatrixFound> found;
  bool is_exhausted = false;  // no further guarantee can be violated
  bool is_stopped = false;    // the watch has stopped it, or did not let it begin
  std::uint64_t states = 0;   // of the search that went furthest
  std::uint64_t transitions = 0;
};

enum class CellState : std::uint8_t {
  NotApplicable,  // the protocol does not promise it, or no run says anything about it
  Proved,         // within the bounds
  Violated,
  ViolatedAnyway,  // also with the mechanism on
  NotExhausted,    // a bound cut a search short, and nothing was found up to there
};
const char* text(CellState state);  // "not applicable", "proved" ...

struct MatrixCell {
  CellState state = CellState::NotApplicable;
  // If it is violated: in which try, and the place in `MatrixSearch::found` there.
  std::size_t in_try = 0;
  std::size_t found = 0;
};

struct MatrixResult {
  std::vector<MatrixSearch> searches;  // by try, then by fault
  std::vector<MatrixCell> cells;       // by row, fault, invariant

  const MatrixSearch& search(const MatrixPlan& plan, std::size_t in_try, std::size_t fault) const {
    return searches[in_try * plan.faults.size() + fault];
  }
  const MatrixCell& cell(const MatrixPlan& plan, std::size_t row, std::size_t fault,
                         std::size_t invariant) const {
    return cells[(row * plan.faults.size() + fault) * invariants().size() + invariant];
  }
  // Null where nothing was found.
  const Counterexample* example(const MatrixPlan& plan, std::size_t row, std::size_t fault,
                                std::size_t invariant) const;
};

// The length of a counterexample; a livelock counts the path to its loop and the loop once.
inline std::size_t choices_of(const Counterexample& example) {
  return example.schedule.steps.size();
}

// The worst cell of a row under a fault: its shortest violation.
struct MatrixWorst {
  CellState state = CellState::NotApplicable;
  std::size_t invariant = 0;  // where it is violated
  std::size_t choices = 0;
};
MatrixWorst worst_of(const MatrixPlan& plan, const MatrixResult& result, std::size_t row,
                     std::size_t fault);

// Mechanisms without which nothing is violated, under any protocol.
std::vector<std::string> unneeded_mechanisms(const MatrixPlan& plan, const MatrixResult& result);

// Whether every promise of the protocol is proved with all mechanisms on, and something is violated
// without each of them.
bool is_as_it_should_be(const MatrixPlan& plan, const MatrixResult& result);

// `told` is called after each search, in order, with how many are done and how many of these found
// something.
MatrixResult explore_matrix(const MatrixPlan& plan,
                            const std::function<void(std::uint64_t, std::uint64_t)>& told);

}  // namespace txsim
