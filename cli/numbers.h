// Numbers on the command line, and in a launcher's variables.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

namespace txsim {

// Nothing if the text is not all digits, or the number exceeds 64 bits.
std::optional<std::uint64_t> read_whole(std::string_view text);
// Throws InputError: "--jobs: '-1' is not a number of threads".
std::uint64_t whole(std::string_view option, std::string_view text, std::string_view form);

// From 0 to 255. Throws InputError.
std::uint8_t small_number(std::string_view option, std::string_view text);
// The seeds from A to B in "A..B", at least one and at most `most`. `form`: the right form, for
// errors. Throws InputError.
struct Seeds {
  std::uint64_t first = 0;
  std::uint64_t count = 0;
};
Seeds seeds_of(std::string_view text, std::string_view form, std::uint64_t most);

// "4GiB", "512MiB"; a bare number is bytes. Throws InputError.
std::uint64_t bytes_of(std::string_view option, std::string_view text);
// "60s", by the real clock. Throws InputError.
std::chrono::nanoseconds time_of(std::string_view option, std::string_view text);
// What --timeline says: a number of lines, all or none. Throws InputError.
std::size_t timeline_lines(std::string_view text);
// What --jobs says: 1 to 1024. Throws InputError.
unsigned number_of_jobs(std::string_view text);

}  // namespace txsim
