// Formats for other tools, from hand-made runs.
#include <catch2/catch.hpp>
#include <map>
#include <nlohmann/json.hpp>
#include <pugixml.hpp>
#include <set>
#include <sstream>

#include "reports/chrome_trace.h"
#include "reports/junit.h"
#include "reports/shiviz.h"
#include "tests/golden.h"
#include "tests/reports/sample_run.h"

namespace {

using namespace txsim;
using Json = nlohmann::json;

Report report_on(const RunResult& result) {
  return {&result, {}, "txsim run scenarios/order/sample.ini --seed 7"};
}

using Clock = std::map<std::string, std::uint64_t>;

struct ShivizEvent {
  std::string text;
  std::string host;
  Clock clock;
};

// Reads the log like ShiViz, with the expression in its first line.
std::vector<ShivizEvent> read_shiviz(const std::string& log) {
  const std::size_t first = log.find('\n');
  REQUIRE(log.substr(0, first) == R"((?<event>.*)\n(?<host>\S*) (?<clock>{.*}))");
  REQUIRE(log[first + 1] == '\n');
  std::vector<ShivizEvent> events;
  std::istringstream lines(log.substr(first + 2));
  for (std::string text, place; std::getline(lines, text) && std::getline(lines, place);) {
    const std::size_t space = place.find(' ');
    REQUIRE(space != std::string::npos);
    events.push_back({text, place.substr(0, space), Json::parse(place.substr(space + 1))});
  }
  return events;
}

}  // namespace

TEST_CASE("reports: a ShiViz log counts each node's own events from 1, in ascending order") {
  const RunResult result = sample::broken_commit();
  const std::string log = shiviz_log(report_on(result));
  CHECK(log == golden("reports/broken-commit.shiviz", log));
  Clock last;
  Clock latest;  // of all nodes
  for (const ShivizEvent& event : read_shiviz(log)) {
    INFO(event.text);
    CHECK(event.clock.at(event.host) == ++last[event.host]);
    for (const auto& [host, count] : event.clock) CHECK(count <= last[host]);
  }
  CHECK(last.size() == 4);
}

TEST_CASE("reports: in a ShiViz log an arrival has the clock entries of its sender") {
  const RunResult result = sample::broken_commit();
  std::size_t arrivals = 0;
  std::map<std::string, Clock> clocks;
  for (const ShivizEvent& event : read_shiviz(shiviz_log(report_on(result)))) {
    const std::size_t from = event.text.find(" from ");
    if (event.text.find(" gets ") != std::string::npos && from != std::string::npos) {
      ++arrivals;
      const std::string sender = event.text.substr(from + 6);
      CHECK(event.clock.contains(sender));
      CHECK(event.clock.at(sender) > clocks[event.host][sender]);
    }
    clocks[event.host] = event.clock;
  }
  CHECK(arrivals > 5);
}

TEST_CASE("reports: Chrome trace events pair beginnings with ends") {
  const RunResult result = sample::broken_commit();
  const std::string text = chrome_trace(report_on(result));
  CHECK(text == golden("reports/broken-commit.trace.json", text));
  const Json events = Json::parse(text).at("traceEvents");
  std::set<std::string> open;
  std::multiset<std::uint64_t> flows;
  std::size_t arrived = 0;
  for (const Json& event : events) {
    const std::string phase = event.at("ph");
    if (phase == "M") continue;
    CHECK(event.at("ts").get<double>() >= 0);
    if (phase == "b") CHECK(open.insert(event.at("id")).second);
    if (phase == "e") CHECK(open.erase(event.at("id")) == 1);
    if (phase == "s") flows.insert(event.at("id").get<std::uint64_t>());
    if (phase == "f") {
      ++arrived;
      CHECK(flows.contains(event.at("id").get<std::uint64_t>()));
      CHECK(event.at("bp") == "e");
    }
  }
  CHECK(open.empty());
  CHECK(arrived > 5);
  CHECK(flows.size() > arrived);  // one message was lost
}

TEST_CASE(
    "reports: a JUnit report has a case for each scenario, and replay commands for failures") {
  const RunResult failed = sample::broken_commit();
  REQUIRE(!failed.all_met);
  RunResult passed = sample::many_orders(1);
  REQUIRE(passed.all_met);
  REQUIRE(passed.scenario->name == failed.scenario->name);  // so one of the two names gets a number
  const std::vector<JUnitCase> cases = {
      junit_case(report_on(failed)),
      junit_case(report_on(passed)),
      {"bad\x01 <file>.ini", "txsim", JUnitCase::Result::Error, "a \"quoted\" & bad one", "l:1\n"}};
  pugi::xml_document document;
  REQUIRE(document.load_string(junit_report(cases).c_str()));
  for (const auto& path : {"/testsuites", "/testsuites/testsuite"}) {
    const pugi::xml_node node = document.select_node(path).node();
    CHECK(node.attribute("tests").as_int() == 3);
    CHECK(node.attribute("failures").as_int() == 1);
    CHECK(node.attribute("errors").as_int() == 1);
  }
  std::set<std::string> names;
  for (const pugi::xml_node one : document.select_node("//testsuite").node().children()) {
    CHECK(std::string(one.name()) == "testcase");
    CHECK(names.insert(one.attribute("name").value()).second);
    for (const pugi::xml_attribute attribute : one.attributes()) {
      CHECK(std::set<std::string>{"name", "classname"}.contains(attribute.name()));
    }
  }
  const std::string failure = document.select_node("//failure").node().child_value();
  CHECK(failure.find("again: txsim run scenarios/order/sample.ini --seed 7") != std::string::npos);
  const pugi::xml_node error = document.select_node("//error").node();
  CHECK(std::string(error.attribute("message").value()) == "a \"quoted\" & bad one");
}
