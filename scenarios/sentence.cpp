#include "scenarios/sentence.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>

#include "scenarios/grammar.h"
#include "scenarios/schema.h"
#include "scenarios/words.h"

namespace txsim {
namespace {

bool is_reserved(std::string_view word) {
  const auto& reserved = reserved_words();
  return std::find(reserved.begin(), reserved.end(), word) != reserved.end();
}

bool is_role(std::string_view word) {
  return word == "client" || word == "coordinator" || word == "participant" || word == "lock" ||
         word == "broker";
}

// Other words that begin a clause about an event.
bool is_like_when(std::string_view word) {
  constexpr std::string_view kWords[] = {"if", "once", "upon", "as", "whenever", "while", "until"};
  return std::find(std::begin(kWords), std::end(kWords), word) != std::end(kWords);
}

// The length of a mark that separates words without blanks; 0: there is none here.
std::size_t mark_length(std::string_view text) {
  if (text.starts_with("<->")) return 3;
  if (text.starts_with("->")) return 2;
  return text.starts_with('|') || text.starts_with(',') ? 1 : 0;
}

}  // namespace

Sentence::Sentence(std::string_view text, const ScenarioNames& names) : names_(names) {
  std::size_t begin = 0;
  const auto end_word = [&](std::size_t end) {
    if (end > begin) words_.push_back(text.substr(begin, end - begin));
  };
  for (std::size_t i = 0; i < text.size();) {
    const std::size_t mark = mark_length(text.substr(i));
    if (mark == 0 && text[i] != ' ' && text[i] != '\t') {
      ++i;
      continue;
    }
    end_word(i);
    if (mark > 0 && text[i] != ',') words_.push_back(text.substr(i, mark));
    i += std::max<std::size_t>(mark, 1);
    begin = i;
  }
  end_word(text.size());
}

std::string_view Sentence::peek(std::size_t ahead) const {
  return next_ + ahead < words_.size() ? words_[next_ + ahead] : std::string_view();
}

bool Sentence::take(std::string_view word) {
  if (at_end() || words_[next_] != word) return false;
  ++next_;
  return true;
}

std::string_view Sentence::next(std::string_view what) {
  if (at_end()) fail(fmt::format("the sentence ends where {} is expected", what));
  return words_[next_++];
}

void Sentence::expect(std::string_view word) {
  if (take(word)) return;
  if (at_end()) fail(fmt::format("the sentence ends where '{}' is expected", word));
  fail(fmt::format("{} where '{}' is expected", quoted(peek()), word));
}

bool Sentence::has(std::string_view word) const {
  return std::find(words_.begin(), words_.end(), word) != words_.end();
}

void Sentence::finish() const {
  if (!at_end()) fail(fmt::format("{} is one word too many", quoted(peek())));
}

bool Sentence::at_nodes() const {
  if (at_end()) return false;
  const std::string_view word = peek();
  if (is_role(word)) return true;
  if (is_reserved(word) || mark_length(word) > 0) return false;
  return !is_digit(word.front()) && word.front() != '-';
}

std::vector<NodeId> Sentence::nodes(const Then& then) {
  if (!at_nodes()) {
    if (at_end()) fail("the sentence ends where a node is expected");
    if (peek() == "operator") {
      fail("the operator is a person, not a node: name the coordinator or its timer");
    }
    fail(fmt::format("{} where a node is expected", quoted(peek())));
  }
  std::vector<NodeId> all;
  for (bool first = true; at_nodes(); first = false) {
    const std::string_view word = next("a node");
    try {
      const std::vector<NodeId> some = names_.nodes(word);
      all.insert(all.end(), some.begin(), some.end());
    } catch (const BadValue& bad) {
      if (const std::string fact = first ? "" : as_fact(word, peek()); !fact.empty()) {
        fail(fmt::format("{} is not a verb of an event (did you mean 'announces {}'?)",
                         quoted(word), fact));
      }
      const bool is_near =
          std::string_view(bad.what()).find("did you mean") != std::string_view::npos;
      if (first || then.empty() || is_near) throw;
      fail_after_nodes(word, then);
    }
  }
  std::sort(all.begin(), all.end());
  all.erase(std::unique(all.begin(), all.end()), all.end());
  return all;
}

// After a first node, a misspelt word of the language is as likely as a misspelt node.
void Sentence::fail_after_nodes(std::string_view word, const Then& then) const {
  Nearest near(word);
  near.offer_all(then);
  std::string hint = near.hint();
  const bool may_be_when = std::find(then.begin(), then.end(), "when") != then.end();
  if (hint.empty() && may_be_when && is_like_when(word)) hint = " (did you mean 'when'?)";
  if (hint.empty()) {
    hint = fmt::format("; after a node there is {} or another node", fmt::join(then, ", "));
  }
  fail(fmt::format("unknown node {}{}", quoted(word), hint));
}

std::vector<NodeId> Sentence::nodes_or_any(const Then& then) {
  if (take("any")) return {};
  return nodes(then);
}

bool Sentence::at_ordinal() const {
  const std::string_view word = peek();
  return word.size() > 2 && is_digit(word.front()) &&
         (word.ends_with("st") || word.ends_with("nd") || word.ends_with("rd") ||
          word.ends_with("th"));
}

std::uint64_t Sentence::ordinal() {
  const std::string_view word = next("1st, 2nd, 3rd ...");
  const std::uint64_t number = parse_whole(word.substr(0, word.size() - 2), Count::kMost, "1st");
  if (number == 0) fail("there is no 0th: the first is the 1st");
  return number;
}

std::uint64_t Sentence::number(std::string_view what) {
  return parse_whole(next(what), ~std::uint64_t{0} >> 1, "7");
}

void Sentence::fail(const std::string& what) const {
  throw BadValue(form_.empty() ? what : fmt::format("{}; write: {}", what, form_));
}

std::string ordinal_text(std::uint64_t number) {
  const std::uint64_t tens = number % 100;
  const bool teen = tens >= 11 && tens <= 13;
  const char* const endings[] = {"th", "st", "nd", "rd"};
  const std::uint64_t ones = number % 10;
  return fmt::format("{}{}", number, teen || ones > 3 ? "th" : endings[ones]);
}

}  // namespace txsim
