// The timeline as the report shows it: a long one leaves out the least informative lines.
#include <fmt/format.h>

#include <algorithm>
#include <cctype>

#include "reports/causes.h"
#include "reports/timeline.h"

namespace txsim {
namespace {

// A cut timeline is made from this many records at each end, and of the others only from those that
// a violation names.
constexpr std::size_t kRecordsAtEachEnd = 20'000;
constexpr std::size_t kCausesNamed = 8;
constexpr std::size_t kLongestRepeat = 12;  // lines
constexpr std::size_t kFewestRepeats = 3;

// The text of a line without its time.
std::string without_times(const TimelineLine& line) {
  std::string text = fmt::format("{}/{}/", line.node, line.transaction);
  for (const Phrase& phrase : line.phrases) {
    for (std::size_t i = 0; i < phrase.text.size();) {
      std::size_t end = i;
      while (end < phrase.text.size() &&
             (std::isdigit(static_cast<unsigned char>(phrase.text[end])) != 0 ||
              phrase.text[end] == '.')) {
        ++end;
      }
      const bool is_time = end > i && phrase.text.compare(end, 2, "ms") == 0;
      if (!is_time && end == i) ++end;
      text += is_time ? "#" : phrase.text.substr(i, end - i);
      i = end;
    }
  }
  return text;
}

// The places in the trace of the events that violations name, and of their causes.
std::vector<std::size_t> named_places(const RunResult& result, const TraceIndex& index,
                                      const std::vector<std::string>& faults) {
  std::vector<std::size_t> places;
  const auto add = [&](std::uint64_t event) {
    if (event == 0) return;
    for (const TimelineLine& line : causes(result, index, faults, event, kCausesNamed)) {
      places.push_back(line.place);
    }
  };
  for (const Judgement& judgement : result.verdicts.judgements) {
    if (judgement.verdict != Verdict::Violated) continue;
    add(judgement.event);
    for (const std::uint64_t side : judgement.sides) add(side);
  }
  std::sort(places.begin(), places.end());
  places.erase(std::unique(places.begin(), places.end()), places.end());
  return places;
}

class Cut {
 public:
  Cut(const RunResult& result, const std::vector<std::string>& faults,
      const TimelineSettings& settings)
      : result_(result),
        faults_(faults),
        settings_(settings),
        names_(result),
        index_(result.trace),
        width_(settings.width > 60 ? settings.width - 30 : 30) {}

  std::string tell() {
    const std::size_t count = result_.trace.size();
    const std::size_t most = std::max<std::size_t>(settings_.most_lines, 2);
    const bool all = settings_.most_lines == TimelineSettings::kAll;
    const bool in_parts = !all && count > 2 * kRecordsAtEachEnd;
    if (!in_parts) lines_ = told(0, count);
    if (all || (!in_parts && lines_.size() <= most + most / 4)) {  // a small cut is not worth it
      return lay_out(lines_, names_, settings_.paint);
    }
    const std::vector<std::size_t> named = named_places(result_, index_, faults_);
    if (in_parts) tell_parts(named);
    stays_.assign(lines_.size(), false);
    for (const std::size_t place : named) stays_[line_of(place)] = true;
    fold();
    choose(most);
    return lay_out_rest();
  }

 private:
  std::vector<TimelineLine> told(std::size_t from, std::size_t to) const {
    return timeline_lines(result_, index_, faults_, from, to, width_);
  }
  void tell_parts(const std::vector<std::size_t>& named) {
    const std::size_t count = result_.trace.size();
    lines_ = told(0, kRecordsAtEachEnd);
    for (const std::size_t place : named) {
      if (place < kRecordsAtEachEnd || place >= count - kRecordsAtEachEnd) continue;
      for (TimelineLine& line : told(place, place + 1)) lines_.push_back(std::move(line));
    }
    for (TimelineLine& line : told(count - kRecordsAtEachEnd, count)) {
      lines_.push_back(std::move(line));
    }
  }
  // The line that shows the record.
  std::size_t line_of(std::size_t place) const {
    const auto after =
        std::upper_bound(lines_.begin(), lines_.end(), place,
                         [](std::size_t p, const TimelineLine& line) { return p < line.place; });
    return after == lines_.begin() ? 0 : static_cast<std::size_t>(after - lines_.begin()) - 1;
  }

  // Replaces lines that repeat the lines before them by a note.
  void fold() {
    std::vector<std::string> says;
    for (const TimelineLine& line : lines_) says.push_back(without_times(line));
    folded_.assign(lines_.size(), 0);
    for (std::size_t i = 0; i < lines_.size();) {
      std::size_t length = 0;
      const std::size_t times = repeats(says, i, length);
      if (times < kFewestRepeats) {
        ++i;
        continue;
      }
      const std::size_t end = i + length * times;
      for (std::size_t at = i + length; at < end; ++at) folded_[at] = length;
      i = end;
    }
  }
  // How often the `length` lines from `at` on occur in a row, including the first time; finds
  // `length`. A line that must stay is never a repeat.
  std::size_t repeats(const std::vector<std::string>& says, std::size_t at,
                      std::size_t& length) const {
    for (length = 1; length <= kLongestRepeat; ++length) {
      std::size_t end = at + length;
      while (end < says.size() && says[end] == says[end - length] && !stays_[end]) ++end;
      const std::size_t times = (end - at) / length;
      if (times >= kFewestRepeats) return times;
    }
    return 1;
  }

  // Chooses lines from the beginning and from the end, in addition to those that must stay.
  void choose(std::size_t most) {
    std::size_t left = most;
    for (const bool stays : stays_) left -= stays && left > 2 ? 1 : 0;
    std::size_t first = left * 2 / 3;
    std::size_t last = left - first;
    for (std::size_t i = 0; i < lines_.size() && first > 0; ++i) {
      if (folded_[i] != 0 || stays_[i]) continue;
      stays_[i] = true;
      --first;
    }
    for (std::size_t i = lines_.size(); i-- > 0 && last > 0;) {
      if (folded_[i] != 0 || stays_[i]) continue;
      stays_[i] = true;
      --last;
    }
  }

  std::string lay_out_rest() {
    std::vector<TimelineLine> rest;
    std::vector<Interjection> interjections;
    for (std::size_t i = 0; i < lines_.size();) {
      if (stays_[i]) {
        rest.push_back(std::move(lines_[i++]));
        continue;
      }
      const std::size_t from = i;
      while (i < lines_.size() && !stays_[i]) ++i;
      interjections.push_back({rest.size(), what_is_left_out(from, i)});
    }
    return lay_out(rest, names_, settings_.paint, interjections);
  }
  std::string what_is_left_out(std::size_t from, std::size_t to) const {
    const std::size_t length = folded_[from];
    const bool only_repeats =
        length != 0 && std::all_of(folded_.begin() + static_cast<std::ptrdiff_t>(from),
                                   folded_.begin() + static_cast<std::ptrdiff_t>(to),
                                   [&](std::size_t of) { return of == length; });
    if (only_repeats) {
      return fmt::format(
          "… {} {} more, until {}",
          length == 1 ? "the same again," : fmt::format("these {} lines again,", length),
          times_text((to - from) / length), time_text(lines_[to - 1].time));
    }
    const std::size_t end = to < lines_.size() ? lines_[to].place : result_.trace.size();
    return fmt::format(
        "… {} events left out here: --timeline all prints them, --trace FILE writes "
        "them",
        end - lines_[from].place);
  }
  static std::string times_text(std::size_t times) {
    return fmt::format("{} time{}", times, times == 1 ? "" : "s");
  }

  const RunResult& result_;
  const std::vector<std::string>& faults_;
  const TimelineSettings& settings_;
  RunNames names_;
  TraceIndex index_;
  std::size_t width_;
  std::vector<TimelineLine> lines_;
  std::vector<bool> stays_;
  std::vector<std::size_t> folded_;  // by line: the length of the group that it repeats; 0: none
};

}  // namespace

std::string timeline(const RunResult& result, const std::vector<std::string>& faults,
                     const TimelineSettings& settings) {
  return Cut(result, faults, settings).tell();
}

}  // namespace txsim
