#include "scenarios/values.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <optional>
#include <vector>

#include "scenarios/words.h"

namespace txsim {
namespace {

__extension__ using Wide = unsigned __int128;

struct Unit {
  std::string_view name;
  std::uint64_t ns;
};
constexpr std::array<Unit, 6> kUnits = {{{"ns", 1},
                                         {"us", 1'000},
                                         {"ms", 1'000'000},
                                         {"s", 1'000'000'000},
                                         {"m", 60'000'000'000},
                                         {"h", 3'600'000'000'000}}};

// A decimal as digits / 10^decimals.
struct Decimal {
  Wide digits = 0;
  int decimals = 0;
};

constexpr int kMostDigits = 30;
constexpr int kMostDecimals = 18;

// Nothing: not a decimal, or one with too many digits to be exact.
std::optional<Decimal> parse_decimal(std::string_view text) {
  Decimal decimal;
  bool point = false;
  int digits = 0;
  for (const char c : text) {
    if (c == '.' && !point && digits > 0) {
      point = true;
    } else if (is_digit(c)) {
      decimal.digits = decimal.digits * 10 + static_cast<Wide>(c - '0');
      if (decimal.digits != 0) ++digits;
      if (decimal.digits == 0) digits = 1;
      if (point) ++decimal.decimals;
    } else {
      return std::nullopt;
    }
    if (digits > kMostDigits || decimal.decimals > kMostDecimals) return std::nullopt;
  }
  if (digits == 0 || (point && decimal.decimals == 0)) return std::nullopt;
  return decimal;
}

Wide power_of_ten(int exponent) {
  Wide power = 1;
  for (; exponent > 0; --exponent) power *= 10;
  return power;
}

bool starts_like_a_number(std::string_view text) {
  return !text.empty() && (is_digit(text.front()) || text.front() == '-' || text.front() == '.');
}

[[noreturn]] void not_a_duration(std::string_view text) {
  throw BadValue(
      fmt::format("{} is not a duration: write a number and a unit (ns us ms s m h), such as 500ms",
                  quoted(text)));
}

}  // namespace

std::string quoted(std::string_view text) {
  constexpr std::size_t kMost = 60;
  if (text.size() <= kMost) return fmt::format("'{}'", text);
  std::size_t cut = kMost;
  while (cut > 0 && (static_cast<unsigned char>(text[cut]) & 0xC0U) == 0x80U) --cut;
  return fmt::format("'{}...'", text.substr(0, cut));
}

std::uint64_t parse_whole(std::string_view text, std::uint64_t most, std::string_view example,
                          std::uint64_t least) {
  const auto is_no_number = [&] {
    return BadValue(fmt::format("{} is not a whole number from {} to {}, such as {}", quoted(text),
                                least, most, example));
  };
  if (text.empty() || !std::all_of(text.begin(), text.end(), is_digit)) throw is_no_number();
  Wide value = 0;
  for (const char c : text) {
    value = value * 10 + static_cast<Wide>(c - '0');
    if (value > most) throw BadValue(fmt::format("{} is over {}", quoted(text), most));
  }
  if (value < least) throw is_no_number();
  return static_cast<std::uint64_t>(value);
}

Seed parse_seed(std::string_view text) { return {parse_whole(text, ~std::uint64_t{0}, "42")}; }

Amount parse_amount(std::string_view text) {
  const auto most = static_cast<std::uint64_t>(Amount::kMost);
  return {static_cast<std::int64_t>(parse_whole(text, most, "100"))};
}

Count parse_count(std::string_view text) { return {parse_whole(text, Count::kMost, "10")}; }

Switch parse_switch(std::string_view text) {
  if (text == "on") return {true};
  if (text == "off") return {false};
  throw BadValue(fmt::format("{} is neither on nor off", quoted(text)));
}

Duration parse_duration(std::string_view text, Duration most) {
  const auto* const end =
      std::find_if(text.begin(), text.end(), [](char c) { return !is_digit(c) && c != '.'; });
  const auto length = static_cast<std::size_t>(end - text.begin());
  const std::string_view unit_name = text.substr(length);
  if (!text.empty() && text.front() == '-') {
    throw BadValue(fmt::format("{} is negative: a duration is 0 or more", quoted(text)));
  }
  if (length > 0 && unit_name.empty()) {
    throw BadValue(fmt::format("{0} has no unit (ns us ms s m h): {0}ms or {0}s?",
                               text.size() < 20 ? text : "it"));
  }
  const auto* const unit = std::find_if(kUnits.begin(), kUnits.end(),
                                        [&](const Unit& u) { return u.name == unit_name; });
  if (unit == kUnits.end()) not_a_duration(text);
  const std::optional<Decimal> decimal = parse_decimal(text.substr(0, length));
  if (!decimal) {
    if (length > 20) throw BadValue(fmt::format("{} is too long a number", quoted(text)));
    not_a_duration(text);
  }
  const Wide limit = static_cast<Wide>(most.ns);
  const Wide divisor = power_of_ten(decimal->decimals);
  if (decimal->digits / divisor > limit / unit->ns + 1) {
    throw BadValue(
        fmt::format("{} is too long: the most is {}h", quoted(text), most.ns / 3'600'000'000'000));
  }
  const Wide scaled = decimal->digits * unit->ns;
  if (scaled % divisor != 0) {
    throw BadValue(fmt::format("{} is finer than a nanosecond", quoted(text)));
  }
  if (scaled / divisor > limit) {
    throw BadValue(
        fmt::format("{} is too long: the most is {}h", quoted(text), most.ns / 3'600'000'000'000));
  }
  return {static_cast<std::int64_t>(scaled / divisor)};
}

Time parse_time(std::string_view text) { return {parse_duration(text, kLongestDuration).ns}; }

DurationOrNever parse_duration_or_never(std::string_view text) {
  if (text == "never") return {};
  if (!starts_like_a_number(text)) {
    throw BadValue(fmt::format("{} is neither a duration, such as 500ms, nor never", quoted(text)));
  }
  return {parse_duration(text)};
}

Probability parse_probability(std::string_view text) {
  const bool percent = text.ends_with('%');
  std::optional<Decimal> decimal = parse_decimal(percent ? text.substr(0, text.size() - 1) : text);
  if (!decimal) {
    throw BadValue(fmt::format(
        "{} is not a probability: write a number from 0 to 1, such as 0.05, or 5%", quoted(text)));
  }
  if (percent) decimal->decimals += 2;
  const Wide divisor = power_of_ten(decimal->decimals);
  if (decimal->digits > divisor) {
    throw BadValue(fmt::format("{} is over {}: a probability is from 0 to 1", quoted(text),
                               percent ? "100%" : "1"));
  }
  // To the nearest threshold; digits <= 10^20, so the product stays below 2^120.
  const Wide threshold = (decimal->digits * Probability::kOne + divisor / 2) / divisor;
  if (threshold == 0 && decimal->digits != 0) return {1};
  return {static_cast<std::uint64_t>(threshold)};
}

Delay parse_delay(std::string_view text) {
  const std::vector<std::string_view> words = split_words(text);
  if (words.size() == 1 && words[0] != "exponential") {
    return Delay::constant(parse_duration(words[0]));
  }
  if (words.size() == 2 && words[0] == "exponential") {
    return Delay::exponential(parse_duration(words[1]));
  }
  if (words.size() == 3 && words[1] == "to") {
    const Delay delay = Delay::uniform(parse_duration(words[0]), parse_duration(words[2]));
    if (delay.low > delay.high) {
      throw BadValue(fmt::format("{} ends before it begins", quoted(text)));
    }
    return delay;
  }
  if (words.size() == 4 && words[1] == "plus" && words[2] == "exponential") {
    Delay delay = Delay::exponential(parse_duration(words[3]));
    delay.low = parse_duration(words[0]);
    delay.high = delay.low + delay.high;
    return delay;
  }
  throw BadValue(fmt::format(
      "{} is not a delay: write 1ms, 1ms to 5ms, exponential 2ms or 1ms plus exponential 2ms",
      quoted(text)));
}

namespace {

ArrivalsText arrivals_at(std::string_view times) {
  ArrivalsText arrivals;
  arrivals.workload.arrivals = Arrivals::Times;
  while (true) {
    const std::size_t comma = times.find(',');
    const Time time = parse_time(trimmed(times.substr(0, comma)));
    if (!arrivals.workload.times.empty() && time < arrivals.workload.times.back()) {
      throw BadValue(
          fmt::format("{} comes after a later time: write the times in order", text(time)));
    }
    arrivals.workload.times.push_back(time);
    if (comma == std::string_view::npos) return arrivals;
    times.remove_prefix(comma + 1);
  }
}

ArrivalsText arrivals_every(Arrivals arrivals, std::string_view gap) {
  ArrivalsText parsed;
  parsed.workload.arrivals = arrivals;
  parsed.workload.every = parse_duration(gap);
  if (arrivals == Arrivals::Random && parsed.workload.every.ns == 0) {
    throw BadValue("the mean gap of random arrivals is over 0");
  }
  return parsed;
}

}  // namespace

ArrivalsText parse_arrivals(std::string_view text) {
  constexpr std::uint64_t kMostClients = 10'000'000;
  const std::vector<std::string_view> words = split_words(text);
  if (words.size() >= 2 && words[0] == "at") {
    return arrivals_at(trimmed(trimmed(text).substr(2)));
  }
  if (words.size() == 2 && words[0] == "every") return arrivals_every(Arrivals::Every, words[1]);
  if (words.size() == 3 && words[0] == "random" && words[1] == "every") {
    return arrivals_every(Arrivals::Random, words[2]);
  }
  if (words.size() >= 2 && (words[1] == "clients" || words[1] == "client")) {
    ArrivalsText parsed;
    parsed.workload.arrivals = Arrivals::ClosedLoop;
    parsed.workload.clients =
        static_cast<std::uint32_t>(parse_whole(words[0], kMostClients, "32", 1));
    if (words.size() == 2) return parsed;
    const std::size_t thinking = text.find("thinking");
    if (words[2] == "thinking" && words.size() > 3) {
      parsed.workload.think = parse_delay(text.substr(thinking + 8));
      return parsed;
    }
  }
  throw BadValue(fmt::format(
      "{} is not a way to arrive: write every 100ms, at 0ms, 10ms, random every 50ms, or "
      "32 clients [thinking 10ms]",
      quoted(text)));
}

// A whole number of the largest unit that has one, if it is short: 90s, 1500ms. Else a decimal:
// 123.456789ms.
std::string text(Duration duration) {
  constexpr std::int64_t kShort = 10'000;
  const auto* const seconds = kUnits.begin() + 3;
  const Unit* whole = seconds;
  while (duration.ns % static_cast<std::int64_t>(whole->ns) != 0) --whole;
  const std::int64_t number = duration.ns / static_cast<std::int64_t>(whole->ns);
  if (whole == seconds || number < kShort) return fmt::format("{}{}", number, whole->name);
  const Unit* unit = seconds;
  while (duration.ns < static_cast<std::int64_t>(unit->ns)) --unit;
  const auto ns = static_cast<std::int64_t>(unit->ns);
  const int decimals = unit->ns == 1'000'000'000 ? 9 : unit->ns == 1'000'000 ? 6 : 3;
  std::string digits = fmt::format("{:0>{}}", duration.ns % ns, decimals);
  digits.erase(digits.find_last_not_of('0') + 1);
  return fmt::format("{}.{}{}", duration.ns / ns, digits, unit->name);
}

std::string text(Time time) { return text(Duration{time.ns}); }

std::string text(Probability probability) {
  if (probability.threshold == 0) return "0";
  if (probability.threshold == Probability::kOne) return "1";
  for (int decimals = 1; decimals <= kMostDecimals; ++decimals) {
    const Wide scaled = (probability.threshold * power_of_ten(decimals) + Probability::kOne / 2) /
                        Probability::kOne;
    std::string digits = fmt::format("0.{:0>{}}", static_cast<std::uint64_t>(scaled), decimals);
    if (scaled < power_of_ten(decimals) && parse_probability(digits) == probability) return digits;
  }
  return "0";  // not reached: 18 decimals distinguish all thresholds
}

std::string text(const Delay& delay) {
  switch (delay.kind) {
    case Delay::Kind::Constant:
      return text(delay.low);
    case Delay::Kind::Uniform:
      return fmt::format("{} to {}", text(delay.low), text(delay.high));
    case Delay::Kind::Exponential:
      break;
  }
  const std::string mean = text(delay.high - delay.low);
  if (delay.low.ns == 0) return fmt::format("exponential {}", mean);
  return fmt::format("{} plus exponential {}", text(delay.low), mean);
}

}  // namespace txsim
