// Random valid scenarios over the whole scenario language: a few services with a few resources, one
// to four orders, every kind of step, every key of the schema with a valid value, every kind of
// fault with every placement. A new key of the schema is drawn without a change here. A new type of
// key stops the generator.
#pragma once

#include <cstdint>
#include <string>

namespace txsim::reference {

enum class Mechanisms : std::uint8_t {
  On,    // every switch at its safe default
  Mixed  // some switches off
};

// Generates the scenario with this number. A number gives the same text on every machine.
std::string generate(std::uint64_t number, Mechanisms mechanisms);

}  // namespace txsim::reference
