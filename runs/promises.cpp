#include "runs/promises.h"

#include <algorithm>

#include "protocols/registry.h"
#include "sim/assert.h"

namespace txsim {

bool is_promised(std::string_view protocol, std::string_view invariant) {
  const std::shared_ptr<const Protocol> named = find_protocol(protocol);
  return named != nullptr &&
         std::find(named->description.promises.begin(), named->description.promises.end(),
                   invariant) != named->description.promises.end();
}

bool counts_unnamed(std::string_view protocol, const InvariantInfo& invariant) {
  return !invariant.by_design || is_promised(protocol, invariant.name);
}

bool counts_unnamed(std::string_view protocol, std::string_view invariant) {
  const auto& all = invariants();
  const auto found = std::find_if(
      all.begin(), all.end(), [&](const InvariantInfo& info) { return info.name == invariant; });
  TXSIM_ASSERT(found != all.end(), "an invariant that no check judges");
  return counts_unnamed(protocol, *found);
}

}  // namespace txsim
