#include "scenarios/semantics.h"

#include <fmt/format.h>

#include <algorithm>

#include "sim/assert.h"

namespace txsim {
namespace {

template <class T, class Parse>
void read_one(boost::any& value, const std::vector<std::string>& texts, Parse parse) {
  po::validators::check_first_occurrence(value);
  value = boost::any(T{parse(po::validators::get_single_string(texts))});
}

// A key without a default: the field is left as it is when the key is not named.
template <class T>
Semantic optional_value(std::optional<T>& field, const char* type, const char* fallback) {
  return po::value<T>()
      ->value_name(fmt::format("{} (={})", type, fallback))
      ->notifier([&field](const T& value) { field = value; });
}

template <class Field>
Semantic counted(Field& field, Field least, Field most, const std::string& name) {
  return po::value<std::string>()
      ->value_name(name)
      ->default_value(fmt::format("{}", field))
      ->notifier([&field, least, most](const std::string& text) {
        field = static_cast<Field>(parse_whole(text, most, most < 10 ? "1" : "10", least));
      });
}

constexpr const char* kDurationType = "duration";
constexpr const char* kOrNeverType = "duration|never";
constexpr const char* kNoTime =
    "again and again after no time, the clock would stand still: it must be over 0, such as 1ms";
constexpr const char* kDelayType = "delay";
constexpr const char* kOrderType = "fifo|any";

bool is_fifo(const std::string& text) {
  if (text != "fifo" && text != "any") {
    throw BadValue(fmt::format("{} is neither fifo nor any", quoted(text)));
  }
  return text == "fifo";
}

}  // namespace

void validate(boost::any& value, const std::vector<std::string>& texts, Seed*, int) {
  read_one<Seed>(value, texts, [](const std::string& text) { return parse_seed(text); });
}
void validate(boost::any& value, const std::vector<std::string>& texts, Switch*, int) {
  read_one<Switch>(value, texts, [](const std::string& text) { return parse_switch(text); });
}
void validate(boost::any& value, const std::vector<std::string>& texts, Count*, int) {
  read_one<Count>(value, texts, [](const std::string& text) { return parse_count(text); });
}
void validate(boost::any& value, const std::vector<std::string>& texts, Duration*, int) {
  read_one<Duration>(value, texts, [](const std::string& text) { return parse_duration(text); });
}
void validate(boost::any& value, const std::vector<std::string>& texts, DurationOrNever*, int) {
  read_one<DurationOrNever>(value, texts,
                            [](const std::string& text) { return parse_duration_or_never(text); });
}
void validate(boost::any& value, const std::vector<std::string>& texts, Gap*, int) {
  read_one<Gap>(value, texts, [](const std::string& text) {
    if (text == "never") return Gap{};
    const Duration mean = parse_duration(text);
    if (mean.ns == 0) throw BadValue("the mean time between two is over 0, or never");
    return Gap{mean};
  });
}
void validate(boost::any& value, const std::vector<std::string>& texts, Time*, int) {
  read_one<Time>(value, texts, [](const std::string& text) { return parse_time(text); });
}
void validate(boost::any& value, const std::vector<std::string>& texts, Probability*, int) {
  read_one<Probability>(value, texts,
                        [](const std::string& text) { return parse_probability(text); });
}
void validate(boost::any& value, const std::vector<std::string>& texts, Delay*, int) {
  read_one<Delay>(value, texts, [](const std::string& text) { return parse_delay(text); });
}
void validate(boost::any& value, const std::vector<std::string>& texts, ArrivalsText*, int) {
  read_one<ArrivalsText>(value, texts,
                         [](const std::string& text) { return parse_arrivals(text); });
}

void Keys::operator()(const char* key, const po::value_semantic* semantic, const char* help,
                      SettingKind kind) {
  options_.add_options()((section_.empty() ? key : section_ + "." + key).c_str(), semantic, help);
  if (kind == SettingKind::Switch) switches_.emplace(key);
}

void Keys::check_default(const char* key, bool is_on, SettingKind kind) const {
  TXSIM_ASSERT(
      kind != SettingKind::Switch || is_on,
      fmt::format("{}.{} is a switch: its default is the safe setting, on", section_, key));
}

void Keys::on_off(const char* key, bool& field, Help help, SettingKind kind) {
  check_default(key, field, kind);
  (*this)(key, txsim::on_off(field), help, kind);
}
void Keys::count(const char* key, std::uint32_t& field, std::uint32_t most, Help help) {
  (*this)(key, txsim::count(field, most), help);
}
void Keys::count_from_one(const char* key, std::uint32_t& field, std::uint32_t most, Help help) {
  (*this)(key, txsim::count_from_one(field, most), help);
}
void Keys::duration(const char* key, Duration& field, Help help) {
  (*this)(key, txsim::duration(field), help);
}
void Keys::interval(const char* key, Duration& field, Help help) {
  (*this)(key, txsim::interval(field), help);
}
void Keys::duration_or_never(const char* key, std::optional<Duration>& field, Help help,
                             SettingKind kind) {
  check_default(key, field.has_value(), kind);
  (*this)(key, txsim::duration_or_never(field), help, kind);
}
void Keys::interval_or_never(const char* key, std::optional<Duration>& field, Help help,
                             SettingKind kind) {
  check_default(key, field.has_value(), kind);
  (*this)(key, txsim::interval_or_never(field), help, kind);
}
void Keys::delay(const char* key, Delay& field, Help help) {
  (*this)(key, txsim::delay(field), help);
}
void Keys::one_of(const char* key, const std::vector<std::string_view>& names, std::size_t chosen,
                  std::function<void(std::size_t)> choose, Help help) {
  (*this)(key, txsim::one_of({names.begin(), names.end()}, chosen, std::move(choose)), help);
}

Semantic one_of(std::vector<std::string> names, std::size_t chosen,
                std::function<void(std::size_t)> choose) {
  auto* semantic = po::value<std::string>()
                       ->value_name(fmt::format("{}", fmt::join(names, "|")))
                       ->default_value(names[chosen]);
  return semantic->notifier(
      [names = std::move(names), choose = std::move(choose)](const std::string& text) {
        const auto named = std::find(names.begin(), names.end(), text);
        if (named == names.end()) {
          throw BadValue(quoted(text) + " is none of them" + did_you_mean(text, names));
        }
        choose(static_cast<std::size_t>(named - names.begin()));
      });
}

Semantic seed(std::uint64_t& field) {
  return po::value<Seed>()
      ->value_name("whole number below 2^64")
      ->default_value(Seed{field}, std::to_string(field))
      ->notifier([&field](const Seed& value) { field = value.value; });
}

Semantic on_off(bool& field) {
  return po::value<Switch>()
      ->value_name("on|off")
      ->default_value(Switch{field}, field ? "on" : "off")
      ->notifier([&field](const Switch& value) { field = value.on; });
}

Semantic duration(Duration& field) {
  return po::value<Duration>(&field)->value_name(kDurationType)->default_value(field, text(field));
}

Semantic interval(Duration& field) {
  return po::value<Duration>()
      ->value_name(kDurationType)
      ->default_value(field, text(field))
      ->notifier([&field](const Duration& value) {
        if (value.ns == 0) throw BadValue(kNoTime);
        field = value;
      });
}

Semantic duration_or_never(std::optional<Duration>& field) {
  return po::value<DurationOrNever>()
      ->value_name(kOrNeverType)
      ->default_value(DurationOrNever{field}, field ? text(*field) : "never")
      ->notifier([&field](const DurationOrNever& value) { field = value.duration; });
}

Semantic interval_or_never(std::optional<Duration>& field) {
  return po::value<DurationOrNever>()
      ->value_name(kOrNeverType)
      ->default_value(DurationOrNever{field}, field ? text(*field) : "never")
      ->notifier([&field](const DurationOrNever& value) {
        if (value.duration == Duration{0}) throw BadValue(std::string(kNoTime) + ", or never");
        field = value.duration;
      });
}

Semantic horizon(Duration& field) {
  return po::value<Time>()
      ->value_name(kDurationType)
      ->default_value(Time{field.ns}, text(field))
      ->notifier([&field](const Time& value) {
        if (value.ns == 0) throw BadValue("a run of no time: it must be over 0, such as 60s");
        field = Duration{value.ns};
      });
}

Semantic gap(std::optional<Duration>& field) {
  return po::value<Gap>()
      ->value_name("duration|never (=never)")
      ->notifier([&field](const Gap& value) { field = value.mean; });
}

Semantic moment(Time& field, const char* fallback) {
  return po::value<Time>()
      ->value_name("time")
      ->default_value(field, fallback)
      ->notifier([&field](const Time& value) { field = value; });
}

Semantic probability(Probability& field) {
  return po::value<Probability>(&field)
      ->value_name("probability")
      ->default_value(field, text(field));
}

Semantic probability(std::optional<Probability>& field, const char* fallback) {
  return optional_value(field, "probability", fallback);
}

Semantic delay(Delay& field) {
  return po::value<Delay>(&field)->value_name(kDelayType)->default_value(field, text(field));
}

Semantic delay(std::optional<Delay>& field, const char* fallback) {
  return optional_value(field, kDelayType, fallback);
}

Semantic link_order(bool& fifo) {
  return po::value<std::string>()
      ->value_name(kOrderType)
      ->default_value(fifo ? "fifo" : "any")
      ->notifier([&fifo](const std::string& text) { fifo = is_fifo(text); });
}

Semantic link_order(std::optional<bool>& fifo, const char* fallback) {
  return po::value<std::string>()
      ->value_name(fmt::format("{} (={})", kOrderType, fallback))
      ->notifier([&fifo](const std::string& text) { fifo = is_fifo(text); });
}

Semantic arrivals(Workload& workload) {
  ArrivalsText fallback;
  fallback.workload = workload;
  return po::value<ArrivalsText>()
      ->value_name("arrivals")
      ->default_value(fallback, "every " + text(workload.every))
      ->notifier([&workload](const ArrivalsText& value) {
        workload.arrivals = value.workload.arrivals;
        workload.times = value.workload.times;
        workload.every = value.workload.every;
        workload.clients = value.workload.clients;
        workload.think = value.workload.think;
      });
}

Semantic count(std::uint64_t& field, std::uint64_t most) {
  return counted(field, std::uint64_t{0}, most, fmt::format("count up to {}", most));
}
Semantic count(std::uint32_t& field, std::uint32_t most) {
  return counted(field, std::uint32_t{0}, most, fmt::format("count up to {}", most));
}

Semantic count_from_one(std::uint32_t& field, std::uint32_t most) {
  return counted(field, std::uint32_t{1}, most, fmt::format("count from 1 to {}", most));
}

Semantic count(std::optional<std::uint64_t>& field, const char* fallback) {
  return po::value<Count>()
      ->value_name(fmt::format("count up to {} (={})", Count::kMost, fallback))
      ->notifier([&field](const Count& value) { field = value.value; });
}

Semantic step_number(std::optional<std::uint64_t>& field) {
  return po::value<std::string>()->value_name("step")->default_value("none")->notifier(
      [&field](const std::string& text) {
        field.reset();
        if (text != "none") field = parse_whole(text, TransactionKind::kMostSteps, "2, or none", 1);
      });
}

Semantic line(std::string& field, const char* type) {
  return po::value<std::string>(&field)->value_name(type);
}

Semantic name(const char* type, const char* fallback) {
  return po::value<std::string>()->value_name(fmt::format("{} (={})", type, fallback));
}

Semantic sentences(const char* type) {
  return po::value<std::vector<std::string>>()->composing()->value_name(type);
}

}  // namespace txsim
