#include "tests/judge/random_runs.h"

#include <fmt/format.h>

#include "tests/judge/compare.h"
#include "tests/judge/generator.h"

namespace txsim::reference {
namespace {

// Depends on the number only, so shards do not change the scenarios.
Mechanisms mechanisms_of(std::uint64_t number) {
  constexpr std::uint64_t kTogether = 4;
  return number / kTogether % 2 == 0 ? Mechanisms::On : Mechanisms::Mixed;
}

}  // namespace

FoundInRuns find_in_random_runs(const RandomRuns& runs) {
  constexpr std::uint64_t kRunsOfASeed = 1'000'000'000;
  FoundInRuns found;
  for (std::uint64_t i = runs.part - 1; i < runs.runs; i += runs.parts) {
    const std::uint64_t number = runs.first_seed * kRunsOfASeed + i;
    const std::string text = generate(number, mechanisms_of(number));
    const ComparedRun compared = compare(text);
    ++found.runs;
    if (runs.stops_at_first && !compared.findings.empty()) found.stopped = true;
    found.events += compared.events;
    if (compared.is_too_long) ++found.too_long;
    for (const Finding& finding : compared.findings) {
      FoundKind& kind = found.kinds[finding.kind];
      const bool is_shortest = kind.times == 0 || text.size() < kind.text.size();
      if (is_shortest) kind = {kind.times, number, text, finding.why};
      ++kind.times;
    }
    if (found.stopped) break;
  }
  return found;
}

std::string as_scenario(const std::string& kind, const FoundKind& found) {
  const std::string small = shrunk(found.text, kind);
  std::string why = found.why;
  for (const Finding& finding : compare(small).findings) {
    if (finding.kind == kind) why = finding.why;
  }
  return fmt::format("# {}\n# {} times, such as in random scenario {}\n# {}\n{}", kind, found.times,
                     found.first, why, small);
}

}  // namespace txsim::reference
