// Expected shares and percentiles over all runs of txsim sweep, compare and merge, and the counts
// behind the shares.
#include <catch2/catch.hpp>
#include <cstdint>
#include <nlohmann/json.hpp>

#include "tests/cli/folder.h"
#include "tests/cli/program.h"
#include "tests/contains.h"

namespace {

using namespace txsim;

// Writes a scenario with ten orders, message loss, and these expectations.
void write_expecting(const Folder& folder, const std::string& expectations,
                     const std::string& more = "") {
  folder.write("slo.ini",
               "include = part.ini\n\n[scenario]\ntitle = Promised\nprotocol = "
               "two-phase-commit\n[workload]\norders = 10\narrivals = every 50ms\n"
               "timeout = 300ms\n" +
                   more + "[network]\nloss = 3%\n[expect]\n" + expectations);
}

const char* const kMetShares =
    "that = at least 20% of transactions are committed\n"
    "that = at most 90% of clients are told nothing\n"
    "that = p90 latency is at most 2s\n";
const char* const kUnmetShares =
    "that = at most 1% of transactions are committed\n"
    "that = p50 latency is at least 2s\n";

std::vector<std::string> slo_sweep(const Folder& folder, const std::vector<std::string>& more) {
  std::vector<std::string> words = {"sweep", folder / "slo.ini", "--seeds", "1..40"};
  words.insert(words.end(), more.begin(), more.end());
  return words;
}

}  // namespace

TEST_CASE("txsim sweep: shares and percentiles are checked on all runs together") {
  const Folder folder;
  write_expecting(folder, kMetShares);
  const Ran good = run_program(slo_sweep(folder, {"--out", folder / "met"}));
  CHECK(good.status == 0);
  CHECK(contains(good.output, "Expectations over all runs"));
  CHECK(contains(good.output, "✓ at least 20% of transactions are committed: "));
  write_expecting(folder, kUnmetShares);
  const Ran bad =
      run_program(slo_sweep(folder, {"--out", folder / "not", "--junit", folder / "junit.xml"}));
  CHECK(bad.status == 1);
  CHECK(contains(bad.output, "✗ at most 1% of transactions are committed, but: "));
  CHECK(contains(folder.read("junit.xml"), "expected: at most 1% of transactions are committed"));
  CHECK(contains(folder.read("junit.xml"), "failures=\"1\""));
  CHECK(contains(folder.read("not/report.html"), "Expectations over all runs"));
  const auto json = nlohmann::json::parse(folder.read("not/summary.json"));
  CHECK(json["as_expected"] == false);
  CHECK(json["all"]["violated"] == 0);
  const auto& held = json["cells"][0]["expectations"];
  REQUIRE(held.size() == 2);
  CHECK(held[0]["met"] == false);
  CHECK(held[0]["count"] == json["all"]["endings"]["committed"]);
  CHECK(held[0]["of"] == json["all"]["begun"]);
  CHECK(held[1]["of"] == json["all"]["latency"]["count"]);
  // A comparison checks them, too.
  CHECK(run_program({"compare", folder / "slo.ini", "--protocols", "tcc,two-phase-commit",
                     "--seeds", "1..5"})
            .status == 1);
}

TEST_CASE(
    "txsim merge: shares and percentiles equal those of a single sweep, and a shard's are not "
    "judged") {
  const Folder folder;
  write_expecting(folder, kUnmetShares);
  CHECK(run_program(slo_sweep(folder, {"--out", folder / "whole"})).status == 1);
  for (const std::string shard : {"0", "1", "2"}) {
    const Ran ran =
        run_program(slo_sweep(folder, {"--shard", shard + "/3", "--out", folder / "shards"}));
    CHECK(ran.status == 0);
    CHECK(contains(ran.output, "txsim merge judges them"));
  }
  folder.remove("slo.ini");  // the results suffice
  CHECK(run_program({"merge", folder / "shards", "--out", folder / "merged"}).status == 1);
  CHECK(folder.read("merged/summary.json") == folder.read("whole/summary.json"));
  CHECK(folder.read("merged/summary.txt") == folder.read("whole/summary.txt"));
}

TEST_CASE("txsim sweep: shares and percentiles are the same after a stop and a resume") {
  const Folder folder;
  write_expecting(folder, kUnmetShares);
  run_program(slo_sweep(folder, {"--out", folder / "whole"}));
  run_program(slo_sweep(folder, {"--out", folder / "cut"}));
  const std::string rows = folder.read("cut/results.jsonl");
  folder.write("cut/results.jsonl.part", rows.substr(0, rows.size() / 2));  // as after a kill
  folder.remove("cut/results.jsonl");
  CHECK(run_program(slo_sweep(folder, {"--out", folder / "cut", "--resume"})).status == 1);
  CHECK(folder.read("cut/summary.json") == folder.read("whole/summary.json"));
}

TEST_CASE("txsim sweep: outcomes of orders, submissions and transactions add up") {
  const Folder folder;
  write_expecting(folder, "", "retries = 2\n[faults]\ncrash_every = 400ms\ncrash_for = 300ms\n");
  const auto json = nlohmann::json::parse(run_program(slo_sweep(folder, {"--json"})).output)["all"];
  const std::uint64_t submitted = json["submitted"];
  CHECK(json["begun"].get<std::uint64_t>() + json["recognised"].get<std::uint64_t>() +
            json["never_begun"].get<std::uint64_t>() ==
        submitted);
  const auto sum = [](const nlohmann::json& parts) {
    std::uint64_t all = 0;
    for (const auto& part : parts) all += part.get<std::uint64_t>();
    return all;
  };
  CHECK(sum(json["endings"]) == json["begun"]);
  CHECK(sum(json["told"]) == submitted);
  CHECK(sum(json["orders_told"]) == json["orders"]);
  CHECK(json["orders"] == 40 * 10);
  CHECK(json["recognised"] > 0);
  CHECK(json["never_begun"] > 0);
}
