// Names and numbers as people read them, the same in every report.
#pragma once

#include <string>
#include <string_view>

#include "runs/run.h"

namespace txsim {

// "T7" for order 7; "T7.2" for its second submission; empty for no transaction.
std::string transaction_text(TransactionId id);
// In the unit that reads best, with at most three decimals: "1.5ms", "250us", "2s".
std::string duration_text(Duration duration);
// In milliseconds with three decimals, rounded down: "12.000ms".
std::string time_text(Time time);
std::string digest_text(std::uint64_t digest);
// A text from a scenario, or a file's name, made safe for terminals and XML: control characters
// become blanks; bytes that are not UTF-8 and code points that are no characters become U+FFFD.
std::string printable(std::string_view text);

// A text as one word of a shell. Unprintable bytes are written in octal within $'...', which bash,
// ksh and zsh read back.
std::string shell_word(const std::string& text);

// The names of one run. Requires that the result has its scenario and its spec, and outlives this.
// A number without a meaning, which an unfinished protocol may announce, becomes "?" and the value.
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
