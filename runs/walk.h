// A walk: runs a scenario once as it is, and then once for each of its moments, with one more fault
// right after that moment. Neighbouring moments with the same outcome are one row, unless the time
// until all is well again jumps: to more than double, by more than a second.
//
// A moment is an event of the undisturbed run, so a crash may also fall between two effects of one
// step. Up to its fault, each run is the undisturbed run. A lost message has the moment at which it
// is sent.
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <memory>
#include <vector>

#include "checks/verdict.h"
#include "runs/run.h"
#include "scenarios/scenario.h"
#include "sim/fault.h"
#include "sim/time.h"

namespace txsim {

// How a fault left the orders that it disturbed: those that had not ended everywhere, and those
// submitted before its nodes were back (if they never come back: all later ones).
enum class WellAgain : std::uint8_t {
  After,   // they have ended everywhere, and the nodes are back
  Never,   // one of them stays open or is mixed, and nothing under way changes that
  CutOff,  // the horizon ended the run first
};

// What is compared between neighbours.
struct WalkOutcome {
  bool struck = true;  // false: the fault met nothing, such as a node that was down already
  std::array<std::uint64_t, kEndings> endings{};  // transactions, by Ending
  std::uint64_t never_begun = 0;                  // submissions
  std::uint64_t told_done = 0;                    // orders, with all of their submissions
  std::uint64_t told_failed = 0;
  std::uint64_t told_nothing = 0;
  std::uint64_t told_busy = 0;   // submissions
  std::uint32_t violated = 0;    // a bit for each invariant, in the order of `invariants()`
  std::uint32_t unexpected = 0;  // those that the scenario does not expect and that count
  WellAgain well = WellAgain::After;

  friend bool operator==(const WalkOutcome&, const WalkOutcome&) = default;
};

// The worst first.
enum class WalkClass : std::uint8_t {
  Violated,         // an invariant, unexpectedly
  ViolatedAllowed,  // only as the scenario expects, or where the protocol promises nothing
  NotWell,          // nothing more is violated, and all is not well again
  Unanswered,       // well again, and more clients than in the undisturbed run have no answer
  Otherwise,        // well again, with another outcome than in the undisturbed run
  Same,             // well again, with the outcome of the undisturbed run
  NoEffect,         // the fault met nothing
};
inline constexpr int kWalkClasses = 7;

struct WalkPlace {
  std::size_t fault = 0;    // in WalkPlan::faults
  std::uint64_t event = 0;  // the fault comes right after this event of the undisturbed run
  Time at;
};

// The runs to do.
struct WalkPlan {
  std::shared_ptr<const Scenario> scenario;
  std::vector<Fault> faults;      // as wanted; each of them walks alone
  RunResult undisturbed;          // with its trace
  std::vector<WalkPlace> places;  // by fault, then by event
  std::uint64_t moments = 0;      // before places were left out to keep the bound

  // The fault of one run, which can be written in a scenario.
  Fault fault_at(const WalkPlace& place) const;
};

struct WalkWanted {
  // A crash, pause or partition; where it is placed does not matter. Or the loss of a message: each
  // message that it matches is lost in a run of its own.
  std::vector<Fault> faults;
  Time from{};  // only moments from here to there
  Time to = kEndOfTime;
  std::uint64_t most_runs = 10'000;  // beyond it only some places are taken, evenly spread
};

// Runs the scenario as it is. Requires that it has at most kMostEventsWalked events.
inline constexpr std::uint64_t kMostEventsWalked = 1'000'000;
WalkPlan plan_walk(std::shared_ptr<const Scenario> scenario, const WalkWanted& wanted);

// Neighbours with the same outcome.
struct WalkRow {
  WalkPlace first;
  WalkPlace last;
  std::uint64_t runs = 0;
  WalkOutcome outcome;
  Duration soonest;  // WellAgain::After: from the fault until all was well again
  Duration latest;
};

struct WalkResult {
  WalkOutcome undisturbed;
  std::vector<WalkRow> rows;  // by fault, then by event

  WalkClass class_of(const WalkOutcome& outcome) const;
  // Whether no run violates an invariant that the scenario does not expect to be violated.
  bool is_as_expected() const;
};

// `told` is called after each run, in order, with how many are done and how many of these violated
// something unexpected. Any number of jobs gives the same result. Throws Defect.
WalkResult walk(const WalkPlan& plan, unsigned jobs,
                const std::function<void(std::uint64_t, std::uint64_t)>& told);

}  // namespace txsim
