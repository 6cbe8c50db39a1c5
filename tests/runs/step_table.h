// Every kind of step in every place that a transaction can give it: small scenarios, one for each
// row of a table, which all protocols run.
//
// A row is a transaction of two steps of no account and the step that is looked at, between or
// beside them. What is tried: the step's kind; whether it is done where the transaction begins; its
// position; whether it is done once, twice or together with its opposite at one service; where the
// other steps are; where the pivot is; whether steps run at once; how the transaction ends.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include "tests/runs/fault_walk.h"

namespace txsim::tests {

// A row: of each factor one level, by its place in `factors()`.
struct StepFactor {
  const char* name;
  std::vector<const char*> levels;
};
enum Factor : std::size_t { kKind, kService, kPosition, kNumber, kOthers, kPivot, kFlow, kEnd };
inline constexpr std::size_t kFactors = 8;
enum StepKind : std::size_t { kTake, kGive, kRead, kCreate, kComplete };  // levels of kKind
using StepRow = std::array<std::size_t, kFactors>;

const std::vector<StepFactor>& step_factors();
// Every row that makes sense: nothing is at its pivot that has none, nothing is refused forever.
std::vector<StepRow> all_rows();
// So many of them that each kind stands at each service in each position, by each pivot and in each
// number, with the other steps there and elsewhere, and that any two levels of different factors
// meet if any row lets them.
std::vector<StepRow> few_rows();
// "give, elsewhere, middle; ...".
std::string tell(const StepRow& row);
// `beside`: another transaction takes what the step gave, if it can.
std::string scenario_text(const StepRow& row, bool beside = false);

// A column: a protocol, with settings.
struct StepColumn {
  const char* name;
  Settings settings;
  const char* parallel = nullptr;  // the key that lets steps run at once; it may know no such thing
  bool knows_pivot = false;
  bool holds_gifts = false;  // nobody may take what may yet be taken back
};
// The row without what the protocol does not know.
StepRow as_known(const StepRow& row, const StepColumn& column);
const std::vector<StepColumn>& step_columns();

}  // namespace txsim::tests
