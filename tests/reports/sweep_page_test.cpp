// The HTML page of a sweep is complete, harmless and small, and its charts and tables agree with
// the summary. tests/browser/ tests its appearance in a browser.
#include <algorithm>
#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>
#include <sstream>

#include "reports/sweep_charts.h"
#include "reports/sweep_page.h"
#include "tests/reports/html_page.h"

namespace {

using namespace txsim;
using Json = nlohmann::json;

SweepCellName cell(const std::string& protocol, const std::vector<std::string>& varied) {
  return {"scenarios/order/order.ini", "An order", protocol, 7, varied};
}

// Two protocols, each with three rates of loss. The second protocol violates the first invariant in
// every tenth run, and its lock times grow with the loss.
SweepSummary sample(std::uint64_t seeds) {
  SweepHeader header;
  for (const char* protocol : {"tcc", "local"}) {
    for (const char* loss : {"0%", "1%", "5%"}) {
      header.cells.push_back(cell(protocol, {std::string("scenario.protocol=") + protocol,
                                             std::string("network.loss=") + loss}));
    }
  }
  header.seeds = seeds;
  SweepSummary summary(header);
  for (std::uint64_t number = 0; number < header.runs(); ++number) {
    SweepRun run;
    run.cell = static_cast<std::uint32_t>(number % header.cells.size());
    run.seed = 1 + number / header.cells.size();
    run.verdicts.assign(invariants().size(), Verdict::Holds);
    if (run.cell >= 3 && run.seed % 10 == 0) run.verdicts[0] = Verdict::Violated;
    run.counters.orders = 4;
    run.counters.submitted = 5;
    run.counters.told_done = run.counters.orders_told_done = 3;
    run.counters.endings[static_cast<std::size_t>(Ending::Committed)] = 3;
    run.counters.endings[static_cast<std::size_t>(Ending::Aborted)] = 1;
    run.counters.latency.add(milliseconds(5));
    run.latencies = {{duration_class(milliseconds(5)), 4}};
    run.counters.lock_hold.add(milliseconds(1 + run.cell % 3));
    run.counters.dirty_uses = run.cell == 0 ? 2 : 0;
    run.sent = 40;
    run.forced = 12;
    run.fault_coverage = {{FaultEffect::Crash, Part::Coordinator, 2, 1}};
    summary.add(run);
  }
  return summary;
}

const Chart& chart(const std::vector<Chart>& charts, const std::string& title) {
  const auto found =
      std::find_if(charts.begin(), charts.end(), [&](const Chart& c) { return c.title == title; });
  REQUIRE(found != charts.end());
  return *found;
}

// The chart's values that match all these fields.
std::vector<Json> values_of(const Chart& chart, const Json& wanted) {
  std::vector<Json> found;
  const Json spec = Json::parse(chart.spec);
  for (const Json& value : spec["data"]["values"]) {
    const auto fits = [&](const auto& field) {
      return value.value(field.key(), Json()) == field.value();
    };
    bool all = true;
    for (const auto& field : wanted.items()) all = all && fits(field);
    if (all) found.push_back(value);
  }
  return found;
}

}  // namespace

TEST_CASE("sweep page: well formed, self-contained, and the same bytes for the same sweep") {
  const SweepSummary summary = sample(30);
  const std::string page = sweep_page(summary, {"runs/cell-3-seed-10.html"});
  CHECK(wrong_with_page(page, true) == "");
  CHECK(page == sweep_page(summary, {"runs/cell-3-seed-10.html"}));
  const ParsedPage parsed(page);
  CHECK(parsed.count("//a[@href='runs/cell-3-seed-10.html']") == 1);
  CHECK(parsed.count("//ol[@class='first-violations']/li") == 9);
  CHECK(wrong_with_page(sweep_page(SweepSummary(SweepHeader{}), {})) == "");
}

TEST_CASE("sweep page: text of scenarios and settings stays text") {
  const std::string evil = "</script><script>alert(1)</script>\"'&<b>";
  SweepHeader header;
  header.cells = {{evil, evil, "tcc", 1, {"a.b=" + evil}},
                  {evil + "2", "t", "local", 2, {"a.b=1"}}};
  header.settings = {"x.y=" + evil};
  SweepSummary summary(header);
  SweepRun run;
  run.seed = 1;
  run.verdicts.assign(invariants().size(), Verdict::Violated);
  run.counters.endings[0] = 1;
  summary.add(run);
  run.cell = 1;
  summary.add(run);
  const std::string page = sweep_page(summary, {});
  CHECK(wrong_with_page(page, true) == "");
  CHECK(page.find("<script>alert") == std::string::npos);
  CHECK(ParsedPage(page).scripts == 2 + chart_library().size());
}

TEST_CASE("sweep page: its size does not grow with the runs") {
  const std::size_t few = sweep_page(sample(100), {}).size();
  const std::size_t many = sweep_page(sample(10'000), {}).size();
  CHECK(many < few + 2'000);
  CHECK(many < 2'000'000);
}

TEST_CASE("sweep charts: outcomes, waits and costs of each protocol and value equal the summary") {
  const std::vector<Chart> charts = sweep_charts(sample(30));
  const Chart& outcomes = chart(charts, "How transactions ended, by network.loss");
  const auto committed =
      values_of(outcomes, {{"series", "local"}, {"x", "5%"}, {"ending", "committed"}});
  REQUIRE(committed.size() == 1);
  CHECK(committed[0]["count"] == 90);
  CHECK(committed[0]["share"] == 0.75);
  CHECK(outcomes.table.rows.size() == 6);
  const auto silent = values_of(chart(charts, "What clients were told, by network.loss"),
                                {{"series", "tcc"}, {"x", "0%"}, {"ending", "told nothing"}});
  REQUIRE(silent.size() == 1);
  CHECK(silent[0]["count"] == 30);
  CHECK(silent[0]["share"] == 0.25);
  const Chart& waits = chart(charts, "Locks, reservations, doubt, by network.loss");
  const auto held = values_of(waits, {{"series", "tcc"}, {"x", 5.0}, {"measure", "lock held"}});
  REQUIRE(held.size() == 1);
  CHECK(held[0]["value"] == 3.0);
  const auto messages = values_of(chart(charts, "Cost of a transaction"),
                                  {{"series", "local"}, {"measure", "messages"}});
  REQUIRE(messages.size() == 1);
  CHECK(messages[0]["value"] == 10.0);
  const auto dirty = values_of(chart(charts, "Cost of a transaction"), {{"measure", "dirty uses"}});
  REQUIRE(dirty.size() == 2);
  CHECK(dirty[0]["series"] == "tcc");
  CHECK(dirty[0]["value"] == 0.166667);  // two of four transactions, in one of three cells
  CHECK(dirty[1]["value"] == 0.0);
}

TEST_CASE("sweep charts: violations by invariant and protocol, latency up to all answers") {
  const std::vector<Chart> charts = sweep_charts(sample(30));
  const Chart& violations = chart(charts, "Violations");
  const auto broken = values_of(violations, {{"x", "local"}, {"invariant", invariants()[0].name}});
  REQUIRE(broken.size() == 1);
  CHECK(broken[0]["share"] == 0.1);
  CHECK(broken[0]["violated"] == 9);
  CHECK(broken[0]["runs"] == 90);
  const auto whole = values_of(violations, {{"x", "tcc"}, {"share", 0.0}});
  CHECK(whole.size() == invariants().size());
  const auto points = values_of(chart(charts, "Latency, by protocol"), {{"series", "tcc"}});
  REQUIRE(points.size() == 2);
  CHECK(points.front()["share"] == 0.0);
  CHECK(points.back()["share"] == 1.0);
  CHECK(points.back()["ms"] == 5.0);
}

TEST_CASE("sweep charts: one scenario without variation needs a single axis") {
  SweepHeader header;
  header.cells = {cell("tcc", {})};
  SweepSummary summary(header);
  SweepRun run;
  run.seed = 1;
  run.verdicts.assign(invariants().size(), Verdict::Holds);
  run.counters.endings[0] = 1;
  summary.add(run);
  const std::vector<Chart> charts = sweep_charts(summary);
  REQUIRE(charts.size() == 2);  // none for violations, answers and locks
  CHECK(charts[0].title == "How transactions ended");
  CHECK(charts[1].title == "Cost of a transaction");
}

TEST_CASE("sweep groups: a key is an axis in numbers if its values are numbers of one unit") {
  SweepHeader header;
  for (const char* values : {"500us 1% a.x", "2ms 10% 3", "1s 2s 4"}) {
    std::istringstream words(values);
    std::string delay, loss, other;
    words >> delay >> loss >> other;
    header.cells.push_back(cell("tcc", {"n.delay=" + delay, "n.loss=" + loss, "n.other=" + other}));
  }
  const SweepSummary summary(header);
  const SweepGroups groups(summary);
  CHECK(groups.compared().empty());
  REQUIRE(groups.keys().size() == 3);
  CHECK(groups.keys()[0].numbers == std::vector<double>{0.5, 2, 1000});
  CHECK(groups.keys()[0].unit == "ms");
  CHECK(groups.keys()[1].numbers.empty());
  CHECK(groups.keys()[2].numbers.empty());
}
