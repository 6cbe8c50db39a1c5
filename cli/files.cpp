#include "cli/files.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <filesystem>

#include "cli/command.h"
#include "cli/terminal.h"

namespace txsim {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kLongestFile = 16U << 20;

std::string error_text(int error) { return std::strerror(error); }

// Where the text goes in the end: links are followed, also one that leads to nothing yet.
std::string follow_links(const std::string& path) {
  std::error_code error;
  fs::path target = path;
  for (int i = 0; i < 32 && fs::is_symlink(target, error); ++i) {
    const fs::path next = fs::read_symlink(target, error);
    target = next.is_absolute() ? next : target.parent_path() / next;
  }
  return target.string();
}

bool is_special(const std::string& path) {
  struct stat status {};
  return stat(path.c_str(), &status) == 0 && !S_ISREG(status.st_mode);
}

}  // namespace

FileText read_file(const std::string& path) {
  const int file = open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (file < 0) return {std::nullopt, error_text(errno)};
  FileText result;
  std::string text;
  char buffer[65536];
  while (true) {
    const ssize_t count = read(file, buffer, sizeof buffer);
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) result.error = error_text(errno);
    if (count <= 0) break;
    text.append(buffer, static_cast<std::size_t>(count));
    if (text.size() > kLongestFile) {
      result.error = "longer than 16 MiB: this is no scenario";
      break;
    }
  }
  close(file);
  if (result.error.empty()) result.text = std::move(text);
  return result;
}

std::shared_ptr<const Scenario> read_scenario(const std::string& path,
                                              const std::vector<std::string>& settings) {
  const ParsedScenario parsed = parse_scenario(path, read_file, settings);
  for (const ScenarioError& error : parsed.errors) print_error(text(error));
  return parsed.scenario;
}

void check_writable(const std::string& path) {
  if (path == "-") return;
  const fs::path target = follow_links(path);
  std::error_code error;
  if (fs::is_directory(target, error)) {
    throw InputError(fmt::format("{}: is a folder; name a file in it", path));
  }
  fs::path folder = target.parent_path();
  if (folder.empty()) folder = ".";
  if (!fs::is_directory(folder, error)) {
    throw InputError(fmt::format("{}: there is no folder {}", path, folder.string()));
  }
  if (!is_special(target) && access(folder.c_str(), W_OK) != 0) {
    throw InputError(fmt::format("{}: {}", path, error_text(errno)));
  }
}

void check_no_input(const std::string& path, const std::vector<std::string>& scenarios) {
  std::error_code error;
  if (std::filesystem::is_other(path, error)) return;
  for (const std::string& scenario : scenarios) {
    if (!std::filesystem::equivalent(path, scenario, error)) continue;
    throw InputError(path + ": is the scenario itself; name another file to write to");
  }
}

OutputFile::OutputFile(const std::string& path) : path_(path) {
  if (path == "-") return;
  check_writable(path);
  target_ = follow_links(path);
  if (is_special(target_)) {
    file_ = open(target_.c_str(), O_WRONLY | O_CLOEXEC);
  } else {
    temporary_ = fmt::format("{}.{}.tmp", target_, getpid());
    file_ = open(temporary_.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
  }
  if (file_ < 0) {
    const int error = errno;
    temporary_.clear();
    throw InputError(fmt::format("{}: {}", path_, error_text(error)));
  }
}

OutputFile::~OutputFile() {
  if (file_ >= 0) close(file_);
  if (!temporary_.empty()) unlink(temporary_.c_str());
}

void OutputFile::fail() {
  throw InputError(fmt::format("{}: {}; {}", path_, error_text(errno),
                               temporary_.empty() ? "it is not whole" : "it is as it was before"));
}

void OutputFile::write(std::string_view text) {
  if (path_ == "-") {
    print(text);
    return;
  }
  while (!text.empty()) {
    const ssize_t count = ::write(file_, text.data(), text.size());
    if (count >= 0) {
      text.remove_prefix(static_cast<std::size_t>(count));
    } else if (errno != EINTR) {
      fail();
    }
  }
}

void OutputFile::finish() {
  if (path_ == "-") return;
  if (!temporary_.empty()) {
    struct stat before {};
    if (stat(target_.c_str(), &before) == 0 && fchmod(file_, before.st_mode & 07777) != 0) fail();
    if (fsync(file_) != 0) fail();
  }
  const int file = std::exchange(file_, -1);
  if (close(file) != 0) fail();
  if (temporary_.empty()) return;
  if (rename(temporary_.c_str(), target_.c_str()) != 0) fail();
  temporary_.clear();
}

}  // namespace txsim
