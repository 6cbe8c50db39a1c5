// Files: reads scenarios; writes results so that a file is either complete or unchanged.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "scenarios/language.h"

namespace txsim {

// The text of a file of at most 16 MiB, or nothing and why.
FileText read_file(const std::string& path);

// Prints a scenario's errors and hints to standard error, each hint only once.
void tell_problems(const std::vector<ScenarioError>& errors,
                   const std::vector<ScenarioError>& hints);

// The scenario in a file with settings over it, or nothing and all its errors printed.
std::shared_ptr<const Scenario> read_scenario(const std::string& path,
                                              const std::vector<std::string>& settings);

// Why a system call failed, from its errno.
std::string error_text(int error);

// Throws InputError if a file cannot be written there. To be called before a long run.
void check_writable(const std::string& path);
// Throws InputError if the file to write is one of the scenarios that are read.
void check_no_input(const std::string& path, const std::vector<std::string>& scenarios);

// A file beside its target, "TARGET.tmp", that takes the target's place when it is complete. One
// process has it at a time, by a lock that ends with the process. The next process overwrites the
// file of a killed one.
class TemporaryFile {
 public:
  enum class Busy { Wait, Fail };

  TemporaryFile() = default;
  ~TemporaryFile();
  TemporaryFile(const TemporaryFile&) = delete;
  TemporaryFile& operator=(const TemporaryFile&) = delete;

  // Empty and locked. Throws InputError that names `path`, the path that the user gave.
  void open(const std::string& path, const std::string& target, Busy busy);
  // False: see errno.
  bool take_place();
  const std::string& name() const { return name_; }
  int file() const { return file_; }

 private:
  bool lock(Busy busy);
  bool is_still_there() const;

  std::string target_;
  std::string name_;  // empty: there is no file, or it has taken its place
  int file_ = -1;
};

// Writes to a temporary file and takes the target's place in `finish`; without `finish` nothing is
// left. "-" is standard output. Other files that are not regular (a pipe, /dev/null) are written
// directly. Throws InputError.
class OutputFile {
 public:
  explicit OutputFile(const std::string& path);
  ~OutputFile();
  OutputFile(const OutputFile&) = delete;
  OutputFile& operator=(const OutputFile&) = delete;

  void write(std::string_view text);
  void finish();

 private:
  [[noreturn]] void fail();

  std::string path_;
  std::string target_;                      // path_ with its links followed
  std::optional<TemporaryFile> temporary_;  // none: written in place
  int file_ = -1;                           // in place; -1: standard output, or finished
};

// The whole file by one OutputFile.
void write_file(const std::string& path, std::string_view text);

}  // namespace txsim
