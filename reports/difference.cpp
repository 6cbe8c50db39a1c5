#include "reports/difference.h"

#include <fmt/format.h>

#include "reports/trace_lines.h"
#include "sim/trace.h"

namespace txsim {
namespace {

std::string line(const RunResult& result, std::size_t place) {
  if (place >= result.trace.size()) return "nothing more";
  std::string text;
  TraceLines(result).append(result.trace[place], text);
  text.pop_back();  // the line break
  return text;
}

}  // namespace

std::string text_difference(const RunResult& once, const RunResult& again) {
  const std::int64_t first = first_difference(once.trace, again.trace);
  if (first < 0) return {};
  const auto place = static_cast<std::size_t>(first);
  return fmt::format("event {} differs\n  once:  {}\n  again: {}", place + 1, line(once, place),
                     line(again, place));
}

}  // namespace txsim
