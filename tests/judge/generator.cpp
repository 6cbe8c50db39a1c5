#include "tests/judge/generator.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "scenarios/language.h"
#include "scenarios/values.h"
#include "sim/assert.h"
#include "tests/judge/draws.h"
#include "tests/judge/fault_generator.h"

namespace txsim::reference {
namespace {

// Keys that have their own functions below, because they define names or depend on each other.
bool is_by_hand(const KeyInfo& key) {
  static const std::vector<std::string> kinds = {"", "scenario", "expect", "transaction NAME",
                                                 "link NODES -> NODES"};
  static const std::vector<std::string> keys = {"resource", "records", "fault",   "spare",
                                                "arrivals", "orders",  "retries", "repeats"};
  const auto has = [](const std::vector<std::string>& list, const std::string& text) {
    return std::find(list.begin(), list.end(), text) != list.end();
  };
  if (key.section == "workload" || key.section == "faults" || key.section == "service NAME") {
    return has(keys, key.key);
  }
  return has(kinds, key.section);
}

std::vector<std::string> split(const std::string& text, char at) {
  std::vector<std::string> parts;
  std::size_t begin = 0;
  for (std::size_t end = text.find(at); end != std::string::npos; end = text.find(at, begin)) {
    parts.push_back(text.substr(begin, end - begin));
    begin = end + 1;
  }
  parts.push_back(text.substr(begin));
  return parts;
}

class Generator {
 public:
  Generator(std::uint64_t number, Mechanisms mechanisms)
      : draws_(number), mechanisms_(mechanisms), keys_(schema()) {}

  std::string write() {
    const std::string protocol = draws_.one_of(split(find("scenario", "protocol").type, '|'));
    cast_.protocol = protocol;
    const std::uint64_t seed = draws_.below(1'000'000);
    constexpr std::uint64_t kCut[] = {300, 2'000, 7'000};
    constexpr std::uint64_t kLong[] = {60'000, 120'000};
    cast_.horizon_ms = draws_.chance(25) ? kCut[draws_.below(3)] : kLong[draws_.below(2)];
    services();
    transactions();
    workload();
    for (const std::string& section : single_sections()) keys_of(section);
    links();
    faults();
    return fmt::format("[scenario]\nprotocol = {}\nseed = {}\nhorizon = {}ms\n", protocol, seed,
                       horizon_ms()) +
           text_;
  }

 private:
  static const std::vector<KeyInfo>& schema() {
    static const std::vector<KeyInfo> keys = scenario_keys();
    return keys;
  }
  const KeyInfo& find(std::string_view section, std::string_view key) const {
    for (const KeyInfo& info : keys_) {
      if (info.section == section && info.key == key) return info;
    }
    TXSIM_ASSERT(false, "no such key");
  }
  // Sections without a name that apply to the protocol.
  std::vector<std::string> single_sections() const {
    const std::vector<std::string> protocols = split(find("scenario", "protocol").type, '|');
    std::vector<std::string> found;
    for (const KeyInfo& key : keys_) {
      if (is_by_hand(key) || key.section.find(' ') != std::string::npos) continue;
      const bool is_other =
          key.section != cast_.protocol &&
          std::find(protocols.begin(), protocols.end(), key.section) != protocols.end();
      if (is_other || key.section == "faults") continue;
      if (std::find(found.begin(), found.end(), key.section) == found.end()) {
        found.push_back(key.section);
      }
    }
    return found;
  }

  // Limits the horizon, because a timer that fires every millisecond for two minutes takes too
  // long. All faults still fall before the horizon.
  std::uint64_t horizon_ms() const {
    constexpr std::int64_t kRounds = 5'000;
    const std::int64_t rounds_ms = shortest_interval_.ns / 1'000'000 * kRounds;
    return std::min(cast_.horizon_ms,
                    std::max(static_cast<std::uint64_t>(rounds_ms), kLatestFaultMs));
  }

  // ---- Values by type

  // True if the key accepts 0s. The parser is tried once for each key.
  bool takes_zero(const KeyInfo& key) const {
    static const std::vector<std::string> refusing = [] {
      std::vector<std::string> found;
      for (const KeyInfo& info : schema()) {
        if (!info.type.starts_with("duration")) continue;
        if (info.section.find(' ') != std::string::npos) continue;
        const auto read = [](const std::string&) {
          return FileText{"[service a]\nresource = x 1\n[transaction t]\nstep = take 1 x at a\n",
                          ""};
        };
        const std::string setting = info.section + "." + info.key + "=0s";
        if (!parse_scenario("zero.ini", read, {setting}).scenario) {
          found.push_back(info.section + "." + info.key);
        }
      }
      return found;
    }();
    return std::find(refusing.begin(), refusing.end(), key.section + "." + key.key) ==
           refusing.end();
  }

  // A duration that cannot be 0s is an interval between repetitions.
  std::string duration(const KeyInfo& key) {
    const std::string drawn = any_duration(key);
    if (!takes_zero(key)) {
      shortest_interval_ = std::min(shortest_interval_, parse_duration(drawn));
    }
    return drawn;
  }
  std::string any_duration(const KeyInfo& key) {
    if (draws_.chance(4) && takes_zero(key)) return "0s";
    Duration usual{};
    try {
      usual = parse_duration(key.fallback);
    } catch (const BadValue&) {
      usual = {};  // "never" or "that of [disk]"
    }
    if (usual.ns == 0 || draws_.chance(20)) {
      // With faults every millisecond, a minute has more events than a continued run.
      const char* least = key.section == "faults" ? "7ms" : "1ms";
      return draws_.one_of({least, "7ms", "40ms", "200ms", "1s", "3s", "12s"});
    }
    constexpr std::int64_t kTenths[] = {2, 5, 10, 10, 30, 100};
    const std::int64_t tenths = kTenths[draws_.below(6)];
    return text(Duration{usual.ns / 10 * tenths});
  }

  std::string delay() {
    switch (draws_.below(5)) {
      case 0:
        return "1ms to 20ms";
      case 1:
        return "exponential 4ms";
      case 2:
        return "1ms plus exponential 10ms";
      default:
        return draws_.one_of({"0s", "1ms", "2ms", "5ms", "30ms"});
    }
  }

  std::string value(const KeyInfo& key) {
    const std::string& type = key.type;
    if (type == "duration") return duration(key);
    if (type == "duration|never") {
      const bool may_be_never = !key.is_switch || mechanisms_ == Mechanisms::Mixed;
      return may_be_never && draws_.chance(30) ? "never" : duration(key);
    }
    if (type == "time") return draws_.one_of({"1s", "3s", "20s"});
    if (type == "delay") return delay();
    if (type == "probability") return draws_.one_of({"0", "1%", "5%", "20%"});
    if (type.starts_with("count up to")) return draws_.one_of({"0", "1", "2", "3", "5"});
    if (type.starts_with("count from 1")) return draws_.one_of({"1", "2", "3"});
    if (type.find('|') != std::string::npos) return draws_.one_of(split(type, '|'));
    TXSIM_ASSERT(false, fmt::format("the generator knows no value for {} = {}", key.key, type));
  }

  // Draws about a fifth of the section's keys.
  std::string lines_of(const std::string& section) {
    std::string lines;
    for (const KeyInfo& key : keys_) {
      if (key.section != section || is_by_hand(key)) continue;
      const bool is_off = key.is_switch && key.type == "on|off";
      if (is_off && mechanisms_ == Mechanisms::On) continue;
      if (!draws_.chance(is_off ? 12 : 20)) continue;
      const std::string drawn = is_off ? "off" : value(key);
      if (section == "idempotent-receiver") cast_.has_lock = cast_.has_lock && drawn != "off";
      lines += fmt::format("{} = {}\n", key.key, drawn);
    }
    return lines;
  }
  void keys_of(const std::string& section) {
    std::string lines = lines_of(section);
    if (section == "idempotent-receiver" && draws_.chance(60)) {
      lines = "enabled = off\n";
      cast_.has_lock = false;
    }
    if (section == "workload") {
      text_ += lines;  // the section is already open
    } else if (!lines.empty()) {
      text_ += "[" + section + "]\n" + lines;
    }
  }

  // ---- Services, transactions, workload, faults

  struct Thing {
    std::string name;
    std::string service;
    bool is_records = false;
  };

  void services() {
    const std::vector<std::string> names = {"desk", "depot", "wallet", "audit"};
    const std::size_t count = 1 + draws_.below(names.size());
    for (std::size_t i = 0; i < count; ++i) {
      cast_.services.push_back(names[i]);
      text_ += "[service " + names[i] + "]\n";
      const std::size_t amounts = i == 0 ? 1 + draws_.below(2) : draws_.below(3);
      for (std::size_t a = 0; a < amounts; ++a) {
        const std::string name = a == 0 ? "items" : "coins";
        things_.push_back({name, names[i], false});
        text_ += fmt::format("resource = {} {}\n", name, draws_.below(9));
      }
      if (draws_.chance(40)) {
        things_.push_back({"sales", names[i], true});
        text_ += "records = sales\n";
      }
      text_ += lines_of("service NAME");
    }
  }

  // A step that writes a value computed from the transaction's last read of an amount.
  std::string as_read() {
    const std::string at = std::exchange(last_read_, {});
    has_as_read_ = true;
    return fmt::format("{} {} {} as read", draws_.chance(50) ? "take" : "give", 1 + draws_.below(3),
                       at);
  }
  std::string step() {
    if (!last_read_.empty() && !has_as_read_ && draws_.chance(40)) return as_read();
    const Thing& thing = things_[draws_.below(things_.size())];
    const std::string at = thing.name + " at " + thing.service;
    if (draws_.chance(20)) {
      last_read_ = draws_.chance(25) || thing.is_records ? std::string() : at;
      if (thing.is_records || draws_.chance(75)) return "read " + at;
      return fmt::format("read {} at least {}", at, draws_.below(6));
    }
    if (thing.is_records) return (draws_.chance(60) ? "create " : "complete ") + at;
    return fmt::format("{} {} {}", draws_.chance(65) ? "take" : "give", 1 + draws_.below(4), at);
  }

  void transactions() {
    const std::size_t count = 1 + (draws_.chance(35) ? 1 + draws_.below(2) : 0);
    for (std::size_t t = 0; t < count; ++t) {
      text_ += fmt::format("[transaction kind{}]\n", t);
      const std::size_t steps = 1 + draws_.below(5);
      std::string lines;
      last_read_.clear();
      has_as_read_ = cast_.protocol == "tcc";  // tcc has no steps `as read`
      for (std::size_t s = 0; s < steps; ++s) {
        const std::string drawn = step();
        const std::size_t at = drawn.find(" at ") + 4;
        const std::string service = drawn.substr(at, drawn.find(' ', at) - at);
        if (s == 0) cast_.coordinator = service;
        if (service != cast_.coordinator) cast_.has_participant = true;
        lines += "step = " + drawn + "\n";
      }
      if (draws_.chance(35)) {
        cast_.coordinator = draws_.one_of(cast_.services);
        text_ += "begins_at = " + cast_.coordinator + "\n";
      }
      if (cast_.protocol.starts_with("saga") && draws_.chance(35)) {
        text_ += fmt::format("pivot = {}\n", 1 + draws_.below(steps));
      }
      if (cast_.protocol == "saga-choreography" && draws_.chance(20)) {
        text_ += "tells = " + draws_.one_of(cast_.services) + "\n";
      }
      if (t > 0 && draws_.chance(20)) text_ += "share = 2\n";
      text_ += lines;
    }
  }

  void workload() {
    text_ += "[workload]\n";
    const std::uint64_t orders = 1 + draws_.below(4);
    switch (draws_.below(4)) {
      case 0: {
        std::vector<std::string> times;
        std::uint64_t at = 0;
        for (std::uint64_t i = 0; i < orders; ++i) {
          times.push_back(fmt::format("{}ms", at += draws_.below(6)));
        }
        text_ += fmt::format("arrivals = at {}\n", fmt::join(times, ", "));
        break;
      }
      case 1:
        text_ += fmt::format("orders = {}\narrivals = every {}\n", orders,
                             draws_.one_of({"0s", "2ms", "100ms", "1s"}));
        break;
      case 2:
        text_ += fmt::format("orders = {}\narrivals = random every {}\n", orders,
                             draws_.one_of({"2ms", "20ms", "700ms"}));
        break;
      default:
        text_ += fmt::format("orders = {}\narrivals = {} clients thinking {}\n", orders,
                             1 + draws_.below(3), delay());
        break;
    }
    if (draws_.chance(20)) text_ += fmt::format("retries = {}\n", 1 + draws_.below(2));
    if (draws_.chance(12)) text_ += fmt::format("repeats = {}\n", 1 + draws_.below(2));
  }

  void links() {
    for (std::uint64_t i = draws_.below(3); i > 0; --i) {
      const std::string from = draws_.one_of(cast_.services);
      const std::string to = draws_.chance(20) ? "client" : draws_.one_of(cast_.services);
      if (from == to) continue;
      const std::string title =
          fmt::format("[link {} {} {}]\n", from, draws_.chance(50) ? "->" : "<->", to);
      if (text_.find("[link " + from) != std::string::npos) continue;
      text_ += title + "delay = " + delay() + "\n";
      if (draws_.chance(25)) text_ += "loss = 10%\n";
      if (draws_.chance(15)) text_ += "duplication = 10%\n";
      if (draws_.chance(25)) text_ += "order = fifo\n";
    }
  }

  void faults() {
    std::string lines;
    const std::uint64_t count = draws_.chance(20) ? 0 : draws_.below(4);
    for (std::uint64_t i = 0; i < count; ++i) {
      lines += "fault = " + fault_sentence(draws_, cast_) + "\n";
    }
    if (draws_.chance(30)) {
      const std::string rates = lines_of("faults");
      lines += rates;
      const bool has_end = rates.find("quiet_after") != std::string::npos;
      if (!rates.empty() && !has_end && draws_.chance(85)) lines += "quiet_after = 5s\n";
      if (!rates.empty() && draws_.chance(15)) lines += "spare = " + cast_.services[0] + "\n";
    }
    if (!lines.empty()) text_ += "[faults]\n" + lines;
  }

  Draws draws_;
  Mechanisms mechanisms_;
  const std::vector<KeyInfo>& keys_;
  Cast cast_;
  std::vector<Thing> things_;
  std::string last_read_;     // of this transaction
  bool has_as_read_ = false;  // at most one in a transaction
  Duration shortest_interval_ = seconds(60);
  std::string text_;
};

}  // namespace

std::string generate(std::uint64_t number, Mechanisms mechanisms) {
  return Generator(number, mechanisms).write();
}

}  // namespace txsim::reference
