// Watches a search by the real clock: shows how far it has come, and stops it when its time is over
// or a signal has come.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>

#include "cli/progress.h"
#include "runs/search.h"

namespace txsim {

class SearchWatcher {
 public:
  SearchWatcher(std::optional<std::chrono::nanoseconds> time, WithoutTerminal without)
      : time_(time), line_(without) {}

  std::optional<SearchEnd> look(const SearchProgress& progress);
  ProgressLine::Clock::duration elapsed() const { return line_.elapsed(); }

 private:
  std::optional<std::chrono::nanoseconds> time_;
  ProgressLine line_;
  // The present search when it was first looked at: one may follow another.
  ProgressLine::Clock::time_point began_;
  std::uint64_t states_ = 0;
  std::uint64_t expanded_ = 0;
  std::optional<SearchProgress> last_;
};

// Why searches that began then are to stop; nothing: they go on. Any thread may ask.
std::optional<SearchEnd> why_to_stop(const std::optional<std::chrono::nanoseconds>& time,
                                     ProgressLine::Clock::duration elapsed);

}  // namespace txsim
