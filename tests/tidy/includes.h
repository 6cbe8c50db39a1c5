// What files include: themselves, and through each other.
#pragma once

#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace txsim::tidy {

// The file or header that a line includes; empty where it includes none.
std::string_view included_by(std::string_view line);

class Includes {
 public:
  // `texts`: of all files, by their paths from the root.
  explicit Includes(const std::map<std::string, std::string>& texts);

  // Every file of the project that `path` includes through any number of them, and itself, with the
  // way there: "runs/run.h > sim/world.h".
  std::map<std::string, std::string> reached_from(const std::string& path) const;
  // The headers of others, such as "vector", that one file names.
  const std::set<std::string, std::less<>>& headers_of(const std::string& path) const;

 private:
  struct OfFile {
    std::vector<std::string> files;
    std::set<std::string, std::less<>> headers;
  };
  std::map<std::string, OfFile> all_;
};

}  // namespace txsim::tidy
