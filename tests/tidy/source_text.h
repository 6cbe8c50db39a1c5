// A C++ source file as the tidy rules see it: its lines, and the same lines as bare code.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace txsim::tidy {

struct SourceText {
  std::vector<std::string> lines;
  std::vector<std::string> code;  // comments and the inside of literals replaced by blanks
};

// First and last line of one function, signature included. Lines count from 1.
struct FunctionSpan {
  std::size_t first = 0;
  std::size_t last = 0;
};

SourceText read_source(std::string_view text);

// Outermost function bodies; a lambda counts as a part of the function around it. Counts braces, so
// it needs code that compiles, and macros that do not open a scope.
std::vector<FunctionSpan> find_functions(const std::vector<std::string>& code);

// Whether `word` stands in `code` and is no part of a longer name.
bool has_word(std::string_view code, std::string_view word);

bool is_name_char(char c);

}  // namespace txsim::tidy
