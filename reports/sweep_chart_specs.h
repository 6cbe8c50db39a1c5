// Vega-Lite specifications around the data of a sweep's charts. What they take from the page
// (paper, ink, letters) reports/page/charts.js adds.
#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "reports/sweep_groups.h"

namespace txsim {

using Json = nlohmann::ordered_json;

// Of series, x (a value of the key; without a key there is none), ending, order, count, share: bars
// that add up to one. `parts`: those that came, each with its colour; `of` what they are shares of.
struct ColoredPart {
  std::string name;
  const char* color;
};
ColoredPart colored(Ending ending);
Json outcomes_spec(Json values, const std::vector<ColoredPart>& parts, const std::string& of,
                   const VariedKey* key);
// Of x, invariant, share, label, violated, runs: a heat map. `most`: the greatest share.
Json violations_spec(Json values, double most, const std::vector<std::string>& columns,
                     const std::string& axis);
// Of series, ms, share: a step line each, ms in logarithms.
Json latencies_spec(Json values, const std::string& axis, const std::vector<std::string>& names);
// Of series, measure, x, value, most: a panel each measure, a line each series.
Json lines_spec(Json values, const VariedKey& key, const std::string& compared,
                const std::vector<std::string>& names);
// Of series, measure, value: a panel each measure, a bar each series.
Json bars_spec(Json values, const char* unit);

}  // namespace txsim
