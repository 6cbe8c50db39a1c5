// The random draws of the scenario generator. They use txsim's own random number generator.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <string>
#include <vector>

#include "sim/random.h"

namespace txsim::reference {

class Draws {
 public:
  explicit Draws(std::uint64_t number) : stream_(number, "scenario") {}

  std::size_t below(std::uint64_t bound) { return static_cast<std::size_t>(stream_.below(bound)); }
  bool chance(std::uint64_t percent) { return stream_.below(100) < percent; }
  const std::string& one_of(const std::vector<std::string>& texts) {
    return texts[below(texts.size())];
  }
  std::string one_of(std::initializer_list<const char*> texts) {
    return texts.begin()[below(texts.size())];
  }

 private:
  Stream stream_;
};

}  // namespace txsim::reference
