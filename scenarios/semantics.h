// Connects the strict types of values with Boost.Program_options: one call for each key gives its
// semantic, with type, default and the field for the value. For the files of the schema only.
#pragma once

#include <boost/program_options.hpp>
#include <functional>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "scenarios/schema.h"
#include "scenarios/values.h"
#include "scenarios/words.h"
#include "services/setting_declarations.h"

namespace txsim {

namespace po = boost::program_options;

// The keys of one section, named "section.key" to Boost. A section of the language's own gives each
// key its semantic; protocols and parts of services declare theirs
// (services/setting_declarations.h).
class Keys final : public SettingDeclarations {
 public:
  explicit Keys(std::string_view section) : section_(section) {}
  void operator()(const char* key, const po::value_semantic* semantic, const char* help,
                  SettingKind kind = SettingKind::Plain);
  const po::options_description& options() const { return options_; }
  // Parses the text, and also stores the value in the key's field. Throws BadValue.
  boost::any parse(std::string_view key, const std::string& text) const;
  // Stores a parsed value; stores the defaults of all keys.
  void set(std::string_view key, const boost::any& value) const;
  void set_defaults() const;
  bool is_switch(std::string_view key) const { return switches_.contains(key); }

  void on_off(const char* key, bool& field, Help help, SettingKind kind) override;
  void count(const char* key, std::uint32_t& field, std::uint32_t most, Help help) override;
  void count_from_one(const char* key, std::uint32_t& field, std::uint32_t most,
                      Help help) override;
  void duration(const char* key, Duration& field, Help help) override;
  void interval(const char* key, Duration& field, Help help) override;
  void duration_or_never(const char* key, std::optional<Duration>& field, Help help,
                         SettingKind kind) override;
  void interval_or_never(const char* key, std::optional<Duration>& field, Help help,
                         SettingKind kind) override;
  void delay(const char* key, Delay& field, Help help) override;

 private:
  void one_of(const char* key, const std::vector<std::string_view>& names, std::size_t chosen,
              std::function<void(std::size_t)> choose, Help help) override;

  void check_default(const char* key, bool is_on, SettingKind kind) const;
  const po::value_semantic& semantic_of(std::string_view key) const;

  std::string section_;
  po::options_description options_;
  std::set<std::string, std::less<>> switches_;
};

using Semantic = const po::value_semantic*;

Semantic seed(std::uint64_t& field);
Semantic on_off(bool& field);
Semantic duration(Duration& field);
Semantic interval(Duration& field);                          // over 0: the time between repetitions
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
// A line of free text. The default is only shown, not set: the value is computed later.
Semantic line(std::string& field, const char* type);
Semantic name(const char* type, const char* fallback);
// Any number of sentences with a grammar of their own; read from the sections.
Semantic sentences(const char* type);

// One of several names. `chosen`: the place of the default; `choose` is called with the place of
// the name that is given.
Semantic one_of(std::vector<std::string> names, std::size_t chosen,
                std::function<void(std::size_t)> choose);
// The same; `hint` gives the end of the error for another text.
Semantic one_of(std::vector<std::string> names, std::size_t chosen,
                std::function<void(std::size_t)> choose,
                std::function<std::string(const std::string& wrong)> hint);

}  // namespace txsim
