// The effect of a fact on its step, as transactions/transaction.h defines it.
#pragma once

#include "tests/judge/history.h"

namespace txsim::reference {

// Fills in before, after, twice, available and reserved. `recalls`: the node announces the fact in
// a recovery. Updates the branch of the step's node.
Happening meaning(const TraceRecord& record, FactKind kind, const Step& step, Branch& branch,
                  bool recalls);

// True if a node may recall this fact of a step in this state.
bool recalls_it(FactKind fact, StepIs is);
// True if the fact ends or takes back a step in this state.
bool goes_on_from(FactKind fact, StepIs is);

}  // namespace txsim::reference
