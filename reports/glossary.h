// The field's terms, with their meaning here and where to read more: `txsim describe` and
// docs/glossary.md print this one list.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace txsim {

struct Term {
  std::string_view name;
  std::vector<std::string_view> also;  // other words for it
  std::string_view says;
  std::vector<std::string_view> see;  // what txsim describe tells of it
};

const std::vector<Term>& glossary();

// Lower case, and "-" for whatever is neither a letter nor a digit: "Two Phase Commit" is
// "two-phase-commit".
std::string normal_term(std::string_view text);
// The term of that name, or that other word; null: there is none.
const Term* find_term(std::string_view text);

// The rows of the table in docs/glossary.md.
std::string glossary_rows();

}  // namespace txsim
