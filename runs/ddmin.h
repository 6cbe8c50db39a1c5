// Delta debugging: the least of a list of things that still does it.
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

// Of the places 0 to `count` - 1, some that are enough: `does_it(kept)` is true of them, and of
// none of the sets with one of them left out (1-minimal). Requires that it is true of all of them.
// `does_it` must always answer the same to the same; it is asked of ever smaller sets, first of
// the empty one.
template <class DoesIt>
Places ddmin(std::size_t count, DoesIt&& does_it) {
  Places kept(count);
  for (std::size_t i = 0; i < count; ++i) kept[i] = i;
  if (kept.empty() || does_it(Places{})) return {};
  // Cuts into so many pieces; a piece, then its complement, takes the place of the whole.
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
