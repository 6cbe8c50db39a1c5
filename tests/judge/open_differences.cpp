#include "tests/judge/open_differences.h"

#include <algorithm>
#include <iterator>

namespace txsim::reference {
namespace {

struct OpenDifference {
  std::string_view kind;  // what a finding's kind begins with
  std::string_view why;
};

// Seen in a few thousand runs and not yet traced to one of the two judges, but for what says so.
constexpr OpenDifference kOpen[] = {
    {"endless", "not traced: more than 400,000 events within the horizon"},
    {"promise: atomicity of saga-", "TEMPORARY"},
    {"promise: truthful-reply of saga-", "TEMPORARY"},
    {"promise: convergence of saga-orchestration",
     "a step behind the pivot that can never be done goes round; the promise should say its "
     "condition"},
    {"promise: convergence of saga-choreography", "the same"},
    {"promise: no-lost-event of saga-choreography", "the same"},
    {"promise: truthful-reply of saga-orchestration",
     "a read behind the pivot whose condition does not hold is refused, not tried again"},
    {"promise: agreement of two-phase-commit",
     "forget_after gives it up; the generator should leave it out"},
    {"promise: atomicity of two-phase-commit",
     "forget_after gives it up; the generator should leave it out"},
    {"promise: truthful-reply of two-phase-commit",
     "forget_after gives it up; the generator should leave it out"},
};

}  // namespace

bool is_open_difference(std::string_view kind) {
  return std::any_of(std::begin(kOpen), std::end(kOpen),
                     [&](const OpenDifference& open) { return kind.starts_with(open.kind); });
}

}  // namespace txsim::reference
