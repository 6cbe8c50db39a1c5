// The results of a sweep in its folder: written row by row under another name, which they lose when
// the sweep ends, so that what was written is never lost and never taken for more than it is.
#pragma once

#include <cstdint>
#include <functional>
#include <string>

#include "reports/sweep_rows.h"

namespace txsim {

// Reads results line by line. Throws InputError with file and line for what is none of them.
// `is_cut`: the file may end within a row, as a killed sweep leaves it; that row is passed over.
class ResultsReader {
 public:
  ResultsReader(std::string path, bool is_cut);
  ~ResultsReader();
  ResultsReader(const ResultsReader&) = delete;
  ResultsReader& operator=(const ResultsReader&) = delete;

  const SweepHeader& header() const { return header_; }
  const std::string& path() const { return path_; }
  // False: there are no more. `line`: as it stands in the file, with its end.
  bool next(SweepRun& run, std::string& line);
  // How many bytes were read as whole lines.
  std::uint64_t bytes() const { return bytes_; }
  // Of the last row: its number in the sweep.
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

// Makes the folder if there is none. Throws InputError.
void make_folder(const std::string& folder);

// The name of the results in a folder: results.jsonl, or shard-0-of-4.jsonl.
std::string results_name(const Shard& shard);

class ResultsWriter {
 public:
  // Requires that the folder is there. With `resume` what is there already is read, handed to
  // `take`, and gone on with; without it, results that are there are an error. Throws InputError.
  ResultsWriter(const std::string& folder, const SweepHeader& header, bool resume,
                const std::function<void(const SweepRun&)>& take);
  ~ResultsWriter();
  ResultsWriter(const ResultsWriter&) = delete;
  ResultsWriter& operator=(const ResultsWriter&) = delete;

  std::uint64_t rows() const { return rows_; }  // that were there already
  void append(std::string_view text);
  // Gives the file its name.
  void finish();

 private:
  void take_up(const std::string& path, const SweepHeader& header,
               const std::function<void(const SweepRun&)>& take);
  [[noreturn]] void fail() const;

  std::string path_;
  std::string part_;  // as long as it is not finished
  int file_ = -1;
  std::uint64_t rows_ = 0;
};

}  // namespace txsim
