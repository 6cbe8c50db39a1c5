// The table of all sections and their keys. For the files of the schema only.
#pragma once

#include <string_view>
#include <vector>

#include "scenarios/semantics.h"

namespace txsim {

struct SectionForm {
  std::string_view kind;
  std::string_view name_form;  // "NAME"; empty: it stands once
  std::string_view help;
  void (*describe)(Keys& keys, Values& values);
};

const std::vector<SectionForm>& section_forms();

}  // namespace txsim
