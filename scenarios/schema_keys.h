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
  std::string_view name_form;  // "NAME"; empty: the section has no name
  std::string_view help;
  std::function<void(Keys& keys, Values& values)> describe;
};

// The language's own sections and one for each of these protocols. Throws BadProtocol if one has
// the name of another section.
std::vector<SectionForm> sections_with(const std::vector<std::shared_ptr<const Protocol>>& own);
// The current name of a section that had this name in an earlier version; other names unchanged.
std::string_view current_section(std::string_view kind);
// The same with the registered protocols; closes the registry.
const std::vector<SectionForm>& section_forms();

}  // namespace txsim
