#include "cli/command_tree.h"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cctype>
#include <string_view>

#include "checks/verdict.h"
#include "cli/describe.h"
#include "protocols/registry.h"
#include "scenarios/language.h"

namespace txsim {
namespace {

bool is_word(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), [](unsigned char c) {
    return std::islower(c) != 0 || std::isdigit(c) != 0 || c == '-';
  });
}

// The choices in "LINES|all|none": the words in small letters.
std::vector<std::string> choices(std::string_view form) {
  std::vector<std::string> words;
  while (true) {
    const std::size_t end = form.find('|');
    const std::string_view word = form.substr(0, end);
    if (is_word(word)) words.emplace_back(word);
    if (end == std::string_view::npos) return words;
    form.remove_prefix(end + 1);
  }
}

// "workload.orders=" for each key; for a key with choices "network.fifo=on" for each of them.
// A key of a section with a name in its brackets, such as [service NAME], needs that name first.
std::vector<std::string> settings() {
  std::vector<std::string> words;
  for (const KeyInfo& key : scenario_keys()) {
    if (key.section.empty() || key.section.find(' ') != std::string::npos) continue;
    const std::string name = key.section + "." + key.key + "=";
    words.push_back(name);
    const std::vector<std::string> values = choices(key.type);
    if (key.type.find('|') == std::string::npos) continue;
    for (const std::string& value : values) words.push_back(name + value);
  }
  return words;
}

std::vector<std::string> switches() {
  std::vector<std::string> words;
  for (const KeyInfo& key : scenario_keys()) {
    if (key.is_switch) words.push_back(key.section + "." + key.key);
  }
  return words;
}

std::vector<std::string> invariant_names() {
  std::vector<std::string> words;
  for (const InvariantInfo& info : invariants()) words.emplace_back(info.name);
  return words;
}

// Shells complete one word at a time.
std::vector<std::string> single_words(std::vector<std::string> names) {
  const auto is_several = [](const std::string& name) {
    return name.find(' ') != std::string::npos;
  };
  names.erase(std::remove_if(names.begin(), names.end(), is_several), names.end());
  std::sort(names.begin(), names.end());
  names.erase(std::unique(names.begin(), names.end()), names.end());
  return names;
}

// The names that a form stands for; none if it stands for anything.
std::vector<std::string> words_for(const std::string& form) {
  if (form.starts_with("KEY=")) return settings();
  if (form == "SWITCH") return switches();
  if (form == "PROTOCOL") return protocol_names();
  if (form == "INVARIANT") return invariant_names();
  if (form == "SECTION") return section_names();
  if (form == "NAME") return single_words(described_names());
  return form.find('|') == std::string::npos ? std::vector<std::string>() : choices(form);
}

Argument argument_of(const CLI::Option& option) {
  Argument argument;
  for (const std::string& name : option.get_snames()) argument.names.push_back("-" + name);
  for (const std::string& name : option.get_lnames()) argument.names.push_back("--" + name);
  argument.help = option.get_description();
  argument.is_required = option.get_required();
  if (option.get_items_expected_max() == 0) return argument;  // a flag
  argument.repeats = option.get_expected_max() > 1 ||
                     option.get_multi_option_policy() == CLI::MultiOptionPolicy::TakeAll;
  argument.form = argument.names.empty() ? option.get_name(true) : option.get_type_name();
  constexpr std::string_view kList = ",...";
  std::string form = argument.form;
  argument.is_list = form.ends_with(kList) && !form.starts_with("KEY=");
  if (argument.is_list) form.resize(form.size() - kList.size());
  argument.words = words_for(form);
  if (form == "FILE" || form == "SCHEDULE") {
    argument.takes = Takes::Files;
  } else if (form == "DIR" || form == "FOLDER") {
    argument.takes = Takes::Folders;
  } else {
    argument.takes = argument.words.empty() ? Takes::Text : Takes::Words;
  }
  return argument;
}

}  // namespace

CommandTree command_tree(const CLI::App& app) {
  CommandTree tree;
  tree.name = app.get_name();
  tree.help = app.get_description();
  tree.footer = app.get_footer();
  for (const CLI::Option* option : app.get_options()) {
    if (option->get_group().empty()) continue;
    const bool is_positional = option->get_lnames().empty() && option->get_snames().empty();
    (is_positional ? tree.positionals : tree.options).push_back(argument_of(*option));
  }
  for (const CLI::App* command : app.get_subcommands(nullptr)) {
    if (!command->get_group().empty()) tree.commands.push_back(command_tree(*command));
  }
  return tree;
}

}  // namespace txsim
