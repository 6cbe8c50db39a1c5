// The rules that a test can hold: which folder may include which, what would make a run depend on
// the machine, and the shape of files. Sources: the project's folder table and determinism rules.
#pragma once

#include <cstddef>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace txsim::tidy {

struct Finding {
  std::string file;
  std::size_t line = 0;
  std::string rule;
  std::string what;
};

// One file that may use one banned word or header, and why.
struct Exception {
  std::string_view file;
  std::string_view word;
  std::string_view reason;
};

// The exceptions that hold for this project.
const std::vector<Exception>& exceptions();

// Every breach of a rule in one file. `path` is relative to the root of the project.
std::vector<Finding> check_file(const std::string& path, std::string_view text,
                                const std::vector<Exception>& allowed = exceptions());

// What files may not reach through any number of includes. `texts`: of all files, by path.
std::vector<Finding> check_reach(const std::map<std::string, std::string>& texts);

// Names of the standard library and of fmt that a file uses although neither it nor a file of the
// project that it includes, through any number of them, includes a header that has the name. For
// names of headers that joined builds and scripts/compile-apart put before every file.
std::vector<Finding> check_standard(const std::map<std::string, std::string>& texts);

// "file:line: rule: what"
std::string to_text(const Finding& finding);

}  // namespace txsim::tidy
