// txsim keys: the reference of the scenario language, printed from the schema that parses it.
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>

#include "cli/command.h"
#include "cli/describe.h"
#include "cli/terminal.h"
#include "reports/paint.h"
#include "scenarios/language.h"
#include "scenarios/words.h"

namespace txsim {
namespace {

std::string sentences_text(const std::string& title, const std::vector<SentenceInfo>& sentences) {
  std::string text = "\n" + title + "\n";
  for (const SentenceInfo& sentence : sentences) text += sentence_text(sentence);
  return text;
}

std::string keys_text(const std::string& wanted) {
  std::string text;
  std::string section;
  for (const KeyInfo& key : scenario_keys()) {
    if (!wanted.empty() && key.section.substr(0, key.section.find(' ')) != wanted) continue;
    if (key.section != section) text += (text.empty() ? "[" : "\n[") + key.section + "]\n";
    section = key.section;
    text += key_text(key);
  }
  return text;
}

int print_keys(const std::string& wanted) {
  std::vector<std::string> names = section_names();
  if (!wanted.empty()) {
    const std::string bare = current_name(wanted.front() == '[' && wanted.back() == ']'
                                              ? wanted.substr(1, wanted.size() - 2)
                                              : wanted);
    if (std::find(names.begin(), names.end(), bare) == names.end()) {
      throw InputError(fmt::format("there is no section '{}'{}", bare, did_you_mean(bare, names)));
    }
    print(keys_text(bare));
    return kAllMet;
  }
  std::string text =
      "A scenario is an INI file: sections, keys, and # comments. --set "
      "section.key=value overrides it.\n\n";
  text += keys_text("");
  text += sentences_text("A step is one of", step_sentences());
  text += sentences_text("A fault is one of", fault_sentences());
  text += sentences_text("An expectation is one of", expectation_sentences());
  print(text);
  return kAllMet;
}

}  // namespace

std::vector<std::string> section_names() {
  std::vector<std::string> names;
  for (const KeyInfo& key : scenario_keys()) {
    const std::string name = key.section.substr(0, key.section.find(' '));
    if (std::find(names.begin(), names.end(), name) == names.end()) names.push_back(name);
  }
  return names;
}

std::string key_text(const KeyInfo& key) {
  std::string help = key.is_switch ? "(switch) " + key.help : key.help;
  if (!key.fallback.empty()) help += fmt::format(" (default {})", key.fallback);
  if (key.repeats) help += " (may be repeated)";
  const std::string left = fmt::format("  {} = {}", key.key, key.type);
  std::string text;
  for (const std::string& line : wrap_words(help, prose_width() - 42)) {
    const bool first = text.empty();
    const bool too_long = first && columns(left) > 40;
    if (too_long) text += left + "\n";
    text += fmt::format("{}{}\n", pad(first && !too_long ? left : "", 42), line);
  }
  return text.empty() ? left + "\n" : text;
}

std::string sentence_text(const SentenceInfo& sentence) {
  std::string text = "  " + sentence.form + "\n";
  for (const std::string& line : wrap_words(as_called(sentence.meaning), prose_width() - 6)) {
    text += "      " + line + "\n";
  }
  return text;
}

void add_keys(CLI::App& app, Job& job) {
  auto section = std::make_shared<std::string>();
  CLI::App* keys = app.add_subcommand("keys", "Print every key that a scenario can set");
  keys->add_option("SECTION", *section, "Only the keys of this section")->type_name("");
  keys->footer("Examples:\n  txsim keys\n  txsim keys workload");
  keys->callback([section, &job] { job = [section] { return print_keys(*section); }; });
}

}  // namespace txsim
