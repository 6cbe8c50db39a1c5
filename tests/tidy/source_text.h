// A C++ source file for the tidy rules: its lines, and the same lines without comments and
// literals.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace txsim::tidy {

struct SourceText {
  std::vector<std::string> lines;
  std::vector<std::string> code;  // comments and contents of literals are blanks
};

// First and last line of one function, with its signature. Lines count from 1.
struct FunctionSpan {
  std::size_t first = 0;
  std::size_t last = 0;
};

SourceText read_source(std::string_view text);

// Outermost function bodies. A lambda belongs to the function around it. The finder counts braces,
// so it needs code that compiles and macros that open no scope.
std::vector<FunctionSpan> find_functions(const std::vector<std::string>& code);

// True if `word` occurs in `code` as a whole name.
bool has_word(std::string_view code, std::string_view word);

bool is_name_char(char c);

}  // namespace txsim::tidy
