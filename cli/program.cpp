#include "cli/program.h"

#include <fmt/format.h>
#include <unistd.h>
#include <CLI/CLI.hpp>

#include <algorithm>
#include <csignal>
#include <filesystem>
#include <new>
#include <system_error>

#include "checks/verdict.h"
#include "cli/command.h"
#include "cli/describe.h"
#include "cli/loaded_protocols.h"
#include "cli/terminal.h"
#include "cli/version.h"
#include "protocols/registry.h"
#include "reports/names.h"
#include "scenarios/words.h"
#include "sim/program_name.h"

namespace txsim {
namespace {

std::vector<std::string> command_names(const CLI::App& app) {
  std::vector<std::string> names;
  for (const CLI::App* command : app.get_subcommands(nullptr)) names.push_back(command->get_name());
  return names;
}

std::string no_command() {
  return fmt::format("no command given: {} run FILE runs a scenario", program_name());
}

// The first word is not a command: the error names the commands.
void check_command(const CLI::App& app, int argc, char** argv) {
  if (argc < 2) throw InputError(no_command());
  const std::string first = argv[1];
  const std::vector<std::string> names = command_names(app);
  if (first.starts_with("-") || std::find(names.begin(), names.end(), first) != names.end()) return;
  std::error_code error;
  if (std::filesystem::exists(first, error)) {
    throw InputError(
        fmt::format("'{0}' is not a command: {1} run {0} runs it", first, program_name()));
  }
  if (const std::string hint = glossary_hint(first); !hint.empty()) {
    throw InputError(fmt::format("there is no command '{}'{}", first, hint));
  }
  Nearest near(first);
  near.offer_all(names);
  if (!near.found() && is_described(first)) {
    throw InputError(fmt::format("there is no command '{}': {} describe {} explains it", first,
                                 program_name(), shell_word(first)));
  }
  throw InputError(fmt::format("there is no command '{}'{}", first, did_you_mean(first, names)));
}

// "txsim run: what is wrong (did you mean '--seed'?)", and how to get help.
void tell_usage_error(const CLI::App& app, const CLI::ParseError& error,
                      const std::string& protocol) {
  const auto chosen = app.get_subcommands();
  const CLI::App& command = chosen.empty() ? app : *chosen.front();
  const std::string name = program_name() + (chosen.empty() ? "" : " " + command.get_name());
  std::string what = error.what();
  const std::vector<std::string> extras = app.remaining(true);
  if (dynamic_cast<const CLI::ExtrasError*>(&error) != nullptr && !extras.empty()) {
    std::vector<std::string> options;
    for (const CLI::Option* option : command.get_options()) {
      for (const std::string& known : option->get_lnames()) options.push_back("--" + known);
    }
    const std::string wrong = extras.front().substr(0, extras.front().find('='));
    const auto has = [&](std::string_view option) {
      return std::find(options.begin(), options.end(), option) != options.end();
    };
    Nearest nearest(wrong);
    if (wrong.starts_with("-")) nearest.offer_all(options);
    const bool loads = wrong == "--protocol" && !has("--protocols");
    what = fmt::format(
        "'{}' was not expected{}", wrong,
        loads ? fmt::format(" ({})", instead_of_protocol(protocol, has("--set"))) : nearest.hint());
  }
  std::replace(what.begin(), what.end(), '\n', ' ');
  print_error(fmt::format("{}: {}", name, what));
  print_error(fmt::format("{} --help shows the usage", name));
}

std::string command_line(int argc, char** argv) {
  std::string line;
  for (int i = 0; i < argc; ++i) line += (i == 0 ? "" : " ") + std::string(argv[i]);
  return line;
}

bool is_txsim() { return program_name() == "txsim"; }

std::string version() {
  const std::string version = fmt::format("txsim {}", kVersion);
  return is_txsim() ? version : fmt::format("{} ({})", program_name(), version);
}

// The last part of the path under which the program was started.
std::string_view name_of(int argc, char** argv) {
  const std::string_view path = argc > 0 && argv[0] != nullptr ? argv[0] : "";
  const std::string_view name = path.substr(path.rfind('/') + 1);
  return name.empty() ? "txsim" : name;
}

int tell_defect(const char* what, int argc, char** argv) {
  const std::string whose = is_txsim() ? "txsim itself" : program_name() + " or of txsim";
  print_error(fmt::format("{}: a defect of {}: {}", program_name(), whose, what));
  print_error(fmt::format("  command line: {}\n  version: {}", command_line(argc, argv), kVersion));
  print_error("  Please report it with these lines and the scenario's file.");
  return kDefect;
}

// Called by any thread; allocates nothing. Unfinished files keep their temporary names.
[[noreturn]] void end_out_of_memory() {
  constexpr std::string_view kText =
      ": out of memory: try fewer orders, a shorter horizon, fewer --jobs or a lower --memory\n";
  const std::string& name = program_name();
  [[maybe_unused]] auto written = write(STDERR_FILENO, name.data(), name.size());
  written = write(STDERR_FILENO, kText.data(), kText.size());
  _exit(kDefect);
}

// A protocol's promises are compared with verdicts by name: a misspelt promise would count for
// nothing.
void check_promises() {
  std::vector<std::string_view> known;
  for (const InvariantInfo& info : invariants()) known.push_back(info.name);
  for (const auto& protocol : protocols()) {
    for (const std::string_view promise : protocol->description.promises) {
      if (std::find(known.begin(), known.end(), promise) != known.end()) continue;
      throw BadProtocol(fmt::format("protocol '{}': it promises '{}', which is not an invariant{}",
                                    protocol->name(), promise, did_you_mean(promise, known)));
    }
  }
}

// Suggested commands include these protocols.
void load_named(int argc, char** argv) {
  std::string name = program_name();
  for (const std::string& file : libraries_named(argc, argv)) {
    for (Protocol& protocol : load_protocols(file)) register_protocol(std::move(protocol));
    name += " --protocol " + shell_word(file);
  }
  set_program_name(name);
}

int run_command(int argc, char** argv) {
  CLI::App app("Simulates distributed transactions under faults and checks invariants.",
               program_name());
  app.set_version_flag("--version", version(), "Print the version and exit");
  app.set_help_flag("-h,--help", "Print this help and exit");
  std::vector<std::string> loaded;  // read earlier by load_named, before the scenario language
  app.add_option("--protocol", loaded,
                 "Load protocols from a shared library; give it before COMMAND")
      ->type_name("FILE")
      ->allow_extra_args(false);
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
  add_walk(app, job);
  add_coverage(app, job);
  add_list(app, job);
  add_describe(app, job);
  add_keys(app, job);
  add_generate(app, job);
  call_by_name(app);
  try {
    check_command(app, argc, argv);
    app.parse(argc, argv);
    if (job) return job();
    throw InputError(no_command());
  } catch (const CLI::CallForHelp&) {
    print(app.help());  // the help of the chosen subcommand, if there is one
  } catch (const CLI::CallForVersion&) {
    print(version() + "\n");
  } catch (const CLI::ParseError& error) {
    tell_usage_error(app, error, protocol_given(argc, argv));
    return kBadInput;
  } catch (const InputError& error) {
    const auto chosen = app.get_subcommands();
    const std::string name = chosen.empty() ? "" : " " + chosen.front()->get_name();
    print_error(fmt::format("{}{}: {}", program_name(), name, error.what()));
    if (!job) print_error(program_name() + " --help shows the usage");
    return kBadInput;
  }
  return kAllMet;
}

}  // namespace

int run_program(int argc, char** argv) { return run_program(argc, argv, {}); }

int run_program(int argc, char** argv, std::vector<Protocol> own) {
  std::set_new_handler(end_out_of_memory);
  std::signal(SIGPIPE, SIG_IGN);
  try {
    set_program_name(name_of(argc, argv));
    for (Protocol& protocol : own) register_protocol(std::move(protocol));
    load_named(argc, argv);
    check_promises();
    return run_command(argc, argv);
  } catch (const InputError& error) {
    print_error(fmt::format("{}: {}", program_name(), error.what()));
    return kBadInput;
  } catch (const BadProtocol& error) {
    print_error(fmt::format("{}: {}", program_name(), error.what()));
    return kBadInput;
  } catch (const std::bad_alloc&) {
    end_out_of_memory();
  } catch (const std::system_error& error) {
    const bool is_full = error.code() == std::errc::resource_unavailable_try_again;
    if (!is_full) return tell_defect(error.what(), argc, argv);
    print_error(program_name() + ": cannot start another thread: try fewer --jobs or more memory");
    return kDefect;
  } catch (const std::exception& error) {
    return tell_defect(error.what(), argc, argv);
  } catch (...) {
    return tell_defect("an unknown exception was thrown", argc, argv);
  }
}

}  // namespace txsim
