#include "cli/numbers.h"

#include <fmt/format.h>

#include <charconv>

#include "cli/command.h"

namespace txsim {

std::optional<std::uint64_t> read_whole(std::string_view text) {
  std::uint64_t value = 0;
  const auto [rest, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || rest != text.data() + text.size() || text.empty()) return {};
  return value;
}

std::uint64_t whole(std::string_view option, std::string_view text, std::string_view form) {
  if (const auto value = read_whole(text)) return *value;
  throw InputError(fmt::format("{}: '{}' is not {}", option, text, form));
}

}  // namespace txsim
