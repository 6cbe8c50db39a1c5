#include "cli/manual.h"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <string_view>

#include "cli/version.h"

namespace txsim {
namespace {

// Text as troff prints it: dashes that can be copied, no request at the beginning of a line.
std::string roff(std::string_view text) {
  std::string result;
  bool begins_line = true;
  for (const char c : text) {
    if (begins_line && (c == '.' || c == '\'')) result += "\\&";
    begins_line = c == '\n';
    switch (c) {
      case '\\':
        result += "\\e";
        break;
      case '-':
        result += "\\-";
        break;
      case '\'':
        result += "\\(aq";
        break;
      case '^':
        result += "\\(ha";
        break;
      case '`':
        result += "\\(ga";
        break;
      case '~':
        result += "\\(ti";
        break;
      default:
        result += c;
    }
  }
  return result;
}

std::string bold(std::string_view text) { return "\\fB" + roff(text) + "\\fR"; }
std::string italic(std::string_view text) { return "\\fI" + roff(text) + "\\fR"; }

std::string sentence(std::string text) {
  if (!text.empty() && text.back() != '.') text += '.';
  return text;
}

std::string argument_text(const Argument& argument) {
  std::string names;
  for (const std::string& name : argument.names) {
    names += (names.empty() ? "" : ", ") + bold(name);
  }
  const std::string form = argument.form.empty() ? "" : italic(argument.form);
  return fmt::format(".TP\n{}{}{}\n{}\n", names, names.empty() || form.empty() ? "" : " ", form,
                     roff(sentence(argument.help)));
}

std::string synopsis(const std::string& program, const CommandTree& command) {
  std::string text = fmt::format("{} {}", bold(program), bold(command.name));
  if (!command.options.empty()) text += " [" + italic("OPTIONS") + "]";
  for (const Argument& positional : command.positionals) {
    const std::string form = italic(positional.form) + (positional.repeats ? "..." : "");
    text += positional.is_required ? " " + form : " [" + form + "]";
  }
  return text;
}

// The footer of a help text: "Examples:" and indented lines keep their line breaks.
std::string footer_text(const std::string& footer) {
  std::string text;
  bool as_it_is = false;
  for (std::size_t begin = 0; begin < footer.size();) {
    const std::size_t end = std::min(footer.find('\n', begin), footer.size());
    const std::string_view line = std::string_view(footer).substr(begin, end - begin);
    begin = end + 1;
    const bool is_shown = line.starts_with(" ");
    if (is_shown && !as_it_is) text += ".PP\n.nf\n.RS 4\n";
    if (!is_shown && as_it_is) text += ".RE\n.fi\n";
    if (line.empty() || (as_it_is && !is_shown) || text.empty()) text += ".PP\n";
    as_it_is = is_shown;
    if (line.empty()) continue;
    text += roff(line.substr(line.find_first_not_of(' '))) + "\n";
  }
  if (as_it_is) text += ".RE\n.fi\n";
  // One request for a paragraph is enough.
  for (const std::string_view twice : {".PP\n.PP\n"}) {
    for (std::size_t at; (at = text.find(twice)) != std::string::npos;) text.erase(at, 4);
  }
  return text;
}

std::string command_text(const std::string& program, const CommandTree& command) {
  std::string text =
      fmt::format(".SS {}\n{}\n", synopsis(program, command), roff(sentence(command.help)));
  for (const Argument& positional : command.positionals) text += argument_text(positional);
  for (const Argument& option : command.options) text += argument_text(option);
  return text + footer_text(command.footer);
}

// The parts that the command line itself does not hold.
constexpr std::string_view kExitStatus = R"(.SH EXIT STATUS
.TP
.B 0
Every expectation is met.
.TP
.B 1
An invariant or expectation is not met, or the work is incomplete: a sweep that a signal ended,
a merge with missing runs, a search that a bound stopped.
.TP
.B 2
Bad usage, a bad scenario, or a file that cannot be read or written.
.TP
.B 3
A defect of txsim itself, or out of memory.
.TP
.B 4
A replay that differs from what was recorded.
)";

constexpr std::string_view kFiles = R"(.SH FILES
txsim searches for a missing scenario or folder in the library of scenarios: first in
.IR ./scenarios ,
then beside the program, then in the folders of
.BR XDG_DATA_DIRS .
.TP
.I ../share/txsim/scenarios
The library of scenarios, relative to the folder of the program.
.TP
.I ../share/doc/txsim
README.md and docs/: the scenario language, reports, sweeps, explorations, protocols, invariants.
)";

}  // namespace

std::string manual_page(const CommandTree& tree) {
  std::string title = tree.name;
  for (char& c : title) c = static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
  std::string what = tree.help;
  if (!what.empty() && what.back() == '.') what.pop_back();
  if (!what.empty()) what.front() = static_cast<char>(std::tolower(what.front()));
  std::string text = fmt::format(
      ".\\\" Written by: {0} generate man\n.TH {1} 1 \"\" \"{0} {2}\"\n"
      ".SH NAME\n{0} \\- {3}\n.SH SYNOPSIS\n",
      roff(tree.name), roff(title), roff(kVersion), roff(what));
  for (const CommandTree& command : tree.commands) {
    text += synopsis(tree.name, command) + "\n.br\n";
  }
  text += fmt::format("{} [{}]\n.SH OPTIONS\n", bold(tree.name), italic("OPTIONS"));
  for (const Argument& option : tree.options) text += argument_text(option);
  text += ".SH COMMANDS\n";
  for (const CommandTree& command : tree.commands) text += command_text(tree.name, command);
  return text + std::string(kExitStatus) + std::string(kFiles);
}

}  // namespace txsim
