// True if a text contains another one.
#pragma once

#include <string>

namespace txsim {

inline bool contains(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

}  // namespace txsim
