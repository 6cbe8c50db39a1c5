// The field's terms, with their meaning here and where to read more. `txsim describe` prints this
// list, and docs/glossary.md has it. Errors find protocols by these words.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace txsim {

struct Term {
  std::string_view name;
  std::vector<std::string_view> also;  // other words for it
  std::string_view says;
  std::vector<std::string_view> see;  // names of `txsim describe` that say more
};

const std::vector<Term>& glossary();

// In lower case, with "-" for anything but letters and digits: "Two Phase Commit" is
// "two-phase-commit".
std::string normal_term(std::string_view text);
// The term with this name, or with this other word; null if there is none.
const Term* find_term(std::string_view text);

// The protocols that a term stands for: "2pc" for two-phase-commit, "saga" for both sagas.
std::vector<std::string> protocols_called(std::string_view term);
// The end of an error about an unknown protocol: " (did you mean 'x'?)", by a term that stands for
// it or by the nearest name; else a list of all.
std::string did_you_mean_protocol(std::string_view wrong);

// The rows of the table in docs/glossary.md.
std::string glossary_rows();

}  // namespace txsim
