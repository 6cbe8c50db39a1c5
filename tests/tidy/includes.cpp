#include "tests/tidy/includes.h"

#include "tests/tidy/source_text.h"

namespace txsim::tidy {

std::string_view included_by(std::string_view line) {
  const std::size_t open = line.find_first_of("\"<");
  if (open == std::string_view::npos) return {};
  const std::size_t close = line.find_first_of("\">", open + 1);
  return line.substr(open + 1, close == std::string_view::npos ? close : close - open - 1);
}

Includes::Includes(const std::map<std::string, std::string>& texts) {
  constexpr std::string_view kPublic = "txsim/";  // <txsim/world.h> is include/txsim/world.h
  for (const auto& [path, text] : texts) {
    OfFile& of_file = all_[path];
    for (const std::string& line : read_source(text).lines) {
      if (!line.starts_with("#include ")) continue;
      const std::string_view name = included_by(line);
      if (name.starts_with(kPublic)) {
        of_file.files.push_back("include/" + std::string(name));
      } else if (line.starts_with("#include \"")) {
        of_file.files.emplace_back(name);
      } else {
        of_file.headers.emplace(name);
      }
    }
  }
}

std::map<std::string, std::string> Includes::reached_from(const std::string& path) const {
  std::map<std::string, std::string> reached = {{path, path}};
  std::vector<std::string> left = {path};
  while (!left.empty()) {
    const std::string at = left.back();
    left.pop_back();
    const auto found = all_.find(at);
    if (found == all_.end()) continue;
    for (const std::string& next : found->second.files) {
      if (reached.emplace(next, reached[at] + " > " + next).second) left.push_back(next);
    }
  }
  return reached;
}

const std::set<std::string, std::less<>>& Includes::headers_of(const std::string& path) const {
  static const std::set<std::string, std::less<>> kNone;
  const auto found = all_.find(path);
  return found == all_.end() ? kNone : found->second.headers;
}

}  // namespace txsim::tidy
