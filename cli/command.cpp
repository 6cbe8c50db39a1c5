#include "cli/command.h"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <map>
#include <string_view>

#include "sim/program_name.h"

namespace txsim {
namespace {

// The rest of a suggested command, after "txsim".
constexpr std::string_view kCommands[] = {"run",    "sweep",    "compare", "merge",    "explore",
                                          "replay", "shrink",   "matrix",  "walk",     "coverage",
                                          "list",   "describe", "keys",    "generate", "COMMAND"};

bool begins_with_command(std::string_view text) {
  return std::any_of(std::begin(kCommands), std::end(kCommands), [&](std::string_view command) {
    return text.starts_with(command) && (text.size() == command.size() ||
                                         text[command.size()] < 'a' || text[command.size()] > 'z');
  });
}

}  // namespace

void add_color(CLI::App& command, ColorChoice& color) {
  const auto choose = [&color](const std::string& text) {
    const std::map<std::string, ColorChoice> choices = {{"auto", ColorChoice::Auto},
                                                        {"always", ColorChoice::Always},
                                                        {"never", ColorChoice::Never}};
    const auto choice = choices.find(text);
    if (choice == choices.end()) {
      throw CLI::ValidationError("--color", fmt::format("'{}' is not auto, always or never", text));
    }
    color = choice->second;
  };
  command.add_option_function<std::string>("--color", choose, "Colors in the output (auto)")
      ->type_name("auto|always|never");
}

std::string as_called(std::string text) {
  constexpr std::string_view kName = "txsim ";
  const std::string name = program_name() + " ";
  for (std::size_t at = text.find(kName); at != std::string::npos; at = text.find(kName, at)) {
    if (begins_with_command(std::string_view(text).substr(at + kName.size()))) {
      text.replace(at, kName.size(), name);
      at += name.size();
    } else {
      at += kName.size();
    }
  }
  return text;
}

void call_by_name(CLI::App& app) {
  app.footer(as_called(app.get_footer()));
  for (CLI::Option* option : app.get_options()) {
    option->description(as_called(option->get_description()));
  }
  for (CLI::App* command : app.get_subcommands(nullptr)) call_by_name(*command);
}

}  // namespace txsim
