// Standard output: whether it shows colours, how wide it is, and writing to it.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace txsim {

enum class ColorChoice { Auto, Always, Never };

// --color first; then NO_COLOR, CLICOLOR_FORCE, TERM=dumb; then whether it is a terminal.
bool use_color(ColorChoice choice);
// Columns of the terminal, between 80 and 160; 100 where it is none.
std::size_t terminal_width();
// Columns for text to be read: wider lines than 100 are no easier to read.
std::size_t prose_width();
// Columns in which a list is laid out: those of the terminal; 0, an entry a line, where it is none.
std::size_t line_width();

// Writes all of it. The reader may have gone (a closed pipe): then this and all later calls do
// nothing. Throws InputError when it cannot be written (a full disk).
void print(std::string_view text);
// Lines to standard error, in front of them nothing; control characters as blanks.
void print_error(std::string_view line);

}  // namespace txsim
