#include "tests/tidy/source_text.h"

#include <array>
#include <cctype>

namespace txsim::tidy {
namespace {

std::vector<std::string> split_lines(std::string_view text) {
  std::vector<std::string> lines;
  while (!text.empty()) {
    const std::size_t end = text.find('\n');
    lines.emplace_back(text.substr(0, end));
    if (end == std::string_view::npos) break;
    text.remove_prefix(end + 1);
  }
  return lines;
}

// The word that ends before `at`.
std::string_view word_before(std::string_view text, std::size_t at) {
  std::size_t begin = at;
  while (begin > 0 && is_name_char(text[begin - 1])) --begin;
  return text.substr(begin, at - begin);
}

// In 1'000 the quote is part of a number and starts no character literal.
bool separates_digits(std::string_view text, std::size_t at) {
  const std::string_view word = word_before(text, at);
  return !word.empty() && std::isdigit(static_cast<unsigned char>(word.front())) != 0;
}

// The end of the literal or comment that starts at `at`: one past its last character, or `at` if
// none starts there.
std::size_t skip_inert(std::string_view text, std::size_t at) {
  const auto after = [&](std::string_view end, std::size_t from) {
    const std::size_t found = text.find(end, from);
    return found == std::string_view::npos ? text.size() : found + end.size();
  };
  const std::string_view rest = text.substr(at);
  if (rest.starts_with("//")) {
    const std::size_t newline = text.find('\n', at);
    return newline == std::string_view::npos ? text.size() : newline;
  }
  if (rest.starts_with("/*")) return after("*/", at + 2);
  if (rest.starts_with('"') && word_before(text, at).ends_with('R')) {
    const std::size_t open = text.find('(', at);
    if (open == std::string_view::npos) return text.size();
    return after(")" + std::string(text.substr(at + 1, open - at - 1)) + "\"", open);
  }
  if (rest.starts_with('"') || (rest.starts_with('\'') && !separates_digits(text, at))) {
    for (std::size_t i = at + 1; i < text.size(); ++i) {
      if (text[i] == '\\') {
        ++i;
      } else if (text[i] == text[at] || text[i] == '\n') {
        return i + 1;
      }
    }
    return text.size();
  }
  return at;
}

bool has_word_outside_brackets(std::string_view statement,
                               const std::array<std::string_view, 6>& words) {
  std::string kept;
  int depth = 0;
  for (const char c : statement) {
    if (c == '<') ++depth;
    if (depth == 0) kept += c;
    if (c == '>' && depth > 0) --depth;
  }
  for (const std::string_view word : words) {
    if (has_word(kept, word)) return true;
  }
  return false;
}

enum class Scope { plain, function, initializer };

// The scope that a brace opens after `statement`, the text since the last brace or semicolon.
Scope opened_after(std::string_view statement, int open_parentheses) {
  if (open_parentheses > 0) return Scope::initializer;
  const std::size_t last = statement.find_last_not_of(" \n");
  if (last == std::string_view::npos) return Scope::plain;
  if (statement[last] == '=') return Scope::initializer;
  // A member initialiser: Type(arguments) : member{value} {
  const std::size_t colon = statement.find(')') == std::string_view::npos
                                ? std::string_view::npos
                                : statement.find(" : ", statement.find(')'));
  if (colon != std::string_view::npos && is_name_char(statement[last])) return Scope::initializer;
  if (has_word_outside_brackets(statement,
                                {"namespace", "class", "struct", "union", "enum", "concept"})) {
    return Scope::plain;
  }
  return statement.find('(') == std::string_view::npos ? Scope::plain : Scope::function;
}

// Scans the code character by character and records where functions begin and end.
class FunctionFinder {
 public:
  void take(char c, std::size_t line) {
    const bool opaque = !scopes_.empty() && scopes_.back() != Scope::plain;
    if (c == '{') {
      open(opaque ? Scope::initializer : opened_after(statement_, parentheses_));
    } else if (c == '}' && !scopes_.empty()) {
      close(line);
    } else if (!opaque) {
      extend(c, line);
    }
  }

  std::vector<FunctionSpan> found;

 private:
  void open(Scope scope) {
    scopes_.push_back(scope);
    if (scope == Scope::plain) statement_.clear();
  }

  void close(std::size_t line) {
    const Scope closed = scopes_.back();
    scopes_.pop_back();
    if (closed == Scope::function) found.push_back({statement_line_, line});
    if (closed == Scope::initializer) {
      statement_ += '}';
    } else {
      statement_.clear();
    }
  }

  void extend(char c, std::size_t line) {
    if (c == '(') ++parentheses_;
    if (c == ')') --parentheses_;
    if (c == ';' && parentheses_ == 0) {
      statement_.clear();
    } else if (!statement_.empty() || c != ' ') {
      if (statement_.empty()) statement_line_ = line;
      statement_ += c;
    }
  }

  std::vector<Scope> scopes_;
  std::string statement_;
  std::size_t statement_line_ = 0;
  int parentheses_ = 0;
};

}  // namespace

bool is_name_char(char c) { return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_'; }

bool has_word(std::string_view code, std::string_view word) {
  for (std::size_t at = code.find(word); at != std::string_view::npos;
       at = code.find(word, at + 1)) {
    const std::size_t end = at + word.size();
    const bool begins = at == 0 || !is_name_char(code[at - 1]);
    const bool ends = end == code.size() || !is_name_char(code[end]);
    if (begins && ends) return true;
  }
  return false;
}

SourceText read_source(std::string_view text) {
  std::string code(text);
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t end = skip_inert(text, at);
    for (std::size_t i = at; i < end; ++i) {
      if (text[i] != '\n') code[i] = ' ';
    }
    at = end > at ? end : at + 1;
  }
  return {split_lines(text), split_lines(code)};
}

std::vector<FunctionSpan> find_functions(const std::vector<std::string>& code) {
  FunctionFinder finder;
  bool directive = false;
  for (std::size_t i = 0; i < code.size(); ++i) {
    const std::size_t first = code[i].find_first_not_of(' ');
    directive = directive || (first != std::string::npos && code[i][first] == '#');
    if (directive) {
      directive = code[i].ends_with('\\');
      continue;
    }
    for (const char c : code[i]) finder.take(c, i + 1);
    finder.take(' ', i + 1);
  }
  return finder.found;
}

}  // namespace txsim::tidy
