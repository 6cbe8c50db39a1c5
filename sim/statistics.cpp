#include "sim/statistics.h"

#include <algorithm>

namespace txsim {

std::vector<std::pair<Word, std::uint64_t>> Statistics::messages() const {
  std::vector<std::pair<Word, std::uint64_t>> sorted;
  for (const auto& type : types_) {
    if (type.first.id != 0) sorted.push_back(type);
  }
  std::sort(sorted.begin(), sorted.end());
  return sorted;
}

std::uint64_t Statistics::messages(Word type) const {
  for (const auto& counted : types_) {
    if (counted.first == type) return counted.second;
  }
  return 0;
}

}  // namespace txsim
