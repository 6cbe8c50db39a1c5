// Figures of a sweep as its texts write them.
#pragma once

#include <fmt/format.h>

#include <array>
#include <optional>
#include <string>

#include "reports/names.h"
#include "reports/sweep_summary.h"

namespace txsim {

inline std::string percent(double share) {
  const double value = share * 100;
  if (value > 0 && value < 0.1) return fmt::format("{:.2g}%", value);
  return fmt::format("{:.1f}%", value);
}

inline std::string each(std::uint64_t count, std::uint64_t of) {
  if (of == 0) return "-";
  return fmt::format("{:.1f}", static_cast<double>(count) / static_cast<double>(of));
}

// Rounded down to three digits, because a table is read across.
inline Duration rounded(Duration duration) {
  std::int64_t unit = 1;
  while (duration.ns / unit >= 1000) unit *= 10;
  return {duration.ns / unit * unit};
}

inline std::string mean(const Spread& spread) {
  if (spread.count == 0) return "-";
  return duration_text(rounded({spread.total.ns / static_cast<std::int64_t>(spread.count)}));
}

// What clients were told, by order and by submission. Only submissions can be told busy: an order
// whose submissions were all told busy was told nothing about its outcome.
struct ToldRow {
  const char* name;
  std::optional<std::uint64_t> orders;
  std::uint64_t submissions;
};
inline std::array<ToldRow, 4> told_rows(const Outcomes& outcomes) {
  return {{{"done", outcomes.orders_told_done, outcomes.told_done},
           {"failed", outcomes.orders_told_failed, outcomes.told_failed},
           {"busy", std::nullopt, outcomes.told_busy},
           {"nothing", outcomes.orders_told_nothing(), outcomes.told_nothing()}}};
}

}  // namespace txsim
