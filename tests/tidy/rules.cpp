#include "tests/tidy/rules.h"

#include <algorithm>
#include <map>

#include "tests/tidy/includes.h"
#include "tests/tidy/source_text.h"

namespace txsim::tidy {
namespace {

using Names = std::vector<std::string_view>;

constexpr std::size_t kMostColumns = 100;
constexpr std::size_t kMostFileLines = 1000;
constexpr std::size_t kMostFunctionLines = 70;

// The folders and files that each folder may include. A name with a final slash stands for
// everything below it. Other folders may include everything except the public headers.
const std::map<std::string_view, Names> kMayInclude = {
    {"sim", {"sim/", "fmt/"}},
    {"transactions", {"sim/", "transactions/", "fmt/"}},
    {"services", {"sim/", "transactions/", "services/", "fmt/"}},
    {"protocols", {"sim/", "transactions/", "services/", "protocols/", "fmt/"}},
    {"checks",
     {"checks/", "transactions/", "sim/time.h", "sim/trace.h", "sim/word.h", "sim/message.h",
      "sim/fingerprint.h", "sim/assert.h", "sim/ring.h", "sim/table.h", "sim/vector.h", "fmt/"}},
    {"scenarios",
     {"sim/", "transactions/", "services/", "protocols/", "scenarios/", "fmt/", "boost/"}},
    {"runs",
     {"sim/", "transactions/", "services/", "protocols/", "checks/", "scenarios/", "runs/",
      "fmt/"}},
    {"reports",
     {"sim/time.h", "sim/trace.h", "sim/word.h", "sim/message.h", "sim/assert.h", "sim/utf8.h",
      "sim/program_name.h", "checks/", "runs/", "reports/", "fmt/", "nlohmann/"}},
    {"include",
     {"txsim/", "sim/", "transactions/", "services/", "protocols/protocol.h",
      "protocols/registry.h", "protocols/loadable.h", "checks/", "scenarios/", "runs/", "reports/",
      "cli/program.h"}},
    // Programs outside the project.
    {"examples", {"txsim/", "fmt/"}},
    {"tests/package", {"txsim/", "fmt/"}},
};

// Files that a folder may not reach through any number of includes, although the table above allows
// each step. A name with a final slash stands for everything below it.
const std::map<std::string_view, Names> kMayNotReach = {
    // A check reads facts, never a node or a world.
    {"checks/", {"sim/world.h", "sim/node.h"}},
    // A change to a protocol must not recompile the parser of scenarios.
    {"scenarios/scenario.h", {"sim/node.h", "protocols/"}},
    // A report reads results.
    {"reports/", {"sim/world.h", "sim/node.h", "protocols/"}},
    // Users of the library need fmt and no other library of txsim.
    {"include/", {"boost/", "nlohmann/", "CLI/", "pugixml.hpp", "sqlite3.h"}},
};

// Required parts of a public header's comment.
const Names kPublicHeaderSays = {"// Shapes: ", "// Units: ", "// Errors: "};

// Names that would make a run depend on the machine, the compiler or the library, or that are slow.
const Names kDeterministicFolders = {"sim",       "transactions", "services",
                                     "protocols", "checks",       "runs"};
const Names kBannedWords = {
    "float",         "double",        "long",
    "system_clock",  "steady_clock",  "high_resolution_clock",
    "std::time",     "clock_gettime", "gettimeofday",
    "rand",          "srand",         "random_device",
    "mt19937",       "std::hash",     "unordered_map",
    "unordered_set", "getenv",        "std::thread",
    "std::jthread",  "std::mutex",    "std::atomic",
    "std::async",    "thread_local",  "unordered_multimap",
};
const Names kBannedHeaders = {
    "random", "chrono", "ctime",  "time.h", "unordered_map", "unordered_set",
    "thread", "mutex",  "atomic", "future", "shared_mutex",  "condition_variable",
};

// Only cli/ touches files and the terminal.
const Names kQuietFolders = {"sim",    "transactions", "services", "protocols",
                             "checks", "scenarios",    "runs",     "reports"};
const Names kOutsideHeaders = {"fstream", "iostream", "filesystem", "cstdio", "unistd.h"};

bool contains(const Names& names, std::string_view name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

std::string_view folder_of(std::string_view path) { return path.substr(0, path.find('/')); }

// The table's entry for the folder of this file; the end if there is none.
auto rule_of(std::string_view path) {
  return std::find_if(kMayInclude.begin(), kMayInclude.end(), [&](const auto& rule) {
    return path.starts_with(rule.first) && path.substr(rule.first.size()).starts_with('/');
  });
}

// The protocol whose folder in protocols/ contains this file; empty for other files.
std::string_view protocol_of(std::string_view path) {
  if (folder_of(path) != "protocols") return {};
  const std::string_view below = path.substr(path.find('/') + 1);
  const std::size_t slash = below.find('/');
  return slash == std::string_view::npos ? std::string_view{} : below.substr(0, slash);
}

// Columns as in an editor: one for each UTF-8 character.
std::size_t columns(std::string_view line) {
  return static_cast<std::size_t>(std::count_if(line.begin(), line.end(), [](char c) {
    return (static_cast<unsigned char>(c) & 0xC0U) != 0x80U;
  }));
}

// True if a set or map in this line is ordered by a pointer: its first argument ends in a star.
bool orders_by_pointer(std::string_view code) {
  for (const std::string_view container : {"set<", "map<", "less<", "greater<"}) {
    for (std::size_t at = code.find(container); at != std::string_view::npos;
         at = code.find(container, at + 1)) {
      if (at > 0 && code[at - 1] != ':' && code[at - 1] != 'i') continue;  // std::set, multiset
      int depth = 0;
      std::size_t end = at + container.size();
      while (end < code.size() && (depth > 0 || (code[end] != ',' && code[end] != '>'))) {
        if (code[end] == '<') ++depth;
        if (code[end] == '>') --depth;
        ++end;
      }
      const std::string_view key = code.substr(at, end - at);
      if (key.find_last_not_of(' ') != std::string_view::npos &&
          key[key.find_last_not_of(' ')] == '*') {
        return true;
      }
    }
  }
  return false;
}

// The check of one file.
class Examination {
 public:
  Examination(const std::string& path, std::string_view text, const std::vector<Exception>& allowed)
      : path_(path), folder_(folder_of(path)), source_(read_source(text)), allowed_(allowed) {}

  std::vector<Finding> run() {
    for (std::size_t i = 0; i < source_.lines.size(); ++i) {
      check_shape(source_.lines[i], i + 1);
      const std::string& code = source_.code[i];
      const std::size_t first = code.find_first_not_of(' ');
      if (first == std::string::npos) continue;
      if (code.compare(first, 8, "#include") == 0) {
        check_include(included_by(source_.lines[i]), i + 1);
      } else if (contains(kDeterministicFolders, folder_)) {
        check_determinism(code, i + 1);
      }
    }
    check_header();
    check_lengths();
    return std::move(findings_);
  }

 private:
  void report(std::size_t line, std::string_view rule, std::string what) {
    findings_.push_back({path_, line, std::string(rule), std::move(what)});
  }

  bool allowed(std::string_view word) const {
    return std::any_of(allowed_.begin(), allowed_.end(), [&](const Exception& exception) {
      return exception.file == path_ && exception.word == word;
    });
  }

  void check_shape(const std::string& line, std::size_t number) {
    if (columns(line) > kMostColumns) report(number, "line-length", "over 100 columns");
    if (line.find('\t') != std::string::npos) report(number, "tab", "a tab");
    if (line.ends_with(' ') || line.ends_with('\r')) {
      report(number, "trailing-blank", "ends in a blank");
    }
    check_test_name(line, number);
  }

  // CMake ends a test's name at a semicolon, and ctest does not find such a test.
  void check_test_name(const std::string& line, std::size_t number) {
    const std::size_t open = line.find("TEST_CASE(\"");
    if (folder_ != "tests" || open == std::string::npos) return;
    const std::size_t close = line.find('"', open + 11);
    if (line.find(';', open) < close) report(number, "test-name", "a semicolon");
  }

  void check_include(std::string_view included, std::size_t line) {
    const auto rule = rule_of(path_);
    const bool ours_or_theirs = included.find('/') != std::string_view::npos;
    const bool is_public = included.starts_with("txsim/");
    const auto includes = [&](std::string_view name) {
      return name.ends_with('/') ? included.starts_with(name) : included == name;
    };
    const bool may = rule == kMayInclude.end()
                         ? !is_public
                         : std::any_of(rule->second.begin(), rule->second.end(), includes);
    if (ours_or_theirs && !may) {
      const std::string_view folder = rule == kMayInclude.end() ? folder_ : rule->first;
      report(line, "folder", std::string(folder) + "/ may not include " + std::string(included));
    } else if (is_public && included.find('/') != included.rfind('/')) {
      report(line, "public", std::string(included) + " is no public header");
    }
    const std::string_view mine = protocol_of(path_);
    const std::string_view theirs = protocol_of(included);
    if (!mine.empty() && !theirs.empty() && mine != theirs) {
      report(line, "protocol", "includes another protocol: " + std::string(included));
    }
    if (allowed(included)) return;
    if (contains(kDeterministicFolders, folder_) && contains(kBannedHeaders, included)) {
      report(line, "determinism", "includes <" + std::string(included) + ">");
    }
    if (contains(kQuietFolders, folder_) && contains(kOutsideHeaders, included)) {
      report(line, "outside", "only cli/ includes <" + std::string(included) + ">");
    }
  }

  void check_determinism(const std::string& code, std::size_t line) {
    for (const std::string_view word : kBannedWords) {
      if (has_word(code, word) && !allowed(word)) {
        report(line, "determinism", "uses " + std::string(word));
      }
    }
    if (orders_by_pointer(code)) report(line, "determinism", "is ordered by a pointer");
  }

  void check_header() {
    if (!path_.ends_with(".h")) return;
    const bool comment = !source_.lines.empty() && (source_.lines.front().starts_with("// ") ||
                                                    source_.lines.front().starts_with("/*"));
    if (!comment) report(1, "header-comment", "a header begins by saying what it is");
    const auto once = std::find(source_.code.begin(), source_.code.end(), "#pragma once");
    if (once == source_.code.end()) report(1, "pragma-once", "a header without #pragma once");
    if (folder_ != "include") return;
    for (const std::string_view what : kPublicHeaderSays) {
      const auto says = [&](std::string_view line) { return line.starts_with(what); };
      if (std::any_of(source_.lines.begin(), source_.lines.end(), says)) continue;
      report(1, "header-comment", "a public header has a line \"" + std::string(what) + "...\"");
    }
  }

  void check_lengths() {
    if (source_.lines.size() > kMostFileLines) {
      report(kMostFileLines + 1, "file-length", std::to_string(source_.lines.size()) + " lines");
    }
    for (const FunctionSpan& function : find_functions(source_.code)) {
      const std::size_t lines = function.last - function.first + 1;
      if (lines > kMostFunctionLines) {
        report(function.first, "function-length", std::to_string(lines) + " lines");
      }
    }
  }

  std::string path_;
  std::string folder_;
  SourceText source_;
  const std::vector<Exception>& allowed_;
  std::vector<Finding> findings_;
};

}  // namespace

const std::vector<Exception>& exceptions() {
  constexpr const char* kNoSharedWorld = "its threads share no world; what they give is ordered";
  constexpr const char* kOnlyTellsApart = "versions are compared with each other and told nobody";
  constexpr const char* kOnlyRaised = "a flag that is read once all threads are through";
  static const std::vector<Exception> list = {
      {"runs/jobs.h", "std::thread", kNoSharedWorld},
      {"runs/jobs.h", "std::mutex", kNoSharedWorld},
      {"runs/jobs.h", "thread", kNoSharedWorld},
      {"runs/jobs.h", "mutex", kNoSharedWorld},
      {"runs/jobs.h", "condition_variable", kNoSharedWorld},
      {"sim/versioned.cpp", "std::atomic", kOnlyTellsApart},
      {"sim/versioned.cpp", "atomic", kOnlyTellsApart},
      {"runs/world_model.h", "std::atomic", kOnlyRaised},
      {"runs/world_model.h", "atomic", kOnlyRaised},
  };
  return list;
}

std::vector<Finding> check_file(const std::string& path, std::string_view text,
                                const std::vector<Exception>& allowed) {
  return Examination(path, text, allowed).run();
}

std::vector<Finding> check_reach(const std::map<std::string, std::string>& texts) {
  const Includes includes(texts);
  std::vector<Finding> findings;
  for (const auto& [path, text] : texts) {
    (void)text;
    const std::map<std::string, std::string> reached = includes.reached_from(path);
    for (const auto& [other, way] : reached) {
      if (!other.starts_with("include/") || texts.contains(other)) continue;
      findings.push_back({path, 1, "public", "there is no public header: " + way});
    }
    for (const auto& [from, forbidden] : kMayNotReach) {
      const bool is_meant = from.ends_with('/') ? path.starts_with(from) : path == from;
      if (!is_meant) continue;
      const auto check = [&, &of = path, &refused = forbidden](std::string_view name,
                                                               const std::string& way) {
        const auto is_it = [&](std::string_view one) {
          return one.ends_with('/') ? name.starts_with(one) : name == one;
        };
        if (std::any_of(refused.begin(), refused.end(), is_it)) {
          findings.push_back({of, 1, "reach", "reaches " + way});
        }
      };
      for (const auto& [other, way] : reached) {
        check(other, way);
        for (const std::string& header : includes.headers_of(other)) {
          check(header, way + " > " + header);
        }
      }
    }
  }
  return findings;
}

std::string to_text(const Finding& finding) {
  return finding.file + ":" + std::to_string(finding.line) + ": " + finding.rule + ": " +
         finding.what;
}

}  // namespace txsim::tidy
