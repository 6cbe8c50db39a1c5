#include "cli/search_watch.h"

#include "cli/interruption.h"
#include "reports/search_progress.h"

namespace txsim {

std::optional<SearchEnd> why_to_stop(const std::optional<std::chrono::nanoseconds>& time,
                                     ProgressLine::Clock::duration elapsed) {
  if (Interruption::has_come()) return SearchEnd::Interrupted;
  if (time && elapsed >= *time) return SearchEnd::TimeReached;
  return std::nullopt;
}

std::optional<SearchEnd> SearchWatcher::look(const SearchProgress& progress) {
  const ProgressLine::Clock::time_point now = ProgressLine::Clock::now();
  const std::uint64_t expanded = progress.states - progress.waiting;
  if (!last_ || last_->is_second != progress.is_second || last_->states > progress.states) {
    began_ = now;
    states_ = progress.states;
    expanded_ = expanded;
  }
  last_ = progress;
  if (line_.is_due(now)) {
    const std::chrono::duration<double> seconds = now - began_;
    line_.show(progress_text(progress, seconds.count(), states_, expanded_), now);
  }
  return why_to_stop(time_, elapsed());
}

}  // namespace txsim
