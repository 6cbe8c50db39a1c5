// The reports on a walk: text, JSON and page say the same.
#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include "reports/walk_page.h"
#include "reports/walk_text.h"
#include "tests/contains.h"
#include "tests/reports/html_page.h"
#include "tests/runs/fault_walk.h"

namespace {

using namespace txsim;

// The coordinator crashes at each moment. Its decision is not forced.
class SampleWalk {
 public:
  explicit SampleWalk(std::uint64_t most_runs = 10'000)
      : plan_(plan_walk(tests::load("scenarios/order/two-phase-commit/commit.ini",
                                    {"two-phase-commit.force_decision=off"}),
                        wanted(most_runs))),
        result_(walk(plan_, 1, [](std::uint64_t, std::uint64_t) {})) {}

  WalkReport report() const {
    WalkReport report{&plan_, &result_, {}, "txsim walk <FILE>", "txsim run FILE --set "};
    for (const WalkRow& row : result_.rows) {
      report.first_faults.push_back(fault_text(plan_.fault_at(row.first), *plan_.scenario,
                                               plan_.undisturbed.spec->dictionary));
    }
    return report;
  }

 private:
  static WalkWanted wanted(std::uint64_t most_runs) {
    Fault crash;
    crash.nodes = {0};
    crash.duration = seconds(2);
    WalkWanted wanted;
    wanted.faults = {crash};
    wanted.most_runs = most_runs;
    return wanted;
  }

  WalkPlan plan_;
  WalkResult result_;
};

}  // namespace

TEST_CASE("walk text: each row has its moments in words, its outcome and its violations") {
  const SampleWalk sample;
  const std::string text = text_walk(sample.report(), Paint());
  CHECK(contains(text, "order crashes for 2s\n"));
  CHECK(contains(text, "undisturbed: 1 committed; clients told: 1 done\n"));
  CHECK(contains(text, "after order ──Prepare──▶ point (T1) … after order "));
  CHECK(contains(text, "violated: agreement, conservation, durability\n"));
  CHECK(contains(text, "the first: txsim run FILE --set 'faults.fault=crash order at event "));
}

TEST_CASE("walk text: places that were left out are told, with a way to take them") {
  const std::string text = text_walk(SampleWalk(9).report(), Paint());
  CHECK(contains(text, "only 9 of 91"));
  CHECK(contains(text, "--runs 91"));
}

TEST_CASE("walk JSON: rows add up to the runs, and name what is unexpected") {
  const SampleWalk sample;
  const auto json = nlohmann::json::parse(json_walk(sample.report()));
  CHECK(json["format"] == "txsim-walk");
  CHECK(json["as_expected"] == false);
  std::uint64_t runs = 0;
  bool is_agreement_named = false;
  for (const auto& row : json["walks"][0]["rows"]) {
    runs += row["runs"].get<std::uint64_t>();
    for (const auto& name : row["unexpected"]) is_agreement_named |= name == "agreement";
    CHECK(row["soonest_ns"].is_null() == (row["well_again"] != "after"));
  }
  CHECK(runs == json["runs"]);
  CHECK(is_agreement_named);
}

TEST_CASE("walk page: it is sound, and each mark leads to its row") {
  const SampleWalk sample;
  const std::string page = walk_page(sample.report());
  CHECK(wrong_with_page(page) == "");
  const ParsedPage parsed(page);
  REQUIRE(parsed.error.empty());
  const std::size_t rows = sample.report().result->rows.size();
  CHECK(parsed.count("//table[@class='walk-table']/tbody/tr") == rows);
  CHECK(parsed.count("//figure[@class='walk-strip']//a") == rows);
  CHECK(parsed.count("//svg[@class='walk-lanes']//a") == rows);
  CHECK(contains(page, "txsim walk &lt;FILE&gt;"));
  CHECK(walk_page(sample.report()) == page);
}
