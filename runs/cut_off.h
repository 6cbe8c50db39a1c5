// Judges a run that its horizon cuts off. "Cut off" does not mean "never converges".
#pragma once

#include "checks/judge.h"
#include "checks/verdict.h"
#include "sim/world.h"

namespace txsim {

// The end of a run that has reached this world, as far as the world shows it.
EndOfRun end_at(const World& world);

// Asks the world's judge at the end of a run. If something is still under way, violations that only
// the end of the run decides are examined again in a copy that runs on without a horizon: for as
// many events again, and until everything under way at the cut has happened, but for at most
// 200,000 events. A transaction that ends correctly there, or whose end stays unknown, was cut off.
// An invariant that no other transaction violates is vacuous. A transaction that does not end
// correctly, because it loops or because nothing under way could help, violates the invariant.
Verdicts judge_end(const World& world, const EndOfRun& end);

}  // namespace txsim
