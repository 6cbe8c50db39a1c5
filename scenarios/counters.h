// The counters of a run, by the names that expectations use.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

namespace txsim {

struct CounterForm {
  enum class Of : std::uint8_t { Run, Message, Node, Longest };
  std::string_view name;
  Of of;  // the whole run, or also each type of message or each node; Longest: a duration
  std::string_view meaning;
};

std::span<const CounterForm> counter_forms();

// Null if there is no counter of this name.
const CounterForm* find_counter(std::string_view name);

}  // namespace txsim
