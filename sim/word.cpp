#include "sim/word.h"

#include "sim/assert.h"

namespace txsim {

Word Dictionary::declare(std::string_view text) {
  const Word made = word(text);
  const auto [it, fresh] = by_id_.try_emplace(made.id, text);
  TXSIM_ASSERT(fresh || it->second == text, "two words with one id: " + std::string(text));
  by_text_.try_emplace(std::string(text), made);
  return made;
}

void Dictionary::declare(std::uint32_t id, std::string_view text) {
  TXSIM_ASSERT(id > 0 && id < 256, "numbered words have ids 1 to 255");
  const auto [it, fresh] = by_id_.try_emplace(id, text);
  TXSIM_ASSERT(fresh || it->second == text, "two words with one id: " + std::string(text));
  by_text_.try_emplace(std::string(text), Word{id});
}

std::string_view Dictionary::text(Word word) const {
  const auto it = by_id_.find(word.id);
  return it == by_id_.end() ? std::string_view("?") : std::string_view(it->second);
}

bool Dictionary::knows(std::string_view text) const {
  return by_text_.find(text) != by_text_.end();
}

}  // namespace txsim
