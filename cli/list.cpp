// txsim list: the available scenarios.
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <filesystem>

#include "cli/command.h"
#include "cli/files.h"
#include "cli/library.h"
#include "cli/terminal.h"
#include "reports/names.h"
#include "reports/paint.h"
#include "scenarios/language.h"
#include "sim/program_name.h"

namespace txsim {
namespace {

namespace fs = std::filesystem;

struct Entry {
  std::string folder;
  std::string name;
  std::string protocol;
  std::string title;
  std::string expected;
  bool is_readable = false;
};

// The invariants that the scenario expects by name to be violated, to be vacuous or to hold.
std::string expected_text(const Scenario& scenario) {
  std::vector<std::string> violated;
  for (const Expectation& expectation : scenario.expectations) {
    const bool is_violation = expectation.kind == Expectation::Kind::Verdict &&
                              expectation.verdict == text(Verdict::Violated);
    if (is_violation) violated.push_back(expectation.subject);
  }
  if (violated.empty()) return "";
  return fmt::format("violates {}", fmt::join(violated, ", "));
}

Entry entry_of(const std::string& file) {
  const fs::path path = file;
  Entry entry{printable(path.parent_path().string()),
              printable(path.filename().string()),
              "",
              "",
              "",
              false};
  const ParsedScenario parsed = parse_scenario(file, read_file);
  if (!parsed.scenario) {
    entry.title =
        fmt::format("{} error{}: {} run {}", parsed.errors.size(),
                    parsed.errors.size() == 1 ? "" : "s", program_name(), shell_word(file));
    return entry;
  }
  entry.protocol = parsed.scenario->protocol_name();
  entry.title = printable(parsed.scenario->title);
  entry.expected = expected_text(*parsed.scenario);
  entry.is_readable = true;
  return entry;
}

std::string list_text(const std::vector<Entry>& entries, std::size_t width, const Paint& paint) {
  std::size_t name_width = 0;
  std::size_t protocol_width = 0;
  for (const Entry& entry : entries) {
    name_width = std::max(name_width, columns(entry.name));
    protocol_width = std::max(protocol_width, columns(entry.protocol));
  }
  std::string text;
  std::string folder = "/";
  for (const Entry& entry : entries) {
    if (entry.folder != folder) {
      text += (text.empty() ? "" : "\n") + paint(Tone::Strong, entry.folder) + "\n";
      folder = entry.folder;
    }
    std::vector<Paragraph> told = {{entry.is_readable ? Tone::Plain : Tone::Bad, entry.title}};
    if (!entry.expected.empty()) told.push_back({Tone::Warning, entry.expected});
    text += beside(fmt::format("  {}  {}  ", pad(entry.name, name_width),
                               paint(Tone::Faint, pad(entry.protocol, protocol_width))),
                   name_width + protocol_width + 6, told, width, paint);
  }
  return text;
}

int print_list(std::string folder, ColorChoice color) {
  folder = folder.empty() ? library_folder() : find_in_library(folder);
  if (folder.empty()) {
    throw InputError("there is no folder ./scenarios and no installed library: " + program_name() +
                     " list FOLDER");
  }
  std::error_code error;
  if (!fs::exists(folder, error)) throw InputError(folder + ": there is no such folder");
  std::vector<Entry> entries;
  bool all_readable = true;
  for (const std::string& file : find_scenarios({folder})) {
    entries.push_back(entry_of(file));
    all_readable = all_readable && entries.back().is_readable;
  }
  print(list_text(entries, line_width(), Paint(use_color(color))));
  print(fmt::format("\n{0} scenario{1}; {2} run FILE runs one, {2} run {3} runs all\n",
                    entries.size(), entries.size() == 1 ? "" : "s", program_name(),
                    shell_word(folder)));
  return all_readable ? kAllMet : kBadInput;
}

}  // namespace

void add_list(CLI::App& app, Job& job) {
  auto folder = std::make_shared<std::string>();
  auto color = std::make_shared<ColorChoice>(ColorChoice::Auto);
  CLI::App* list = app.add_subcommand("list", "List scenarios and what they expect");
  list->add_option("FOLDER", *folder, "Where to look (./scenarios, else the installed library)")
      ->type_name("");
  add_color(*list, *color);
  list->footer("Examples:\n  txsim list\n  txsim list scenarios/order");
  list->callback(
      [folder, color, &job] { job = [folder, color] { return print_list(*folder, *color); }; });
}

}  // namespace txsim
