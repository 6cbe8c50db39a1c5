#include "tests/cli/program.h"

#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <cstdio>
#include <cstdlib>

namespace txsim {
namespace {

std::vector<char*> pointers(std::vector<std::string>& words) {
  std::vector<char*> result;
  for (std::string& word : words) result.push_back(word.data());
  result.push_back(nullptr);
  return result;
}

int open_output(Output output, FILE* kept) {
  if (output == Output::Full) return open("/dev/full", O_WRONLY);
  if (output == Output::Kept) return fileno(kept);
  int ends[2] = {-1, -1};
  if (pipe(ends) != 0) return -1;
  close(ends[0]);
  return ends[1];
}

std::string content(FILE* file) {
  std::string text;
  std::rewind(file);
  char buffer[4096];
  for (std::size_t count = 0; (count = std::fread(buffer, 1, sizeof buffer, file)) > 0;) {
    text.append(buffer, count);
  }
  std::fclose(file);
  return text;
}

using Meanwhile = std::function<void(int process)>;

// `words`: a program's path and its arguments.
Ran run(std::vector<std::string> words, std::vector<std::string> variables, Output output,
        const Meanwhile& meanwhile) {
  FILE* kept = std::tmpfile();
  FILE* errors = std::tmpfile();
  REQUIRE(kept != nullptr);
  REQUIRE(errors != nullptr);
  const int target = open_output(output, kept);
  const pid_t child = fork();
  REQUIRE(child >= 0);
  if (child == 0) {
    const int nothing = open("/dev/null", O_RDONLY);
    dup2(nothing, STDIN_FILENO);
    dup2(target, STDOUT_FILENO);
    dup2(fileno(errors), STDERR_FILENO);
    execve(words.front().c_str(), pointers(words).data(), pointers(variables).data());
    _exit(127);
  }
  if (output != Output::Kept) close(target);
  if (meanwhile) meanwhile(child);
  int status = 0;
  REQUIRE(waitpid(child, &status, 0) == child);
  Ran ran;
  ran.status = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
  ran.output = content(kept);
  ran.error = content(errors);
  return ran;
}

std::vector<std::string> in_front(std::vector<std::string> words,
                                  const std::vector<std::string>& arguments) {
  words.insert(words.end(), arguments.begin(), arguments.end());
  return words;
}

}  // namespace

Ran run_program(const std::vector<std::string>& arguments,
                const std::vector<std::string>& environment, Output output) {
  return run(in_front({TXSIM_PROGRAM}, arguments), environment, output, {});
}

Ran run_own(const std::string& protocols, const std::vector<std::string>& arguments) {
  return run(in_front({TXSIM_OWN_PROGRAM}, arguments), {"OWN=" + protocols}, Output::Kept, {});
}

Ran run_limited(const std::string& limits, const std::vector<std::string>& arguments) {
  return run(
      in_front({"/bin/bash", "-c", limits + R"(; exec "$0" "$@")", TXSIM_PROGRAM}, arguments), {},
      Output::Kept, {});
}

Ran run_meanwhile(const std::vector<std::string>& arguments, const Meanwhile& meanwhile) {
  return run(in_front({TXSIM_PROGRAM}, arguments), {}, Output::Kept, meanwhile);
}

}  // namespace txsim
