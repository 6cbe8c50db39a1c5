#include "scenarios/text_lines.h"

#include <fmt/format.h>

#include <algorithm>
#include <vector>

#include "scenarios/words.h"
#include "sim/utf8.h"

namespace txsim {
namespace {

constexpr std::size_t kMostBytes = std::size_t{16} << 20;
constexpr std::size_t kLongestLine = std::size_t{1} << 20;
constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";

std::string problem_at(std::string_view text, std::size_t i, std::size_t length) {
  const unsigned char byte = byte_at(text, i);
  if (byte == 0) return "a NUL byte: this is not a text file";
  if (length == 0) return fmt::format("byte 0x{:02x} is not UTF-8: this is not a text file", byte);
  const bool line_end = byte == '\r' && byte_at(text, i + 1) == '\n';
  const bool is_c1 = byte == 0xC2 && byte_at(text, i + 1) < 0xA0;
  if (is_c1) return fmt::format("a control character (0x{:02x})", byte_at(text, i + 1));
  const bool control = (byte < 0x20 && byte != '\t' && byte != '\n' && !line_end) || byte == 0x7F;
  return control ? fmt::format("a control character (0x{:02x})", byte) : std::string();
}

}  // namespace

std::optional<TextProblem> problem_of_text(std::string_view& text) {
  if (text.size() > kMostBytes) {
    return TextProblem{1,
                       fmt::format("a file of {} bytes; the most is {}", text.size(), kMostBytes)};
  }
  if (text.starts_with(kByteOrderMark)) text.remove_prefix(kByteOrderMark.size());
  int line = 1;
  std::size_t line_begin = 0;
  for (std::size_t i = 0; i < text.size();) {
    if (text[i] >= ' ' && text[i] <= '~' && i - line_begin < kLongestLine) {
      ++i;
      continue;
    }
    const std::size_t length = character_length(text, i);
    std::string problem = problem_at(text, i, length);
    if (!problem.empty()) return TextProblem{line, std::move(problem)};
    if (i - line_begin > kLongestLine) {
      return TextProblem{line, fmt::format("a line of over {} bytes", kLongestLine)};
    }
    if (text[i] == '\n') {
      ++line;
      line_begin = i + 1;
    }
    i += length;
  }
  return std::nullopt;
}

std::optional<TextProblem> problem_of_text(const std::string& text) {
  std::string_view view = text;
  return problem_of_text(view);
}

bool TextLines::next() {
  if (done_) return false;
  const std::size_t end = rest_.find('\n');
  line_ = rest_.substr(0, end);
  if (line_.ends_with('\r')) line_.remove_suffix(1);
  done_ = end == std::string_view::npos;
  if (!done_) rest_.remove_prefix(end + 1);
  return true;
}

std::string_view without_comment(std::string_view line) {
  for (std::size_t at = line.find('#'); at != std::string_view::npos; at = line.find('#', at + 1)) {
    const std::string_view before = line.substr(0, at);
    const bool opens = trimmed(before).empty();
    const bool is_apart = trimmed(line.substr(0, at + 2)).back() == '#';
    if (opens || (is_apart && trimmed(before) != before)) return trimmed(before);
  }
  return trimmed(line);
}

std::string opening_comment(std::string_view text) {
  std::string story;
  bool begun = false;
  for (TextLines lines(text); lines.next();) {
    std::string_view line = trimmed(lines.line());
    if (!line.starts_with('#')) {
      if (begun || !line.empty()) break;
      continue;
    }
    line.remove_prefix(1);
    if (line.starts_with(' ')) line.remove_prefix(1);
    if (begun) story += '\n';
    story += line;
    begun = true;
  }
  return story;
}

std::string relative_to(std::string_view file, std::string_view path) {
  std::string joined(path);
  const std::size_t slash = file.rfind('/');
  if (!path.starts_with('/') && slash != std::string_view::npos) {
    joined = std::string(file.substr(0, slash + 1)) + joined;
  }
  const bool rooted = joined.starts_with('/');
  std::vector<std::string_view> parts;
  for (std::string_view rest = joined; !rest.empty();) {
    const std::size_t end = std::min(rest.find('/'), rest.size());
    const std::string_view part = rest.substr(0, end);
    rest.remove_prefix(std::min(end + 1, rest.size()));
    if (part.empty() || part == ".") continue;
    const bool goes_up = part == ".." && !parts.empty() && parts.back() != "..";
    if (goes_up) {
      parts.pop_back();
    } else {
      parts.push_back(part);
    }
  }
  std::string normal = rooted ? "/" : "";
  for (const std::string_view part : parts) {
    if (!normal.empty() && normal.back() != '/') normal += '/';
    normal += part;
  }
  return normal;
}

}  // namespace txsim
