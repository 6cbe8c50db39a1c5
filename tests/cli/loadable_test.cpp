// Protocols that txsim loads from shared libraries.
#include <catch2/catch.hpp>

#include "protocols/loadable.h"
#include "tests/cli/folder.h"
#include "tests/cli/program.h"
#include "tests/contains.h"

namespace {

using namespace txsim;

const std::string kScenario =
    "[scenario]\nprotocol = idle\n[service order]\nresource = stock 5\n"
    "[transaction buy]\nstep = take 1 stock at order\n[workload]\norders = 1\n"
    "[idle]\nmechanism = off\n";

}  // namespace

TEST_CASE(
    "loadable: its protocols work in every command, and suggested commands name the library") {
  const Folder folder;
  folder.write("idle.ini", kScenario);
  const std::string file = folder / "idle.ini";
  const Ran ran = run_program({"--protocol", TXSIM_OWN_LIBRARY, "run", file});
  CAPTURE(ran.error, ran.output);
  CHECK(ran.status == 1);  // the protocol never ends a transaction
  CHECK(contains(ran.output, "idle, seed 1"));
  CHECK(
      contains(ran.output, std::string("again  txsim --protocol ") + TXSIM_OWN_LIBRARY + " run "));
  const Ran keys = run_program({std::string("--protocol=") + TXSIM_OWN_LIBRARY, "keys"});
  CHECK(keys.status == 0);
  CHECK(contains(keys.output, "[idle]"));
  CHECK(contains(keys.output, "[idler]"));
  const Ran explored = run_program({"--protocol", TXSIM_OWN_LIBRARY, "explore", file});
  CHECK(explored.status == 1);
  CHECK(contains(explored.output, "convergence"));
  CHECK(run_program({"run", file}).status == 2);
}

TEST_CASE("loadable: an unusable library is an error with a suggestion and status 2") {
  struct Case {
    std::string library;
    std::string error;
  };
  const Case cases[] = {
      {"no-such-library.so", "txsim: cannot load a protocol: "},
      {TXSIM_NO_PROTOCOL_LIBRARY, "txsim: " TXSIM_NO_PROTOCOL_LIBRARY " defines no protocols: "},
      {TXSIM_OLDER_LIBRARY,
       "txsim: " TXSIM_OLDER_LIBRARY " was compiled for txsim 0.0.9, and this "}};
  for (const Case& one : cases) {
    const Ran ran = run_program({"--protocol", one.library, "keys"});
    CAPTURE(one.library, ran.error);
    CHECK(ran.status == 2);
    CHECK(ran.output == "");
    CHECK(ran.error.starts_with(one.error));
  }
  const Ran twice =
      run_program({"--protocol", TXSIM_OWN_LIBRARY, "--protocol", TXSIM_OWN_LIBRARY, "keys"});
  CHECK(twice.status == 2);
  CHECK(contains(twice.error, "the name is taken"));
}

TEST_CASE("loadable: a library must match the version of the program") {
  CHECK(contains(run_program({"--version"}).output,
                 std::string("txsim ") + kLoadableInterface.version));
}
