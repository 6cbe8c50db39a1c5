#include <algorithm>
#include <set>
#include <string>
#include <vector>

#include "tests/tidy/rules.h"
#include "tests/tidy/source_text.h"

namespace txsim::tidy {
namespace {

struct Home {
  std::vector<std::string_view> names;
  std::vector<std::string_view> headers;  // any of them
};

// What each header has is what C++20 says, [headers]; <string> also gives string_view, for a string
// converts to one, and each stream gives string.
const std::vector<Home>& homes() {
  static const std::vector<Home> list = {
      {{"vector"}, {"vector"}},
      {{"array"}, {"array"}},
      {{"map", "multimap"}, {"map"}},
      {{"set", "multiset"}, {"set"}},
      {{"span"}, {"span"}},
      {{"optional", "nullopt"}, {"optional"}},
      {{"function", "reference_wrapper", "cref", "hash"}, {"functional"}},
      {{"unique_ptr", "shared_ptr", "weak_ptr", "make_unique", "make_shared"}, {"memory"}},
      {{"string", "to_string", "getline"},
       {"string", "fstream", "sstream", "iostream", "filesystem", "stdexcept"}},
      {{"string_view"}, {"string_view", "string", "filesystem"}},
      {{"int8_t", "int16_t", "int32_t", "int64_t", "uint8_t", "uint16_t", "uint32_t", "uint64_t"},
       {"cstdint"}},
      {{"sort",        "stable_sort", "find_if",     "any_of",      "all_of",
        "none_of",     "count_if",    "lower_bound", "upper_bound", "equal_range",
        "min_element", "max_element", "unique",      "remove_if",   "replace",
        "transform",   "clamp",       "minmax",      "is_sorted",   "set_difference"},
       {"algorithm"}}};
  return list;
}

const std::vector<std::string_view>* headers_of(std::string_view name) {
  for (const Home& home : homes()) {
    if (std::find(home.names.begin(), home.names.end(), name) != home.names.end()) {
      return &home.headers;
    }
  }
  return nullptr;
}

struct Includes {
  std::vector<std::string> files;
  std::set<std::string, std::less<>> headers;
};

Includes includes_of(const std::vector<std::string>& lines) {
  Includes includes;
  for (const std::string& line : lines) {
    const std::size_t open = line.find_first_of("\"<");
    if (!line.starts_with("#include ") || open == std::string::npos) continue;
    const std::string name = line.substr(open + 1, line.find_first_of("\">", open + 1) - open - 1);
    if (line[open] == '"') {
      includes.files.push_back(name);
    } else if (name.starts_with("txsim/")) {  // as where it is installed
      includes.files.push_back(name.substr(6));
    } else {
      includes.headers.insert(name);
    }
  }
  return includes;
}

// The names behind `space` and two colons.
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
  std::map<std::string, SourceText> sources;
  std::map<std::string, Includes> includes;
  for (const auto& [path, text] : texts) {
    const SourceText& source = sources.emplace(path, read_source(text)).first->second;
    includes.emplace(path, includes_of(source.lines));
  }
  std::vector<Finding> findings;
  for (const auto& [path, source] : sources) {
    std::set<std::string, std::less<>> headers;
    std::set<std::string> reached = {path};
    std::vector<std::string> left = {path};
    while (!left.empty()) {
      const Includes& next = includes[left.back()];
      left.pop_back();
      headers.insert(next.headers.begin(), next.headers.end());
      for (const std::string& file : next.files) {
        if (reached.insert(file).second) left.push_back(file);
      }
    }
    std::set<std::string> reported;
    for (std::size_t i = 0; i < source.code.size(); ++i) {
      for (const std::string& name : names_in(source.code[i], "std")) {
        const std::vector<std::string_view>* any = headers_of(name);
        if (any == nullptr || !reported.insert(name).second) continue;
        const bool has = std::any_of(any->begin(), any->end(), [&](std::string_view header) {
          return headers.contains(header);
        });
        if (!has) {
          findings.push_back({path, i + 1, "standard",
                              "std::" + name + " without <" + std::string(any->front()) + ">"});
        }
      }
      if (!names_in(source.code[i], "fmt").empty() && reported.insert("fmt").second &&
          !headers.contains("fmt/format.h")) {
        findings.push_back({path, i + 1, "standard", "fmt:: without <fmt/format.h>"});
      }
    }
  }
  return findings;
}

}  // namespace txsim::tidy
