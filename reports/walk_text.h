// A walk, as text and as JSON: at which moment the fault has which outcome.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "reports/paint.h"
#include "runs/walk.h"

namespace txsim {

struct WalkReport {
  const WalkPlan* plan = nullptr;
  const WalkResult* result = nullptr;
  std::vector<std::string> first_faults;  // by row: the fault of its first run, as a sentence
  std::string again;                      // the command that repeats the walk
  // The beginning of the command that repeats one of its runs, up to the value of the last --set.
  std::string run_one;
};

// "checkout crashes for 2s", "each Commit order -> point is lost".
std::string walk_fault_text(const WalkReport& report, std::size_t fault);
// The command that repeats the row's first run.
std::string walk_run_command(const WalkReport& report, std::size_t row);
// "86 runs, each with one more fault, right after each of 86 events from 0.000ms to 12.000ms";
// if places were left out, it says so and how to get all of them.
std::string walk_size_text(const WalkReport& report);

// "order forces commit to its log (T1)".
std::string moment_words(const WalkReport& report, const WalkPlace& place);
// "1 committed, 2 aborted"; "0 transactions" if none began.
std::string walk_transactions_text(const WalkOutcome& outcome);
std::string walk_told_text(const WalkOutcome& outcome);  // "1 done, 2 nothing"
std::string walk_well_text(const WalkRow& row);          // "2.001s to 2.004s", "never"

struct WalkViolation {
  std::string name;
  std::string why_allowed;  // "as expected", "not promised"; empty: it is unexpected
};
std::vector<WalkViolation> walk_violations(const WalkReport& report, const WalkOutcome& outcome);

std::string sign_of(WalkClass of);     // one character
std::string meaning_of(WalkClass of);  // "well again, with another outcome"
std::uint64_t runs_of(const WalkResult& result, WalkClass of);
// The rows to show: all, or only the worst ones in their order.
std::vector<std::size_t> worst_rows(const WalkResult& result, std::size_t fault, std::size_t most);

std::string text_walk(const WalkReport& report, const Paint& paint);
// One object, with a line break.
std::string json_walk(const WalkReport& report);

}  // namespace txsim
