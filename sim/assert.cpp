#include "sim/assert.h"

#include <string_view>

namespace txsim {

void fail_assertion(const char* condition, const char* file, int line, const std::string& message) {
  std::string_view name(file);
  if (const auto slash = name.rfind('/'); slash != std::string_view::npos) {
    const auto folder = name.rfind('/', slash - 1);
    name.remove_prefix(folder == std::string_view::npos ? slash + 1 : folder + 1);
  }
  throw Defect(std::string(name) + ":" + std::to_string(line) + ": " + message + " (" + condition +
               ")");
}

}  // namespace txsim
