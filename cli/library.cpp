#include "cli/library.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <sstream>

#include "cli/errors.h"
#include "cli/files.h"

namespace txsim {

namespace fs = std::filesystem;

namespace {

// Where a library may be, the nearest first. The paths do not depend on the machine that built
// txsim, so an installation can be moved.
std::vector<fs::path> library_folders() {
  std::error_code error;
  const fs::path installed = "txsim/scenarios";
  const fs::path program = fs::read_symlink("/proc/self/exe", error);
  std::vector<fs::path> folders = {"scenarios",
                                   program.parent_path().parent_path() / "share" / installed};
  const char* set = std::getenv("XDG_DATA_DIRS");
  std::istringstream shares(set != nullptr && *set != 0 ? set : "/usr/local/share:/usr/share");
  for (std::string share; std::getline(shares, share, ':');) {
    if (share.starts_with("/")) folders.push_back(share / installed);
  }
  return folders;
}

}  // namespace

std::string library_folder() {
  std::error_code error;
  for (const fs::path& folder : library_folders()) {
    if (fs::is_directory(folder, error)) return folder.string();
  }
  return "";
}

std::string find_in_library(const std::string& path) {
  std::error_code error;
  fs::path name = path;
  const bool can_be_there = !path.empty() && !name.is_absolute() && *name.begin() != "." &&
                            *name.begin() != ".." && !fs::exists(name, error);
  if (!can_be_there) return path;
  if (*name.begin() == "scenarios") name = name.lexically_relative("scenarios");
  for (const fs::path& folder : library_folders()) {
    const fs::path file = (folder / name).lexically_normal();
    if (fs::exists(file, error)) return file.string();
  }
  return path;
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
  for (const std::string& given : paths) {
    const std::string path = find_in_library(given);
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
