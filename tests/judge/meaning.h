// What a fact makes of its step, by what transactions/transaction.h says of it.
#pragma once

#include "tests/judge/history.h"

namespace txsim::reference {

// Of a branch of the step's node. `recalls`: said in a recovery, of what the node remembers. Fills
// in before, after, twice, available and reserved.
Happening meaning(const TraceRecord& record, FactKind kind, const Step& step, Branch& branch,
                  bool recalls);

// A fact that recalls a step: the step is so already.
bool recalls_it(FactKind fact, StepIs is);
// There is what the fact ends or takes back.
bool goes_on_from(FactKind fact, StepIs is);

}  // namespace txsim::reference
