// The progress of a long command: a bar on standard error if that is a terminal, else an occasional
// line.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>

namespace txsim {

class Progress {
 public:
  // `done`: how many of them were done before.
  Progress(std::string what, std::uint64_t all, std::uint64_t done);
  ~Progress();
  Progress(const Progress&) = delete;
  Progress& operator=(const Progress&) = delete;

  void advance(std::uint64_t done, std::uint64_t violated);
  std::chrono::steady_clock::duration elapsed() const { return Clock::now() - began_; }

 private:
  using Clock = std::chrono::steady_clock;
  void show(std::uint64_t done, std::uint64_t violated, Clock::time_point now);

  std::string what_;
  std::uint64_t all_;
  std::uint64_t before_;
  bool is_terminal_;
  Clock::time_point began_ = Clock::now();
  Clock::time_point shown_ = began_;
};

}  // namespace txsim
