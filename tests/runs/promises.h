// What a protocol promises under its safe settings, whatever faults come, and whether a run kept
// it.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "runs/run.h"
#include "scenarios/scenario.h"

namespace txsim::tests {

// Whether the protocol promises the invariant, as its description says, and the scenario meets
// the conditions of that (Description::conditions). Of what a saga must be able to do in the end,
// it does if there is always enough, whatever the orders do, or if it expects to converge.
bool is_promised(const Scenario& scenario, std::string_view invariant);
// Why the promises of its protocol are not held in the scenario, whatever fault comes; empty: they
// are. By its settings: a switch off, nobody to decide, orders that repeat without an idempotent
// receiver, a fault that never heals, or a promise that the scenario itself expects to be broken.
std::string why_not_promised(const Scenario& scenario);
// One line for each promise that the run has not kept; a run that did not come to rest has not kept
// convergence. Empty: all kept.
std::string broken_promises(const RunResult& result);
// The same in short, by the verdicts in the order of `invariants()`.
bool keeps_promises(const Scenario& scenario, const std::vector<Verdict>& verdicts);

}  // namespace txsim::tests
