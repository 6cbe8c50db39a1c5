#include "tests/judge/open_differences.h"

#include <algorithm>
#include <iterator>

namespace txsim::reference {
namespace {

struct OpenDifference {
  std::string_view kind;  // what a finding's kind begins with
  std::string_view why;
};

constexpr OpenDifference kOpen[] = {
    {"agreement: vacuous, by definition holds", "a participant ends after its view is closed"},
    {"atomicity: holds, by definition violated", "a step takes effect after the end"},
    {"compensation-order: not applicable, by definition vacuous",
     "a step that changes no amount takes effect by itself"},
    {"convergence: holds, by definition vacuous", "a drop without an end is an open fault"},
    {"convergence: violated, by definition vacuous", "cut off"},
    {"exactly-once: holds, by definition vacuous", "what a node recalls is no repetition"},
    {"exactly-once: violated, by definition holds", "a late step takes effect once"},
    {"no-lost-event: violated, by definition vacuous", "cut off"},
    {"truthful-reply: holds, by definition violated", "a step takes effect after the end"},
    {"truthful-reply: violated, by definition holds", "told done by an earlier submission"},
};

}  // namespace

bool is_open_difference(std::string_view kind) {
  return std::any_of(std::begin(kOpen), std::end(kOpen),
                     [&](const OpenDifference& open) { return kind.starts_with(open.kind); });
}

}  // namespace txsim::reference
