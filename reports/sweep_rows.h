// The results of a sweep as JSON Lines: a header that says what was swept, then a line for each run
// in the order of the plan. docs/sweeps.md describes each field.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "runs/sweep_run.h"

namespace txsim {

// One scenario with one combination of the varied keys, as the header names it.
struct SweepCellName {
  std::string file;
  std::string title;
  std::string protocol;
  std::uint64_t scenario = 0;  // its digest
  std::vector<std::string> varied;
  std::vector<PortionExpectation> expectations = {};  // judged over all of its runs

  friend bool operator==(const SweepCellName&, const SweepCellName&) = default;
};

// The header.
struct SweepHeader {
  std::vector<SweepCellName> cells;
  std::vector<std::string> settings;  // of all cells
  std::uint64_t first_seed = 1;
  std::uint64_t seeds = 1;
  Shard shard;

  std::uint64_t runs() const { return seeds * cells.size(); }
  // How many of the runs belong to its shard.
  std::uint64_t planned() const {
    return runs() <= shard.index ? 0 : (runs() - shard.index - 1) / shard.of + 1;
  }
  // The commands that replay the run of a row (txsim run) and shrink it (txsim shrink).
  std::string replay(const SweepRun& run, std::string_view command = "run") const;
};

std::string header_line(const SweepHeader& header);
void append_row(const SweepRun& run, std::string& text);

// The content of a line; or, if it is no valid line, nothing and the reason.
struct ReadHeader {
  std::optional<SweepHeader> header;
  std::string error;
};
ReadHeader read_header(std::string_view line);
struct ReadRow {
  std::optional<SweepRun> run;
  std::string error;
};
ReadRow read_row(std::string_view line);

}  // namespace txsim
