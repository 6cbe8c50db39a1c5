// What a run that its horizon cuts is judged by: cut off is not "never converges".
#pragma once

#include "checks/judge.h"
#include "checks/verdict.h"
#include "sim/world.h"

namespace txsim {

// The end of a run that has come to where this world is, as far as the world says it.
EndOfRun end_at(const World& world);

// Asks the world's judge at the end of a run. Where something is still under way, what only the
// end of the run condemns is looked at again in a copy that runs on, with no horizon, for as many
// events again, and until all that was under way at the cut has happened, if that takes no more
// than 200,000. A transaction that comes right there, or of which that is not known, was cut off;
// an invariant that no other one violates is vacuous. What does not come right, because it goes
// round and round or because nothing under way could help, is violated.
Verdicts judge_end(const World& world, const EndOfRun& end);

}  // namespace txsim
