// The reference judge: decides each invariant of docs/invariants.md from its definition, over a
// whole recorded run, in the plainest way. It is slow, keeps nothing from fact to fact, closes
// nothing early and shares nothing with checks/ but the verdicts' names. tests/judge/compare.h
// holds the two against each other.
//
// To add an invariant: one function in a file definitions_*.cpp, which begins with its definition,
// and its line in kDefinitions.
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
  std::string why;  // what broke it
  // Of what is violated, what only the end of the run makes so: the transactions that might have
  // come right, had it gone on.
  std::set<TransactionId> in_the_end{};
  bool is_outright = false;  // something else is violated, too
};

struct Definition {
  std::string_view invariant;
  Decision (*decide)(const History& history);
};

// In the order of `invariants()`.
const std::vector<Definition>& definitions();

// By invariant, in the order of `definitions()`. Each definition takes the end of the run for the
// end of all. Where a horizon has cut the run off, what is violated only by its end is asked again
// of the run gone on: a transaction that has come right at some look at it was cut off, and so were
// all if something is still under way there that was so at the cut. If no other is left, the
// invariant is vacuous; else nothing that comes could help, or it goes round and round: violated.
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
