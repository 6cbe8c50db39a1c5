#include "cli/numbers.h"

#include <fmt/format.h>

#include <charconv>
#include <utility>

#include "cli/errors.h"
#include "reports/timeline.h"
#include "scenarios/values.h"

namespace txsim {

std::optional<std::uint64_t> read_whole(std::string_view text) {
  std::uint64_t value = 0;
  const auto [rest, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || rest != text.data() + text.size() || text.empty()) return {};
  return value;
}

std::uint64_t whole(std::string_view option, std::string_view text, std::string_view form) {
  if (const auto value = read_whole(text)) return *value;
  throw InputError(fmt::format("{}: '{}' is not {}", option, text, form));
}

std::uint8_t small_number(std::string_view option, std::string_view text) {
  const std::uint64_t number = whole(option, text, "a number from 0 to 255");
  if (number > 255) throw InputError(fmt::format("{}: {} is not from 0 to 255", option, text));
  return static_cast<std::uint8_t>(number);
}

Seeds seeds_of(std::string_view text, std::string_view form, std::uint64_t most) {
  const std::size_t dots = text.find("..");
  if (dots == std::string_view::npos) {
    throw InputError(fmt::format("--seeds: '{}' is not {}", text, form));
  }
  const std::uint64_t first = whole("--seeds", text.substr(0, dots), form);
  const std::uint64_t last = whole("--seeds", text.substr(dots + 2), form);
  if (last < first) {
    throw InputError(fmt::format("--seeds: '{}' has no seed: the last is before the first", text));
  }
  if (last - first >= most) {
    throw InputError(fmt::format("--seeds: '{}' has too many seeds: at most {}", text, most));
  }
  return {first, last - first + 1};
}

std::uint64_t bytes_of(std::string_view option, std::string_view text) {
  constexpr std::pair<std::string_view, int> kUnits[] = {{"KiB", 10}, {"MiB", 20}, {"GiB", 30}};
  std::string_view digits = text;
  int shift = 0;
  for (const auto& [unit, bits] : kUnits) {
    if (!digits.ends_with(unit)) continue;
    digits.remove_suffix(unit.size());
    shift = bits;
    break;
  }
  const std::optional<std::uint64_t> number = read_whole(digits);
  if (!number || *number == 0 || *number >> (63 - shift) != 0) {
    throw InputError(fmt::format("{}: '{}' is not an amount such as 512MiB or 4GiB", option, text));
  }
  return *number << shift;
}

std::chrono::nanoseconds time_of(std::string_view option, std::string_view text) {
  try {
    return std::chrono::nanoseconds(parse_duration(text).ns);
  } catch (const BadValue& error) {
    throw InputError(fmt::format("{}: {}", option, error.what()));
  }
}

std::size_t timeline_lines(std::string_view text) {
  if (text == "all") return TimelineSettings::kAll;
  if (text == "none") return 0;
  return whole("--timeline", text, "a number of lines, all or none");
}

unsigned number_of_jobs(std::string_view text) {
  constexpr unsigned kMostJobs = 1024;
  const std::uint64_t jobs = whole("--jobs", text, "a number of threads");
  if (jobs == 0 || jobs > kMostJobs) {
    throw InputError(fmt::format("--jobs: {} is not 1 to {}", jobs, kMostJobs));
  }
  return static_cast<unsigned>(jobs);
}

}  // namespace txsim
