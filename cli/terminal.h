// Standard output: whether it shows colours, how wide it is, and writing to it.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace txsim {

enum class ColorChoice { Auto, Always, Never };

// --color first; then NO_COLOR, CLICOLOR_FORCE, TERM=dumb; then whether it is a terminal.
bool use_color(ColorChoice choice);
// Columns of the terminal, between 80 and 160; 100 without a terminal.
std::size_t terminal_width();
// Columns for prose: at most 100, because wider lines are harder to read.
std::size_t prose_width();
// Columns for a list: those of the terminal; without a terminal 0, which means one entry a line.
std::size_t line_width();

// Writes all of it. If the reader has gone (a closed pipe), this and all later calls do
// nothing. Throws InputError when it cannot be written (a full disk).
void print(std::string_view text);
// Writes lines to standard error without a prefix; control characters become blanks.
void print_error(std::string_view line);

}  // namespace txsim
