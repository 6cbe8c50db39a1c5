// The description of a protocol or of a part of a service: `txsim describe` prints it, and the
// scenario language takes the names of messages, records and timers from it.
#pragma once

#include <algorithm>
#include <cstddef>
#include <iterator>
#include <string_view>
#include <vector>

#include "sim/word.h"

namespace txsim {

struct NamedText {
  std::string_view name;
  std::string_view text;
};

// A table of names and their meanings: of messages, log records or timers. The words in traces come
// from its rows, `kMessages["Prepare"]`; a name without a row does not compile.
template <std::size_t N>
struct Names {
  NamedText rows[N];

  consteval Word operator[](std::string_view name) const {
    for (const NamedText& row : rows) {
      if (row.name == name) return word(name);
    }
    throw "a name that is not in the table";
  }
  std::vector<NamedText> list() const { return {std::begin(rows), std::end(rows)}; }
};

template <std::size_t N>
consteval Names<N> names(const NamedText (&rows)[N]) {
  Names<N> made{};
  std::copy(std::begin(rows), std::end(rows), std::begin(made.rows));
  return made;
}

struct Description {
  std::string_view name;  // "two-phase-commit"; also its section in scenarios
  std::string_view what;  // one or two sentences
  std::string_view source;
  std::vector<NamedText> roles;
  std::vector<NamedText> messages;  // by the names that traces and faults use
  std::vector<NamedText> records;   // log records likewise
  std::vector<NamedText> timers;
  std::vector<NamedText> states;  // of each role: state, its meaning and its successors
  std::vector<NamedText> deviations;
  // Invariants that hold under the safe settings, under any crashes, losses and delays.
  std::vector<std::string_view> promises;
  std::vector<NamedText>
      conditions;  // further conditions of the promises: which promise, and its condition
};

}  // namespace txsim
