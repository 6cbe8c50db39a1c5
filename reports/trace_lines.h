// A trace as JSON Lines: a header that describes the run, then one object for each record.
#pragma once

#include <string>

#include "reports/names.h"

namespace txsim {

// {"format":"txsim-trace","version":2,...}: scenario, seed, nodes, resources. With a line break.
std::string trace_header(const RunResult& result);

// Writes records line by line, so that a trace is never in memory as text.
class TraceLines {
 public:
  // Requires that the result outlives this.
  explicit TraceLines(const RunResult& result);
  // Appends the record's line. Every line has every field; a field without a value is null.
  void append(const TraceRecord& record, std::string& text) const;

 private:
  std::string word_text(const TraceRecord& record) const;

  RunNames names_;
  std::vector<std::string> nodes_;  // as JSON strings, by id
};

}  // namespace txsim
