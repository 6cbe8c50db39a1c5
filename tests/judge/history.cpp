#include "tests/judge/history.h"
#include "tests/judge/meaning.h"

#include <algorithm>
#include <utility>

namespace txsim::reference {
namespace {

class Reader {
 public:
  explicit Reader(const RecordedRun& run) : run_(run), history_(run) {}

  History read() {
    for (const TraceRecord& record : run_.trace) {
      const bool goes_on = record.kind == EventKind::Announced &&
                           record.what == fact_word(FactKind::Recovered) &&
                           recovered_.count(record.node) != 0;
      if (!goes_on) settle_recovered();
      if (record.kind == EventKind::Crashed) crash(record);
      if (record.kind == EventKind::Restarted && record.value == 1) restart(record);
      if (record.kind == EventKind::Announced) fact(record);
    }
    settle_recovered();
    return std::move(history_);
  }

 private:
  const Step& step_of(std::size_t e, std::uint8_t step) const {
    return run_.plan.kinds[history_.executions[e].kind].steps[step];
  }

  Happening& add(const TraceRecord& record) {
    Happening& happening = history_.happenings.emplace_back();
    happening.record = &record;
    happening.execution = kNone;
    return happening;
  }

  // ---- Crash and recovery

  // A crash loses every update that was not promised. A participant promises by its vote, a
  // coordinator by its decision.
  void crash(const TraceRecord& record) {
    recalling_.erase(record.node);
    add(record);
    for (std::size_t e = 0; e < history_.executions.size(); ++e) {
      Execution& execution = history_.executions[e];
      const bool coordinates = run_.plan.kinds[execution.kind].begins_at == record.node;
      if (coordinates) execution.is_down = true;
      if (coordinates && execution.begun) execution.left = execution.phase != Phase::Ended;
      for (std::size_t b = 0; b < execution.branches.size(); ++b) {
        Branch& branch = execution.branches[b];
        if (branch.node != record.node) continue;
        branch.said_again = false;
        const bool promised = branch.in_doubt || (coordinates && execution.decided_committed);
        if (!promised) lose(record, e, b, true);
      }
    }
  }

  void lose(const TraceRecord& record, std::size_t e, std::size_t b, bool changes_amounts) {
    const std::vector<StepIs> steps = history_.executions[e].branches[b].steps;
    for (std::size_t s = 0; s < steps.size(); ++s) {
      if (steps[s] != StepIs::UnderLock) continue;
      const auto step = static_cast<std::uint8_t>(s);
      Happening& happening = change(record, e, b, step, StepIs::Lost);
      if (changes_amounts) happening.available = -added(e, b, step);
    }
  }

  // The amount that the step added under lock.
  std::int64_t added(std::size_t e, std::size_t b, std::uint8_t step) const {
    const auto& updated = history_.executions[e].branches[b].updated;
    const auto found = updated.find(step);
    return found != updated.end() ? found->second : step_of(e, step).delta();
  }

  void restart(const TraceRecord& record) {
    recalling_[record.node] = record.time;
    add(record);
    for (Execution& execution : history_.executions) {
      if (run_.plan.kinds[execution.kind].begins_at == record.node) execution.is_down = false;
    }
  }

  // True from the restart until the node has announced its amounts, in the same instant.
  bool is_recalling(const TraceRecord& record) const {
    const auto found = recalling_.find(record.node);
    return found != recalling_.end() && found->second == record.time;
  }

  // The node has announced its amounts. It has forgotten each promise that it did not recall.
  void settle_recovered() {
    for (const auto& [node, record] : recovered_) {
      recalling_.erase(node);
      for (std::size_t e = 0; e < history_.executions.size(); ++e) {
        for (std::size_t b = 0; b < history_.executions[e].branches.size(); ++b) {
          Branch& branch = history_.executions[e].branches[b];
          if (branch.node != node || branch.said_again) continue;
          branch.forgot = branch.forgot || branch.in_doubt;
          branch.in_doubt = false;
          lose(*record, e, b, false);
        }
      }
    }
    recovered_.clear();
  }

  // ---- Which execution, which branch

  // The last execution of the transaction. Opens one if there is none.
  std::size_t execution_of(const TraceRecord& record, std::uint16_t kind) {
    for (std::size_t e = history_.executions.size(); e-- > 0;) {
      if (history_.executions[e].id == record.transaction) return e;
    }
    return open(record, kind);
  }

  // The last execution in which the node's last branch fits, else the transaction's last execution.
  template <class Fits>
  std::size_t execution_where(const TraceRecord& record, std::uint16_t kind, Fits&& fits) {
    const std::size_t last = execution_of(record, kind);
    for (std::size_t e = last + 1; e-- > 0;) {
      const Execution& execution = history_.executions[e];
      if (execution.id != record.transaction) continue;
      for (std::size_t b = execution.branches.size(); b-- > 0;) {
        if (execution.branches[b].node != record.node) continue;
        if (fits(execution.branches[b])) return e;
        break;
      }
    }
    return last;
  }

  std::size_t execution_of_step(const TraceRecord& record, std::uint16_t kind, FactKind fact,
                                bool recalls) {
    return execution_where(record, kind, [&](const Branch& branch) {
      const StepIs is = branch.steps[record.step];
      return recalls ? recalls_it(fact, is) : goes_on_from(fact, is);
    });
  }

  std::size_t execution_of_part(const TraceRecord& record, std::uint16_t kind, FactKind fact,
                                bool recalls) {
    if (fact != FactKind::Finished) return execution_of(record, kind);
    return execution_where(record, kind, [&](const Branch& branch) {
      if (!recalls) return branch.has_begun() && !branch.finished;
      return branch.finished && branch.outcome == static_cast<Outcome>(record.value);
    });
  }

  std::size_t open(const TraceRecord& record, std::uint16_t kind) {
    Execution execution;
    execution.id = record.transaction;
    execution.kind = kind;
    history_.executions.push_back(execution);
    return history_.executions.size() - 1;
  }

  // The node's last branch. With `opens`, a new one if the last has finished.
  std::size_t branch_of(std::size_t e, NodeId node, bool opens) {
    Execution& execution = history_.executions[e];
    for (std::size_t b = execution.branches.size(); b-- > 0;) {
      if (execution.branches[b].node != node) continue;
      if (!opens || !execution.branches[b].finished) return b;
      break;
    }
    Branch branch;
    branch.node = node;
    branch.is_first = std::none_of(execution.branches.begin(), execution.branches.end(),
                                   [&](const Branch& other) { return other.node == node; });
    branch.steps.assign(run_.plan.kinds[execution.kind].steps.size(), StepIs::Untouched);
    branch.times.assign(branch.steps.size(), 0);
    execution.branches.push_back(branch);
    return execution.branches.size() - 1;
  }

  Happening& change(const TraceRecord& record, std::size_t e, std::size_t b, std::uint8_t step,
                    StepIs to) {
    Branch& branch = history_.executions[e].branches[b];
    Happening& happening = add(record);
    happening.execution = e;
    happening.branch = b;
    happening.own_branch = history_.executions[e].branches[b].is_first;
    happening.of_step = true;
    happening.step = step;
    happening.resource = step_of(e, step).resource;
    happening.under_lock = branch.updated.count(step) != 0;
    happening.before = branch.steps[step];
    happening.after = branch.steps[step] = to;
    return happening;
  }

  // ---- Facts

  void fact(const TraceRecord& record) {
    using enum FactKind;
    const auto kind = static_cast<FactKind>(record.what.id);
    switch (kind) {
      case Submitted:
      case PhaseEntered:
      case Decided:
        return whole(record, kind);
      case Voted:
      case InDoubt:
      case DecidedAlone:
      case Finished:
        return part(record, kind);
      case Updated:
      case Undone:
      case Applied:
      case Reserved:
      case Confirmed:
      case Cancelled:
      case Compensated:
      case Rejected:
      case ReadDone:
        return step(record, kind);
      case LockWaited:
      case LockTaken:
        return lock(record, kind);
      case Recovered:
        recovered_[record.node] = &record;
        break;
      default:
        break;
    }
    plain(record, kind);
  }

  Happening& plain(const TraceRecord& record, FactKind kind) {
    Happening& happening = add(record);
    happening.is_fact = true;
    happening.fact = kind;
    happening.recalled = is_recalling(record);
    return happening;
  }

  // Waiting for a lock or taking one opens a branch. Facts about locks carry no kind of
  // transaction.
  void lock(const TraceRecord& record, FactKind kind) {
    plain(record, kind);
    for (std::size_t e = history_.executions.size(); e-- > 0;) {
      if (history_.executions[e].id != record.transaction) continue;
      branch_of(e, record.node, !is_recalling(record));
      return;
    }
  }

  // Facts about the transaction as a whole.
  void whole(const TraceRecord& record, FactKind kind) {
    const auto number = static_cast<std::uint16_t>(record.extra);
    if (number >= run_.plan.kinds.size()) return;
    std::size_t e = execution_of(record, number);
    if (kind == FactKind::PhaseEntered) {
      const auto phase = static_cast<Phase>(record.value);
      const Execution& last = history_.executions[e];
      if (phase == Phase::Begun && last.begun && (last.phase == Phase::Ended || last.left)) {
        e = open(record, number);
      }
      history_.executions[e].begun = true;
      history_.executions[e].left = false;
      history_.executions[e].phase = phase;
      if (phase == Phase::Ended) history_.executions[e].had_ended = true;
    }
    if (kind == FactKind::Decided && is_recalling(record)) e = execution_decided(record, e);
    plain(record, kind).execution = e;
    if (kind == FactKind::Decided) {
      history_.executions[e].decided.insert({record.node, record.value});
    }
    const bool commits = static_cast<Outcome>(record.value) == Outcome::Committed;
    if (kind != FactKind::Decided || !commits) return;
    history_.executions[e].decided_committed = true;
    if (is_recalling(record)) end_steps(record, e, branch_of(e, record.node, false), true);
  }

  // The last execution that the node decided with this outcome, else the last execution.
  std::size_t execution_decided(const TraceRecord& record, std::size_t last) const {
    for (std::size_t e = last + 1; e-- > 0;) {
      const Execution& execution = history_.executions[e];
      const bool is_its = execution.id == record.transaction;
      if (is_its && execution.decided.count({record.node, record.value}) != 0) return e;
    }
    return last;
  }

  // Ends the promised steps of a branch whose end the node recalls.
  void end_steps(const TraceRecord& record, std::size_t e, std::size_t b, bool commits) {
    history_.executions[e].branches[b].said_again = true;
    const std::vector<StepIs> steps = history_.executions[e].branches[b].steps;
    for (std::size_t s = 0; s < steps.size(); ++s) {
      if (steps[s] != StepIs::UnderLock) continue;
      const auto step = static_cast<std::uint8_t>(s);
      Happening& happening =
          change(record, e, b, step, commits ? StepIs::InEffect : StepIs::Undone);
      if (!commits) happening.available = -added(e, b, step);
    }
  }

  // Facts about a node's part.
  void part(const TraceRecord& record, FactKind kind) {
    const auto number = static_cast<std::uint16_t>(record.extra);
    if (number >= run_.plan.kinds.size()) return;
    const bool recalls = is_recalling(record);
    const std::size_t e = execution_of_part(record, number, kind, recalls);
    const std::size_t b = branch_of(e, record.node, kind == FactKind::Voted && !recalls);
    Happening& happening = plain(record, kind);
    happening.execution = e;
    happening.branch = b;
    happening.own_branch = history_.executions[e].branches[b].is_first;
    Branch& branch = history_.executions[e].branches[b];
    if (kind == FactKind::Finished) {
      const auto outcome = static_cast<Outcome>(record.value);
      branch.finished = true;
      branch.outcome = outcome;
      branch.in_doubt = false;
      if (recalls && outcome == Outcome::Committed) end_steps(record, e, b, true);
      if (recalls && outcome == Outcome::Aborted) end_steps(record, e, b, false);
    }
    if (kind != FactKind::Voted) return;
    const auto vote = static_cast<Vote>(record.value);
    branch.voted = true;
    branch.read_only = branch.read_only || vote == Vote::ReadOnly;
    if (vote != Vote::Yes) return;
    branch.in_doubt = true;
    if (recalls) {
      hold_again(record, e, b);
    } else {
      carry_over(e, b);
    }
  }

  // Moves updates of earlier executions of the transaction, still under lock and not promised, into
  // the branch in which the node votes yes.
  void carry_over(std::size_t e, std::size_t b) {
    Execution& execution = history_.executions[e];
    Branch& into = execution.branches[b];
    for (std::size_t earlier = e; earlier-- > 0;) {
      if (history_.executions[earlier].id != execution.id) continue;
      Branch* from = nullptr;  // the node's last branch
      for (Branch& branch : history_.executions[earlier].branches) {
        if (branch.node == into.node) from = &branch;
      }
      if (from == nullptr || from->in_doubt) continue;
      for (std::size_t s = 0; s < into.steps.size(); ++s) {
        if (from->steps[s] != StepIs::UnderLock || into.steps[s] != StepIs::Untouched) continue;
        const auto step = static_cast<std::uint8_t>(s);
        into.steps[s] = std::exchange(from->steps[s], StepIs::Untouched);
        into.updated[step] = from->updated.at(step);
        from->updated.erase(step);
      }
    }
  }

  // The end of the branch was not durable. The branch is prepared again with all its updates.
  void hold_again(const TraceRecord& record, std::size_t e, std::size_t b) {
    Branch& branch = history_.executions[e].branches[b];
    branch.said_again = true;
    branch.finished = branch.forgot = false;
    for (const auto& [step, amount] : std::map<std::uint8_t, std::int64_t>(branch.updated)) {
      const StepIs was = history_.executions[e].branches[b].steps[step];
      if (was != StepIs::Undone && was != StepIs::InEffect) continue;
      Happening& happening = change(record, e, b, step, StepIs::UnderLock);
      if (was == StepIs::Undone) happening.available = amount;
    }
  }

  // ---- Steps

  void step(const TraceRecord& record, FactKind kind) {
    const std::uint16_t number = kind_of(record.extra);
    if (number >= run_.plan.kinds.size()) return;
    if (record.step >= run_.plan.kinds[number].steps.size()) return;
    const bool recalls = is_recalling(record);
    const std::size_t e = execution_of_step(record, number, kind, recalls);
    std::size_t b = branch_of(e, record.node, kind == FactKind::Updated && !recalls);
    if (kind == FactKind::Undone) b = branch_undone(record, e, b);
    const Happening made =
        meaning(record, kind, step_of(e, record.step), history_.executions[e].branches[b], recalls);
    Branch& branch = history_.executions[e].branches[b];
    if (kind == FactKind::Updated) branch.updated[record.step] = made.available;
    Happening& happening = change(record, e, b, record.step, made.after);
    happening.is_fact = true;
    happening.fact = kind;
    happening.recalled = recalls;
    happening.twice = made.twice;
    happening.available = made.available;
    happening.reserved = made.reserved;
  }

  // The last branch of the node that has a step to undo.
  std::size_t branch_undone(const TraceRecord& record, std::size_t e, std::size_t last) const {
    const std::vector<Branch>& branches = history_.executions[e].branches;
    for (std::size_t b = last + 1; b-- > 0;) {
      if (branches[b].node != record.node) continue;
      const StepIs is = branches[b].steps[record.step];
      if (is == StepIs::UnderLock || is == StepIs::InEffect) return b;
    }
    return last;
  }

  const RecordedRun& run_;
  History history_;
  std::map<NodeId, Time> recalling_;                // time of the restart
  std::map<NodeId, const TraceRecord*> recovered_;  // nodes that are announcing their amounts
};

}  // namespace

History read_history(const RecordedRun& run) { return Reader(run).read(); }

}  // namespace txsim::reference
