// How the strict types of values meet Boost.Program_options: one call a key gives its semantic,
// with type, default and where the value goes. For the files of the schema only.
#pragma once

#include <boost/program_options.hpp>
#include <limits>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "scenarios/schema.h"
#include "scenarios/values.h"
#include "scenarios/words.h"

namespace txsim {

namespace po = boost::program_options;

// The keys of one section, named "section.key" to Boost.
class Keys {
 public:
  explicit Keys(std::string_view section) : section_(section) {}
  void operator()(const char* key, const po::value_semantic* semantic, const char* help) {
    options_.add_options()((section_.empty() ? key : section_ + "." + key).c_str(), semantic, help);
  }
  const po::options_description& options() const { return options_; }

 private:
  std::string section_;
  po::options_description options_;
};

// The mean time between two of a kind; absent: none come.
struct Gap {
  std::optional<Duration> mean;
};

// Overloads that Boost finds for its value<T>: exactly one text, read strictly.
void validate(boost::any& value, const std::vector<std::string>& texts, Seed*, int);
void validate(boost::any& value, const std::vector<std::string>& texts, Switch*, int);
void validate(boost::any& value, const std::vector<std::string>& texts, Count*, int);
void validate(boost::any& value, const std::vector<std::string>& texts, Duration*, int);
void validate(boost::any& value, const std::vector<std::string>& texts, DurationOrNever*, int);
void validate(boost::any& value, const std::vector<std::string>& texts, Gap*, int);
void validate(boost::any& value, const std::vector<std::string>& texts, Time*, int);
void validate(boost::any& value, const std::vector<std::string>& texts, Probability*, int);
void validate(boost::any& value, const std::vector<std::string>& texts, Delay*, int);
void validate(boost::any& value, const std::vector<std::string>& texts, ArrivalsText*, int);

using Semantic = const po::value_semantic*;

Semantic seed(std::uint64_t& field);
Semantic on_off(bool& field);
Semantic duration(Duration& field);
Semantic interval(Duration& field);  // over 0: after it something is done again, and again
Semantic duration_or_never(std::optional<Duration>& field);  // 0s: at once; absent: never
Semantic interval_or_never(std::optional<Duration>& field);  // over 0; absent: never
Semantic horizon(Duration& field);                           // over 0, up to the end of time
Semantic gap(std::optional<Duration>& field);                // over 0; absent: never
Semantic moment(Time& field, const char* fallback);
Semantic probability(Probability& field);
Semantic probability(std::optional<Probability>& field, const char* fallback);
Semantic delay(Delay& field);
Semantic delay(std::optional<Delay>& field, const char* fallback);
Semantic link_order(bool& fifo);
Semantic link_order(std::optional<bool>& fifo, const char* fallback);
Semantic arrivals(Workload& workload);
Semantic count(std::uint64_t& field, std::uint64_t most);
Semantic count(std::uint32_t& field, std::uint32_t most);
Semantic count(std::optional<std::uint64_t>& field, const char* fallback);
Semantic step_number(std::optional<std::uint64_t>& field);  // from 1, or "none"
Semantic count_from_one(std::uint32_t& field, std::uint32_t most);
// A line of free text; a default that is only told, not given, for what is worked out later.
Semantic line(std::string& field, const char* type);
Semantic name(const char* type, const char* fallback);
// Sentences of a grammar of their own, any number of them; read from the sections.
Semantic sentences(const char* type);

// One of several names.
template <class T>
Semantic choice(T& field, const std::vector<std::pair<std::string, T>>& names) {
  std::string type;
  std::string fallback;
  std::vector<std::string> spelt;
  for (const auto& [name, value] : names) {
    type += (type.empty() ? "" : "|") + name;
    if (value == field) fallback = name;
    spelt.push_back(name);
  }
  auto* semantic = po::value<std::string>()->value_name(type)->default_value(fallback);
  return semantic->notifier([&field, names, spelt](const std::string& text) {
    for (const auto& [name, value] : names) {
      if (name != text) continue;
      field = value;
      return;
    }
    throw BadValue(quoted(text) + " is none of them" + did_you_mean(text, spelt));
  });
}

}  // namespace txsim
