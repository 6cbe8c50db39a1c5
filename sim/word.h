// A word names a message type, a log record, a timer or a note. It is a 32-bit hash of its text, so
// a protocol can use it in a switch without a central list of numbers. A dictionary turns words
// back into text and refuses two texts with one hash.
#pragma once

#include <compare>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>

namespace txsim {

struct Word {
  std::uint32_t id = 0;  // 0: no word

  friend constexpr auto operator<=>(Word, Word) = default;
  constexpr explicit operator bool() const { return id != 0; }
};

// FNV-1a of the text; ids below 256 are left to the numbered words (facts).
constexpr Word word(std::string_view text) {
  std::uint32_t hash = 2166136261U;
  for (const char c : text) hash = (hash ^ static_cast<unsigned char>(c)) * 16777619U;
  return {hash < 256 ? hash + 256 : hash};
}

class Dictionary {
 public:
  // Declares a text as a word; the same text may be declared again. Asserts that no other text has
  // the same id.
  Word declare(std::string_view text);
  // Declares a numbered word: `id` in 1 to 255.
  void declare(std::uint32_t id, std::string_view text);

  // The text of a word; "?" for a word that was never declared.
  std::string_view text(Word word) const;
  bool knows(std::string_view text) const;
  // All texts in the order of their spelling, for "did you mean".
  const std::map<std::string, Word, std::less<>>& words() const { return by_text_; }

 private:
  std::map<std::uint32_t, std::string> by_id_;
  std::map<std::string, Word, std::less<>> by_text_;
};

}  // namespace txsim
