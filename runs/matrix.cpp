#include "runs/matrix.h"

#include <algorithm>
#include <string_view>

#include "runs/jobs.h"
#include "runs/promises.h"

namespace txsim {
namespace {

// By invariant, whether a run of the scenario says anything about it. If no scenario does, the
// invariant is not applicable, not proved.
std::vector<bool> told_of_in(const std::shared_ptr<const Scenario>& scenario) {
  const std::vector<std::string> counted = counted_by_default(*scenario);
  const RunResult run = run_scenario(scenario);
  std::vector<bool> told;
  for (const Judgement& judgement : run.verdicts.judgements) {
    const bool counts =
        std::find(counted.begin(), counted.end(), judgement.invariant) != counted.end();
    told.push_back(counts && judgement.verdict != Verdict::NotApplicable);
  }
  return told;
}

std::size_t number_of(const std::string& invariant) {
  const std::vector<InvariantInfo>& all = invariants();
  const auto found = std::find_if(
      all.begin(), all.end(), [&](const InvariantInfo& info) { return info.name == invariant; });
  return static_cast<std::size_t>(found - all.begin());
}

// Repeats the search without the invariants found violated until it finds no more. It is breadth
// first, so that each run found is a shortest one.
MatrixSearch search_all(const std::shared_ptr<const Scenario>& scenario, ExploreSettings settings) {
  MatrixSearch all;
  while (!settings.invariants.empty()) {
    ExploreResult result = explore(scenario, settings);
    all.states = std::max(all.states, result.search.states);
    all.transitions += result.search.transitions;
    if (!result.counterexample) {
      const SearchEnd end = result.search.end;
      all.is_exhausted = end == SearchEnd::Exhausted;
      all.is_stopped = end == SearchEnd::TimeReached || end == SearchEnd::Interrupted;
      return all;
    }
    const std::string name = result.counterexample->schedule.violated;
    all.found.push_back({number_of(name), std::move(*result.counterexample)});
    std::erase(settings.invariants, name);
  }
  all.is_exhausted = true;
  return all;
}

const MatrixFound* found_in(const MatrixSearch& search, std::size_t invariant) {
  for (const MatrixFound& found : search.found) {
    if (found.invariant == invariant) return &found;
  }
  return nullptr;
}

class Combination {
 public:
  Combination(const MatrixPlan& plan, MatrixResult& result,
              const std::vector<std::vector<bool>>& told_of)
      : plan_(plan), result_(result), told_of_(told_of) {}

  MatrixCell cell(std::size_t row, std::size_t fault, std::size_t invariant) const {
    MatrixCell cell;
    for (std::size_t i = 0; i < plan_.tries.size(); ++i) {
      const MatrixPlan::Try& tried = plan_.tries[i];
      if (tried.row != row) continue;
      if (!tried.is_whole && plan_.rows[row].is_all_on()) continue;
      const MatrixSearch& search = result_.search(plan_, i, fault);
      const MatrixFound* found = found_in(search, invariant);
      if (found == nullptr) {
        if (!tried.is_whole || !told_of_[i][invariant]) continue;
        worsen(cell, search.is_exhausted ? CellState::Proved : CellState::NotExhausted);
        continue;
      }
      const bool is_anyway = tried.as_is != i && found_in(result_.search(plan_, tried.as_is, fault),
                                                          invariant) != nullptr;
      if (is_anyway && !tried.is_whole) continue;  // it says nothing about this mechanism
      const CellState state = is_anyway ? CellState::ViolatedAnyway : CellState::Violated;
      const auto place = static_cast<std::size_t>(found - search.found.data());
      if (worsen(cell, state) || (cell.state == state && is_shorter(*found, cell, fault))) {
        cell.in_try = i;
        cell.found = place;
      }
    }
    return cell;
  }

 private:
  static int weight(CellState state) {
    switch (state) {
      case CellState::NotApplicable:
        return 0;
      case CellState::Proved:
        return 1;
      case CellState::NotExhausted:
        return 2;
      case CellState::ViolatedAnyway:
        return 3;
      case CellState::Violated:
        return 4;
    }
    return 0;
  }
  // False: it was as bad already.
  static bool worsen(MatrixCell& cell, CellState state) {
    if (weight(state) <= weight(cell.state)) return false;
    cell.state = state;
    return true;
  }
  bool is_shorter(const MatrixFound& found, const MatrixCell& than, std::size_t fault) const {
    const MatrixSearch& search = result_.search(plan_, than.in_try, fault);
    return choices_of(found.example) < choices_of(search.found[than.found].example);
  }

  const MatrixPlan& plan_;
  MatrixResult& result_;
  const std::vector<std::vector<bool>>& told_of_;  // by try
};

}  // namespace

const char* text(CellState state) {
  switch (state) {
    case CellState::NotApplicable:
      return "not applicable";
    case CellState::Proved:
      return "proved";
    case CellState::Violated:
      return "violated";
    case CellState::ViolatedAnyway:
      return "violated anyway";
    case CellState::NotExhausted:
      return "not exhausted";
  }
  return "?";
}

const Counterexample* MatrixResult::example(const MatrixPlan& plan, std::size_t row,
                                            std::size_t fault, std::size_t invariant) const {
  const MatrixCell& of = cell(plan, row, fault, invariant);
  if (of.state != CellState::Violated && of.state != CellState::ViolatedAnyway) return nullptr;
  return &search(plan, of.in_try, fault).found[of.found].example;
}

MatrixWorst worst_of(const MatrixPlan& plan, const MatrixResult& result, std::size_t row,
                     std::size_t fault) {
  MatrixWorst worst;
  const auto is_better = [&](CellState state) {
    constexpr CellState kFromBest[] = {CellState::NotApplicable, CellState::Proved,
                                       CellState::NotExhausted, CellState::ViolatedAnyway,
                                       CellState::Violated};
    return std::find(std::begin(kFromBest), std::end(kFromBest), worst.state) <
           std::find(std::begin(kFromBest), std::end(kFromBest), state);
  };
  for (std::size_t invariant = 0; invariant < invariants().size(); ++invariant) {
    const CellState state = result.cell(plan, row, fault, invariant).state;
    const Counterexample* example = result.example(plan, row, fault, invariant);
    const std::size_t choices = example == nullptr ? 0 : choices_of(*example);
    const bool is_shorter = state == worst.state && example != nullptr && choices < worst.choices;
    if (is_better(state) || is_shorter) worst = {state, invariant, choices};
  }
  return worst;
}

std::vector<std::string> unneeded_mechanisms(const MatrixPlan& plan, const MatrixResult& result) {
  std::vector<std::string> unneeded;
  std::vector<std::string> needed;
  const auto is_in = [](const std::vector<std::string>& keys, const std::string& key) {
    return std::find(keys.begin(), keys.end(), key) != keys.end();
  };
  for (std::size_t row = 0; row < plan.rows.size(); ++row) {
    const std::string& key = plan.rows[row].mechanism.key;
    for (std::size_t fault = 0; fault < plan.faults.size(); ++fault) {
      const MatrixWorst worst = worst_of(plan, result, row, fault);
      if (worst.state == CellState::Violated) needed.push_back(key);
    }
  }
  for (const MatrixPlan::Row& row : plan.rows) {
    const std::string& key = row.mechanism.key;
    if (row.is_all_on() || is_in(needed, key) || is_in(unneeded, key)) continue;
    unneeded.push_back(key);
  }
  return unneeded;
}

bool is_as_it_should_be(const MatrixPlan& plan, const MatrixResult& result) {
  for (std::size_t row = 0; row < plan.rows.size(); ++row) {
    const MatrixPlan::Row& of = plan.rows[row];
    if (!of.is_all_on()) continue;
    for (std::size_t fault = 0; fault < plan.faults.size(); ++fault) {
      for (std::size_t i = 0; i < invariants().size(); ++i) {
        const CellState state = result.cell(plan, row, fault, i).state;
        const bool is_kept = state == CellState::Proved || state == CellState::NotApplicable;
        if (!is_kept && is_promised(of.protocol, invariants()[i].name)) return false;
      }
    }
  }
  return unneeded_mechanisms(plan, result).empty();
}

MatrixResult explore_matrix(const MatrixPlan& plan,
                            const std::function<void(std::uint64_t, std::uint64_t)>& told) {
  std::vector<std::vector<bool>> told_of;
  for (const MatrixPlan::Try& tried : plan.tries) {
    told_of.push_back(told_of_in(plan.tries[tried.as_is].scenario));
  }
  const std::size_t faults = plan.faults.size();
  MatrixResult result;
  std::uint64_t violated = 0;
  OrderedJobs<MatrixSearch> jobs(
      plan.bounds.jobs, plan.tries.size() * faults, [&](std::uint64_t piece) {
        if (plan.bounds.watch && plan.bounds.watch({})) return MatrixSearch{.is_stopped = true};
        const std::size_t in_try = piece / faults;
        ExploreSettings settings;
        settings.budget = plan.faults[piece % faults].budget;
        settings.bounds = plan.bounds;
        settings.bounds.jobs = 1;
        settings.reductions = Reductions::all();
        const std::shared_ptr<const Scenario>& scenario = plan.tries[in_try].scenario;
        settings.invariants = counted_by_default(*plan.tries[plan.tries[in_try].as_is].scenario);
        return search_all(scenario, settings);
      });
  jobs.run([&](MatrixSearch&& search) {
    if (!search.found.empty()) ++violated;
    result.searches.push_back(std::move(search));
    told(result.searches.size(), violated);
    return true;
  });
  const Combination combination(plan, result, told_of);
  for (std::size_t row = 0; row < plan.rows.size(); ++row) {
    for (std::size_t fault = 0; fault < faults; ++fault) {
      for (std::size_t i = 0; i < invariants().size(); ++i) {
        result.cells.push_back(combination.cell(row, fault, i));
      }
    }
  }
  return result;
}

}  // namespace txsim
