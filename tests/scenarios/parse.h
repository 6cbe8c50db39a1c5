// Parses scenarios from texts in memory, for tests of the language.
#pragma once

#include <fmt/format.h>

#include <map>
#include <string>
#include <vector>

#include "scenarios/language.h"

namespace txsim::tests {

using Files = std::map<std::string, std::string>;

inline ReadFile reader_of(Files files) {
  return [files = std::move(files)](const std::string& path) -> FileText {
    const auto found = files.find(path);
    if (found == files.end()) return {std::nullopt, "no such file"};
    return {found->second, ""};
  };
}

inline ParsedScenario parse(const Files& files, const std::vector<std::string>& settings = {}) {
  return parse_scenario("test.ini", reader_of(files), settings);
}

inline ParsedScenario parse(const std::string& text,
                            const std::vector<std::string>& settings = {}) {
  return parse(Files{{"test.ini", text}}, settings);
}

inline std::vector<std::string> texts(const std::vector<ScenarioError>& errors) {
  std::vector<std::string> all;
  for (const ScenarioError& error : errors) all.push_back(text(error));
  return all;
}

// The order domain, followed by `more`.
inline std::string order_domain(const std::string& more = "") {
  return "[service order]\n"
         "records = orders\n"
         "[service product]\n"
         "resource = stock 100\n"
         "[service point]\n"
         "resource = balance 1000\n"
         "[transaction order]\n"
         "begins_at = order\n"
         "step = create orders at order\n"
         "step = take 2 stock at product\n"
         "step = take 500 balance at point\n"
         "step = complete orders at order\n" +
         more;
}
inline constexpr int kOrderLines = 12;

}  // namespace txsim::tests
