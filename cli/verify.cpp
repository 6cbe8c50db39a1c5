#include "cli/verify.h"

#include <fmt/format.h>

#include "reports/difference.h"
#include "runs/run.h"
#include "sim/assert.h"

namespace txsim {

void verify(const std::shared_ptr<const Scenario>& scenario, std::uint64_t digest) {
  const RunResult once = run_scenario(scenario, {.keep_trace = true});
  const RunResult again = run_scenario(scenario, {.keep_trace = true});
  const std::string difference = text_difference(once, again);
  if (!difference.empty()) throw Defect("two runs of one scenario differ: " + difference);
  if (once.digest != digest) {
    throw Defect("a run differs when its trace is kept: every event may differ");
  }
}

}  // namespace txsim
