#include "reports/search_progress.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace txsim {
namespace {

// "950", "12.3k", "210k", "3.4M".
std::string short_number(double number) {
  constexpr const char* kUnits[] = {"", "k", "M", "G"};
  std::size_t unit = 0;
  for (; number >= 999.5 && unit + 1 < std::size(kUnits); ++unit) number /= 1000;
  const int digits = unit > 0 && number < 99.95 ? 1 : 0;
  return fmt::format("{:.{}f}{}", number, digits, kUnits[unit]);
}

std::string size_text(std::uint64_t bytes) {
  const double mib = static_cast<double>(bytes) / 1048576;
  return mib < 1024 ? fmt::format("{:.0f} MiB", mib) : fmt::format("{:.1f} GiB", mib / 1024);
}

}  // namespace

std::string time_text(double seconds) {
  if (seconds < 90) return fmt::format("{:.0f} s", seconds);
  if (seconds < 5400) return fmt::format("{:.0f} min", seconds / 60);
  return fmt::format("{:.1f} h", seconds / 3600);
}

std::optional<double> growth(const SearchProgress& progress) {
  const auto& levels = progress.levels;
  if (levels.front() == 0 || levels.back() == 0) return std::nullopt;
  return std::sqrt(static_cast<double>(levels[0]) / static_cast<double>(levels[2]));
}

std::optional<std::uint64_t> states_left(const SearchProgress& progress) {
  constexpr double kShrinks = 0.95;
  const auto& levels = progress.levels;
  const std::optional<double> ratio = growth(progress);
  if (!ratio || *ratio > kShrinks || !std::is_sorted(levels.begin(), levels.end())) {
    return std::nullopt;
  }
  // A geometric series: all levels after this one. Some of the next one are known.
  const double later = static_cast<double>(progress.levels[0]) * *ratio / (1 - *ratio);
  const double unknown = std::max(later - static_cast<double>(progress.next_level), 0.0);
  return progress.waiting + static_cast<std::uint64_t>(unknown);
}

std::string progress_text(const SearchProgress& progress, double seconds,
                          std::uint64_t states_before, std::uint64_t expanded_before) {
  seconds = std::max(seconds, 0.001);
  const double rate = static_cast<double>(progress.states - states_before) / seconds;
  std::string text = fmt::format("{} states, {} a second, depth {}, {}, {} waiting",
                                 short_number(static_cast<double>(progress.states)),
                                 short_number(rate), progress.depth, size_text(progress.bytes),
                                 short_number(static_cast<double>(progress.waiting)));
  if (progress.is_second) text = "looks for a shorter run: " + text;
  const std::optional<std::uint64_t> left = states_left(progress);
  const std::uint64_t expanded = progress.states - progress.waiting - expanded_before;
  if (left && expanded > 0) {
    const double time = static_cast<double>(*left) * seconds / static_cast<double>(expanded);
    return text + fmt::format(", about {} to go, {}", short_number(static_cast<double>(*left)),
                              time_text(time));
  }
  const std::optional<double> ratio = growth(progress);
  if (!ratio) return text;
  if (*ratio < 1.05) return text + ", not growing";
  return text + fmt::format(", growing {:.1f}-fold a level", *ratio);
}

std::string size_warning(const StatesOfOrders& states, const SearchBounds& bounds) {
  const std::uint64_t most = most_states(bounds);
  if (!states.exceed(most)) return "";
  return fmt::format(
      "this search is too large to be exhausted: one order alone has {}{} states, {} orders at the "
      "same time have more than {}^{}, and at most {} fit into the bounds; try "
      "--set workload.orders=1",
      states.are_all_counted ? "" : "more than ", states.of_one, states.together, states.of_one,
      states.together, most);
}

}  // namespace txsim
