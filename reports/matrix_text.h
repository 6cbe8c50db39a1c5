// The matrix of guarantees, mechanisms and faults, as text and as JSON.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "reports/paint.h"
#include "runs/matrix.h"

namespace txsim {

// The files of a violating run.
struct MatrixFile {
  std::size_t row = 0;
  std::size_t fault = 0;
  std::size_t invariant = 0;
  std::string schedule;  // relative to the report; empty: none was written
  std::string page;      // likewise; shows the run
};

struct MatrixReport {
  const MatrixPlan* plan = nullptr;
  const MatrixResult* result = nullptr;
  std::vector<MatrixFile> files;
  std::string again;  // the command that repeats the matrix

  // Null if there is none.
  const MatrixFile* file(std::size_t row, std::size_t fault, std::size_t invariant) const;
};

// The end of the rows of one protocol that begin at `first`.
std::size_t end_of_protocol(const MatrixPlan& plan, std::size_t first);
// Whether the guarantee is judged anywhere in these rows.
bool is_judged(const MatrixReport& report, std::size_t first, std::size_t last,
               std::size_t invariant);
// "without tcc.retry", "all mechanisms on"; "as it is" if there are no mechanisms.
std::string row_name(const MatrixPlan& plan, std::size_t row);

struct MatrixTally {
  std::uint64_t searches = 0;
  std::uint64_t stopped = 0;  // of them: by time or by a signal, or not begun
  std::uint64_t states = 0;
  std::uint64_t transitions = 0;
  std::uint64_t proved = 0;  // counts cells, like the next two
  std::uint64_t violated = 0;
  std::uint64_t not_exhausted = 0;
  std::uint64_t unneeded = 0;  // mechanisms without which nothing is violated
};
MatrixTally tally(const MatrixPlan& plan, const MatrixResult& result);

std::string text_matrix(const MatrixReport& report, const Paint& paint);
// One object, with a line break.
std::string json_matrix(const MatrixReport& report);

}  // namespace txsim
