// Scenarios written as one file.
#include "scenarios/draft.h"

#include <catch2/catch.hpp>

#include "runs/run.h"
#include "tests/runs/fault_walk.h"

namespace {

using namespace txsim;

std::uint64_t digest_of(std::shared_ptr<const Scenario> scenario) {
  return run_scenario(std::move(scenario)).digest;
}

}  // namespace

TEST_CASE("draft: each file of the library, written without includes, is the same scenario") {
  int written = 0;
  for (const std::string& file : tests::library_files()) {
    const ReadDraft read = read_draft(file, tests::read_text);
    if (!read.draft) continue;  // an included part
    CAPTURE(file);
    const ParsedScenario again = parse(*read.draft);
    REQUIRE(again.scenario);
    const Scenario& before = *read.scenario;
    const Scenario& after = *again.scenario;
    CHECK(after.plan.nodes == before.plan.nodes);
    CHECK(after.fault_texts == before.fault_texts);
    CHECK(after.faults == before.faults);
    CHECK(after.switched_off == before.switched_off);
    CHECK(after.expectations.size() == before.expectations.size());
    CHECK(after.story == before.story);
    if (++written % 12 != 0) continue;
    const auto reads_again = [&](const std::string&) { return FileText{text(*read.draft), ""}; };
    CHECK(text(*read_draft(file, reads_again).draft) == text(*read.draft));
    CHECK(digest_of(again.scenario) == digest_of(read.scenario));
  }
  CHECK(written > 100);
}

TEST_CASE("draft: settings become its lines, and a key that is set keeps its place") {
  const ReadDraft read =
      read_draft("scenarios/order/two-phase-commit/commit.ini", tests::read_text,
                 {"network.delay=7ms", "faults.fault=crash point at 1ms for 1s"});
  REQUIRE(read.draft);
  Draft draft = *read.draft;
  CHECK(draft.value("network", "delay") == "7ms");
  CHECK(text(draft).find("fault = crash point at 1ms for 1s\n") != std::string::npos);
  draft.set("network", "delay", {"8ms"});
  CHECK(parse(draft).scenario->network.delay.low == milliseconds(8));
  draft.erase("faults", "fault");
  CHECK(parse(draft).scenario->faults.empty());
  CHECK(text(draft).find("[faults]") == std::string::npos);
}

TEST_CASE("draft: an error in a scenario has its line") {
  const auto read_bad = [](const std::string&) { return FileText{"[scenario]\nseed = -1\n", ""}; };
  const ReadDraft read = read_draft("bad.ini", read_bad);
  CHECK_FALSE(read.draft);
  REQUIRE_FALSE(read.errors.empty());
  CHECK(text(read.errors.front()).starts_with("bad.ini:2: seed"));
}
