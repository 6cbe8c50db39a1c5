// Delta debugging: a minimal part of a list that still shows a property.
//
// Source: algorithm ddmin of Zeller, Hildebrandt, Simplifying and Isolating Failure-Inducing Input,
// IEEE Transactions on Software Engineering 28(2), 2002.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace txsim {

using Places = std::vector<std::size_t>;  // ascending

// A sufficient subset of the places 0 to `count` - 1: `does_it(kept)` is true for it, and false if
// any one place is left out (1-minimal). Requires that `does_it` is true for all places and always
// gives the same answer for the same set. It is called with ever smaller sets, first with the empty
// one.
template <class DoesIt>
Places ddmin(std::size_t count, DoesIt&& does_it) {
  Places kept(count);
  for (std::size_t i = 0; i < count; ++i) kept[i] = i;
  if (kept.empty() || does_it(Places{})) return {};
  // Cuts into `pieces` parts; a part, or else its complement, replaces the whole.
  std::size_t pieces = 2;
  while (kept.size() >= 2) {
    const auto begin_of = [&](std::size_t piece) {
      return kept.begin() + static_cast<std::ptrdiff_t>(piece * kept.size() / pieces);
    };
    bool is_smaller = false;
    for (std::size_t piece = 0; piece < pieces && !is_smaller; ++piece) {
      Places one(begin_of(piece), begin_of(piece + 1));
      if (one.size() == kept.size() || !does_it(one)) continue;
      kept = std::move(one);
      pieces = 2;
      is_smaller = true;
    }
    for (std::size_t piece = 0; piece < pieces && pieces > 2 && !is_smaller; ++piece) {
      Places rest(kept.begin(), begin_of(piece));
      rest.insert(rest.end(), begin_of(piece + 1), kept.end());
      if (!does_it(rest)) continue;
      kept = std::move(rest);
      --pieces;
      is_smaller = true;
    }
    if (is_smaller) {
      pieces = std::min(pieces, std::max<std::size_t>(kept.size(), 2));
      continue;
    }
    if (pieces >= kept.size()) break;
    pieces = std::min(2 * pieces, kept.size());
  }
  return kept;
}

}  // namespace txsim
