// The folder of a matrix: its page, the same as JSON, and the runs that violate something.
#pragma once

#include <string>

#include "reports/matrix_text.h"

namespace txsim {

// Creates the folder if there is none. Throws InputError if it cannot be written, or holds
// something other than a matrix.
void check_matrix_folder(const std::string& folder);

// Writes report.html, matrix.json, schedules/NAME.txt for every violation and runs/NAME.html for
// the shortest of each guarantee in each row, and enters them in the report. Throws InputError.
void write_matrix(const std::string& folder, MatrixReport& report);

}  // namespace txsim
