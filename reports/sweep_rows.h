// The results of a sweep as JSON Lines: a header that says what was swept, then a line for each run
// in the order of the plan. docs/sweeps.md tells them field by field.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "runs/sweep_run.h"

namespace txsim {

// A combination of the varied keys of one scenario, as the header names it.
struct SweepCellName {
  std::string file;
  std::string title;
  std::string protocol;
  std::uint64_t scenario = 0;  // its digest
  std::vector<std::string> varied;
  std::vector<PortionExpectation> expectations = {};  // that are held over its runs

  friend bool operator==(const SweepCellName&, const SweepCellName&) = default;
};

// What the header says.
struct SweepHeader {
  std::vector<SweepCellName> cells;
  std::vector<std::string> settings;  // of all cells
  std::uint64_t first_seed = 1;
  std::uint64_t seeds = 1;
  Shard shard;

  std::uint64_t runs() const { return seeds * cells.size(); }
  // How many of them are its shard's.
  std::uint64_t planned() const {
    return runs() <= shard.index ? 0 : (runs() - shard.index - 1) / shard.of + 1;
  }
  // How the run of a row is seen again at a shell: txsim run; or made small: txsim shrink.
  std::string replay(const SweepRun& run, std::string_view command = "run") const;
};

std::string header_line(const SweepHeader& header);
void append_row(const SweepRun& run, std::string& text);

// What a line says; nothing, if it is not one of these, and why.
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
