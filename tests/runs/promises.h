// The promises of a protocol with safe settings, under any faults, and whether a run kept them.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "runs/run.h"
#include "scenarios/scenario.h"

namespace txsim::tests {

// True if the protocol's description promises the invariant and the scenario meets the conditions
// (Description::conditions). A saga must be able to complete: there is always enough of each
// resource, or the scenario expects convergence.
bool is_promised(const Scenario& scenario, std::string_view invariant);
// The reason why the protocol's promises do not apply to the scenario, for any fault; empty if they
// apply. Reasons are in the settings: a switch that is off, no node that decides, repeated orders
// without an idempotent receiver, a fault that never heals, or a promise that the scenario expects
// to be broken.
std::string why_not_promised(const Scenario& scenario);
// One line for each promise that the run has broken. A run that did not come to rest has broken
// convergence. Empty if all are kept.
std::string broken_promises(const RunResult& result);
// The same check on verdicts in the order of `invariants()`.
bool keeps_promises(const Scenario& scenario, const std::vector<Verdict>& verdicts);

}  // namespace txsim::tests
