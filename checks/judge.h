// The judge: feeds each announced fact to every check once, and keeps the counters. A value: it is
// copied with the world. Memory follows the transactions in flight: a transaction that has ended
// everywhere is summed up and forgotten.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "checks/verdict.h"
#include "sim/trace.h"
#include "transactions/transaction.h"

namespace txsim {

struct JudgeSettings {
  std::optional<Duration> longest_lock_wait;  // for bounded-blocking; absent: not applicable
  bool keep_transactions = false;             // fill Verdicts::transactions
};

// How the run ended, for the checks that speak of the end.
struct EndOfRun {
  Time time;
  bool disturbed = false;            // a node is down or paused, or a fault window is open
  bool idle = false;                 // nothing more would have happened
  bool faults_met = false;           // some crash, pause, loss, delay or refusal was met on the way
  bool messages_duplicated = false;  // by the network
  std::uint64_t messages = 0;        // under way: sent, or given back, and not arrived
  std::uint64_t timers = 0;          // set and not yet run out
  std::vector<NodeId> unreachable{};  // paused, or cut off by a fault that is open; sorted
  std::string standstill;             // a livelock, in words; empty: virtual time moved on
};

// `make_judge(plan, settings)` gives a World its observer; `judge(observer, end)` asks it. The
// class behind them stands in judge.cpp and its parts in one file a check.
std::unique_ptr<Observer> make_judge(std::shared_ptr<const Plan> plan,
                                     const JudgeSettings& settings);
Verdicts judge(const Observer& judge_of_run, const EndOfRun& end);
// Which invariants are violated already, a bit each in the order of `invariants()`. For the
// explorer: without what only the end of the run can tell, and without asking whether failures
// excuse it (nontrivial).
std::uint32_t violated_so_far(const Observer& judge_of_run);
// The bit of one. Requires that there is such an invariant.
std::uint32_t bit_of(std::string_view invariant);
// How many transactions the judge has room for: the most that were in flight at once so far.
std::size_t transactions_held(const Observer& judge_of_run);

}  // namespace txsim
