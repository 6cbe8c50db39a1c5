#include "sim/statistics.h"

#include <algorithm>

#include "sim/assert.h"

namespace txsim {

void Statistics::add_type() {
  TXSIM_ASSERT(++used_ < kTypeSlots, "more types of messages than are counted apart");
}

std::vector<std::pair<Word, std::uint64_t>> Statistics::messages() const {
  std::vector<std::pair<Word, std::uint64_t>> sorted;
  for (const OfType& counted : types_) {
    if (counted.type.id != 0) sorted.emplace_back(counted.type, counted.count);
  }
  std::sort(sorted.begin(), sorted.end());
  return sorted;
}

std::uint64_t Statistics::messages(Word type) const {
  for (const OfType& counted : types_) {
    if (counted.type == type) return counted.count;
  }
  return 0;
}

}  // namespace txsim
