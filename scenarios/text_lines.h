// The text of a file as lines: its permitted bytes, its comments, and paths relative to it.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace txsim {

struct TextProblem {
  int line = 0;
  std::string message;
};

// Why a text cannot be read as a scenario: binary, not UTF-8, too large. Removes a byte order mark.
std::optional<TextProblem> problem_of_text(std::string_view& text);
std::optional<TextProblem> problem_of_text(const std::string& text);

// Goes through the lines of a text, which end with LF or CRLF.
class TextLines {
 public:
  explicit TextLines(std::string_view text) : rest_(text) {}
  bool next();
  std::string_view line() const { return line_; }

 private:
  std::string_view rest_;
  std::string_view line_;
  bool done_ = false;
};

// The line up to its comment, trimmed. A '#' begins a comment at the beginning of a line, and
// between white space (the end of the line counts): "Bug #42" and "C#" are values.
std::string_view without_comment(std::string_view line);

// The comment that opens a text, without its marks.
std::string opening_comment(std::string_view text);

// `path` relative to the folder of `file`, without "." and "..", so that one file has one path.
std::string relative_to(std::string_view file, std::string_view path);

}  // namespace txsim
