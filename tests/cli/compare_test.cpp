// txsim compare from a user's view, and the claims of docs/findings.md about it.
#include <catch2/catch.hpp>
#include <cstdint>
#include <nlohmann/json.hpp>

#include <map>
#include <sstream>

#include "tests/cli/folder.h"
#include "tests/cli/program.h"
#include "tests/contains.h"

namespace {

using namespace txsim;
using Json = nlohmann::json;

const std::string kScenarios = TXSIM_SOURCE_DIR "/scenarios/compare/";

// The summary of each protocol.
std::map<std::string, Json> by_protocol(const Ran& ran) {
  INFO(ran.error);
  REQUIRE(ran.status <= 1);
  std::map<std::string, Json> cells;
  const Json summary = Json::parse(ran.output);
  for (const Json& cell : summary["cells"]) cells[cell["protocol"]] = cell;
  return cells;
}

std::map<std::string, Json> compared(const std::string& file, const std::string& seeds) {
  return by_protocol(run_program({"compare", kScenarios + file, "--seeds", seeds, "--json"}));
}

std::int64_t mean(const Json& spread) {
  return spread["count"] == 0
             ? 0
             : spread["total_ns"].get<std::int64_t>() / spread["count"].get<std::int64_t>();
}

}  // namespace

TEST_CASE("txsim compare: a table of at most 80 columns, a column for each protocol") {
  const Folder folder;
  const Ran ran =
      run_program({"compare", folder / "good.ini", "--set", "network.loss=10%", "--protocols",
                   "all", "--seeds", "1..40", "--vary", "network.delay=1ms,2ms"});
  CHECK(ran.status == 1);
  CHECK(ran.error.empty());
  std::istringstream lines(ran.output);
  bool in_tables = true;
  for (std::string line; std::getline(lines, line);) {
    in_tables = in_tables && line != "First violations";
    const bool is_title = contains(line, folder.path());
    if (in_tables && !is_title) CHECK(line.size() <= 80);
  }
  for (const std::string part :
       {"uncoordinated", "orchestration", "network.delay=2ms", "latency p95", "lock held, mean",
        "reserved for, most", "messages each", "  atomicity", "uncoordinated: atomicity"}) {
    INFO(part);
    CHECK(contains(ran.output, part));
  }
}

TEST_CASE("txsim compare: it equals a sweep over protocols and writes the same files") {
  const Folder folder;
  const std::string protocols = "tcc,saga-orchestration";
  const Ran compared =
      run_program({"compare", folder / "good.ini", "--protocols", protocols, "--seeds", "1..30",
                   "--set", "faults.loss=5%", "--out", folder / "a", "--jobs", "2"});
  const Ran swept = run_program({"sweep", folder / "good.ini", "--vary",
                                 "scenario.protocol=" + protocols, "--seeds", "1..30", "--set",
                                 "faults.loss=5%", "--out", folder / "b", "--jobs", "1"});
  CHECK(compared.output == swept.output);
  for (const std::string file : {"/results.jsonl", "/summary.txt", "/summary.json"}) {
    CHECK(folder.read("a" + file) == folder.read("b" + file));
  }
  CHECK(contains(folder.read("a/summary.txt"), "good.ini under 2 protocols"));
}

TEST_CASE("txsim compare: without random draws, each protocol runs once") {
  const Folder folder;
  const auto cells = by_protocol(run_program({"compare", folder / "good.ini", "--json"}));
  CHECK(cells.size() == 4);
  for (const auto& [protocol, cell] : cells) CHECK(cell["runs"] == 1);
}

TEST_CASE("txsim compare: the first violated run of a protocol can be run again") {
  const Folder folder;
  const Ran ran = run_program({"compare", folder / "good.ini", "--protocols", "tcc,uncoordinated",
                               "--set", "network.loss=10%", "--seeds", "1..60"});
  const std::size_t at = ran.output.find("txsim run ");
  REQUIRE(at != std::string::npos);
  std::istringstream line(ran.output.substr(at + 6, ran.output.find('\n', at) - at - 6));
  std::vector<std::string> words;
  for (std::string word; line >> word;) words.push_back(word);
  const Ran again = run_program(words);
  CHECK(again.status == 1);
  CHECK(contains(again.output, ", uncoordinated, seed "));
}

TEST_CASE("txsim compare: a scenario that does not fit a protocol is an error that names it") {
  const Folder folder;
  folder.write("own.ini",
               folder.read("good.ini") + "[faults]\nfault = drop Prepare order -> product 1st\n");
  const std::vector<std::pair<std::vector<std::string>, std::vector<std::string>>> wrong = {
      {{folder / "own.ini"}, {"scenario.protocol=tcc", "own.ini:13: ", "--protocols"}},
      {{folder / "own.ini", "--protocols", "two-phase-commit,tc"}, {"'tc' (did you mean 'tcc'?)"}},
      {{folder / "good.ini", "--protocols", "tcc,tcc"}, {"tcc is named twice"}},
      {{folder / "good.ini", "--set", "scenario.protocol=tcc"}, {"use --protocols"}},
      {{folder / "good.ini", "--vary", "scenario.protocol=tcc,local"}, {"use --protocols"}},
      {{folder / "good.ini", "--seeds", "1"}, {"--seeds: '1' is not A..B"}}};
  for (const auto& [words, parts] : wrong) {
    std::vector<std::string> all = {"compare"};
    all.insert(all.end(), words.begin(), words.end());
    const Ran ran = run_program(all);
    CHECK(ran.status == 2);
    for (const std::string& part : parts) {
      INFO(ran.error);
      CHECK(contains(ran.error, part));
    }
  }
  const Ran own = run_program({"compare", folder / "own.ini", "--protocols", "two-phase-commit"});
  CHECK(own.status == 0);
}

// ---- Claims of docs/findings.md

TEST_CASE("findings: two-phase commit alone holds locks, TCC reserves, sagas hold nothing") {
  const auto cells = compared("contention.ini", "1..20");
  for (const auto& [protocol, cell] : cells) {
    INFO(protocol);
    CHECK((mean(cell["lock_hold"]) > 0) == (protocol == "two-phase-commit"));
    // The other protocols wait for at most one disk write of the transaction that changed the row
    // before.
    CHECK(mean(cell["lock_wait"]) > 0);
    CHECK((cell["lock_wait"]["most_ns"] > 5'000'000) == (protocol == "two-phase-commit"));
    CHECK((mean(cell["in_doubt"]) > 0) == (protocol == "two-phase-commit"));
    CHECK((mean(cell["reservation_hold"]) > 0) == (protocol == "tcc"));
    CHECK((cell["dirty_uses"] > 0) == protocol.starts_with("saga"));
    CHECK(cell["violated"] == 0);
  }
  const auto is_longer = [](std::map<std::string, Json> of) {
    return mean(of["two-phase-commit"]["lock_hold"]) > mean(of["tcc"]["reservation_hold"]);
  };
  CHECK_FALSE(is_longer(cells));
  const Ran all_can_pay =
      run_program({"compare", kScenarios + "contention.ini", "--seeds", "1..20", "--json", "--set",
                   "transaction too-dear.share=0", "--set", "service product.resource=stock 500"});
  CHECK(is_longer(by_protocol(all_can_pay)));
}

TEST_CASE(
    "findings: under contention orchestrated sagas answer fastest, choreographed ones do not") {
  const auto cells = compared("contention.ini", "1..20");
  const auto latency = [&](const char* protocol, const char* of) {
    return cells.at(protocol)["latency"][of].get<std::int64_t>();
  };
  for (const char* of : {"p50_ns", "p95_ns", "p99_ns"}) {
    for (const char* other : {"two-phase-commit", "tcc", "saga-choreography"}) {
      CHECK(latency("saga-orchestration", of) < latency(other, of));
    }
  }
  CHECK(latency("saga-choreography", "p50_ns") > latency("two-phase-commit", "p50_ns"));
  CHECK(latency("two-phase-commit", "p99_ns") > latency("tcc", "p99_ns"));
  CHECK(latency("two-phase-commit", "p99_ns") > latency("saga-choreography", "p99_ns"));
}

TEST_CASE("findings: only two-phase commit sells all stock to customers who can pay") {
  const auto cells = compared("contention.ini", "1..20");
  for (const auto& [protocol, cell] : cells) {
    INFO(protocol);
    const std::uint64_t committed = cell["endings"]["committed"];
    CHECK((committed == 20 * 100) == (protocol == "two-phase-commit"));
    CHECK(committed > 20 * 98);
  }
}

TEST_CASE("findings: two-phase commit has the most messages without a broker, the fewest writes") {
  auto cells = compared("contention.ini", "1..20");
  const Json locking = cells["two-phase-commit"];
  cells.erase("two-phase-commit");
  for (const auto& [protocol, cell] : cells) {
    INFO(protocol);
    CHECK((cell["messages"] < locking["messages"]) == (protocol != "saga-choreography"));
    CHECK(cell["forced"] > locking["forced"]);
  }
}

TEST_CASE("findings: a crash of its coordinator stops others under two-phase commit alone") {
  const auto cells = compared("coordinator-crash.ini", "1..20");
  const Json& blocked = cells.at("two-phase-commit");
  CHECK(blocked["in_doubt"]["most_ns"] > 2'900'000'000);
  CHECK(blocked["lock_wait"]["most_ns"] > 2'900'000'000);
  for (const auto& [protocol, cell] : cells) {
    INFO(protocol);
    CHECK(cell["violated"] == 0);
    CHECK((cell["latency"]["p95_ns"] > 1'000'000'000) == (protocol == "two-phase-commit"));
    if (protocol == "two-phase-commit") continue;
    CHECK(cell["endings"]["committed"] > blocked["endings"]["committed"]);
    // Orders whose coordinator was unreachable, and orders that used an amount that was taken back.
    const double shut = cell["never_begun"];
    CHECK(shut == Approx(blocked["never_begun"].get<double>()).epsilon(0.02));
    CHECK((cell["dirty_uses"] > 0) == (protocol == "saga-orchestration"));
  }
}

namespace {

std::map<std::string, Json> commits_compared(const std::string& file) {
  return by_protocol(run_program({"compare", kScenarios + file, "--seeds", "1..20", "--json",
                                  "--protocols", "two-phase-commit,three-phase-commit"}));
}

}  // namespace

TEST_CASE("findings: three-phase commit pays with a round of messages and a forced write") {
  const auto cells = commits_compared("contention.ini");
  const Json& two = cells.at("two-phase-commit");
  const Json& three = cells.at("three-phase-commit");
  const std::uint64_t committed = three["endings"]["committed"];
  CHECK(committed == two["endings"]["committed"]);
  CHECK(three["messages"] == two["messages"].get<std::uint64_t>() + 4 * committed);
  CHECK(three["forced"] == two["forced"].get<std::uint64_t>() + committed);
  CHECK(three["latency"]["p50_ns"] > two["latency"]["p50_ns"]);
  CHECK(mean(three["lock_hold"]) > mean(two["lock_hold"]));
}

TEST_CASE(
    "findings: three-phase commit ends doubt while the coordinator is down, if the crash is "
    "noticed") {
  const auto soon = commits_compared("coordinator-crash-missed-soon.ini");
  const Json& two = soon.at("two-phase-commit");
  const Json& three = soon.at("three-phase-commit");
  CHECK(two["in_doubt"]["most_ns"] > 2'900'000'000);
  CHECK(three["in_doubt"]["most_ns"] < 400'000'000);
  CHECK(three["lock_hold"]["most_ns"] < 400'000'000);
  CHECK(three["endings"]["committed"] > two["endings"]["committed"]);
  CHECK(three["violated"] == 0);
  const auto late = commits_compared("coordinator-crash.ini");
  CHECK(late.at("three-phase-commit")["endings"]["committed"] <
        late.at("two-phase-commit")["endings"]["committed"]);
}
