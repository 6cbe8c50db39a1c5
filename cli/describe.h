// Entries of the reference, the same in `txsim keys` and `txsim describe`.
#pragma once

#include <string>

#include "scenarios/language.h"

namespace txsim {

std::string key_text(const KeyInfo& key);
std::string sentence_text(const SentenceInfo& sentence);

}  // namespace txsim
