// Numbers on the command line, and in what a launcher tells.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace txsim {

// Nothing, if the text is anything but digits, or a number past 64 bits.
std::optional<std::uint64_t> read_whole(std::string_view text);
// Throws InputError: "--jobs: '-1' is not a number of threads".
std::uint64_t whole(std::string_view option, std::string_view text, std::string_view form);

}  // namespace txsim
