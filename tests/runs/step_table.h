// Every kind of step in every place of a transaction: small scenarios, one for each row of a table,
// which all protocols run.
//
// A row is a transaction with two filler steps and the tested step, between or beside them. The
// factors are the step's kind; whether it runs where the transaction begins; its position; whether
// it runs once, twice or together with its opposite at one service; the place of the other steps;
// the place of the pivot; whether steps run in parallel; how the transaction ends.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include "tests/runs/fault_walk.h"

namespace txsim::tests {

// A factor and its levels. A row holds one level of each factor, by index in `factors()`.
struct StepFactor {
  const char* name;
  std::vector<const char*> levels;
};
enum Factor : std::size_t { kKind, kService, kPosition, kNumber, kOthers, kPivot, kFlow, kEnd };
inline constexpr std::size_t kFactors = 8;
enum StepKind : std::size_t { kTake, kGive, kRead, kCreate, kComplete };  // levels of kKind
using StepRow = std::array<std::size_t, kFactors>;

const std::vector<StepFactor>& step_factors();
// Every possible row: only a row with a pivot has a step at it, and no step is refused forever.
std::vector<StepRow> all_rows();
// A selection in which each kind occurs at each service in each position, at each place relative to
// the pivot and in each number, with the other steps at the same service and elsewhere. Any two
// levels of different factors occur together if some row allows it.
std::vector<StepRow> few_rows();
// "give, elsewhere, middle; ...".
std::string tell(const StepRow& row);
// `beside`: another transaction takes the step's gift if it can.
std::string scenario_text(const StepRow& row, bool beside = false);

// A column of the table: a protocol with settings.
struct StepColumn {
  const char* name;
  Settings settings;
  const char* parallel = nullptr;  // the key for parallel steps; null: the protocol has none
  bool knows_pivot = false;
  bool holds_gifts = false;  // no transaction can take an amount that may be taken back
};
// The row without the features that the protocol lacks.
StepRow as_known(const StepRow& row, const StepColumn& column);
const std::vector<StepColumn>& step_columns();

}  // namespace txsim::tests
