// usage: digests ROOT [EVERY]
// Runs the scenarios of ROOT/tests/golden/digests.txt, or every EVERY-th of them, and prints a line
// for each in the format of that file. It serves compilers, libraries and architectures that do not
// build the whole program. scripts/digest-table compares the results.
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <sstream>
#include <string>

#include "runs/run.h"
#include "scenarios/language.h"

namespace {

using namespace txsim;

int run_all(const std::string& root, int every) {
  const ReadFile read = [&](const std::string& path) -> FileText {
    std::ifstream file(root + "/" + path, std::ios::binary);
    if (!file) return {std::nullopt, "cannot be opened"};
    std::ostringstream text;
    text << file.rdbuf();
    return {text.str(), ""};
  };
  std::ifstream list(root + "/tests/golden/digests.txt");
  std::string digest;
  std::string file;
  int number = 0;
  while (list >> digest >> file) {
    if (number++ % every != 0) continue;
    const ParsedScenario parsed = parse_scenario(file, read, {});
    if (!parsed.scenario) {
      std::fprintf(stderr, "digests: %s\n", text(parsed.errors.front()).c_str());
      return 2;
    }
    const RunResult result = run_scenario(parsed.scenario);
    std::printf("%016llx %s\n", static_cast<unsigned long long>(result.digest), file.c_str());
  }
  return number > 0 ? 0 : 2;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 2 || argc > 3) {
    std::fprintf(stderr, "usage: digests ROOT [EVERY]\n");
    return 2;
  }
  const int every = argc == 3 ? std::atoi(argv[2]) : 1;
  return run_all(argv[1], every > 0 ? every : 1);
}
