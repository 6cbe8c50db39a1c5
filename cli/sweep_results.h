// The results of a sweep in its folder. They are written row by row under a temporary name until
// the sweep ends, so that no row is lost and unfinished results are not taken for complete ones.
#pragma once

#include <cstdint>
#include <functional>
#include <string>

#include "reports/sweep_rows.h"

namespace txsim {

// Reads results line by line. Throws InputError with file and line for anything else.
// `is_cut`: the file may end within a row, as a killed sweep leaves it; that row is skipped.
class ResultsReader {
 public:
  ResultsReader(std::string path, bool is_cut);
  ~ResultsReader();
  ResultsReader(const ResultsReader&) = delete;
  ResultsReader& operator=(const ResultsReader&) = delete;

  const SweepHeader& header() const { return header_; }
  const std::string& path() const { return path_; }
  // False if there are no more. `line`: the text of the line with its end.
  bool next(SweepRun& run, std::string& line);
  // How many bytes were read as complete lines.
  std::uint64_t bytes() const { return bytes_; }
  // The number of the last row in the sweep.
  std::uint64_t number() const { return number_; }

 private:
  bool read_line(std::string& line);
  [[noreturn]] void fail(const std::string& what) const;

  std::string path_;
  bool is_cut_;
  int file_ = -1;
  std::string buffer_;
  std::size_t used_ = 0;  // of the buffer
  std::uint64_t bytes_ = 0;
  std::uint64_t lines_ = 0;
  std::uint64_t number_ = 0;
  SweepHeader header_;
};

// Creates the folder if there is none. Throws InputError.
void make_folder(const std::string& folder);

// The name of the results in a folder: results.jsonl, or shard-0-of-4.jsonl.
std::string results_name(const Shard& shard);

class ResultsWriter {
 public:
  // Requires the folder. With `resume` the existing rows are read, passed to
  // `take`, and continued; without it, existing results are an error. Throws InputError.
  ResultsWriter(const std::string& folder, const SweepHeader& header, bool resume,
                const std::function<void(const SweepRun&)>& take);
  ~ResultsWriter();
  ResultsWriter(const ResultsWriter&) = delete;
  ResultsWriter& operator=(const ResultsWriter&) = delete;

  std::uint64_t rows() const { return rows_; }  // including those from before
  void append(std::string_view text);
  // Gives the file its final name.
  void finish();

 private:
  void take_up(const std::string& path, const SweepHeader& header,
               const std::function<void(const SweepRun&)>& take);
  [[noreturn]] void fail() const;

  std::string path_;
  std::string part_;  // the name until it is finished
  int file_ = -1;
  std::uint64_t rows_ = 0;
};

}  // namespace txsim
