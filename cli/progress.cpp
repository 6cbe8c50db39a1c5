#include "cli/progress.h"

#include <fmt/format.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <utility>

#include "cli/terminal.h"
#include "reports/search_progress.h"
#include "sim/program_name.h"
#include "sim/utf8.h"

namespace txsim {
namespace {

using Seconds = std::chrono::duration<double>;

constexpr Seconds kShownEvery{0.1};
constexpr Seconds kLineEvery{10};
constexpr int kBarWidth = 24;

// A longer line would wrap, and could not be overwritten.
std::string cut_to_terminal(std::string_view text) {
  winsize size{};
  if (ioctl(STDERR_FILENO, TIOCGWINSZ, &size) != 0 || size.ws_col == 0) return std::string(text);
  std::size_t end = 0;
  for (int column = 1; column < size.ws_col && end < text.size(); ++column) {
    end += std::max<std::size_t>(character_length(text, end), 1);
  }
  return std::string(text.substr(0, end));
}

void write_raw(std::string_view text) {
  [[maybe_unused]] const auto written = write(STDERR_FILENO, text.data(), text.size());
}

}  // namespace

ProgressLine::ProgressLine(WithoutTerminal without)
    : is_terminal_(isatty(STDERR_FILENO) == 1), without_(without) {}

ProgressLine::~ProgressLine() {
  if (is_terminal_) write_raw("\r\033[K");
}

bool ProgressLine::is_due(Clock::time_point now) const {
  if (!is_terminal_ && without_ == WithoutTerminal::Nothing) return false;
  return now - shown_ >= (is_terminal_ ? kShownEvery : kLineEvery);
}

void ProgressLine::show(std::string_view text, Clock::time_point now) {
  shown_ = now;
  if (is_terminal_) {
    write_raw("\r\033[K" + cut_to_terminal(text));
  } else {
    print_error(fmt::format("{}: {}", program_name(), text));
  }
}

Progress::Progress(std::string what, std::uint64_t all, std::uint64_t done, WithoutTerminal without)
    : what_(std::move(what)), all_(all), before_(done), line_(without) {}

void Progress::advance(std::uint64_t done, std::uint64_t violated, std::string_view now_at) {
  const ProgressLine::Clock::time_point now = ProgressLine::Clock::now();
  if (!line_.is_due(now)) return;
  line_.show(text(done, violated) + (now_at.empty() ? "" : fmt::format("; now {}", now_at)), now);
}

std::string Progress::text(std::uint64_t done, std::uint64_t violated) const {
  const double seconds = std::max(Seconds(elapsed()).count(), 0.001);
  const double rate = static_cast<double>(done - before_) / seconds;
  const std::string left =
      rate > 0 ? time_text(static_cast<double>(all_ - done) / rate) + " left" : "";
  const std::string numbers = fmt::format("{} of {} {}, {:.0f} a second, {}, {} violated", done,
                                          all_, what_, rate, left, violated);
  if (!line_.is_terminal()) return numbers;
  const auto filled = static_cast<int>(all_ == 0 ? 0 : done * kBarWidth / all_);
  std::string bar;
  for (int i = 0; i < kBarWidth; ++i) bar += i < filled ? "█" : "░";
  return bar + " " + numbers;
}

}  // namespace txsim
