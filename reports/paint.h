// Text laid out for a terminal: colours that can be off, widths in columns, wrapping.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace txsim {

enum class Tone : unsigned char { Plain, Strong, Faint, Good, Warning, Bad };

class Paint {
 public:
  Paint() = default;
  explicit Paint(bool color) : color_(color) {}
  std::string operator()(Tone tone, std::string_view text) const;

 private:
  bool color_ = false;
};

// Columns that a text takes: one for each character of UTF-8.
std::size_t columns(std::string_view text);
// The text padded with blanks to `width` columns, after it or before it.
std::string pad(std::string_view text, std::size_t width);
std::string pad_left(std::string_view text, std::size_t width);
struct Paragraph {
  Tone tone = Tone::Plain;
  std::string text;
};
// Paragraphs in a column to the right of `left`, which takes `taken` columns, or below it if that
// column would be narrow. Width 0: all on one line. Ends with a line break.
std::string beside(const std::string& left, std::size_t taken,
                   const std::vector<Paragraph>& paragraphs, std::size_t width, const Paint& paint);
// Items one after another, separated by ", ", broken between items into lines of at most `width`
// columns (a longer item has a line to itself).
std::vector<std::string> wrap_items(const std::vector<std::string>& items, std::size_t width);
// Words likewise, separated by blanks.
std::vector<std::string> wrap_words(std::string_view text, std::size_t width);

}  // namespace txsim
