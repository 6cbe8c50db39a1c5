#include "runs/promises.h"

#include <algorithm>

#include "protocols/catalogue.h"
#include "sim/assert.h"

namespace txsim {

bool is_promised(std::string_view protocol, std::string_view invariant) {
  for (const ProtocolInfo& info : protocol_infos()) {
    if (info.name != protocol) continue;
    return std::find(info.promises.begin(), info.promises.end(), invariant) != info.promises.end();
  }
  return false;
}

bool counts_unnamed(std::string_view protocol, const InvariantInfo& invariant) {
  return !invariant.by_design || is_promised(protocol, invariant.name);
}

bool counts_unnamed(std::string_view protocol, std::string_view invariant) {
  const auto& all = invariants();
  const auto found = std::find_if(
      all.begin(), all.end(), [&](const InvariantInfo& info) { return info.name == invariant; });
  TXSIM_ASSERT(found != all.end(), "an invariant that nobody checks");
  return counts_unnamed(protocol, *found);
}

}  // namespace txsim
