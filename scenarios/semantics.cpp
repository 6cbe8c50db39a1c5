#include "scenarios/semantics.h"

#include <fmt/format.h>

#include <algorithm>

#include "sim/assert.h"

namespace txsim {
namespace {

// A value of this type, read from exactly one text.
template <class T>
class Parsed final : public po::value_semantic_codecvt_helper<char> {
 public:
  using Parse = std::function<T(const std::string&)>;
  using Put = std::function<void(const T&)>;
  Parsed(std::string type, Parse parse, Put put)
      : type_(std::move(type)), parse_(std::move(parse)), put_(std::move(put)) {}
  // The default, and its text.
  Parsed* by_default(T value, const std::string& text) {
    default_ = std::move(value);
    type_ += fmt::format(" (={})", text);
    return this;
  }

  std::string name() const override { return type_; }
  unsigned min_tokens() const override { return 1; }
  unsigned max_tokens() const override { return 1; }
  bool is_composing() const override { return false; }
  bool is_required() const override { return false; }
  void xparse(boost::any& value, const std::vector<std::string>& texts) const override {
    po::validators::check_first_occurrence(value);
    value = boost::any(parse_(po::validators::get_single_string(texts)));
  }
  bool apply_default(boost::any& value) const override {
    if (default_) value = boost::any(*default_);
    return default_.has_value();
  }
  void notify(const boost::any& value) const override { put_(boost::any_cast<const T&>(value)); }

 private:
  std::string type_;
  Parse parse_;
  Put put_;
  std::optional<T> default_;
};

// The description of the key takes ownership.
template <class T>
Parsed<T>* parsed(const std::string& type, typename Parsed<T>::Parse parse,
                  typename Parsed<T>::Put put) {
  return new Parsed<T>(type, std::move(parse), std::move(put));
}
template <class T>
Parsed<T>* parsed(const std::string& type, typename Parsed<T>::Parse parse, T& field) {
  return parsed<T>(type, std::move(parse), [&field](const T& value) { field = value; });
}

// A key without a default: the field is left as it is when the key is not named.
template <class T>
Semantic optional_value(std::optional<T>& field, typename Parsed<T>::Parse parse,
                        const std::string& type, const char* fallback) {
  return parsed<T>(fmt::format("{} (={})", type, fallback), std::move(parse),
                   [&field](const T& value) { field = value; });
}

template <class Field>
Semantic counted(Field& field, Field least, Field most, const std::string& name) {
  const auto parse = [least, most](const std::string& text) {
    return static_cast<Field>(parse_whole(text, most, most < 10 ? "1" : "10", least));
  };
  return parsed<Field>(name, parse, field)->by_default(field, fmt::format("{}", field));
}

constexpr const char* kDurationType = "duration";
constexpr const char* kOrNeverType = "duration|never";
constexpr const char* kNoTime =
    "an interval of 0 would stop the clock: it must be over 0, such as 1ms";
constexpr const char* kDelayType = "delay";
constexpr const char* kOrderType = "fifo|any";

std::string as_it_is(const std::string& text) { return text; }

bool is_fifo(const std::string& text) {
  if (text != "fifo" && text != "any") {
    throw BadValue(fmt::format("{} is neither fifo nor any", quoted(text)));
  }
  return text == "fifo";
}

}  // namespace

void Keys::operator()(const char* key, const po::value_semantic* semantic, const char* help,
                      SettingKind kind) {
  options_.add_options()((section_.empty() ? key : section_ + "." + key).c_str(), semantic, help);
  if (kind == SettingKind::Switch) switches_.emplace(key);
}

const po::value_semantic& Keys::semantic_of(std::string_view key) const {
  const std::string name =
      section_.empty() ? std::string(key) : fmt::format("{}.{}", section_, key);
  return *options_.find(name, false).semantic();
}

boost::any Keys::parse(std::string_view key, const std::string& text) const {
  const po::value_semantic& semantic = semantic_of(key);
  boost::any value;
  semantic.parse(value, {text}, false);  // without conversion by a locale
  semantic.notify(value);
  return value;
}

void Keys::set(std::string_view key, const boost::any& value) const {
  semantic_of(key).notify(value);
}

void Keys::set_defaults() const {
  for (const auto& option : options_.options()) {
    boost::any value;
    if (option->semantic()->apply_default(value)) option->semantic()->notify(value);
  }
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
  const auto hint = [names](const std::string& wrong) { return did_you_mean(wrong, names); };
  return one_of(std::move(names), chosen, std::move(choose), hint);
}

Semantic one_of(std::vector<std::string> names, std::size_t chosen,
                std::function<void(std::size_t)> choose,
                std::function<std::string(const std::string&)> hint) {
  const std::string type = fmt::format("{}", fmt::join(names, "|"));
  const std::string fallback = names[chosen];
  const auto parse = [names = std::move(names), hint = std::move(hint)](const std::string& text) {
    const auto named = std::find(names.begin(), names.end(), text);
    if (named == names.end()) throw BadValue(quoted(text) + " is none of them" + hint(text));
    return static_cast<std::size_t>(named - names.begin());
  };
  return parsed<std::size_t>(type, parse, choose)->by_default(chosen, fallback);
}

Semantic seed(std::uint64_t& field) {
  const auto parse = [](const std::string& text) { return parse_seed(text).value; };
  return parsed<std::uint64_t>("whole number below 2^64", parse, field)
      ->by_default(field, std::to_string(field));
}

Semantic on_off(bool& field) {
  const auto parse = [](const std::string& text) { return parse_switch(text).on; };
  return parsed<bool>("on|off", parse, field)->by_default(field, field ? "on" : "off");
}

Semantic duration(Duration& field) {
  const auto parse = [](const std::string& text) { return parse_duration(text); };
  return parsed<Duration>(kDurationType, parse, field)->by_default(field, text(field));
}

Semantic interval(Duration& field) {
  const auto parse = [](const std::string& text) {
    const Duration value = parse_duration(text);
    if (value.ns == 0) throw BadValue(kNoTime);
    return value;
  };
  return parsed<Duration>(kDurationType, parse, field)->by_default(field, text(field));
}

Semantic duration_or_never(std::optional<Duration>& field) {
  const auto parse = [](const std::string& text) { return parse_duration_or_never(text).duration; };
  return parsed<std::optional<Duration>>(kOrNeverType, parse, field)
      ->by_default(field, field ? text(*field) : "never");
}

Semantic interval_or_never(std::optional<Duration>& field) {
  const auto parse = [](const std::string& text) {
    const std::optional<Duration> value = parse_duration_or_never(text).duration;
    if (value == Duration{0}) throw BadValue(std::string(kNoTime) + ", or never");
    return value;
  };
  return parsed<std::optional<Duration>>(kOrNeverType, parse, field)
      ->by_default(field, field ? text(*field) : "never");
}

Semantic horizon(Duration& field) {
  const auto parse = [](const std::string& text) {
    const Time value = parse_time(text);
    if (value.ns == 0) throw BadValue("a run needs time: the horizon must be over 0, such as 60s");
    return Duration{value.ns};
  };
  return parsed<Duration>(kDurationType, parse, field)->by_default(field, text(field));
}

Semantic gap(std::optional<Duration>& field) {
  const auto parse = [](const std::string& text) {
    std::optional<Duration> mean;
    if (text != "never") mean = parse_duration(text);
    if (mean == Duration{0}) throw BadValue("the mean time between two is over 0, or never");
    return mean;
  };
  return parsed<std::optional<Duration>>("duration|never (=never)", parse, field);
}

Semantic moment(Time& field, const char* fallback) {
  const auto parse = [](const std::string& text) { return parse_time(text); };
  return parsed<Time>("time", parse, field)->by_default(field, fallback);
}

Semantic probability(Probability& field) {
  const auto parse = [](const std::string& text) { return parse_probability(text); };
  return parsed<Probability>("probability", parse, field)->by_default(field, text(field));
}

Semantic probability(std::optional<Probability>& field, const char* fallback) {
  const auto parse = [](const std::string& text) { return parse_probability(text); };
  return optional_value<Probability>(field, parse, "probability", fallback);
}

Semantic delay(Delay& field) {
  const auto parse = [](const std::string& text) { return parse_delay(text); };
  return parsed<Delay>(kDelayType, parse, field)->by_default(field, text(field));
}

Semantic delay(std::optional<Delay>& field, const char* fallback) {
  const auto parse = [](const std::string& text) { return parse_delay(text); };
  return optional_value<Delay>(field, parse, kDelayType, fallback);
}

Semantic link_order(bool& fifo) {
  return parsed<bool>(kOrderType, is_fifo, fifo)->by_default(fifo, fifo ? "fifo" : "any");
}

Semantic link_order(std::optional<bool>& fifo, const char* fallback) {
  return optional_value<bool>(fifo, is_fifo, kOrderType, fallback);
}

Semantic arrivals(Workload& workload) {
  ArrivalsText fallback;
  fallback.workload = workload;
  const auto parse = [](const std::string& text) { return parse_arrivals(text); };
  const auto put = [&workload](const ArrivalsText& value) {
    workload.arrivals = value.workload.arrivals;
    workload.times = value.workload.times;
    workload.every = value.workload.every;
    workload.clients = value.workload.clients;
    workload.think = value.workload.think;
  };
  return parsed<ArrivalsText>("arrivals", parse, put)
      ->by_default(fallback, "every " + text(workload.every));
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
  const auto parse = [](const std::string& text) { return parse_count(text).value; };
  return optional_value<std::uint64_t>(field, parse, fmt::format("count up to {}", Count::kMost),
                                       fallback);
}

Semantic step_number(std::optional<std::uint64_t>& field) {
  const auto parse = [](const std::string& text) {
    std::optional<std::uint64_t> step;
    if (text != "none") step = parse_whole(text, TransactionKind::kMostSteps, "2, or none", 1);
    return step;
  };
  return parsed<std::optional<std::uint64_t>>("step", parse, field)
      ->by_default(std::nullopt, "none");
}

Semantic line(std::string& field, const char* type) {
  return parsed<std::string>(type, as_it_is, field);
}

Semantic name(const char* type, const char* fallback) {
  return parsed<std::string>(fmt::format("{} (={})", type, fallback), as_it_is,
                             [](const std::string&) {});  // read from the sections
}

Semantic sentences(const char* type) {
  return po::value<std::vector<std::string>>()->composing()->value_name(type);
}

}  // namespace txsim
