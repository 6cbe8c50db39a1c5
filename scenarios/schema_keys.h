// The table of all sections and their keys. For the files of the schema only.
#pragma once

#include <functional>
#include <memory>
#include <string_view>
#include <vector>

#include "scenarios/semantics.h"

namespace txsim {

struct SectionForm {
  std::string_view kind;
  std::string_view name_form;  // "NAME"; empty: it stands once
  std::string_view help;
  std::function<void(Keys& keys, Values& values)> describe;
};

// The language's own sections and one for each of these protocols. Throws BadProtocol if one has
// the name of another section.
std::vector<SectionForm> sections_with(const std::vector<std::shared_ptr<const Protocol>>& own);
// What a section is called now that was called so once; any other name as it is.
std::string_view current_section(std::string_view kind);
// With the registered protocols; closes the registry.
const std::vector<SectionForm>& section_forms();

}  // namespace txsim
