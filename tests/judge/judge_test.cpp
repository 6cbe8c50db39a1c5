// The reference judge on runs of which the right verdict was worked out by hand, and the generator.
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

// On each of these txsim's judges were once wrong.
constexpr Case kCases[] = {
    // In the end both steps are in effect, and nobody called anything off.
    {"judged-before-its-end", "atomicity", Verdict::Holds},
    {"judged-before-its-end", "truthful-reply", Verdict::Holds},
    {"judged-before-its-end", "no-hanging", Verdict::Vacuous},
    {"judged-before-its-end", "no-lost-event", Verdict::Holds},
    // The crash falls behind what one write has made durable, with all facts of it.
    {"two-orders-one-disk-write", "conservation", Verdict::Holds},
    {"two-orders-one-disk-write", "durability", Verdict::Holds},
    {"three-orders-one-disk-write", "conservation", Verdict::Holds},
    {"three-orders-one-disk-write", "durability", Verdict::Holds},
    // A lazily written abort is forgotten, and made again.
    {"take-and-give-of-one-resource-aborted-then-crash", "agreement", Verdict::Holds},
    {"take-and-give-of-one-resource-aborted-then-crash", "irrevocable", Verdict::Holds},
    {"take-and-give-of-one-resource-aborted-then-crash", "atomicity", Verdict::Holds},
    {"take-and-give-of-one-resource-aborted-then-crash", "truthful-reply", Verdict::Holds},
    {"take-and-give-of-one-resource-aborted-then-crash", "durability", Verdict::Holds},
    // It takes effect once.
    {"one-phase-commit-arrives-late", "exactly-once", Verdict::Vacuous},
    // Two executions of one order, the second aborts: each ends alike at all its participants.
    {"submitted-twice-second-execution-aborts", "agreement", Verdict::Holds},
    {"submitted-twice-second-execution-aborts", "irrevocable", Verdict::Holds},
    {"submitted-twice-second-execution-aborts", "exactly-once", Verdict::Holds},
    {"submitted-twice-second-execution-aborts", "truthful-reply", Verdict::Holds},
    {"refused-repeat-told-failed", "truthful-reply", Verdict::Holds},
    // What the second Try has reserved stays so.
    {"reserved-for-ever", "convergence", Verdict::Violated},
    {"reserved-for-ever", "exactly-once", Verdict::Violated},
    // Compensated was the step of another node; the one that came late is not compensated at all.
    {"compensated-while-a-sibling-is-active", "no-hanging", Verdict::Holds},
    {"compensated-while-a-sibling-is-active", "atomicity", Verdict::Violated},
    {"compensated-while-a-sibling-is-active", "truthful-reply", Verdict::Violated},
    {"compensated-while-a-sibling-is-active", "compensation-order", Verdict::Violated},
    {"cause-blamed-ten-seconds-early", "atomicity", Verdict::Violated},
    {"cause-blamed-ten-seconds-early", "truthful-reply", Verdict::Violated},
    {"cause-blamed-ten-seconds-early", "compensation-order", Verdict::Violated},
    {"cause-blamed-cured", "atomicity", Verdict::Holds},
    {"cause-blamed-cured", "compensation-order", Verdict::Holds},
    // The coordinator forgot the first execution in its crash; the second is another one.
    {"forgotten-and-executed-again", "agreement", Verdict::Holds},
    {"forgotten-and-executed-again", "unanimity", Verdict::Holds},
    {"forgotten-and-executed-again", "exactly-once", Verdict::Holds},
    // The second execution's vote is about what the first has updated.
    {"begun-again-with-a-branch-still-open", "atomicity", Verdict::Holds},
    {"begun-again-with-a-branch-still-open", "truthful-reply", Verdict::Holds},
    {"begun-again-with-a-branch-still-open", "convergence", Verdict::Holds},
    // What ends where it only waits is of the second execution, whose coordinator has aborted.
    {"begun-again-while-it-waits-for-a-lock", "agreement", Verdict::Holds},
    // The participant has not recalled its vote when its coordinator crashes, and crashes with it.
    {"crashed-for-good-while-it-recovers", "non-blocking", Verdict::Vacuous},
    // No step is announced, for it only reads; its vote is.
    {"forgotten-vote-of-a-read", "durability", Verdict::Violated},
    {"kept-vote-of-a-read", "durability", Verdict::Holds},
    // Its step took effect twice and was compensated once; the saga committed.
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

TEST_CASE("reference judge: verdicts that were worked out by hand") {
  for (const Case& expected : kCases) {
    const std::vector<Decision> all = decide_by_definition(text_of(expected.file));
    const Decision& decided = decision(all, expected.invariant);
    INFO(expected.file << ": " << expected.invariant << ": " << decided.why);
    CHECK(text(decided.verdict) == text(expected.verdict));
  }
}

TEST_CASE("judges: where they once differed, they agree") {
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

TEST_CASE("reference judge: a healthy run that its horizon cuts violates nothing, with any seed") {
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

TEST_CASE("generator: the same number gives the same scenario, another one another") {
  CHECK(generate(7, Mechanisms::On) == generate(7, Mechanisms::On));
  CHECK(generate(7, Mechanisms::On) != generate(8, Mechanisms::On));
}

TEST_CASE(
    "generator: every key of every protocol is drawn, and no safe scenario has a switch off") {
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
  if (TXSIM_SANITIZED) return;  // too few to have drawn every key
  for (const KeyInfo& key : scenario_keys()) {
    const bool of_files =
        key.key == "include" || key.key == "title" || key.key == "source" || key.key == "that";
    if (!of_files) CHECK_THAT(all, Catch::Contains("\n" + key.key + " = "));
  }
}

TEST_CASE("judges: a difference is made as small as it can be") {
  const std::string text = text_of("reserved-for-ever");
  CHECK(compare("[service a]\n").findings.at(0).kind == "refused");
  CHECK(shrunk("[service a]\n" + text, "refused").size() < text.size());
}

}  // namespace txsim::reference
