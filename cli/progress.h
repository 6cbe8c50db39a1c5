// The progress of a long command on standard error: a line that is overwritten if that is a
// terminal, else an occasional line.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>

namespace txsim {

// What happens if standard error is no terminal.
enum class WithoutTerminal { Lines, Nothing };

// One line that tells of progress. It is gone from the terminal at the end.
class ProgressLine {
 public:
  using Clock = std::chrono::steady_clock;

  explicit ProgressLine(WithoutTerminal without);
  ~ProgressLine();
  ProgressLine(const ProgressLine&) = delete;
  ProgressLine& operator=(const ProgressLine&) = delete;

  // Whether it is time to show the next one.
  bool is_due(Clock::time_point now) const;
  void show(std::string_view text, Clock::time_point now);
  bool is_terminal() const { return is_terminal_; }
  Clock::duration elapsed() const { return Clock::now() - began_; }

 private:
  bool is_terminal_;
  WithoutTerminal without_;
  Clock::time_point began_ = Clock::now();
  Clock::time_point shown_ = began_;
};

// Of a number of equal things to do. One thread at a time may call it.
class Progress {
 public:
  // `done`: how many of them were done before.
  Progress(std::string what, std::uint64_t all, std::uint64_t done,
           WithoutTerminal without = WithoutTerminal::Lines);

  // Whether `advance` shows anything now.
  bool is_due() const { return line_.is_due(ProgressLine::Clock::now()); }
  // `now_at`: what is being done; empty: not shown.
  void advance(std::uint64_t done, std::uint64_t violated, std::string_view now_at = {});
  ProgressLine::Clock::duration elapsed() const { return line_.elapsed(); }

 private:
  std::string text(std::uint64_t done, std::uint64_t violated) const;

  std::string what_;
  std::uint64_t all_;
  std::uint64_t before_;
  ProgressLine line_;
};

}  // namespace txsim
