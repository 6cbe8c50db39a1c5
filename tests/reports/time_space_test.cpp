// The time-space diagram of a hand-made run and of every scenario of the library.
#include <catch2/catch.hpp>

#include <algorithm>
#include <pugixml.hpp>
#include <set>
#include <sstream>

#include "reports/time_space.h"
#include "reports/time_space_layout.h"
#include "tests/contains.h"
#include "tests/golden.h"
#include "tests/reports/library_runs.h"
#include "tests/reports/sample_run.h"

namespace {

using namespace txsim;
using namespace txsim::time_space;

Report report_on(const RunResult& result) { return {&result, {}, "txsim run sample.ini"}; }

// The expected elements that are missing or wrong in the picture of `report`.
std::string wrong_with(const std::string& svg) {
  static const std::set<std::string> kElements = {"svg",    "title",   "desc",    "defs", "pattern",
                                                  "rect",   "path",    "g",       "line", "text",
                                                  "circle", "polygon", "polyline"};
  pugi::xml_document document;
  const pugi::xml_parse_result parsed = document.load_string(svg.c_str());
  if (!parsed) return parsed.description();
  for (const auto& found : document.select_nodes("//*")) {
    if (!kElements.contains(found.node().name())) return found.node().name();
  }
  if (document.select_nodes("//@style|//@class|//@href|//@onclick").size() > 0) return "attributes";
  const pugi::xml_node root = document.document_element();
  if (std::string(root.attribute("role").value()) != "img") return "role";
  if (std::string(root.child("title").child_value()).empty()) return "title";
  if (std::string(root.child("desc").child_value()).empty()) return "desc";
  return "";
}

std::string at(const Box& box) {
  return std::to_string(box.left) + "," + std::to_string(box.top) + " to " +
         std::to_string(box.right) + "," + std::to_string(box.bottom);
}

std::string text_of(const Label& label) {
  return "\"" + label.lines.front().text + "\" at " + at(label.box);
}

// Shapes at the lifelines that no label may hide.
std::vector<Box> solids(const Page& page) {
  std::vector<Box> boxes;
  for (const PlacedStrip& strip : page.strips) boxes.push_back(strip.box);
  for (const PlacedWrite& write : page.writes) boxes.push_back(write.box);
  for (const PlacedCap& cap : page.caps) {
    boxes.push_back({cap.at.x - 5, cap.at.y - 5, cap.at.x + 5, cap.at.y + 5});
  }
  for (const EventRing& ring : page.rings) {
    boxes.push_back({ring.at.x - kRing, ring.at.y - kRing, ring.at.x + kRing, ring.at.y + kRing});
  }
  for (const Row& row : page.rows) {
    if (row.is_broken) boxes.push_back({0, row.break_y - 4, page.width, row.break_y + 4});
  }
  return boxes;
}

// The first two shapes that overlap, or a label that is off the page; empty if there are none.
std::string hidden(const Page& page) {
  const std::vector<Box> boxes = solids(page);
  for (std::size_t i = 0; i < page.labels.size(); ++i) {
    const Label& label = page.labels[i];
    const Box& box = label.box;
    if (box.left < kTimeColumn || box.right > page.width)
      return text_of(label) + " is off the page";
    for (std::size_t j = 0; j < i; ++j) {
      if (!page.labels[j].box.overlaps(box)) continue;
      return text_of(label) + " on " + text_of(page.labels[j]);
    }
    for (const Box& solid : boxes) {
      if (solid.overlaps(box)) return text_of(label) + " on " + at(solid);
    }
  }
  for (std::size_t i = 1; i < page.rows.size(); ++i) {
    if (page.rows[i].y - page.rows[i - 1].y < 16) return "rows " + std::to_string(i);
  }
  return "";
}

std::string hidden_in(const RunResult& result) {
  const Story story = read_story(report_on(result), kMostEventsDrawn);
  return hidden(lay_out(story, result));
}

}  // namespace

TEST_CASE("time-space: a hand-made run") {
  const RunResult result = sample::broken_commit();
  const std::string svg = time_space_diagram(report_on(result));
  CHECK(svg == golden("reports/broken-commit.svg", svg));
}

TEST_CASE("time-space: the picture in the README is up to date") {
  const RunResult result = run_of("order/two-phase-commit/decision-not-forced.ini",
                                  {"two-phase-commit.decision_timeout=2s"});
  const std::string svg = time_space_diagram(report_on(result));
  CHECK(svg == golden("../../docs/images/decision-not-forced.svg", svg));
}

TEST_CASE("time-space: presentation attributes only, well formed, with title and description") {
  CHECK(wrong_with(time_space_diagram(report_on(sample::broken_commit()))) == "");
  RunResult result = sample::broken_commit();
  Scenario scenario = *result.scenario;
  scenario.title = "<script>\"&\x01 \xC3\xA9 \xFF\xC3 \xED\xA0\x80";
  scenario.plan.nodes[1] = "a<b>&\"c\"";
  result.scenario = std::make_shared<const Scenario>(scenario);
  const std::string svg = time_space_diagram(report_on(result));
  CHECK(wrong_with(svg) == "");
  const std::string none = "\xEF\xBF\xBD";  // U+FFFD for each invalid byte
  CHECK(contains(svg,
                 "&lt;script&gt;&quot;&amp;  \xC3\xA9 " + none + none + " " + none + none + none));
}

TEST_CASE("time-space: no label hides another, nor a lifeline's bars, in the whole library") {
  const std::vector<std::string> names = library();
  for (std::size_t i = 0; i < names.size(); i += TXSIM_SANITIZED ? 15 : 1) {
    INFO(names[i]);
    const RunResult result = run_of(names[i]);
    CHECK(hidden_in(result) == "");
    CHECK(wrong_with(time_space_diagram(report_on(result))) == "");
  }
}

TEST_CASE("time-space: no label hides another in bad weather") {
  for (const char* name : {"order/two-phase-commit/storm.ini", "order/tcc/storm.ini"}) {
    for (int seed = 1; seed <= (TXSIM_SANITIZED ? 2 : 6); ++seed) {
      INFO(name << " with seed " << seed);
      CHECK(hidden_in(run_of(name, {"scenario.seed=" + std::to_string(seed)})) == "");
    }
  }
}

TEST_CASE("time-space: the same run gives the same bytes") {
  const RunResult result = run_of("order/tcc/storm.ini");
  CHECK(time_space_diagram(report_on(result)) == time_space_diagram(report_on(result)));
}

TEST_CASE("time-space: moments keep their order, and long waits are shortened and marked") {
  const RunResult result = run_of("order/two-phase-commit/decision-not-forced.ini");
  const Story story = read_story(report_on(result), kMostEventsDrawn);
  const Page page = lay_out(story, result);
  CHECK(std::is_sorted(page.rows.begin(), page.rows.end(),
                       [](const Row& a, const Row& b) { return a.time < b.time && a.y < b.y; }));
  for (std::size_t i = 1; i < page.rows.size(); ++i) {
    const Duration gap = page.rows[i].time - page.rows[i - 1].time;
    INFO(page.rows[i].time.ns);
    CHECK(page.rows[i].is_broken == (gap > milliseconds(4)));
  }
  CHECK(page.bottom < 1300);
}

TEST_CASE("time-space: crashes, doubt, locks and violations are shown where they happened") {
  const RunResult result = run_of("order/two-phase-commit/decision-not-forced.ini");
  const std::string svg = time_space_diagram(report_on(result));
  CHECK(contains(svg, "<title>order: down, 9ms to 3009ms (3s)</title>"));
  CHECK(contains(svg, "<title>point: in doubt, T1, 8ms to 4008ms (4s)</title>"));
  CHECK(contains(svg, "<title>product: locks stock, T1, 2ms to 12ms (10ms)</title>"));
  CHECK(contains(svg, "<title>order: writes commit, not forced, 9ms</title>"));
  CHECK(contains(svg, "<title>product: forces committed, 10ms to 12ms (2ms)</title>"));
  CHECK(contains(svg, "<title>agreement violated: order 1 was committed by order"));
  CHECK(contains(svg, ">agreement violated</text>"));
  CHECK(contains(svg, "<title>agreement, one side: order 1 was committed by order"));
  CHECK(contains(svg, ">agreement, one side</text>"));
  CHECK(contains(svg, ">one side of a contradiction</text>"));
  CHECK(contains(svg, ">Ack (receiver is down)</text>"));
}

TEST_CASE("time-space: the legend lists only symbols that occur") {
  const std::string good =
      time_space_diagram(report_on(run_of("order/two-phase-commit/commit.ini")));
  for (const char* text : {"crashed", "message lost", "message duplicated", "time left out",
                           "fault", "event that broke an invariant", "reservation", "aborted"}) {
    INFO(text);
    CHECK_FALSE(contains(good, ">" + std::string(text) + "</text>"));
  }
  CHECK(contains(good, ">lock held</text>"));
  CHECK(contains(good, ">committed</text>"));
  const auto drawn = [](const char* name) { return time_space_diagram(report_on(run_of(name))); };
  CHECK(contains(drawn("order/tcc/retry-carries-it-through.ini"), ">message refused</text>"));
  CHECK(contains(drawn("order/two-phase-commit/duplicate-vote-counted.ini"),
                 ">message duplicated</text>"));
  CHECK(contains(drawn("order/tcc/all-confirm.ini"), ">reservation</text>"));
  CHECK(contains(drawn("order/two-phase-commit/lock-wait.ini"), ">waits for a lock</text>"));
  const std::string both = drawn("order/two-phase-commit/storm.ini");  // the two look the same
  CHECK(contains(both, ">lock held, of a row or an order</text>"));
  CHECK_FALSE(contains(both, ">lock of an order</text>"));
}

TEST_CASE("time-space: names and colours distinguish transactions") {
  const RunResult result = run_of("order/two-phase-commit/lock-wait.ini");
  const std::string svg = time_space_diagram(report_on(result));
  CHECK(contains(svg, "fill=\"#00538a\">Submit T1</text>"));
  CHECK(contains(svg, "fill=\"#b2440a\">Submit T2</text>"));
  CHECK(contains(svg, ">T2 waits for stock</text>"));
}

TEST_CASE("time-space: a long run shows its beginning, or the events around its violation") {
  RunResult result = sample::many_orders(5'000);
  const std::string beginning = time_space_diagram(report_on(result));
  CHECK(contains(beginning, "The beginning of the run: 8500 events after it are left out"));
  CHECK(contains(beginning, ">Submit T1</text>"));
  CHECK_FALSE(contains(beginning, ">Submit T2500</text>"));
  const std::uint64_t event = result.trace[5'000].sequence;
  result.verdicts.judgements = {{"agreement", Verdict::Violated, 1, event, 0, "because"}};
  const std::string part = time_space_diagram(report_on(result));
  CHECK(contains(part, "Part of the run: 3875 events before it and 4625 after it are left out"));
  CHECK(contains(part, ">Submit T2500</text>"));
  CHECK(contains(part, ">agreement violated</text>"));
  CHECK(contains(time_space_diagram(report_on(result), 100), "4925 events before it"));
}

TEST_CASE("time-space: an empty run, and facts with invalid numbers") {
  CHECK(wrong_with(time_space_diagram(report_on(sample::many_orders(0)))) == "");
  RunResult result = sample::broken_commit();
  for (TraceRecord& record : result.trace) {
    record.extra = amount_and_kind(1, 999);
    record.step = 200;
    record.value = 1'000'000;
    if (record.peer != kNoNode) record.peer = 77;
  }
  CHECK(wrong_with(time_space_diagram(report_on(result))) == "");
}

TEST_CASE("time-space: texts are measured, and cut between characters") {
  CHECK(text_width("", {11, false}) == 0);
  CHECK(text_width("Prepare", {10, false}) == 40);
  CHECK(text_width("Prepare", {10, true}) == 45);
  CHECK(text_width("\xC3\xA9", {10, false}) == 10);
  CHECK(cut_to("Prepare", 40, {10, false}) == "Prepare");
  CHECK(cut_to("Prepare", 39, {10, false}) == "Prepa...");
  CHECK(cut_to("\xC3\xA9\xC3\xA9\xC3\xA9", 25, {10, false}) == "\xC3\xA9...");
}

TEST_CASE("time-space: a segment crosses a box if it has a point within") {
  const Box box{10, 10, 20, 20};
  CHECK(crosses({0, 15}, {30, 15}, box));
  CHECK(crosses({0, 0}, {30, 30}, box));
  CHECK(crosses({12, 12}, {14, 14}, box));
  CHECK_FALSE(crosses({0, 9}, {30, 9}, box));
  CHECK_FALSE(crosses({0, 25}, {25, 0}, {20, 20, 24, 24}));
  CHECK_FALSE(crosses({0, 21}, {9, 30}, box));
}
