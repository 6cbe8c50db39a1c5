// The timeline: what happened, line by line, for people. Sending and arrival of a message share a
// line. So do a force and the moment it is durable, and everything that a node says at one moment.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "reports/names.h"
#include "reports/narrate.h"
#include "reports/paint.h"

namespace txsim {

struct TimelineLine {
  Time time;
  NodeId node = kNoNode;
  TransactionId transaction = 0;
  std::vector<Phrase> phrases;
  std::size_t place = 0;  // in the trace, of its first record
};

struct TimelineSettings {
  static constexpr std::size_t kAll = ~std::size_t{0};
  std::size_t most_lines = 60;  // a longer timeline is cut
  std::size_t width = 100;      // columns of a line
  Paint paint;
};

// The lines for the records [from, to) of the run's trace.
std::vector<TimelineLine> timeline_lines(const RunResult& result, const TraceIndex& index,
                                         const std::vector<std::string>& faults, std::size_t from,
                                         std::size_t to, std::size_t width);

// A note between two lines.
struct Interjection {
  std::size_t before = 0;  // the place of the line after it; the number of lines: at the end
  std::string text;
};

// The lines in columns: time, node, transaction, what happened; what repeats above is left blank.
std::string lay_out(const std::vector<TimelineLine>& lines, const RunNames& names,
                    const Paint& paint, const std::vector<Interjection>& interjections = {});

// The whole timeline. A timeline that is too long shows repeated lines once, with a count. Of the
// rest it keeps the beginning, the end, and what a violation names with its causes, and says what
// was left out.
std::string timeline(const RunResult& result, const std::vector<std::string>& faults,
                     const TimelineSettings& settings);

}  // namespace txsim
