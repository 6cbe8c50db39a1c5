// Which message met which state of a transaction in a set of runs, and how: it arrived, arrived
// again, was lost or was refused. Also which timer fired and which crash happened in which state.
//
// States are those of the state machines (reports/state_lives.h). A sweep's summary counts by phase
// (reports/sweep_coverage.h); this counts message by message.
#pragma once

#include <array>
#include <compare>
#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "reports/paint.h"
#include "runs/run.h"

namespace txsim {

enum class Meeting : std::uint8_t { Arrives, Again, Lost, Refused, Fires, Crashes };
inline constexpr int kMeetings = 6;
const char* text(Meeting meeting);  // "arrives", "arrives again" ...

class StateCoverage {
 public:
  struct Machine {  // one for each protocol and role
    std::string protocol;
    std::string role;
    auto operator<=>(const Machine&) const = default;
  };
  struct Spot {
    std::string state;  // of the receiver; empty: the transaction is not known there yet
    std::string what;   // the message, the timer; empty: a crash
    auto operator<=>(const Spot&) const = default;
  };
  using Counts = std::array<std::uint64_t, kMeetings>;  // by Meeting
  using Spots = std::map<Spot, Counts>;

  // Adds what the run shows. Requires that its trace was kept.
  void add(const RunResult& result);

  std::uint64_t runs() const { return runs_; }
  const std::map<Machine, Spots>& machines() const { return machines_; }

 private:
  std::map<Machine, Spots> machines_;
  std::uint64_t runs_ = 0;
};

// The cells met, compared with the possible cells: those of an exploration if one was made, or else
// every message in every state of its receiver.
struct CoverageReport {
  const StateCoverage* met = nullptr;
  const StateCoverage* possible = nullptr;  // null: not known
  std::string what;                         // "1000 runs of 3 scenarios"
  std::string possible_what;                // "every order of events, with up to 1 crash"
  bool is_complete = false;                 // the cells met are all that are possible
};

struct CoverageTally {
  std::uint64_t met = 0;
  std::uint64_t of = 0;  // the possible cells, and those met in spite of that
};
CoverageTally tally(const CoverageReport& report);

std::string text_coverage(const CoverageReport& report, const Paint& paint);
// One object, with a line break.
std::string json_coverage(const CoverageReport& report);

}  // namespace txsim
