// Vega-Lite specifications around the data of a sweep's charts. reports/page/charts.js adds the
// page's colours and font. Each function lists the fields of its data.
#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "reports/sweep_groups.h"

namespace txsim {

// Stacked bars that add up to one. Fields: series, x (a value of the key; absent without a key),
// ending, order, count, share. `parts`: the endings that occur, each with its colour; `of`: what
// the shares are of.
struct ColoredPart {
  std::string name;
  const char* color;
};
ColoredPart colored(Ending ending);
nlohmann::ordered_json outcomes_spec(nlohmann::ordered_json values,
                                     const std::vector<ColoredPart>& parts, const std::string& of,
                                     const VariedKey* key);
// A heat map. Fields: x, invariant, share, label, violated, runs. `most`: the greatest share.
nlohmann::ordered_json violations_spec(nlohmann::ordered_json values, double most,
                                       const std::vector<std::string>& columns,
                                       const std::string& axis);
// A step line for each series, with a logarithmic time axis. Fields: series, ms, share.
nlohmann::ordered_json latencies_spec(nlohmann::ordered_json values, const std::string& axis,
                                      const std::vector<std::string>& names);
// A panel for each measure, a line for each series. Fields: series, measure, x, value, most.
nlohmann::ordered_json lines_spec(nlohmann::ordered_json values, const VariedKey& key,
                                  const std::string& compared,
                                  const std::vector<std::string>& names);
// A panel for each measure, a bar for each series. Fields: series, measure, value.
nlohmann::ordered_json bars_spec(nlohmann::ordered_json values, const char* unit);

}  // namespace txsim
