// The matrix of guarantees, mechanisms and faults as an HTML page.
#pragma once

#include <string>

#include "reports/matrix_text.h"

namespace txsim {

// The page links to the report's files.
std::string matrix_page(const MatrixReport& report);

}  // namespace txsim
