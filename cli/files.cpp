#include "cli/files.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <set>

#include "cli/errors.h"
#include "cli/terminal.h"

namespace txsim {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kLongestFile = 16U << 20;

// The path that is written in the end: follows links, even one whose target does not exist yet.
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

std::string error_text(int error) { return std::strerror(error); }

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
      result.error = "longer than 16 MiB, so it is not a scenario";
      break;
    }
  }
  close(file);
  if (result.error.empty()) result.text = std::move(text);
  return result;
}

void tell_problems(const std::vector<ScenarioError>& errors,
                   const std::vector<ScenarioError>& hints) {
  static std::set<std::string> told;
  for (const ScenarioError& error : errors) print_error(text(error));
  for (const ScenarioError& hint : hints) {
    if (told.insert(text(hint)).second) print_error(text(hint));
  }
}

std::shared_ptr<const Scenario> read_scenario(const std::string& path,
                                              const std::vector<std::string>& settings) {
  const ParsedScenario parsed = parse_scenario(path, read_file, settings);
  tell_problems(parsed.errors, parsed.hints);
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

TemporaryFile::~TemporaryFile() {
  if (!name_.empty()) unlink(name_.c_str());
  if (file_ >= 0) close(file_);
}

// Another process may have renamed the file between our open and our lock.
bool TemporaryFile::is_still_there() const {
  struct stat ours {};
  struct stat there {};
  return fstat(file_, &ours) == 0 && stat(name_.c_str(), &there) == 0 &&
         ours.st_dev == there.st_dev && ours.st_ino == there.st_ino;
}

// On a file system without locks, no lock is taken.
bool TemporaryFile::lock(Busy busy) {
  const int operation = busy == Busy::Wait ? LOCK_EX : LOCK_EX | LOCK_NB;
  while (flock(file_, operation) != 0) {
    if (errno == EINTR) continue;
    return errno == ENOLCK || errno == EOPNOTSUPP || errno == EINVAL;
  }
  return true;
}

void TemporaryFile::open(const std::string& path, const std::string& target, Busy busy) {
  target_ = target;
  const std::string name = target + ".tmp";
  while (true) {
    file_ = ::open(name.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0666);
    if (file_ < 0) throw InputError(fmt::format("{}: {}", path, error_text(errno)));
    if (!lock(busy)) {
      const bool is_busy = errno == EWOULDBLOCK;
      throw InputError(
          fmt::format("{}: {}", path, is_busy ? "another txsim is writing it" : error_text(errno)));
    }
    name_ = name;
    if (is_still_there()) break;
    name_.clear();
    close(std::exchange(file_, -1));
  }
  if (ftruncate(file_, 0) != 0) throw InputError(fmt::format("{}: {}", path, error_text(errno)));
}

bool TemporaryFile::take_place() {
  if (rename(name_.c_str(), target_.c_str()) != 0) return false;
  name_.clear();
  return close(std::exchange(file_, -1)) == 0;
}

OutputFile::OutputFile(const std::string& path) : path_(path) {
  if (path == "-") return;
  check_writable(path);
  target_ = follow_links(path);
  if (!is_special(target_)) {
    temporary_.emplace().open(path_, target_, TemporaryFile::Busy::Wait);
    return;
  }
  file_ = open(target_.c_str(), O_WRONLY | O_CLOEXEC);
  if (file_ < 0) throw InputError(fmt::format("{}: {}", path_, error_text(errno)));
}

OutputFile::~OutputFile() {
  if (file_ >= 0) close(file_);
}

void OutputFile::fail() {
  throw InputError(fmt::format("{}: {}; {}", path_, error_text(errno),
                               temporary_ ? "it is unchanged" : "it is incomplete"));
}

void OutputFile::write(std::string_view text) {
  if (path_ == "-") {
    print(text);
    return;
  }
  const int file = temporary_ ? temporary_->file() : file_;
  while (!text.empty()) {
    const ssize_t count = ::write(file, text.data(), text.size());
    if (count >= 0) {
      text.remove_prefix(static_cast<std::size_t>(count));
    } else if (errno != EINTR) {
      fail();
    }
  }
}

void OutputFile::finish() {
  if (path_ == "-") return;
  if (!temporary_) {
    if (close(std::exchange(file_, -1)) != 0) fail();
    return;
  }
  struct stat before {};
  const int file = temporary_->file();
  if (stat(target_.c_str(), &before) == 0 && fchmod(file, before.st_mode & 07777) != 0) fail();
  if (fsync(file) != 0 || !temporary_->take_place()) fail();
}

void write_file(const std::string& path, std::string_view text) {
  OutputFile file(path);
  file.write(text);
  file.finish();
}

}  // namespace txsim
