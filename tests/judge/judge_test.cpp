// Tests the reference judge on runs whose verdicts were derived by hand, and the scenario
// generator.
#include <catch2/catch.hpp>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <string_view>
#include <vector>

#include "checks/verdict.h"
#include "scenarios/language.h"
#include "sim/assert.h"
#include "tests/judge/compare.h"
#include "tests/judge/generator.h"
#include "tests/judge/reference_judge.h"

namespace txsim::reference {
namespace {

struct Case {
  const char* file;
  const char* invariant;
  Verdict verdict;
};

// txsim's judge was once wrong on each of these runs.
constexpr Case kCases[] = {
    // At the end both steps are in effect, and no node cancelled anything.
    {"judged-before-its-end", "atomicity", Verdict::Holds},
    {"judged-before-its-end", "truthful-reply", Verdict::Holds},
    {"judged-before-its-end", "no-hanging", Verdict::Vacuous},
    {"judged-before-its-end", "no-lost-event", Verdict::Holds},
    // The crash follows a write that made all facts of the handler durable.
    {"two-orders-one-disk-write", "conservation", Verdict::Holds},
    {"two-orders-one-disk-write", "durability", Verdict::Holds},
    {"three-orders-one-disk-write", "conservation", Verdict::Holds},
    {"three-orders-one-disk-write", "durability", Verdict::Holds},
    // The abort record is not forced. It is lost and written again.
    {"take-and-give-of-one-resource-aborted-then-crash", "agreement", Verdict::Holds},
    {"take-and-give-of-one-resource-aborted-then-crash", "irrevocable", Verdict::Holds},
    {"take-and-give-of-one-resource-aborted-then-crash", "atomicity", Verdict::Holds},
    {"take-and-give-of-one-resource-aborted-then-crash", "truthful-reply", Verdict::Holds},
    {"take-and-give-of-one-resource-aborted-then-crash", "durability", Verdict::Holds},
    // The step takes effect once.
    {"one-phase-commit-arrives-late", "exactly-once", Verdict::Vacuous},
    // One order has two executions, and the second aborts. Each has one outcome at all
    // participants.
    {"submitted-twice-second-execution-aborts", "agreement", Verdict::Holds},
    {"submitted-twice-second-execution-aborts", "irrevocable", Verdict::Holds},
    {"submitted-twice-second-execution-aborts", "exactly-once", Verdict::Holds},
    {"submitted-twice-second-execution-aborts", "truthful-reply", Verdict::Holds},
    {"refused-repeat-told-failed", "truthful-reply", Verdict::Holds},
    // The second Try's reservation is never released.
    {"reserved-forever", "convergence", Verdict::Violated},
    {"reserved-forever", "exactly-once", Verdict::Violated},
    // The saga compensated a step at another node. The late step is never compensated.
    {"compensated-while-a-sibling-is-active", "no-hanging", Verdict::Holds},
    {"compensated-while-a-sibling-is-active", "atomicity", Verdict::Violated},
    {"compensated-while-a-sibling-is-active", "truthful-reply", Verdict::Violated},
    {"compensated-while-a-sibling-is-active", "compensation-order", Verdict::Violated},
    {"cause-blamed-ten-seconds-early", "atomicity", Verdict::Violated},
    {"cause-blamed-ten-seconds-early", "truthful-reply", Verdict::Violated},
    {"cause-blamed-ten-seconds-early", "compensation-order", Verdict::Violated},
    {"cause-blamed-cured", "atomicity", Verdict::Holds},
    {"cause-blamed-cured", "compensation-order", Verdict::Holds},
    // The coordinator forgets the first execution in its crash. The second is another transaction.
    {"forgotten-and-executed-again", "agreement", Verdict::Holds},
    {"forgotten-and-executed-again", "unanimity", Verdict::Holds},
    {"forgotten-and-executed-again", "exactly-once", Verdict::Holds},
    // The vote of the second execution covers the updates of the first.
    {"begun-again-with-a-branch-still-open", "atomicity", Verdict::Holds},
    {"begun-again-with-a-branch-still-open", "truthful-reply", Verdict::Holds},
    {"begun-again-with-a-branch-still-open", "convergence", Verdict::Holds},
    // The branch that ends while it waits belongs to the second execution, which aborted.
    {"begun-again-while-it-waits-for-a-lock", "agreement", Verdict::Holds},
    // The participant crashes with its coordinator, before it has recalled its vote.
    {"crashed-for-good-while-it-recovers", "non-blocking", Verdict::Vacuous},
    // A reader announces no step, but its vote.
    {"forgotten-vote-of-a-read", "durability", Verdict::Violated},
    {"kept-vote-of-a-read", "durability", Verdict::Holds},
    // The step took effect twice and was compensated once. The saga committed.
    {"compensated-once-of-twice", "compensation-order", Verdict::Violated},
    {"compensated-once-of-twice", "exactly-once", Verdict::Violated},
    {"blocking-is-not-judged", "agreement", Verdict::Holds},
    {"blocking-is-not-judged", "convergence", Verdict::Vacuous},
};

std::string text_of(const std::string& name) {
  std::ifstream file(std::string(TXSIM_SOURCE_DIR) + "/tests/judge/cases/" + name + ".ini");
  return {std::istreambuf_iterator<char>(file), {}};
}

const Decision& decision(const std::vector<Decision>& all, std::string_view invariant) {
  for (std::size_t i = 0; i < definitions().size(); ++i) {
    if (definitions()[i].invariant == invariant) return all[i];
  }
  throw Defect("no such invariant");
}

}  // namespace

TEST_CASE("reference judge: every invariant has a definition, in the same order") {
  REQUIRE(definitions().size() == invariants().size());
  for (std::size_t i = 0; i < definitions().size(); ++i) {
    CHECK(definitions()[i].invariant == invariants()[i].name);
  }
}

TEST_CASE("reference judge: it gives the verdicts that were derived by hand") {
  for (const Case& expected : kCases) {
    const std::vector<Decision> all = decide_by_definition(text_of(expected.file));
    const Decision& decided = decision(all, expected.invariant);
    INFO(expected.file << ": " << expected.invariant << ": " << decided.why);
    CHECK(text(decided.verdict) == text(expected.verdict));
  }
}

TEST_CASE("judges: they now agree on the scenarios where they once differed") {
  int cases = 0;
  for (const auto& entry :
       std::filesystem::directory_iterator(TXSIM_SOURCE_DIR "/tests/judge/cases")) {
    const std::string name = entry.path().stem().string();
    for (const Finding& finding : compare(text_of(name), {.promises = false}).findings) {
      FAIL_CHECK(name << ": " << finding.kind << ": " << finding.why);
    }
    ++cases;
  }
  CHECK(cases > 20);
}

TEST_CASE("reference judge: a healthy run cut off by its horizon violates nothing, for any seed") {
  const std::string text = text_of("cut-by-its-horizon");
  int cut_off = 0;
  for (int seed = 1; seed <= (TXSIM_SANITIZED ? 4 : 20); ++seed) {
    std::string seeded = text;
    seeded.insert(seeded.find("[scenario]\n") + 11, "seed = " + std::to_string(seed) + "\n");
    const std::vector<Decision> all = decide_by_definition(seeded);
    for (const Decision& decided : all) CHECK(decided.verdict != Verdict::Violated);
    if (decision(all, "convergence").verdict == Verdict::Vacuous) ++cut_off;
  }
  CHECK((TXSIM_SANITIZED || cut_off > 0));
}

TEST_CASE("generator: equal numbers give equal scenarios, different numbers different ones") {
  CHECK(generate(7, Mechanisms::On) == generate(7, Mechanisms::On));
  CHECK(generate(7, Mechanisms::On) != generate(8, Mechanisms::On));
}

TEST_CASE(
    "generator: it draws every key of every protocol, and turns no switch off in safe scenarios") {
  std::string all;
  for (std::uint64_t number = 0; number < (TXSIM_SANITIZED ? 150 : 3'000); ++number) {
    all += generate(number, Mechanisms::Mixed);
    const std::string safe = generate(number, Mechanisms::On);
    const auto read = [&](const std::string&) { return FileText{safe, ""}; };
    const ParsedScenario parsed = parse_scenario("safe.ini", read);
    INFO(safe);
    REQUIRE(parsed.scenario != nullptr);
    CHECK(std::all_of(
        parsed.scenario->switched_off.begin(), parsed.scenario->switched_off.end(),
        [](const std::string& key) { return key.starts_with("idempotent-receiver."); }));
  }
  if (TXSIM_SANITIZED) return;  // too few scenarios to draw every key
  for (const KeyInfo& key : scenario_keys()) {
    const bool of_files =
        key.key == "include" || key.key == "title" || key.key == "source" || key.key == "that";
    if (!of_files) CHECK_THAT(all, Catch::Contains("\n" + key.key + " = "));
  }
}

TEST_CASE("judges: a scenario on which they differ is shrunk") {
  const std::string text = text_of("reserved-forever");
  CHECK(compare("[service a]\n").findings.at(0).kind == "refused");
  CHECK(shrunk("[service a]\n" + text, "refused").size() < text.size());
}

}  // namespace txsim::reference
