// txsim generate: completion scripts and the manual page, for packagers of txsim. Hidden in the
// help text, because nobody needs it to simulate.
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <memory>

#include "cli/command.h"
#include "cli/completion.h"
#include "cli/manual.h"
#include "scenarios/words.h"

namespace txsim {
namespace {

struct Generator {
  const char* what;
  std::string (*write)(const CommandTree&);
};
constexpr Generator kGenerators[] = {{"bash", bash_completion},
                                     {"zsh", zsh_completion},
                                     {"fish", fish_completion},
                                     {"man", manual_page}};

int generate(const CLI::App& app, const std::string& what, const std::string& name) {
  std::vector<std::string> known;
  for (const Generator& generator : kGenerators) {
    known.emplace_back(generator.what);
    if (what != generator.what) continue;
    const bool is_name = !name.empty() && std::all_of(name.begin(), name.end(), [](char c) {
      return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '-' || c == '_';
    });
    if (!is_name) throw InputError("--name takes letters, digits, - and _");
    CommandTree tree = command_tree(app);
    tree.name = name;
    print(generator.write(tree));
    return kAllMet;
  }
  throw InputError(
      fmt::format("'{}' is not bash, zsh, fish or man{}", what, did_you_mean(what, known)));
}

}  // namespace

void add_generate(CLI::App& app, Job& job) {
  auto what = std::make_shared<std::string>();
  auto name = std::make_shared<std::string>(app.get_name());
  CLI::App* command =
      app.add_subcommand("generate", "Print a completion script or the manual page");
  command->group("");
  command->add_option("WHAT", *what, "bash, zsh or fish: completion for this shell; man")
      ->type_name("")
      ->required();
  command->add_option("--name", *name, "The name of the program (txsim)")->type_name("NAME");
  command->callback([what, name, &app, &job] {
    job = [what, name, &app] { return generate(app, *what, *name); };
  });
}

}  // namespace txsim
