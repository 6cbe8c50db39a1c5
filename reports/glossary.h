// The field's terms, with their meaning here and where to read more. `txsim describe` prints this
// list, and docs/glossary.md has it.
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

// The rows of the table in docs/glossary.md.
std::string glossary_rows();

}  // namespace txsim
