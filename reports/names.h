// Names and numbers as people read them, the same in every report.
#pragma once

#include <string>
#include <string_view>

#include "runs/run.h"

namespace txsim {

// "T7" for order 7; "T7.2" for its second submission; nothing for no transaction.
std::string transaction_text(TransactionId id);
// The unit in which it reads best, at most three decimals: "1.5ms", "250us", "2s".
std::string duration_text(Duration duration);
// Milliseconds with three decimals, what is below a microsecond cut off: "12.000ms".
std::string time_text(Time time);
std::string digest_text(std::uint64_t digest);
// A text from a scenario, or a file's name, as it may reach a terminal and stand in XML: control
// characters are blanks, what is not UTF-8 or no character is U+FFFD.
std::string printable(std::string_view text);

// A text as one word of a shell. What is not printable is told in the octal digits of $'...', which
// bash, ksh and zsh read back.
std::string shell_word(const std::string& text);

// The names of one run. Requires that the result has its scenario and its spec, and outlives this.
// A number that stands for nothing, as a protocol under work may announce, gets "?" and its value.
class RunNames {
 public:
  explicit RunNames(const RunResult& result);

  std::string node(NodeId node) const;
  std::string word(Word word) const { return std::string(dictionary_->text(word)); }
  std::string resource(std::int64_t resource) const;
  std::string kind(std::int64_t kind) const;
  // The step of a kind of transaction; null if there is none.
  const Step* step(std::int64_t kind, std::uint8_t step) const;

 private:
  const Plan* plan_;
  const Dictionary* dictionary_;
};

}  // namespace txsim
