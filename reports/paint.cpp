#include "reports/paint.h"

#include <algorithm>

namespace txsim {
namespace {

std::string_view escape(Tone tone) {
  switch (tone) {
    case Tone::Plain:
      return "";
    case Tone::Strong:
      return "\x1b[1m";
    case Tone::Faint:
      return "\x1b[2m";
    case Tone::Good:
      return "\x1b[32m";
    case Tone::Warning:
      return "\x1b[33m";
    case Tone::Bad:
      return "\x1b[31m";
  }
  return "";
}

std::vector<std::string> wrap(const std::vector<std::string>& parts, std::string_view between,
                              std::size_t width) {
  std::vector<std::string> lines;
  for (std::size_t i = 0; i < parts.size(); ++i) {
    const bool last = i + 1 == parts.size();
    std::string part = parts[i];
    if (!last) part += between.substr(0, between.size() - 1);  // the blank becomes the line break
    if (lines.empty() || columns(lines.back()) + 1 + columns(part) > width) {
      lines.push_back(part);
    } else {
      lines.back() += " " + part;
    }
  }
  return lines;
}

}  // namespace

std::string Paint::operator()(Tone tone, std::string_view text) const {
  const std::string_view begin = escape(tone);
  if (!color_ || begin.empty() || text.empty()) return std::string(text);
  return std::string(begin).append(text).append("\x1b[0m");
}

std::size_t columns(std::string_view text) {
  return static_cast<std::size_t>(std::count_if(text.begin(), text.end(), [](char c) {
    return (static_cast<unsigned char>(c) & 0xC0U) != 0x80U;
  }));
}

std::string pad(std::string_view text, std::size_t width) {
  const std::size_t taken = columns(text);
  return std::string(text).append(taken < width ? width - taken : 0, ' ');
}

std::string pad_left(std::string_view text, std::size_t width) {
  const std::size_t taken = columns(text);
  return std::string(taken < width ? width - taken : 0, ' ').append(text);
}

std::string beside(const std::string& left, std::size_t taken,
                   const std::vector<Paragraph>& paragraphs, std::size_t width,
                   const Paint& paint) {
  constexpr std::size_t kNarrow = 40;
  std::string text = left;
  if (width == 0) {
    for (const Paragraph& paragraph : paragraphs) {
      text += (&paragraph == paragraphs.data() ? "" : "  ") + paint(paragraph.tone, paragraph.text);
    }
    return text + "\n";
  }
  const bool below = width < taken + kNarrow;
  const std::size_t indent = below ? 4 : taken;
  if (below) {
    text.erase(text.find_last_not_of(' ') + 1);
    text += "\n";
  }
  bool first = !below;
  for (const Paragraph& paragraph : paragraphs) {
    for (const std::string& line : wrap_words(paragraph.text, width - indent)) {
      text += std::string(first ? 0 : indent, ' ') + paint(paragraph.tone, line) + "\n";
      first = false;
    }
  }
  if (first) text += "\n";
  return text;
}

std::vector<std::string> wrap_items(const std::vector<std::string>& items, std::size_t width) {
  return wrap(items, ", ", width);
}

std::vector<std::string> wrap_words(std::string_view text, std::size_t width) {
  std::vector<std::string> words;
  std::size_t at = 0;
  while (at < text.size()) {
    const std::size_t begin = text.find_first_not_of(" \n\t", at);
    if (begin == std::string_view::npos) break;
    const std::size_t end = std::min(text.find_first_of(" \n\t", begin), text.size());
    words.emplace_back(text.substr(begin, end - begin));
    at = end;
  }
  return wrap(words, " ", width);
}

}  // namespace txsim
