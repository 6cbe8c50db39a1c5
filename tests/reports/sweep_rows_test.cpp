// Rows of results are parsed as strictly as they are written.
#include "reports/sweep_rows.h"

#include <catch2/catch.hpp>
#include <limits>
#include <string>

#include "reports/sweep_summary.h"

namespace txsim {
namespace {

SweepRun some_run() {
  SweepRun run;
  run.seed = 4711;
  run.verdicts.assign(invariants().size(), Verdict::Holds);
  run.latencies = {{70, 2}};
  return run;
}

std::string row_with(const std::string& from, const std::string& to) {
  std::string text;
  append_row(some_run(), text);
  const std::size_t place = text.find(from);
  REQUIRE(place != std::string::npos);
  return text.replace(place, from.size(), to);
}

TEST_CASE("sweep rows: a row reads back as written") {
  const ReadRow read = read_row(row_with("{", "{"));
  REQUIRE(read.run);
  std::string again;
  append_row(*read.run, again);
  CHECK(again == row_with("{", "{"));
}

TEST_CASE("sweep rows: a number in a foreign format is an error") {
  for (const char* number :
       {"\"-1\"", "\"1.5\"", "\"\"", "4711", "\"18446744073709551616\"", "null"}) {
    CAPTURE(number);
    CHECK_FALSE(read_row(row_with("\"seed\":\"4711\"", std::string("\"seed\":") + number)).run);
  }
  CHECK_FALSE(read_row(row_with("\"cell\":0", "\"cell\":4294967296")).run);
  CHECK_FALSE(read_row(row_with("\"end_ns\":0", "\"end_ns\":9223372036854775808")).run);
  const ReadRow late = read_row(row_with("[70,2]", "[9999,2]"));
  CHECK_FALSE(late.run);
  CHECK(late.error.find("class of latencies") != std::string::npos);
}

TEST_CASE("sweep rows: a header with too many seeds is an error") {
  SweepHeader header;
  header.cells.resize(2);
  header.seeds = 5;
  CHECK(read_header(header_line(header)).header);
  header.seeds = std::numeric_limits<std::uint64_t>::max();
  CHECK_FALSE(read_header(header_line(header)).header);
  header.seeds = 5;
  header.first_seed = std::numeric_limits<std::uint64_t>::max() - 3;
  CHECK_FALSE(read_header(header_line(header)).header);
}

TEST_CASE("sweep summary: a sum of durations saturates at the longest duration") {
  constexpr std::int64_t kMost = std::numeric_limits<std::int64_t>::max();
  SweepRun run = some_run();
  run.counters.latency = {1, Duration{kMost - 5}, Duration{9}};
  SweepTotals totals;
  totals.add(run, false);
  totals.add(run, false);
  CHECK(totals.latency.total.ns == kMost);
  CHECK(totals.latency.count == 2);
}

}  // namespace
}  // namespace txsim
