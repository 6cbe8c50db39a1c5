// What a run counts, by the names that expectations call it.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

namespace txsim {

struct CounterForm {
  enum class Of : std::uint8_t { Run, Message, Node, Longest };
  std::string_view name;
  Of of;  // the run as a whole, or also by type of message or by node; Longest: a duration
  std::string_view meaning;
};

std::span<const CounterForm> counter_forms();

// Null: nothing is counted by this name.
const CounterForm* find_counter(std::string_view name);

}  // namespace txsim
