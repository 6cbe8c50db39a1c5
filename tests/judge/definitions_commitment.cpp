// Atomic commitment: agreement, irrevocable, unanimity, nontrivial (AC1 to AC4 of Bernstein,
// Hadzilacos, Goodman 1987, chapter 7).
#include <fmt/format.h>

#include <algorithm>

#include "tests/judge/reference_judge.h"

namespace txsim::reference {
namespace {

using enum FactKind;

Outcome outcome_of(const Happening& fact) { return static_cast<Outcome>(fact.record->value); }
Vote vote_of(const Happening& fact) { return static_cast<Vote>(fact.record->value); }
bool is_no(const Happening& fact) { return fact.fact == Voted && vote_of(fact) == Vote::No; }

// True if the fact ends the execution at its node with this outcome: a decision of the coordinator,
// an end, a heuristic decision, or a no vote, after which the node can only abort.
bool ends_with(const Happening& fact, Outcome outcome) {
  if (fact.fact == Voted) return is_no(fact) && outcome == Outcome::Aborted;
  return outcome_of(fact) == outcome;
}

// Participants that voted read-only. The outcome does not affect them.
std::set<NodeId> readers(const Execution& execution) {
  std::set<NodeId> found;
  for (const Branch& branch : execution.branches) {
    if (branch.read_only) found.insert(branch.node);
  }
  return found;
}

std::set<NodeId> ended_with(const History& history, std::size_t e, Outcome outcome) {
  std::set<NodeId> nodes;
  const std::set<NodeId> left_out = readers(history.executions[e]);
  for (const Happening* fact : facts(history, e, {Decided, DecidedAlone, Finished, Voted})) {
    const bool counts = fact->own_branch && left_out.count(fact->record->node) == 0;
    if (counts && ends_with(*fact, outcome)) nodes.insert(fact->record->node);
  }
  return nodes;
}

// Votes and commits before a fact, by node.
struct Votes {
  std::set<NodeId> yes;  // includes read-only votes
  std::set<NodeId> no;
  std::set<NodeId> committed;
  std::set<NodeId> alone;  // heuristic commits
};

Votes votes_before(const History& history, std::size_t e, const Happening* until) {
  Votes votes;
  for (const Happening* fact : facts(history, e, {Voted, Finished, DecidedAlone})) {
    if (fact >= until) break;  // happenings are stored in the order of the trace
    if (!fact->own_branch) continue;
    const NodeId node = fact->record->node;
    if (fact->fact == Voted) (is_no(*fact) ? votes.no : votes.yes).insert(node);
    if (fact->fact == Voted || outcome_of(*fact) != Outcome::Committed) continue;
    (fact->fact == Finished ? votes.committed : votes.alone).insert(node);
  }
  return votes;
}

bool lacks_some(const std::set<NodeId>& of, const std::set<NodeId>& wanted) {
  return !std::includes(of.begin(), of.end(), wanted.begin(), wanted.end());
}

}  // namespace

// Agreement: no two participants end a transaction differently, and no participant ends it against
// the decision of its coordinator. Heuristic decisions and no votes count. A participant that
// changes its own outcome violates irrevocable instead. Two executions of one order are two
// transactions.
Decision agreement(const History& history) {
  if (facts(history, {Decided, DecidedAlone, Finished}).empty())
    return {Verdict::NotApplicable, {}};
  bool compared = false;
  for (std::size_t e = 0; e < history.executions.size(); ++e) {
    const std::set<NodeId> committed = ended_with(history, e, Outcome::Committed);
    const std::set<NodeId> aborted = ended_with(history, e, Outcome::Aborted);
    std::set<NodeId> ended = committed;
    ended.insert(aborted.begin(), aborted.end());
    if (ended.size() < 2) continue;
    compared = true;
    if (committed.empty() || aborted.empty()) continue;
    return {Verdict::Violated,
            fmt::format("nodes {} committed, {} aborted", *committed.begin(), *aborted.begin())};
  }
  return {compared ? Verdict::Holds : Verdict::Vacuous, {}};
}

namespace {

// True if the node announced the opposite outcome before.
bool contradicts_itself(const History& history, const Happening& fact) {
  for (const Happening* earlier : facts(history, fact.execution, {fact.fact})) {
    if (earlier >= &fact) break;
    const bool same = earlier->own_branch && earlier->record->node == fact.record->node;
    if (!same) continue;
    if (ends_with(*earlier, Outcome::Committed) && ends_with(fact, Outcome::Aborted)) return true;
    if (ends_with(*earlier, Outcome::Aborted) && ends_with(fact, Outcome::Committed)) return true;
  }
  return false;
}

}  // namespace

// Irrevocable: a coordinator never changes its decision, and a participant never changes the
// outcome of its part, even after a crash. A step that was in effect under lock for good is never
// rolled back.
Decision irrevocable(const History& history) {
  if (facts(history, {Decided, Finished}).empty()) return {Verdict::NotApplicable, {}};
  for (const Happening* fact : facts(history, {Decided, Finished})) {
    if (!fact->own_branch || fact->execution == kNone) continue;
    if (contradicts_itself(history, *fact)) {
      return {Verdict::Violated, fmt::format("event {} contradicts", fact->record->sequence)};
    }
  }
  for (const Happening* undone : facts(history, {Undone})) {
    for (const Happening& earlier : history.happenings) {
      if (&earlier >= undone) break;
      const bool same = earlier.of_step && earlier.execution == undone->execution &&
                        earlier.branch == undone->branch && earlier.step == undone->step;
      const bool changes = undone->after == StepIs::Undone && undone->before != StepIs::Undone;
      if (same && changes && earlier.after == StepIs::InEffect) {
        return {Verdict::Violated,
                fmt::format("event {} undoes what was for good", undone->record->sequence)};
      }
    }
  }
  return {Verdict::Holds, {}};
}

// Unanimity: a coordinator decides commit, or a participant commits without a heuristic decision,
// only if every participant that writes has voted yes before and no participant has voted no. A
// participant that committed by itself in one phase needs no vote.
Decision unanimity(const History& history) {
  const Facts votes = facts(history, {Voted});
  if (votes.empty()) return {Verdict::NotApplicable, {}};
  bool tested =
      std::any_of(votes.begin(), votes.end(), [](const Happening* vote) { return is_no(*vote); });
  for (std::size_t e = 0; e < history.executions.size(); ++e) {
    const Execution& execution = history.executions[e];
    const std::set<NodeId> wanted = writers(history, execution);
    const bool one_participant = history.kind(execution).participants.size() == 1;
    for (const Happening* fact : facts(history, e, {Decided, Finished})) {
      if (!fact->own_branch || outcome_of(*fact) != Outcome::Committed) continue;
      const NodeId node = fact->record->node;
      Votes before = votes_before(history, e, fact);
      if (fact->fact == Finished) {
        const bool by_itself = wanted == std::set<NodeId>{node};
        if (by_itself || before.alone.count(node) != 0) continue;
      } else {
        before.yes.insert(before.committed.begin(), before.committed.end());
      }
      tested = true;
      const bool one_phase = one_participant && before.yes.empty() && before.no.empty();
      if (one_phase && fact->fact == Decided) continue;
      if (!before.no.empty() || lacks_some(before.yes, wanted)) {
        return {Verdict::Violated, fmt::format("event {} commits", fact->record->sequence)};
      }
    }
  }
  return {tested ? Verdict::Holds : Verdict::Vacuous, {}};
}

// Nontrivial: if no failure occurs and every participant votes yes, the transaction commits.
Decision nontrivial(const History& history) {
  if (facts(history, {Voted}).empty()) return {Verdict::NotApplicable, {}};
  bool committed = false;
  std::string aborted;
  for (std::size_t e = 0; e < history.executions.size(); ++e) {
    const Facts decisions = facts(history, e, {Decided});
    const std::vector<NodeId>& asked = history.kind(history.executions[e]).participants;
    if (decisions.empty() || asked.empty()) continue;
    const Happening* first = decisions.front();
    const Votes before = votes_before(history, e, first);
    const std::set<NodeId> all(asked.begin(), asked.end());
    if (!before.no.empty() || lacks_some(before.yes, all)) continue;
    if (outcome_of(*first) == Outcome::Committed) {
      committed = true;
    } else {
      aborted = fmt::format("event {} aborts", first->record->sequence);
    }
  }
  if (!aborted.empty()) {
    return {history.run.end.faults_met ? Verdict::Vacuous : Verdict::Violated, aborted};
  }
  return {committed ? Verdict::Holds : Verdict::Vacuous, {}};
}

}  // namespace txsim::reference
