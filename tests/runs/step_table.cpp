#include "tests/runs/step_table.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>
#include <utility>

namespace txsim::tests {
namespace {

// Levels by name, in the order of `step_factors()`.
enum Service : std::size_t { kOwn, kElsewhere };
enum Position : std::size_t { kFirst, kMiddle, kLast };
enum Number : std::size_t { kOnce, kTwiceTogether, kTwiceApart, kWithOpposite };
enum Pivot : std::size_t { kNoPivot, kBeforePivot, kAtPivot, kBehindPivot };
enum Flow : std::size_t { kInTurn, kAtOnce };
enum End : std::size_t { kDone, kOtherRefused, kItselfRefused };

struct PlacedStep {
  std::string text;
  bool is_other = false;  // a filler step
};

std::string step_text(std::size_t kind, std::size_t service, bool is_refused) {
  const char* at = service == kOwn ? "shop" : "depot";
  const char* amount = service == kOwn ? "points" : "parcels";
  switch (kind) {
    case kTake:
      return fmt::format("take {} {} at {}", is_refused ? 1000 : 2, amount, at);
    case kGive:
      return fmt::format("give 3 {} at {}", amount, at);
    case kRead:
      return fmt::format("read {} at {}", amount, at);
    case kCreate:
      return fmt::format("create {} at {}", service == kOwn ? "sales" : "shipments", at);
    default:
      return fmt::format("complete {} at {}", service == kOwn ? "sales" : "shipments", at);
  }
}

// The opposite step at the same resource: it undoes the step's effect, or reads it.
std::size_t opposite(std::size_t kind) {
  switch (kind) {
    case kTake:
      return kGive;
    case kCreate:
      return kComplete;
    case kComplete:
      return kCreate;
    default:
      return kTake;
  }
}

std::vector<PlacedStep> steps_of(const StepRow& row) {
  const bool refuses = row[kEnd] == kItselfRefused;
  const PlacedStep one{step_text(row[kKind], row[kService], false)};
  const PlacedStep last{step_text(row[kKind], row[kService], refuses)};
  std::vector<PlacedStep> here;
  if (row[kNumber] == kTwiceTogether || row[kNumber] == kTwiceApart) here.push_back(one);
  if (row[kNumber] == kWithOpposite) {
    here.push_back({step_text(opposite(row[kKind]), row[kService], false)});
  }
  here.push_back(last);
  const bool own = row[kOthers] == kOwn;
  std::vector<PlacedStep> steps = {{own ? "take 1 credit at shop" : "take 1 items at stock", true},
                                   {own ? "take 9 coins at shop" : "take 9 money at wallet", true}};
  const auto at = static_cast<std::ptrdiff_t>(row[kPosition]);
  steps.insert(steps.begin() + at, here.begin(), here.end());
  if (row[kNumber] == kTwiceApart) {  // another step separates the two
    const auto first = steps.begin() + at;
    if (row[kPosition] == kFirst) {
      std::swap(*(first + 1), *(first + 2));
    } else {
      std::swap(*first, *(first - 1));
    }
  }
  return steps;
}

std::size_t first_looked_at(const std::vector<PlacedStep>& steps) {
  std::size_t i = 0;
  while (steps[i].is_other) ++i;
  return i;
}

std::size_t last_looked_at(const std::vector<PlacedStep>& steps) {
  std::size_t i = steps.size() - 1;
  while (steps[i].is_other) --i;
  return i;
}

constexpr std::size_t kNowhere = 64;

// The index of the pivot. kNowhere: the row is impossible.
std::size_t pivot_of(const StepRow& row, const std::vector<PlacedStep>& steps) {
  switch (row[kPivot]) {
    case kBeforePivot: {
      const std::size_t next = last_looked_at(steps) + 1;
      return next < steps.size() ? next : kNowhere;
    }
    case kAtPivot:
      return last_looked_at(steps);
    case kBehindPivot: {
      const std::size_t first = first_looked_at(steps);
      return first > 0 ? first - 1 : kNowhere;
    }
    default:
      return steps.size();  // none
  }
}

// The index of the filler step that is refused: the last one that may be refused. kNowhere: there
// is none.
std::size_t refused_of(const StepRow& row, const std::vector<PlacedStep>& steps) {
  const std::size_t pivot = pivot_of(row, steps);
  for (std::size_t i = std::min(pivot + 1, steps.size()); i > 0; --i) {
    if (steps[i - 1].is_other) return i - 1;
  }
  return kNowhere;
}

bool makes_sense(const StepRow& row) {
  const std::vector<PlacedStep> steps = steps_of(row);
  if (pivot_of(row, steps) == kNowhere) return false;
  switch (row[kEnd]) {
    case kOtherRefused:
      return refused_of(row, steps) != kNowhere;
    case kItselfRefused:
      return row[kKind] == kTake && row[kPivot] != kBehindPivot;
    default:
      return true;
  }
}

using Meeting = std::array<std::size_t, 8>;  // factors and levels; zero if unused

// The combinations that the few rows must cover: pairs of levels, and the place of each kind.
std::vector<Meeting> meetings_of(const StepRow& row) {
  std::vector<Meeting> met;
  for (std::size_t a = 0; a < kFactors; ++a) {
    for (std::size_t b = a + 1; b < kFactors; ++b) met.push_back({a, row[a], b, row[b]});
  }
  for (const Factor other : {kPosition, kPivot, kNumber}) {
    met.push_back(
        {kKind, row[kKind], kService, row[kService], kOthers, row[kOthers], other, row[other]});
  }
  return met;
}

}  // namespace

const std::vector<StepFactor>& step_factors() {
  static const std::vector<StepFactor> factors = {
      {"kind", {"take", "give", "read", "create", "complete"}},
      {"service", {"where it begins", "elsewhere"}},
      {"position", {"first", "middle", "last"}},
      {"number", {"once", "twice together", "twice apart", "with its opposite"}},
      {"others", {"others where it begins", "others elsewhere"}},
      {"pivot", {"no pivot", "before the pivot", "at the pivot", "behind the pivot"}},
      {"flow", {"in turn", "at once"}},
      {"end", {"done", "another refused", "refused"}}};
  return factors;
}

std::vector<StepRow> all_rows() {
  std::vector<StepRow> rows;
  StepRow row{};
  const std::vector<StepFactor>& factors = step_factors();
  for (;;) {
    if (makes_sense(row)) rows.push_back(row);
    std::size_t i = kFactors;
    while (i > 0 && ++row[i - 1] == factors[i - 1].levels.size()) row[--i] = 0;
    if (i == 0) return rows;
  }
}

// Greedy: takes the row that covers the most uncovered combinations.
std::vector<StepRow> few_rows() {
  const std::vector<StepRow> all = all_rows();
  std::set<Meeting> left;
  for (const StepRow& row : all) {
    for (const Meeting& meeting : meetings_of(row)) left.insert(meeting);
  }
  std::vector<StepRow> rows;
  while (!left.empty()) {
    std::size_t most = 0;
    StepRow best{};
    for (const StepRow& row : all) {
      const std::vector<Meeting> met = meetings_of(row);
      const auto is_new = [&](const Meeting& meeting) { return left.count(meeting) != 0; };
      const auto gain = static_cast<std::size_t>(std::count_if(met.begin(), met.end(), is_new));
      if (gain <= most) continue;
      most = gain;
      best = row;
    }
    for (const Meeting& meeting : meetings_of(best)) left.erase(meeting);
    rows.push_back(best);
  }
  return rows;
}

std::string tell(const StepRow& row) {
  std::string all;
  for (std::size_t i = 0; i < kFactors; ++i) {
    all += fmt::format("{}{}", i == 0 ? "" : ", ", step_factors()[i].levels[row[i]]);
  }
  return all;
}

std::string scenario_text(const StepRow& row, bool beside) {
  std::vector<PlacedStep> steps = steps_of(row);
  if (row[kEnd] == kOtherRefused) {
    PlacedStep& refused = steps[refused_of(row, steps)];
    refused.text.replace(0, refused.text.find(' ', 5), "take 5000");
  }
  std::string text = fmt::format(
      "[scenario]\ntitle = {}\nhorizon = 30s\n"
      "[service shop]\nrecords = sales\nresource = points 20\nresource = credit 50\n"
      "resource = coins 100\n"
      "[service depot]\nrecords = shipments\nresource = parcels 20\n"
      "[service stock]\nresource = items 50\n[service wallet]\nresource = money 100\n"
      "[transaction sale]\nbegins_at = shop\n",
      tell(row));
  for (const PlacedStep& step : steps) text += "step = " + step.text + "\n";
  const std::size_t pivot = pivot_of(row, steps);
  if (pivot < steps.size()) text += fmt::format("pivot = {}\n", pivot + 1);
  if (beside) {
    text += fmt::format("[transaction spending]\nstep = take 22 {}\n",
                        row[kService] == kOwn ? "points at shop" : "parcels at depot");
  }
  return text +
         fmt::format(
             "[workload]\norders = {}\narrivals = at {}\ntimeout = 10s\n"
             "[network]\ndelay = 1ms\n[disk]\ndelay = 2ms\n[idempotent-receiver]\nenabled = off\n",
             beside ? 2 : 1, beside ? "0ms, 12ms" : "0ms");
}

StepRow as_known(const StepRow& row, const StepColumn& column) {
  StepRow known = row;
  if (column.parallel == nullptr) known[kFlow] = kInTurn;
  if (!column.knows_pivot) known[kPivot] = kNoPivot;
  return known;
}

const std::vector<StepColumn>& step_columns() {
  const std::string protocol = "scenario.protocol=";
  const std::string two_phase = protocol + "two-phase-commit";
  const std::string saga = protocol + "saga-orchestration";
  const std::string events = protocol + "saga-choreography";
  constexpr const char* kSagaAtOnce = "saga-orchestration.parallel=on";
  constexpr const char* kEventsAtOnce = "saga-choreography.parallel=on";
  static const std::vector<StepColumn> columns = {
      {"local", {protocol + "local"}},
      {"uncoordinated", {protocol + "uncoordinated"}},
      {"2PC basic", {two_phase, "two-phase-commit.variant=basic"}},
      {"2PC presumed abort", {two_phase, "two-phase-commit.variant=presumed-abort"}},
      {"2PC presumed commit", {two_phase, "two-phase-commit.variant=presumed-commit"}},
      {"2PC, all at prepare, termination",
       {two_phase, "two-phase-commit.one_phase=on", "two-phase-commit.with_prepare=on",
        "two-phase-commit.cooperative_termination=on"}},
      {"2PC, readers vote yes", {two_phase, "two-phase-commit.read_only_vote=off"}},
      {"TCC", {protocol + "tcc"}, "tcc.parallel=on"},
      {"saga, backward", {saga}, kSagaAtOnce, true, true},
      {"saga, forward", {saga, "saga-orchestration.recovery=forward"}, kSagaAtOnce, true, true},
      {"saga, deadline", {saga, "saga-orchestration.deadline=9ms"}, kSagaAtOnce, true, true},
      {"choreography", {events}, kEventsAtOnce, true},
      {"choreography, deadline", {events, "saga-choreography.deadline=8ms"}, kEventsAtOnce, true},
      {"choreography, late deadline",
       {events, "saga-choreography.deadline=17ms"},
       kEventsAtOnce,
       true}};
  return columns;
}

}  // namespace txsim::tests
