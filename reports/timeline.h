// The timeline: what happened, line by line, for people. Sending and arrival of a message share a
// line, so do a force and the moment it is durable, and all that a node tells at one moment.
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
  std::size_t place = 0;  // in the trace, of the first record that it tells of
};

struct TimelineSettings {
  static constexpr std::size_t kAll = ~std::size_t{0};
  std::size_t most_lines = 60;  // a longer timeline is cut in the middle
  std::size_t width = 100;      // columns of a line
  Paint paint;
};

// What people are told of the records [from, to) of the run's trace.
std::vector<TimelineLine> timeline_lines(const RunResult& result, const TraceIndex& index,
                                         const std::vector<std::string>& faults, std::size_t from,
                                         std::size_t to, std::size_t width);

// A line of its own kind between two others.
struct Interjection {
  std::size_t before = ~std::size_t{0};  // the place of the line that it stands before
  std::string text;
};

// The lines in columns: time, node, transaction, what happened; what repeats above is left blank.
std::string lay_out(const std::vector<TimelineLine>& lines, const RunNames& names,
                    const Paint& paint, const Interjection& interjection = {});

// The whole timeline, or its beginning and end with a line that says what was left out.
std::string timeline(const RunResult& result, const std::vector<std::string>& faults,
                     const TimelineSettings& settings);

}  // namespace txsim
