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

}  // namespace

Ran run_program(const std::vector<std::string>& arguments,
                const std::vector<std::string>& environment, Output output) {
  std::vector<std::string> words = {TXSIM_PROGRAM};
  words.insert(words.end(), arguments.begin(), arguments.end());
  std::vector<std::string> variables = environment;
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
    execve(TXSIM_PROGRAM, pointers(words).data(), pointers(variables).data());
    _exit(127);
  }
  if (output != Output::Kept) close(target);
  int status = 0;
  REQUIRE(waitpid(child, &status, 0) == child);
  Ran ran;
  ran.status = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
  ran.output = content(kept);
  ran.error = content(errors);
  return ran;
}

}  // namespace txsim
