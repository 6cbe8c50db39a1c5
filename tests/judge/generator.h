// Random valid scenarios over the whole scenario language: a few services with a few resources, one
// to four orders, every kind of step, every key of the schema with a value that its type allows,
// every kind of fault with every placing. A key that is new in the schema is drawn without anybody
// thinking of it; one of a type that is new stops the generator.
#pragma once

#include <cstdint>
#include <string>

namespace txsim::reference {

enum class Mechanisms : std::uint8_t {
  On,    // every (switch) at its safe default
  Mixed  // some off
};

// The scenario of a number. The same number gives the same text everywhere.
std::string generate(std::uint64_t number, Mechanisms mechanisms);

}  // namespace txsim::reference
