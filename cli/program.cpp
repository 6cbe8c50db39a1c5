#include "cli/program.h"

#include <fmt/format.h>
#include <unistd.h>
#include <CLI/CLI.hpp>

#include <algorithm>
#include <csignal>
#include <filesystem>
#include <new>
#include <system_error>

#include "cli/command.h"
#include "cli/terminal.h"
#include "protocols/registry.h"
#include "scenarios/words.h"
#include "sim/assert.h"

namespace txsim {
namespace {

std::vector<std::string> command_names(const CLI::App& app) {
  std::vector<std::string> names;
  for (const CLI::App* command : app.get_subcommands(nullptr)) names.push_back(command->get_name());
  return names;
}

// A word where a command should be: the error says which commands there are.
void check_command(const CLI::App& app, int argc, char** argv) {
  if (argc < 2) throw InputError("no command given: txsim run FILE runs a scenario");
  const std::string first = argv[1];
  const std::vector<std::string> names = command_names(app);
  if (first.starts_with("-") || std::find(names.begin(), names.end(), first) != names.end()) return;
  std::error_code error;
  if (std::filesystem::exists(first, error)) {
    throw InputError(fmt::format("'{0}' is no command: txsim run {0} runs it", first));
  }
  throw InputError(fmt::format("there is no command '{}'{}", first, did_you_mean(first, names)));
}

// "txsim run: what is wrong (did you mean '--seed'?)", and where help is.
void tell_usage_error(const CLI::App& app, const CLI::ParseError& error) {
  const auto chosen = app.get_subcommands();
  const CLI::App& command = chosen.empty() ? app : *chosen.front();
  const std::string name = chosen.empty() ? "txsim" : "txsim " + command.get_name();
  std::string what = error.what();
  const std::vector<std::string> extras = app.remaining(true);
  if (dynamic_cast<const CLI::ExtrasError*>(&error) != nullptr && !extras.empty()) {
    std::vector<std::string> options;
    for (const CLI::Option* option : command.get_options()) {
      for (const std::string& known : option->get_lnames()) options.push_back("--" + known);
    }
    const std::string wrong = extras.front().substr(0, extras.front().find('='));
    Nearest nearest(wrong);
    if (wrong.starts_with("-")) nearest.offer_all(options);
    what = fmt::format("'{}' was not expected{}", wrong, nearest.hint());
  }
  std::replace(what.begin(), what.end(), '\n', ' ');
  print_error(fmt::format("{}: {}", name, what));
  print_error(fmt::format("{} --help shows how it is used", name));
}

std::string command_line(int argc, char** argv) {
  std::string line;
  for (int i = 0; i < argc; ++i) line += (i == 0 ? "" : " ") + std::string(argv[i]);
  return line;
}

int tell_defect(const char* what, int argc, char** argv) {
  print_error(fmt::format("txsim: a defect of txsim itself: {}", what));
  print_error(
      fmt::format("  command line: {}\n  version: {}", command_line(argc, argv), TXSIM_VERSION));
  print_error("  Please report it with these lines and the scenario's file.");
  return kDefect;
}

// Of any thread, and without asking for more. What is under way under another name stays there.
[[noreturn]] void end_out_of_memory() {
  constexpr std::string_view kText =
      "txsim: out of memory: fewer orders, a shorter horizon, fewer --jobs or a lower --memory\n";
  [[maybe_unused]] const auto written = write(STDERR_FILENO, kText.data(), kText.size());
  _exit(kDefect);
}

int run_command(int argc, char** argv) {
  CLI::App app("Simulates distributed transactions under faults and checks what comes of it.",
               "txsim");
  app.set_version_flag("--version", "txsim " TXSIM_VERSION, "Print the version and leave");
  app.set_help_flag("-h,--help", "Print this help and leave");
  app.get_formatter()->column_width(30);
  app.footer("Start with: txsim list; txsim run FILE; txsim COMMAND --help");
  Job job;
  add_run(app, job);
  add_sweep(app, job);
  add_compare(app, job);
  add_merge(app, job);
  add_explore(app, job);
  add_replay(app, job);
  add_shrink(app, job);
  add_matrix(app, job);
  add_coverage(app, job);
  add_list(app, job);
  add_describe(app, job);
  add_keys(app, job);
  try {
    check_command(app, argc, argv);
    app.parse(argc, argv);
    if (job) return job();
    throw InputError("no command given: txsim run FILE runs a scenario");
  } catch (const CLI::CallForHelp&) {
    print(app.help());  // of the chosen subcommand if there is one
  } catch (const CLI::CallForVersion&) {
    print("txsim " TXSIM_VERSION "\n");
  } catch (const CLI::ParseError& error) {
    tell_usage_error(app, error);
    return kBadInput;
  } catch (const InputError& error) {
    const auto chosen = app.get_subcommands();
    const std::string name = chosen.empty() ? "" : " " + chosen.front()->get_name();
    print_error(fmt::format("txsim{}: {}", name, error.what()));
    if (!job) print_error("txsim --help shows how it is used");
    return kBadInput;
  }
  return kAllMet;
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
  command.add_option_function<std::string>("--color", choose, "auto, always or never (auto)")
      ->type_name("WHEN");
}

int run_program(int argc, char** argv) {
  std::set_new_handler(end_out_of_memory);
  std::signal(SIGPIPE, SIG_IGN);
  try {
    return run_command(argc, argv);
  } catch (const BadProtocol& error) {
    print_error(fmt::format("txsim: {}", error.what()));
    return kBadInput;
  } catch (const std::bad_alloc&) {
    end_out_of_memory();
  } catch (const std::system_error& error) {
    const bool is_full = error.code() == std::errc::resource_unavailable_try_again;
    if (!is_full) return tell_defect(error.what(), argc, argv);
    print_error("txsim: no room for another thread: fewer --jobs, or more memory");
    return kDefect;
  } catch (const std::exception& error) {
    return tell_defect(error.what(), argc, argv);
  } catch (...) {
    return tell_defect("something unknown was thrown", argc, argv);
  }
}

}  // namespace txsim
