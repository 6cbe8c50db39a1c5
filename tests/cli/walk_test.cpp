// `txsim walk` as a command: options, exit statuses, usage errors.
#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include "tests/cli/folder.h"
#include "tests/cli/program.h"
#include "tests/contains.h"

namespace {

using namespace txsim;

Ran walk_of(const Folder& folder, const std::vector<std::string>& more) {
  std::vector<std::string> arguments = {"walk", folder / "good.ini"};
  arguments.insert(arguments.end(), more.begin(), more.end());
  return run_program(arguments);
}

}  // namespace

TEST_CASE("txsim walk: status 0 if nothing unexpected is violated, else 1") {
  const Folder folder;
  CHECK(walk_of(folder, {"--crash", "any"}).status == 0);
  const Ran broken =
      walk_of(folder, {"--crash", "coordinator", "--set", "two-phase-commit.force_decision=off"});
  CHECK(broken.status == 1);
  CHECK(contains(broken.output, "violated: agreement"));
}

TEST_CASE("txsim walk: every node that is named has a walk of its own") {
  const Folder folder;
  const auto json = nlohmann::json::parse(
      walk_of(folder, {"--pause", "any participant", "--for", "100ms", "--json"}).output);
  REQUIRE(json["walks"].size() == 2);
  CHECK(json["walks"][0]["fault"] == "product pauses for 100ms");
  CHECK(json["walks"][1]["fault"] == "point pauses for 100ms");
}

TEST_CASE("txsim walk: the printed command repeats a run of it") {
  const Folder folder;
  const auto json =
      nlohmann::json::parse(walk_of(folder, {"--partition", "order | rest", "--json"}).output);
  for (const auto& row : json["walks"][0]["rows"]) {
    const std::string fault = row["first_fault"];
    const auto run = nlohmann::json::parse(
        run_program({"run", folder / "good.ini", "--set", "faults.fault=" + fault, "--json"})
            .output);
    CHECK(run["transactions"].size() == 1);
    CHECK(run["faults"].size() == 1);
  }
}

TEST_CASE("txsim walk: any number of jobs prints the same, and so does a second walk") {
  const Folder folder;
  const std::string one = walk_of(folder, {"--drop", "any any -> any", "--jobs", "1"}).output;
  CHECK(one == walk_of(folder, {"--drop", "any any -> any", "--jobs", "4"}).output);
  CHECK(contains(one, "each message any -> any is lost"));
}

TEST_CASE("txsim walk: the page goes to a file, or alone to standard output") {
  const Folder folder;
  const Ran ran = walk_of(folder, {"--crash", "order", "--html", folder / "walk.html"});
  CHECK(ran.status == 0);
  CHECK(contains(ran.output, "written to "));
  CHECK(folder.read("walk.html") == walk_of(folder, {"--crash", "order", "--html", "-"}).output);
}

TEST_CASE("txsim walk: bad usage is an error with a way out") {
  const Folder folder;
  const auto told = [&](const std::vector<std::string>& more, const char* what) {
    const Ran ran = walk_of(folder, more);
    CAPTURE(ran.error);
    CHECK(ran.status == 2);
    CHECK(ran.output.empty());
    CHECK(contains(ran.error, what));
  };
  told({}, "which fault? name one of --crash, --pause, --partition and --drop");
  told({"--crash", "order", "--pause", "order"}, "walk once for each");
  told({"--crash", "ordr"}, "--crash 'ordr': unknown node 'ordr' (did you mean 'order'?)");
  told({"--crash", "it"}, "name the nodes");
  told({"--crash", "order at 5ms"}, "'at' is one word too many");
  told({"--crash", "order", "--for", "2x"}, "--for: '2x' is not a duration");
  told({"--crash", "order", "--for", "0s"}, "longer than 0");
  told({"--pause", "order", "--for", "never"}, "a pause has an end");
  told({"--drop", "any any -> any", "--for", "1s"}, "leave it out");
  told({"--drop", "Comit any -> any"}, "did you mean 'Commit'?");
  told({"--drop", "Abort any -> any"}, "no such message is sent in the undisturbed run");
  told({"--partition", "order product"}, "write 'NODES | NODES'");
  told({"--crash", "order", "--from", "5s"}, "the events of the run are at 0s to ");
  told({"--crash", "order", "--from", "2ms", "--to", "1ms"}, "is before --from");
  told({"--crash", "order", "--runs", "0"}, "at least one run");
  told({"--crash", "order", "--html", "-", "--json"}, "cannot both go to standard output");
  told({"--crash", "order", "--set", "workload.orders=100000", "--set",
        "workload.arrivals=every 1ms"},
       "lower the number of orders");
  const Ran several = run_program({"walk", folder.path(), "--crash", "order"});
  CHECK(several.status == 2);
  CHECK(contains(several.error, "one scenario at a time"));
}
