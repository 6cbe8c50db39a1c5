// Reads a sentence of the language word by word, with look-ups by name. All functions throw
// BadValue. Commas are ignored.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "scenarios/names.h"
#include "scenarios/values.h"

namespace txsim {

class Sentence {
 public:
  Sentence(std::string_view text, const ScenarioNames& names);

  bool at_end() const { return next_ == words_.size(); }
  // The next word; empty at the end.
  std::string_view peek(std::size_t ahead = 0) const;
  // Takes the next word if it is this one.
  bool take(std::string_view word);
  // Takes any next word. `what`: what an error says was expected.
  std::string_view next(std::string_view what);
  void expect(std::string_view word);
  // Requires that all words were taken.
  void finish() const;

  bool at_nodes() const;
  // Whether any word is this one.
  bool has(std::string_view word) const;
  // One or more nodes or roles; sorted. `then`: what may follow them, for errors.
  using Then = std::vector<std::string_view>;
  std::vector<NodeId> nodes(const Then& then = {});
  // The same, or `any`, which gives the empty set.
  std::vector<NodeId> nodes_or_any(const Then& then = {});
  Duration duration() { return parse_duration(next("a duration")); }
  Time time() { return parse_time(next("a time")); }
  // 1st, 2nd, 3rd ...
  bool at_ordinal() const;
  std::uint64_t ordinal();
  std::uint64_t number(std::string_view what);

  // The correct form, for errors.
  void set_form(std::string_view form) { form_ = form; }
  [[noreturn]] void fail(const std::string& what) const;
  const ScenarioNames& names() const { return names_; }
  const Vocabulary& words() const { return names_.vocabulary(); }

 private:
  [[noreturn]] void fail_after_nodes(std::string_view word, const Then& then) const;
  const ScenarioNames& names_;
  std::vector<std::string_view> words_;
  std::size_t next_ = 0;
  std::string_view form_;
};

std::string ordinal_text(std::uint64_t number);

}  // namespace txsim
