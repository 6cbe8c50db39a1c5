// A program with its own protocols, for tests. OWN selects them. Their services do nothing.
#include <cstdlib>
#include <string_view>
#include <vector>

#include "cli/program.h"
#include "tests/cli/idle_protocol.h"

namespace {

using namespace txsim;
using namespace txsim::testing;

std::vector<Protocol> protocols_for(std::string_view wanted) {
  if (wanted == "name-taken") return {idle("tcc")};
  if (wanted == "name-twice") return {idle("idle"), idle("idle")};
  if (wanted == "bad-name") return {idle("Not A Name")};
  if (wanted == "section") return {idle("network")};
  std::vector<Protocol> one = {idle("idle")};
  if (wanted == "misspelt-promise") one[0].description.promises = {"durability", "exactly-onse"};
  if (wanted == "unsafe-switch") settings_as<IdleSettings>(one[0].settings).mechanism = false;
  return one;
}

}  // namespace

int main(int argc, char** argv) {
  const char* wanted = std::getenv("OWN");
  return run_program(argc, argv, protocols_for(wanted != nullptr ? wanted : ""));
}
