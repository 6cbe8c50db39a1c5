// The judge: feeds each announced fact to every check once, and keeps the counters. A value: it is
// copied with the world. Memory follows the transactions in flight: a transaction that has ended
// everywhere is summarised and forgotten.
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

// How the run ended, for the checks that judge the end.
struct EndOfRun {
  Time time;
  bool disturbed = false;             // a node is down or paused, or a fault window is open
  bool idle = false;                  // no event is pending
  bool faults_met = false;            // some crash, pause, loss, delay or refusal was met
  bool messages_duplicated = false;   // by the network
  std::uint64_t messages = 0;         // under way: sent or returned, and not arrived
  std::uint64_t timers = 0;           // set and not yet fired
  std::vector<NodeId> unreachable{};  // paused, or cut off by a fault that is open; sorted
  std::string standstill;             // a livelock, described; empty: virtual time advanced
};

// `make_judge(plan, settings)` returns the observer for a World; `judge(observer, end)` returns its
// result. The class behind them is in judge.cpp; each check has its own file.
std::unique_ptr<Observer> make_judge(std::shared_ptr<const Plan> plan,
                                     const JudgeSettings& settings);
Verdicts judge(const Observer& judge_of_run, const EndOfRun& end);
// The invariants that are already violated, one bit each in the order of `invariants()`. For the
// explorer: without violations that only the end of the run can show, and without the question
// whether failures excuse them (nontrivial).
std::uint32_t violated_so_far(const Observer& judge_of_run);
// The bit of an invariant. Requires that it exists.
std::uint32_t bit_of(std::string_view invariant);
// How many transactions the judge has room for: the most in flight at once so far.
std::size_t transactions_held(const Observer& judge_of_run);

}  // namespace txsim
