#include "cli/progress.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <string_view>

#include "cli/terminal.h"
#include "sim/program_name.h"

namespace txsim {
namespace {

using Seconds = std::chrono::duration<double>;

constexpr Seconds kBarEvery{0.1};
constexpr Seconds kLineEvery{10};
constexpr int kBarWidth = 24;

void write_raw(std::string_view text) {
  [[maybe_unused]] const auto written = write(STDERR_FILENO, text.data(), text.size());
}

std::string time_left(double seconds) {
  if (seconds < 90) return fmt::format("{:.0f} s", seconds);
  if (seconds < 5400) return fmt::format("{:.0f} min", seconds / 60);
  return fmt::format("{:.1f} h", seconds / 3600);
}

}  // namespace

Progress::Progress(std::string what, std::uint64_t all, std::uint64_t done)
    : what_(std::move(what)), all_(all), before_(done), is_terminal_(isatty(STDERR_FILENO) == 1) {}

Progress::~Progress() {
  if (is_terminal_) write_raw("\r\033[K");
}

void Progress::advance(std::uint64_t done, std::uint64_t violated) {
  const Clock::time_point now = Clock::now();
  if (now - shown_ < (is_terminal_ ? kBarEvery : kLineEvery)) return;
  shown_ = now;
  show(done, violated, now);
}

void Progress::show(std::uint64_t done, std::uint64_t violated, Clock::time_point now) {
  const double seconds = std::max(Seconds(now - began_).count(), 0.001);
  const double rate = static_cast<double>(done - before_) / seconds;
  const std::string left =
      rate > 0 ? time_left(static_cast<double>(all_ - done) / rate) + " left" : "";
  const std::string numbers = fmt::format("{} of {} {}, {:.0f} a second, {}, {} violated", done,
                                          all_, what_, rate, left, violated);
  if (!is_terminal_) {
    print_error(program_name() + ": " + numbers);
    return;
  }
  const auto filled = static_cast<int>(all_ == 0 ? 0 : done * kBarWidth / all_);
  std::string bar;
  for (int i = 0; i < kBarWidth; ++i) bar += i < filled ? "█" : "░";
  write_raw("\r\033[K" + bar + " " + numbers);
}

}  // namespace txsim
