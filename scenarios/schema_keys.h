// The table of all sections and their keys. For the files of the schema only.
#pragma once

#include <functional>
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

// Those of the registered protocols among them: none can be registered once this was called.
const std::vector<SectionForm>& section_forms();

}  // namespace txsim
