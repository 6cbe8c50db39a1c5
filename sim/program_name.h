// The name of the program, for texts that suggest a command.
#pragma once

#include <string>
#include <string_view>

namespace txsim {

inline std::string& program_name_or_default() {
  static std::string name = "txsim";
  return name;
}
// "txsim", or the name under which another program was started.
inline const std::string& program_name() { return program_name_or_default(); }
// Call it before any output, and before there is a second thread.
inline void set_program_name(std::string_view name) { program_name_or_default() = name; }

}  // namespace txsim
