// Outcomes and spreads of times as JSON, the same for a run and a sweep.
#pragma once

#include <nlohmann/json.hpp>
#include <string>

#include "checks/verdict.h"

namespace txsim {

inline nlohmann::ordered_json outcomes_json(const Outcomes& outcomes) {
  nlohmann::ordered_json json;
  json["orders"] = outcomes.orders;
  json["submitted"] = outcomes.submitted;
  json["begun"] = outcomes.begun();
  json["recognised"] = outcomes.recognised;
  json["never_begun"] = outcomes.never_begun();
  for (int i = 0; i < kEndings; ++i) {
    json["endings"][std::string(text(static_cast<Ending>(i)))] = outcomes.endings[i];
  }
  json["told"] = {{"done", outcomes.told_done},
                  {"failed", outcomes.told_failed},
                  {"busy", outcomes.told_busy},
                  {"nothing", outcomes.told_nothing()}};
  json["orders_told"] = {{"done", outcomes.orders_told_done},
                         {"failed", outcomes.orders_told_failed},
                         {"nothing", outcomes.orders_told_nothing()}};
  return json;
}

inline nlohmann::ordered_json spread_json(const Spread& spread) {
  return {{"count", spread.count}, {"total_ns", spread.total.ns}, {"most_ns", spread.most.ns}};
}

}  // namespace txsim
