#include "reports/sweep_rows.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <concepts>
#include <limits>
#include <nlohmann/json.hpp>
#include <utility>

#include "reports/names.h"
#include "sim/program_name.h"

namespace txsim {
namespace {

using Json = nlohmann::ordered_json;

constexpr const char* kFormat = "txsim-sweep";
constexpr int kVersion = 4;

// A letter for each verdict, so that one word of a row holds all verdicts.
constexpr std::string_view kVerdictLetters = "hXv-";

// A JSON number as an integer that is in range; a fraction is refused.
class Whole {
 public:
  explicit Whole(const Json& json) : json_(json) {}
  template <class Number>
  operator Number() const {
    if (json_.is_number_unsigned() && std::in_range<Number>(json_.get<std::uint64_t>())) {
      return static_cast<Number>(json_.get<std::uint64_t>());
    }
    throw std::invalid_argument(json_.dump() + " is not a number that is allowed here");
  }

 private:
  const Json& json_;
};

// Fields are written by hand, for speed: a sweep has millions of rows.
void add(std::string& text, std::string_view part) { text += part; }
template <std::integral Number>
void add(std::string& text, Number number) {
  std::array<char, 24> digits{};
  const auto end = std::to_chars(digits.begin(), digits.end(), number).ptr;
  text.append(digits.data(), end);
}
template <class... Parts>
void append(std::string& text, const Parts&... parts) {
  (add(text, parts), ...);
}

void append_spread(std::string_view name, const Spread& spread, std::string& text) {
  append(text, name, spread.count, ",", spread.total.ns, ",", spread.most.ns, "]");
}

Spread read_spread(const Json& row, const char* name) {
  const Json& list = row.at(fmt::format("{}_ns", name));
  return {Whole(list.at(0)), {Whole(list.at(1))}, {Whole(list.at(2))}};
}

std::uint64_t read_digest(const std::string& text) {
  std::uint64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value, 16);
  if (error != std::errc{} || end != text.data() + text.size()) {
    throw std::invalid_argument(fmt::format("'{}' is not a digest", text));
  }
  return value;
}

// As text: most readers of JSON cannot hold the number exactly.
std::uint64_t read_seed(const std::string& text) {
  std::uint64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end != text.data() + text.size()) {
    throw std::invalid_argument(fmt::format("'{}' is not a seed", text));
  }
  return value;
}

SweepRun row_of(const Json& row) {
  SweepRun run;
  run.cell = Whole(row.at("cell"));
  run.seed = read_seed(row.at("seed"));
  run.digest = read_digest(row.at("digest"));
  run.events = Whole(row.at("events"));
  run.end = Time{Whole(row.at("end_ns"))};
  for (const char letter : row.at("verdicts").get<std::string>()) {
    const std::size_t place = kVerdictLetters.find(letter);
    if (place == std::string_view::npos) throw std::invalid_argument("an unknown verdict");
    run.verdicts.push_back(static_cast<Verdict>(place));
  }
  if (run.verdicts.size() != invariants().size()) {
    throw std::invalid_argument(
        fmt::format("{} verdicts instead of {}", run.verdicts.size(), invariants().size()));
  }
  for (int i = 0; i < kEndings; ++i) {
    run.counters.endings[i] = Whole(row.at("endings").at(static_cast<std::size_t>(i)));
  }
  run.counters.orders = Whole(row.at("orders"));
  run.counters.submitted = Whole(row.at("submitted"));
  run.counters.recognised = Whole(row.at("recognised"));
  run.counters.told_done = Whole(row.at("told").at(0));
  run.counters.told_failed = Whole(row.at("told").at(1));
  run.counters.told_busy = Whole(row.at("told").at(2));
  run.counters.orders_told_done = Whole(row.at("orders_told").at(0));
  run.counters.orders_told_failed = Whole(row.at("orders_told").at(1));
  run.counters.retries = Whole(row.at("retries"));
  run.counters.latency = read_spread(row, "latency");
  run.counters.lock_hold = read_spread(row, "lock_hold");
  run.counters.lock_wait = read_spread(row, "lock_wait");
  run.counters.reservation_hold = read_spread(row, "reservation_hold");
  run.counters.in_doubt = read_spread(row, "in_doubt");
  run.counters.dirty_uses = Whole(row.at("dirty_uses"));
  for (const Json& entry : row.at("latencies")) {
    const std::uint32_t latency_class = Whole(entry.at(0));
    if (latency_class > duration_class(Duration{std::numeric_limits<std::int64_t>::max()})) {
      throw std::invalid_argument("an unknown class of latencies");
    }
    const std::uint32_t count = Whole(entry.at(1));
    run.latencies.emplace_back(latency_class, count);
  }
  run.sent = Whole(row.at("messages"));
  run.lost = Whole(row.at("lost"));
  run.duplicated = Whole(row.at("duplicated"));
  run.refused = Whole(row.at("refused"));
  run.forced = Whole(row.at("forced"));
  run.failures = Whole(row.at("failures"));
  for (const Json& entry : row.at("fault_coverage")) {
    const int fault = Whole(entry.at(0));
    const int part = Whole(entry.at(1));
    const int phase = Whole(entry.at(2));
    if (fault >= kFaultEffects || part >= kPartKinds || phase >= kPhases) {
      throw std::invalid_argument("an unknown fault");
    }
    run.fault_coverage.push_back({static_cast<FaultEffect>(fault), static_cast<Part>(part),
                                  static_cast<std::uint8_t>(phase), Whole(entry.at(3))});
  }
  for (const Json& entry : row.at("portions")) {
    run.portions.push_back({Whole(entry.at(0)), Whole(entry.at(1))});
  }
  return run;
}

constexpr std::array kBounds = {PortionExpectation::Bound::AtLeast,
                                PortionExpectation::Bound::AtMost,
                                PortionExpectation::Bound::Below};

PortionExpectation expectation_of(const Json& json) {
  PortionExpectation expected;
  expected.text = json.at("expectation");
  expected.place = {json.at("file"), Whole(json.at("line"))};
  expected.of = json.at("of");
  const std::string bound = json.at("bound");
  const auto* const found =
      std::find_if(kBounds.begin(), kBounds.end(), [&](auto one) { return bound == text(one); });
  if (found == kBounds.end()) throw std::invalid_argument("an unknown bound");
  expected.bound = *found;
  expected.share = Whole(json.at("share_ppb"));
  expected.within = Duration{Whole(json.at("within_ns"))};
  return expected;
}

Json expectation_json(const PortionExpectation& expected) {
  return {{"expectation", expected.text},   {"file", expected.place.file},
          {"line", expected.place.line},    {"of", expected.of},
          {"bound", text(expected.bound)},  {"share_ppb", expected.share},
          {"within_ns", expected.within.ns}};
}

SweepHeader header_of(const Json& json) {
  if (json.at("format") != kFormat) throw std::invalid_argument("not a txsim-sweep");
  if (json.at("version") != kVersion) {
    throw std::invalid_argument(fmt::format("version {} of the format, this txsim knows {}",
                                            json.at("version").dump(), kVersion));
  }
  SweepHeader header;
  header.first_seed = read_seed(json.at("first_seed"));
  header.seeds = Whole(json.at("seeds"));
  header.shard = {Whole(json.at("shard").at(0)), Whole(json.at("shard").at(1))};
  header.settings = json.at("settings").get<std::vector<std::string>>();
  for (const Json& cell : json.at("cells")) {
    header.cells.push_back({cell.at("file"),
                            cell.at("title"),
                            cell.at("protocol"),
                            read_digest(cell.at("scenario")),
                            cell.at("varied").get<std::vector<std::string>>(),
                            {}});
    for (const Json& expected : cell.at("expectations")) {
      header.cells.back().expectations.push_back(expectation_of(expected));
    }
  }
  if (header.cells.empty()) throw std::invalid_argument("no scenario");
  constexpr std::uint64_t kMost = std::numeric_limits<std::uint64_t>::max();
  if (header.seeds > kMost / header.cells.size() ||
      header.first_seed > kMost - std::max<std::uint64_t>(header.seeds, 1) + 1) {
    throw std::invalid_argument("more seeds than there are");
  }
  if (header.shard.of == 0 || header.shard.index >= header.shard.of) {
    throw std::invalid_argument("an impossible shard");
  }
  return header;
}

}  // namespace

std::string SweepHeader::replay(const SweepRun& run, std::string_view command) const {
  const SweepCellName& cell = cells[run.cell];
  std::string line =
      fmt::format("{} {} {} --seed {}", program_name(), command, shell_word(cell.file), run.seed);
  for (const auto* list : {&settings, &cell.varied}) {
    for (const std::string& setting : *list) line += " --set " + shell_word(setting);
  }
  return line;
}

std::string header_line(const SweepHeader& header) {
  Json json;
  json["format"] = kFormat;
  json["version"] = kVersion;
  json["first_seed"] = std::to_string(header.first_seed);
  json["seeds"] = header.seeds;
  json["shard"] = {header.shard.index, header.shard.of};
  json["settings"] = header.settings;
  json["invariants"] = Json::array();
  for (const InvariantInfo& invariant : invariants()) json["invariants"].push_back(invariant.name);
  json["cells"] = Json::array();
  for (const SweepCellName& cell : header.cells) {
    Json expectations = Json::array();
    for (const PortionExpectation& expected : cell.expectations) {
      expectations.push_back(expectation_json(expected));
    }
    json["cells"].push_back({{"file", cell.file},
                             {"title", cell.title},
                             {"protocol", cell.protocol},
                             {"scenario", digest_text(cell.scenario)},
                             {"varied", cell.varied},
                             {"expectations", std::move(expectations)}});
  }
  return json.dump(-1, ' ', false, Json::error_handler_t::replace) + "\n";
}

void append_row(const SweepRun& run, std::string& text) {
  const Counters& counters = run.counters;
  append(text, R"({"cell":)", run.cell, R"(,"seed":")", run.seed, R"(","digest":")",
         digest_text(run.digest), R"(","events":)", run.events, R"(,"end_ns":)", run.end.ns,
         R"(,"verdicts":")");
  for (const Verdict verdict : run.verdicts) {
    text += kVerdictLetters[static_cast<std::size_t>(verdict)];
  }
  text += R"(","endings":)";
  std::string_view separator = "[";
  for (const std::uint64_t count : counters.endings) {
    append(text, separator, count);
    separator = ",";
  }
  append(text, R"(],"orders":)", counters.orders, R"(,"submitted":)", counters.submitted,
         R"(,"recognised":)", counters.recognised, R"(,"told":[)", counters.told_done, ",",
         counters.told_failed, ",", counters.told_busy, R"(],"orders_told":[)",
         counters.orders_told_done, ",", counters.orders_told_failed, R"(],"retries":)",
         counters.retries);
  append_spread(R"(,"latency_ns":[)", counters.latency, text);
  append_spread(R"(,"lock_hold_ns":[)", counters.lock_hold, text);
  append_spread(R"(,"lock_wait_ns":[)", counters.lock_wait, text);
  append_spread(R"(,"reservation_hold_ns":[)", counters.reservation_hold, text);
  append_spread(R"(,"in_doubt_ns":[)", counters.in_doubt, text);
  append(text, R"(,"dirty_uses":)", counters.dirty_uses, R"(,"latencies":[)");
  separator = "[";
  for (const auto& [duration_class, count] : run.latencies) {
    append(text, separator, duration_class, ",", count, "]");
    separator = ",[";
  }
  append(text, R"(],"messages":)", run.sent, R"(,"lost":)", run.lost, R"(,"duplicated":)",
         run.duplicated, R"(,"refused":)", run.refused, R"(,"forced":)", run.forced,
         R"(,"failures":)", run.failures, R"(,"fault_coverage":[)");
  separator = "[";
  for (const FaultCount& fault : run.fault_coverage) {
    append(text, separator, static_cast<int>(fault.fault), ",", static_cast<int>(fault.part), ",",
           static_cast<int>(fault.phase), ",", fault.count, "]");
    separator = ",[";
  }
  text += R"(],"portions":[)";
  separator = "[";
  for (const Portion& portion : run.portions) {
    append(text, separator, portion.count, ",", portion.of, "]");
    separator = ",[";
  }
  text += "]}\n";
}

ReadHeader read_header(std::string_view line) {
  try {
    return {header_of(Json::parse(line)), {}};
  } catch (const std::exception& error) {
    return {std::nullopt, error.what()};
  }
}

ReadRow read_row(std::string_view line) {
  try {
    return {row_of(Json::parse(line)), {}};
  } catch (const std::exception& error) {
    return {std::nullopt, error.what()};
  }
}

}  // namespace txsim
