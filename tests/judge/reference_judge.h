// The reference judge decides each invariant of docs/invariants.md from its definition, over a
// whole recorded run, in the plainest way. It is slow, keeps no state between facts and closes
// nothing early. It shares only the names of the verdicts with checks/. tests/judge/compare.h
// compares the two judges.
//
// To add an invariant, write one function in a file definitions_*.cpp. A comment with the
// definition precedes it. Then add its line to `definitions()`.
#pragma once

#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "checks/verdict.h"
#include "tests/judge/history.h"

namespace txsim::reference {

struct Decision {
  Verdict verdict = Verdict::Vacuous;
  std::string why;  // the event or the state that violates it
  // The transactions that violate the invariant only at the end of the run, and could still come
  // right if the run continued.
  std::set<TransactionId> in_the_end{};
  bool is_outright = false;  // the run violates it, however it continues
};

struct Definition {
  std::string_view invariant;
  Decision (*decide)(const History& history);
};

// In the order of `invariants()`.
const std::vector<Definition>& definitions();

// One decision for each invariant, in the order of `definitions()`. Each definition takes the end
// of the run as final. If a horizon cut the run off, violations that only the end causes are
// decided again on the continued run. A transaction that comes right at some look at the continued
// run was cut off. If a message or timer from before the cut is still under way in the continued
// run, every transaction was cut off. The invariant is vacuous if no other transaction violates it.
// Otherwise it is violated: nothing that follows can help, or the run loops.
std::vector<Decision> decide_all(const RecordedRun& run);

Decision agreement(const History& history);
Decision irrevocable(const History& history);
Decision unanimity(const History& history);
Decision nontrivial(const History& history);
Decision convergence(const History& history);
Decision atomicity(const History& history);
Decision conservation(const History& history);
Decision exactly_once(const History& history);
Decision truthful_reply(const History& history);
Decision durability(const History& history);
Decision no_hanging(const History& history);
Decision compensation_order(const History& history);
Decision no_lost_event(const History& history);
Decision isolation(const History& history);
Decision bounded_blocking(const History& history);
Decision non_blocking(const History& history);

}  // namespace txsim::reference
