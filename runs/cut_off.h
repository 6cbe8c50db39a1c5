// What a run that its horizon cuts is judged by: cut off is not "never converges".
#pragma once

#include "checks/judge.h"
#include "checks/verdict.h"
#include "sim/world.h"

namespace txsim {

// Asks the world's judge at the end of a run. Where something is still under way, what only the
// end of the run condemns is looked at again in a copy that runs on, with no horizon, for as many
// events again: what comes right there was cut off, and its invariant is vacuous. What does not
// even then, because it goes round and round or because nothing under way could help, is violated.
Verdicts judge_end(const World& world, const EndOfRun& end);

}  // namespace txsim
