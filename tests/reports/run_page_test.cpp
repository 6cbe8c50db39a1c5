// The HTML page of a run is complete and harmless, and agrees with the run. tests/browser/ tests
// its behaviour in a browser.
#include <algorithm>
#include <catch2/catch.hpp>
#include <fstream>
#include <nlohmann/json.hpp>
#include <pugixml.hpp>
#include <regex>
#include <set>
#include <sstream>

#include "reports/run_page.h"
#include "reports/run_page_data.h"
#include "sim/assert.h"
#include "sim/world.h"
#include "tests/reports/html_page.h"
#include "tests/reports/library_runs.h"
#include "tests/reports/sample_run.h"

namespace {

using namespace txsim;
using Json = nlohmann::json;

Report report_on(const RunResult& result) { return {&result, {}, "txsim run sample.ini"}; }

// Marks as if the whole run were drawn.
MarkedDiagram everything_of(const RunResult& result) {
  MarkedDiagram diagram;
  diagram.to = result.trace.size();
  diagram.places.resize(result.trace.size());
  return diagram;
}

// The last entry for each resource: [event, resource, available, reserved].
std::vector<std::pair<std::int64_t, std::int64_t>> last_amounts(const Json& data) {
  std::vector<std::pair<std::int64_t, std::int64_t>> amounts(data["resources"].size());
  for (const Json& entry : data["amounts"]) {
    amounts.at(entry[1].get<std::size_t>()) = {entry[2].get<std::int64_t>(),
                                               entry[3].get<std::int64_t>()};
  }
  return amounts;
}

std::string text_of(const std::string& path) {
  std::ifstream file(std::string(TXSIM_SOURCE_DIR) + "/" + path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

}  // namespace

TEST_CASE("run page: well formed, self-contained, and without dead links") {
  for (const RunResult& result :
       {sample::broken_commit(), sample::many_orders(0), sample::many_orders(3000),
        run_of("order/two-phase-commit/decision-not-forced.ini")}) {
    INFO(result.scenario->name);
    CHECK(wrong_with_page(run_page(report_on(result))) == "");
  }
}

TEST_CASE("run page: a result without the names of its world is refused") {
  RunResult result = run_of("order/tcc/all-confirm.ini");
  result.spec.reset();
  CHECK_THROWS_AS(run_page(report_on(result)), Defect);
  result = run_of("order/tcc/all-confirm.ini");
  World world(result.spec, make_judge_for(*result.scenario, true));
  world.run(Time{result.scenario->horizon.ns});
  const RunResult finished = finish_run(result.scenario, result.spec, world);
  CHECK(wrong_with_page(run_page(report_on(finished))) == "");
}

TEST_CASE("run page: the same bytes for the same run") {
  const RunResult result = run_of("order/tcc/all-confirm.ini");
  CHECK(run_page(report_on(result)) == run_page(report_on(result)));
}

TEST_CASE("run page: text of a scenario stays text") {
  RunResult result = sample::broken_commit();
  Scenario scenario = *result.scenario;
  scenario.title =
      "</title></script><script>alert(1)</script><img src=x onerror=alert(2)>&\x01\xFF";
  scenario.story = "<b>bold</b>\n\n</div><iframe>";
  scenario.plan.nodes[0] = "<script>order</script>";
  result.scenario = std::make_shared<Scenario>(scenario);
  const std::string page = run_page(report_on(result));
  CHECK(wrong_with_page(page) == "");
  const ParsedPage parsed(page);
  CHECK(parsed.scripts == 2);  // the data and the page's own script
  CHECK(parsed.text("//h1").find("</script><script>alert(1)</script><img") != std::string::npos);
  CHECK(page.find("<script>alert") == std::string::npos);
  CHECK(page.find("<script>order") == std::string::npos);
}

TEST_CASE("run page: each violation links to its event in the diagram") {
  const RunResult result = run_of("order/two-phase-commit/decision-not-forced.ini");
  const ParsedPage page(run_page(report_on(result)));
  std::size_t violated = 0;
  for (const Judgement& judgement : result.verdicts.judgements) {
    if (judgement.verdict != Verdict::Violated) continue;
    ++violated;
    const std::string id = "event-" + std::to_string(judgement.event);
    INFO(id);
    CHECK(page.count("//article//a[@href='#" + id + "']") >= 1);
    CHECK(page.count("//*[local-name()='svg']//*[@id='" + id + "']") == 1);
  }
  CHECK(violated == 4);
  CHECK(page.count("//article[@class='violation']") == violated);
}

TEST_CASE("run page: a row for each event, and a note about omitted events of a long run") {
  const RunResult result = sample::broken_commit();
  const ParsedPage page(run_page(report_on(result)));
  CHECK(page.count("//tr[@id]") == result.trace.size());
  for (const TraceRecord& record : result.trace) {
    if (record.cause == 0) continue;
    INFO(record.sequence);
    CHECK(page.text("//tr[@id='e" + std::to_string(record.sequence) + "']/td[6]/a") ==
          std::to_string(record.cause));
  }
  const RunResult many = sample::many_orders(3000);
  const ParsedPage part(run_page(report_on(many)));
  CHECK(part.count("//tr[@id]") == kMostEventsDrawn);
  const std::string said = part.text("//p[@class='note'][contains(., 'left out')]");
  CHECK(said.find(std::to_string(many.trace.size() - kMostEventsDrawn)) != std::string::npos);
}

TEST_CASE("run page: its final amounts equal the judge's, for every scenario") {
  const std::vector<std::string> names = library();
  for (std::size_t i = 0; i < names.size(); i += TXSIM_SANITIZED ? 8 : 1) {
    const RunResult result = run_of(names[i]);
    const Json data = Json::parse(run_page_data(report_on(result), everything_of(result)));
    INFO(names[i]);
    CHECK(last_amounts(data) == result.verdicts.amounts);
    CHECK(data["events"]["cause"].size() == result.trace.size());
    for (const Json& log : data["logs"]) CHECK(log[3] <= log[2]);
    for (const Json& strip : data["strips"]) CHECK((strip[5] == 0 || strip[4] < strip[5]));
  }
}

TEST_CASE("run page: every colour of the diagram has a counterpart in dark mode") {
  const std::string style = text_of("reports/page/page.css");
  const std::regex color("#[0-9a-f]{6}\\\\?\"");
  std::set<std::string> colors;
  for (const char* file : {"style", "legend"}) {
    const std::string source = text_of("reports/time_space_" + std::string(file) + ".cpp") +
                               text_of("reports/time_space_style.h") +
                               text_of("reports/time_space.cpp");
    for (std::sregex_iterator found(source.begin(), source.end(), color), end; found != end;
         ++found) {
      colors.insert(found->str().substr(0, 7));
    }
  }
  CHECK(colors.size() > 25);
  for (const std::string& each : colors) {
    INFO(each);
    CHECK(style.find("=\"" + each + "\"]") != std::string::npos);
  }
}
