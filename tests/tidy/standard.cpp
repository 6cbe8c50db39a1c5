#include <fmt/format.h>

#include <algorithm>
#include <set>
#include <string>
#include <vector>

#include "tests/tidy/includes.h"
#include "tests/tidy/rules.h"
#include "tests/tidy/source_text.h"

namespace txsim::tidy {
namespace {

struct Home {
  std::string_view space;
  std::vector<std::string_view> names;    // empty: all names of the namespace
  std::vector<std::string_view> headers;  // one of them suffices
};

// If several headers are listed, the other ones cannot declare their content without the name.
const std::vector<Home>& homes() {
  static const std::vector<Home> list = {
      {"std", {"vector"}, {"vector"}},
      {"std", {"array"}, {"array"}},
      {"std", {"map", "multimap"}, {"map"}},
      {"std", {"set", "multiset"}, {"set"}},
      {"std", {"span"}, {"span"}},
      {"std", {"optional", "nullopt"}, {"optional"}},
      {"std", {"function", "reference_wrapper", "cref", "hash"}, {"functional"}},
      {"std", {"unique_ptr", "shared_ptr", "weak_ptr", "make_unique", "make_shared"}, {"memory"}},
      {"std",
       {"string", "to_string", "getline"},
       {"string", "fstream", "sstream", "iostream", "filesystem", "stdexcept"}},
      {"std", {"string_view"}, {"string_view", "string", "filesystem"}},
      {"std",
       {"int8_t", "int16_t", "int32_t", "int64_t", "uint8_t", "uint16_t", "uint32_t", "uint64_t"},
       {"cstdint"}},
      {"std",
       {"sort",        "stable_sort", "find_if",     "any_of",      "all_of",
        "none_of",     "count_if",    "lower_bound", "upper_bound", "equal_range",
        "min_element", "max_element", "unique",      "remove_if",   "replace",
        "transform",   "clamp",       "minmax",      "is_sorted",   "set_difference"},
       {"algorithm"}},
      {"fmt", {}, {"fmt/format.h"}}};
  return list;
}

// The names after `space` and two colons.
std::vector<std::string> names_in(std::string_view code, std::string_view space) {
  std::vector<std::string> names;
  const std::string begin = std::string(space) + "::";
  for (std::size_t at = code.find(begin); at != std::string_view::npos;
       at = code.find(begin, at + 1)) {
    if (at > 0 && (is_name_char(code[at - 1]) || code[at - 1] == ':')) continue;
    std::size_t end = at + begin.size();
    while (end < code.size() && is_name_char(code[end])) ++end;
    names.emplace_back(code.substr(at + begin.size(), end - at - begin.size()));
  }
  return names;
}

}  // namespace

std::vector<Finding> check_standard(const std::map<std::string, std::string>& texts) {
  const Includes includes(texts);
  std::vector<Finding> findings;
  for (const auto& [path, text] : texts) {
    std::set<std::string, std::less<>> headers;
    for (const auto& [file, way] : includes.reached_from(path)) {
      const std::set<std::string, std::less<>>& more = includes.headers_of(file);
      headers.insert(more.begin(), more.end());
    }
    std::set<std::string> reported;
    const std::vector<std::string> code = read_source(text).code;
    for (std::size_t i = 0; i < code.size(); ++i) {
      for (const Home& home : homes()) {
        const bool is_there =
            std::any_of(home.headers.begin(), home.headers.end(),
                        [&](std::string_view it) { return headers.contains(it); });
        if (is_there) continue;
        for (const std::string& name : names_in(code[i], home.space)) {
          const bool is_its = home.names.empty() || std::find(home.names.begin(), home.names.end(),
                                                              name) != home.names.end();
          if (!is_its || !reported.insert(name).second) continue;
          findings.push_back(
              {path, i + 1, "standard",
               fmt::format("{}::{} without <{}>", home.space, name, home.headers.front())});
        }
      }
    }
  }
  return findings;
}

}  // namespace txsim::tidy
