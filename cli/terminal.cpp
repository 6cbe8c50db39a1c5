#include "cli/terminal.h"

#include <fmt/format.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <cstring>

#include "cli/errors.h"
#include "reports/names.h"
#include "scenarios/text_lines.h"

namespace txsim {
namespace {

std::string_view environment(const char* name) {
  const char* value = std::getenv(name);
  return value != nullptr ? value : "";
}

// Control characters in a file's name or a wrong option must not move the cursor; tabs are ours.
std::string printable_columns(std::string_view line) {
  std::string text;
  while (true) {
    const std::size_t tab = line.find('\t');
    text += printable(line.substr(0, tab));
    if (tab == std::string_view::npos) return text;
    text += '\t';
    line.remove_prefix(tab + 1);
  }
}

}  // namespace

bool use_color(ColorChoice choice) {
  if (choice != ColorChoice::Auto) return choice == ColorChoice::Always;
  if (!environment("NO_COLOR").empty()) return false;
  const std::string_view forced = environment("CLICOLOR_FORCE");
  if (!forced.empty() && forced != "0") return true;
  return environment("TERM") != "dumb" && isatty(STDOUT_FILENO) == 1;
}

std::size_t terminal_width() {
  winsize size{};
  if (isatty(STDOUT_FILENO) != 1 || ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) != 0) return 100;
  return std::clamp<std::size_t>(size.ws_col, 80, 160);
}

std::size_t prose_width() { return std::min<std::size_t>(terminal_width(), 100); }

std::size_t line_width() { return isatty(STDOUT_FILENO) == 1 ? terminal_width() : 0; }

void print(std::string_view text) {
  static bool closed = false;
  while (!closed && !text.empty()) {
    const ssize_t written = write(STDOUT_FILENO, text.data(), text.size());
    if (written >= 0) {
      text.remove_prefix(static_cast<std::size_t>(written));
    } else if (errno == EPIPE) {
      closed = true;
    } else if (errno != EINTR && errno != EAGAIN) {
      throw InputError(fmt::format("standard output: {}", std::strerror(errno)));
    }
  }
}

void print_error(std::string_view line) {
  std::string text;
  for (TextLines lines(line); lines.next();) text += printable_columns(lines.line()) + '\n';
  std::string_view rest = text;
  while (!rest.empty()) {
    const ssize_t written = write(STDERR_FILENO, rest.data(), rest.size());
    if (written < 0 && errno != EINTR) return;  // no reader is left for the error
    if (written > 0) rest.remove_prefix(static_cast<std::size_t>(written));
  }
}

}  // namespace txsim
