// The rules that a test can enforce: allowed includes of each folder, names that would make a run
// depend on the machine, and the shape of files.
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

// A file that may use one banned word or header, with the reason.
struct Exception {
  std::string_view file;
  std::string_view word;
  std::string_view reason;
};

// The exceptions of this project.
const std::vector<Exception>& exceptions();

// Every violation of a rule in one file. `path` is relative to the project's root.
std::vector<Finding> check_file(const std::string& path, std::string_view text,
                                const std::vector<Exception>& allowed = exceptions());

// Files that a file must not reach through includes, but does. `texts`: all files by path.
std::vector<Finding> check_reach(const std::map<std::string, std::string>& texts);

// Names of the standard library and of fmt that a file uses without an include of their header,
// directly or through files of the project. Unity builds and scripts/compile-apart put some headers
// before every file, so the compiler does not find these errors.
std::vector<Finding> check_standard(const std::map<std::string, std::string>& texts);

// "file:line: rule: what"
std::string to_text(const Finding& finding);

}  // namespace txsim::tidy
