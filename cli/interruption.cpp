#include "cli/interruption.h"

#include <atomic>
#include <csignal>

namespace txsim {
namespace {

constexpr int kEnding[] = {SIGINT, SIGTERM, SIGHUP};

std::atomic<bool> came = false;

void note(int signal) {
  came = true;
  std::signal(signal, SIG_DFL);
}

}  // namespace

Interruption::Interruption() {
  for (const int signal : kEnding) std::signal(signal, note);
}

Interruption::~Interruption() {
  for (const int signal : kEnding) std::signal(signal, SIG_DFL);
}

bool Interruption::has_come() { return came; }

}  // namespace txsim
