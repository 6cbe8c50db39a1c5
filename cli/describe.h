// Entries of the reference, the same in `txsim keys` and `txsim describe`.
#pragma once

#include <string>
#include <vector>

#include "scenarios/language.h"

namespace txsim {

std::string key_text(const KeyInfo& key);
std::string sentence_text(const SentenceInfo& sentence);

// The sections without the names that follow in their brackets: "service" for "service NAME".
std::vector<std::string> section_names();
// Every name that `txsim describe` explains.
std::vector<std::string> described_names();
bool is_described(const std::string& name);
// The end of an error for somebody who looks for the glossary; empty: the word says nothing of it.
std::string glossary_hint(const std::string& word);

}  // namespace txsim
