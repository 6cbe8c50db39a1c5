// The files that each file includes, directly and through others.
#pragma once

#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace txsim::tidy {

// The file or header that this line includes; empty if it includes none.
std::string_view included_by(std::string_view line);

class Includes {
 public:
  // `texts`: all files by their paths from the root.
  explicit Includes(const std::map<std::string, std::string>& texts);

  // Every file of the project that `path` reaches through any number of includes, and `path`
  // itself, each with its chain: "runs/run.h > sim/world.h".
  std::map<std::string, std::string> reached_from(const std::string& path) const;
  // The external headers, such as "vector", that one file includes.
  const std::set<std::string, std::less<>>& headers_of(const std::string& path) const;

 private:
  struct OfFile {
    std::vector<std::string> files;
    std::set<std::string, std::less<>> headers;
  };
  std::map<std::string, OfFile> all_;
};

}  // namespace txsim::tidy
