#include "cli/library.h"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <sstream>

#include "cli/errors.h"
#include "cli/files.h"

namespace txsim {

namespace fs = std::filesystem;

std::string library_folder() {
  std::error_code error;
  if (fs::is_directory("scenarios", error)) return "scenarios";
  const fs::path program = fs::read_symlink("/proc/self/exe", error);
  for (const fs::path& folder :
       {program.parent_path().parent_path() / "share/txsim/scenarios", fs::path(TXSIM_SCENARIOS)}) {
    if (fs::is_directory(folder, error)) return folder.string();
  }
  return "";
}

bool is_scenario(const std::string& text) {
  std::istringstream lines(text);
  std::string line;
  std::string section;
  bool has_title = false;
  bool says_more = false;
  while (std::getline(lines, line)) {
    line.erase(std::remove_if(line.begin(), line.end(),
                              [](char c) { return c == ' ' || c == '\t' || c == '\r'; }),
               line.end());
    if (line.starts_with("[")) section = line.substr(0, line.find(']') + 1);
    if (section == "[expect]" || line.starts_with("include=")) says_more = true;
    if (section != "[scenario]") continue;
    if (line.starts_with("title=")) has_title = true;
    if (line.starts_with("protocol=")) says_more = true;
  }
  return has_title && says_more;
}

std::vector<std::string> scenarios_in(const std::string& folder) {
  std::vector<std::string> files;
  std::error_code error;
  fs::recursive_directory_iterator entry(folder, error);
  const fs::recursive_directory_iterator end;
  while (!error && entry != end) {
    if (entry->path().extension() == ".ini" && entry->is_regular_file(error)) {
      files.push_back(entry->path().lexically_normal().string());
    }
    entry.increment(error);
  }
  if (error) throw InputError(fmt::format("{}: {}", folder, error.message()));
  std::sort(files.begin(), files.end());
  files.erase(std::remove_if(files.begin(), files.end(),
                             [](const std::string& file) {
                               const FileText read = read_file(file);
                               return read.text && !is_scenario(*read.text);
                             }),
              files.end());
  return files;
}

std::vector<std::string> find_scenarios(const std::vector<std::string>& paths) {
  std::vector<std::string> files;
  for (const std::string& path : paths) {
    std::error_code error;
    if (!fs::is_directory(path, error)) {
      files.push_back(path);
      continue;
    }
    const std::vector<std::string> found = scenarios_in(path);
    if (found.empty()) {
      throw InputError(
          fmt::format("{}: there is no scenario in this folder (a file ending in .ini "
                      "whose [scenario] has a title and a protocol)",
                      path));
    }
    files.insert(files.end(), found.begin(), found.end());
  }
  return files;
}

}  // namespace txsim
