// txsim describe: explains a protocol, an invariant, a message, a fact, a fault, a key.
#include "cli/describe.h"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <map>
#include <set>

#include "checks/verdict.h"
#include "cli/command.h"
#include "cli/files.h"
#include "cli/library.h"
#include "cli/terminal.h"
#include "protocols/registry.h"
#include "reports/names.h"
#include "reports/paint.h"
#include "scenarios/glossary.h"
#include "scenarios/words.h"
#include "sim/program_name.h"
#include "transactions/transaction.h"

namespace txsim {
namespace {

struct VerdictInfo {
  std::string_view name;
  std::string_view says;
};
constexpr VerdictInfo kVerdicts[] = {
    {"holds", "there was something to judge, and nothing broke it"},
    {"violated", "an event broke it: the report names the event and the causes that led there"},
    {"vacuous", "nothing happened that could have broken it, so the run shows nothing about it"},
    {"not applicable", "the protocol or the scenario announces none of the facts that it reads"},
};

std::string paragraph(std::string_view text, std::size_t indent) {
  std::string result;
  for (const std::string& line : wrap_words(as_called(std::string(text)), prose_width() - indent)) {
    result += std::string(indent, ' ') + line + "\n";
  }
  return result;
}

// A label before text of one or more lines.
std::string labelled(std::string_view label, std::string_view text, std::size_t label_width) {
  std::string result;
  for (const std::string& line :
       wrap_words(as_called(std::string(text)), prose_width() - label_width - 4)) {
    result += "  " + pad(result.empty() ? label : "", label_width) + "  " + line + "\n";
  }
  return result.empty() ? fmt::format("  {}\n", label) : result;
}

std::string table(std::string_view title, const std::vector<NamedText>& entries) {
  if (entries.empty()) return "";
  std::size_t width = 0;
  for (const NamedText& entry : entries) width = std::max(width, columns(entry.name));
  std::string text = fmt::format("\n{}\n", title);
  for (const NamedText& entry : entries) {
    text += labelled(entry.name, entry.text, std::min<std::size_t>(width, 32));
  }
  return text;
}

std::string section_keys(std::string_view section) {
  std::string text;
  for (const KeyInfo& key : scenario_keys()) {
    if (key.section == section) text += key_text(key);
  }
  return text.empty() ? "" : fmt::format("\nKeys, in section [{}]\n", section) + text;
}

std::string description_text(const Description& info) {
  std::string text = fmt::format("{}\n", info.name) + paragraph(info.what, 2);
  if (!info.source.empty()) text += "\nSource\n" + paragraph(info.source, 2);
  text += table("Roles", info.roles) + table("Messages", info.messages);
  text += table("States", info.states) + table("Log records", info.records);
  text += table("Timers", info.timers) + section_keys(info.name);
  text += table("Where it deviates from its source", info.deviations);
  if (info.promises.empty()) return text;
  const std::vector<std::string> promises(info.promises.begin(), info.promises.end());
  text += "\nPromises, under any crashes, losses and delays\n";
  for (const std::string& line : wrap_items(promises, prose_width() - 2))
    text += "  " + line + "\n";
  if (!info.conditions.empty()) text += "\nOn condition that\n";
  for (const NamedText& condition : info.conditions) {
    text += fmt::format("  {}\n", condition.name) + paragraph(condition.text, 6);
  }
  return text;
}

std::string invariant_text(const InvariantInfo& info) {
  return fmt::format("{}, an invariant\n", info.name) + labelled("says", info.says, 8) +
         labelled("reads", info.reads, 8) + labelled("vacuous", info.vacuous, 8) +
         (info.by_design ? labelled("counts",
                                    "If the protocol promises it or a scenario names it; otherwise "
                                    "a violation is reported but fails no run.",
                                    8)
                         : "") +
         labelled("source", info.source, 8);
}

// A sentence is named by its first word, a counter by its own name. An entry that explains a part
// of sentences ("BEGIN: at TIME") has no name.
std::string name_of(const SentenceInfo& sentence) {
  constexpr std::string_view kCounter = "COUNTER: ";
  std::string_view form = sentence.form;
  if (form.starts_with(kCounter)) form.remove_prefix(kCounter.size());
  if (form.empty() || form.front() < 'a' || form.front() > 'z') return "";
  return std::string(form.substr(0, form.find(' ')));
}

// Everything that can be described, by name. One name may mean several things.
class Reference {
 public:
  Reference() {
    for (const Description* info : descriptions()) {
      add(info->name, description_text(*info));
      add_words(*info, info->messages, "a message");
      add_words(*info, info->records, "a log record");
      add_words(*info, info->timers, "a timer");
      add_states(*info);
    }
    add_plain(kVerdicts, "a verdict on an invariant");
    add_plain(phase_infos(), "a phase of transactions");
    add_plain(role_infos(), "a role of nodes");
    add_plain(fact_infos(), "a fact that nodes announce");
    for (const InvariantInfo& info : invariants()) add(info.name, invariant_text(info));
    add_sentences(fault_sentences(), "a fault");
    add_sentences(step_sentences(), "a step");
    add_sentences(expectation_sentences(), "what can be expected");
    for (const KeyInfo& key : scenario_keys()) {
      const std::string text =
          fmt::format("{}, a key of section [{}]\n{}", key.key, key.section, key_text(key));
      add(key.key, text);
      add(key.section.substr(0, key.section.find(' ')) + "." + key.key, text);
    }
  }

  // The texts under this name, or else under names that differ only in case, blanks and the like.
  std::string text(const std::string& name) const {
    const std::string exact = text_of([&](const std::string& known) { return known == name; });
    if (!exact.empty()) return exact;
    const std::string normal = normal_term(name);
    return text_of([&](const std::string& known) { return normal_term(known) == normal; });
  }

  std::vector<std::string> names() const {
    std::vector<std::string> names;
    for (const auto& [known, entry] : entries_) {
      (void)entry;
      names.push_back(known);
    }
    return names;
  }

 private:
  template <class IsIt>
  std::string text_of(IsIt is_it) const {
    std::string text;
    for (const auto& [known, entry] : entries_) {
      if (is_it(known)) text += (text.empty() ? "" : "\n") + entry;
    }
    return text;
  }

  void add(std::string_view name, std::string text) {
    entries_.emplace_back(name, std::move(text));
  }

  void add_words(const Description& info, const std::vector<NamedText>& words,
                 std::string_view what) {
    for (const NamedText& word : words) {
      add(word.name,
          fmt::format("{}, {} of {}\n", word.name, what, info.name) + paragraph(word.text, 2));
    }
  }

  // "coordinator WAIT" can also be named by its last word.
  void add_states(const Description& info) {
    for (const NamedText& state : info.states) {
      const std::string text =
          fmt::format("{}, a state of {}\n", state.name, info.name) + paragraph(state.text, 2);
      add(state.name, text);
      const std::size_t blank = state.name.rfind(' ');
      if (blank != std::string_view::npos) add(state.name.substr(blank + 1), text);
    }
  }

  template <class Infos>
  void add_plain(const Infos& infos, std::string_view what) {
    for (const auto& info : infos) {
      add(info.name, fmt::format("{}, {}\n", info.name, what) + paragraph(info.says, 2));
    }
  }

  void add_sentences(const std::vector<SentenceInfo>& sentences, std::string_view what) {
    std::map<std::string, std::string> texts;
    for (const SentenceInfo& sentence : sentences) {
      const std::string name = name_of(sentence);
      if (name.empty()) continue;
      std::string& text = texts[name];
      if (text.empty()) text = fmt::format("{}, {}\n", name, what);
      text += sentence_text(sentence);
    }
    for (const auto& [name, text] : texts) add(name, text);
  }

  std::vector<std::pair<std::string, std::string>> entries_;
};

// A term of the field; if it is another word for a single thing, also that thing.
std::string term_text(const Reference& reference, const Term& term, bool is_known) {
  std::string text = fmt::format("{}, a term of the field\n", term.name);
  if (!term.also.empty()) text += fmt::format("  also: {}\n", fmt::join(term.also, ", "));
  text += paragraph(term.says, 2);
  const std::vector<std::string> see(term.see.begin(), term.see.end());
  std::string label = "  see: ";
  for (const std::string& line : wrap_items(see, prose_width() - 7)) {
    text += label + line + "\n";
    label = "       ";
  }
  if (see.size() == 1 && !is_known) text += "\n" + reference.text(see.front());
  return text;
}

// Everything with this name.
std::string text_of_name(const Reference& reference, const std::string& name) {
  std::string text = reference.text(name);
  if (const Term* term = find_term(name)) {
    text += (text.empty() ? "" : "\n") + term_text(reference, *term, !text.empty());
  }
  return text;
}

std::vector<std::string> known_names(const Reference& reference) {
  std::vector<std::string> names = reference.names();
  for (const Term& term : glossary()) {
    names.emplace_back(term.name);
    names.insert(names.end(), term.also.begin(), term.also.end());
  }
  return names;
}

std::string names_of(std::string_view title, const std::vector<std::string>& names) {
  std::string text = fmt::format("{}\n", title);
  for (const std::string& line : wrap_items(names, prose_width() - 2)) text += "  " + line + "\n";
  return text + "\n";
}

template <class List>
std::string names_of(std::string_view title, const List& list) {
  std::vector<std::string> names;
  names.reserve(std::size(list));
  for (const auto& entry : list) names.emplace_back(entry.name);
  return names_of(title, names);
}

std::string overview() {
  std::vector<std::string> described;
  for (const Description* info : descriptions()) described.emplace_back(info->name);
  std::string text = names_of("Protocols, and the parts around them", described);
  text += names_of("Invariants", invariants());
  text += names_of("Verdicts on them", kVerdicts);
  text += names_of("Phases of a transaction", phase_infos());
  text += names_of("Roles of nodes", role_infos());
  text += names_of("Facts, which nodes announce and invariants read", fact_infos());
  std::vector<std::string> faults;
  for (const SentenceInfo& sentence : fault_sentences()) {
    const std::string name = name_of(sentence);
    const bool is_new = std::find(faults.begin(), faults.end(), name) == faults.end();
    if (!name.empty() && is_new) faults.push_back(name);
  }
  text += "Faults\n";
  for (const std::string& line : wrap_items(faults, prose_width() - 2)) text += "  " + line + "\n";
  text += "\n" + names_of("Terms of the field (docs/glossary.md)", glossary());
  return text + as_called(
                    "txsim describe also explains each message, log record, timer, state, key and "
                    "scenario file:\ntxsim describe Prepare; txsim describe FILE.ini\n");
}

std::string scenario_text(const std::string& file) {
  const ParsedScenario parsed = parse_scenario(file, read_file);
  tell_problems(parsed.errors, parsed.hints);
  if (!parsed.scenario) return "";
  const Scenario& scenario = *parsed.scenario;
  std::string text = fmt::format("{}\n{}, {}\n", printable(scenario.title),
                                 printable(scenario.name), scenario.protocol_name());
  if (!scenario.story.empty()) text += "\n" + paragraph(printable(scenario.story), 2);
  if (!scenario.source.empty()) text += "\nSource\n" + paragraph(printable(scenario.source), 2);
  if (!scenario.fault_texts.empty()) text += "\nFaults\n";
  for (const std::string& fault : scenario.fault_texts) text += "  " + printable(fault) + "\n";
  if (!scenario.expectations.empty()) text += "\nExpectations\n";
  for (const Expectation& expectation : scenario.expectations) {
    text += "  " + printable(expectation.text) + "\n";
  }
  return text;
}

// The words together are not a name, but each may be one.
std::string one_at_a_time(const Reference& reference, const std::vector<std::string>& words) {
  std::vector<std::string> commands;
  for (const std::string& word : words) {
    if (!text_of_name(reference, word).empty())
      commands.push_back(program_name() + " describe " + word);
  }
  const std::string name = fmt::format("{}", fmt::join(words, " "));
  if (commands.empty()) {
    return fmt::format("nothing is called '{}'; {} describe lists all names", name, program_name());
  }
  return fmt::format("nothing is called '{}'; describe takes one name at a time: {}", name,
                     fmt::join(commands, "; "));
}

// The names besides keys that have these words in this order, in normal form: "two phase" is in
// "two-phase-commit".
std::vector<std::string> names_with(const Reference& reference, const std::string& words) {
  const std::string wanted = "-" + normal_term(words) + "-";
  std::set<std::string> names;
  for (const std::string& known : known_names(reference)) {
    const std::string name = normal_term(known);
    const bool is_key = known.find('.') != std::string::npos;
    if (!is_key && ("-" + name + "-").find(wanted) != std::string::npos) names.insert(name);
  }
  return {names.begin(), names.end()};
}

[[noreturn]] void fail_unknown(const Reference& reference, const std::vector<std::string>& words,
                               const std::vector<std::string>& similar) {
  constexpr std::size_t kFew = 8;
  const std::string name = fmt::format("{}", fmt::join(words, " "));
  const std::string what = fmt::format("nothing is called '{}'", name);
  if (const std::string hint = glossary_hint(name); !hint.empty()) throw InputError(what + hint);
  if (!similar.empty() && similar.size() <= kFew) {
    throw InputError(fmt::format("{} (did you mean '{}'?)", what, fmt::join(similar, "' or '")));
  }
  Nearest nearest(name);
  nearest.offer_all(known_names(reference));
  if (nearest.found()) throw InputError(what + nearest.hint());
  if (words.size() > 1) throw InputError(one_at_a_time(reference, words));
  throw InputError(fmt::format("{}; {} describe lists all names", what, program_name()));
}

int describe(const std::vector<std::string>& words) {
  const std::string name = fmt::format("{}", fmt::join(words, " "));
  if (name.empty()) {
    print(overview());
    return kAllMet;
  }
  if (name.ends_with(".ini")) {
    const std::string text = scenario_text(find_in_library(name));
    print(text);
    return text.empty() ? kBadInput : kAllMet;
  }
  const Reference reference;
  std::string text = text_of_name(reference, current_name(name));
  if (text.empty()) {
    const std::vector<std::string> similar = names_with(reference, name);
    if (similar.size() != 1) fail_unknown(reference, words, similar);
    text = text_of_name(reference, similar.front());
  }
  print(text);
  return kAllMet;
}

}  // namespace

std::vector<std::string> described_names() { return known_names(Reference()); }

bool is_described(const std::string& name) {
  return !text_of_name(Reference(), current_name(name)).empty();
}

std::string glossary_hint(const std::string& word) {
  const std::string term = normal_term(word);
  Nearest near(term);
  near.offer("glossary");
  const bool is_other = term == "term" || term == "terms" || term == "vocabulary";
  if (!near.found() && !is_other) return "";
  constexpr const char* kHint =
      "; {0} describe TERM explains a term, {0} describe lists all (docs/glossary.md)";
  return fmt::format(kHint, program_name());
}

void add_describe(CLI::App& app, Job& job) {
  auto words = std::make_shared<std::vector<std::string>>();
  CLI::App* command =
      app.add_subcommand("describe", "Explain a protocol, an invariant, a fault or a term");
  command
      ->add_option("NAME", *words, "A name of one or more words; without it, a list of all names")
      ->type_name("");
  command->footer(
      "Examples:\n"
      "  txsim describe two-phase-commit\n"
      "  txsim describe atomicity\n"
      "  txsim describe partition\n"
      "  txsim describe deciding\n"
      "  txsim describe two phase commit\n"
      "  txsim describe workload.retries");
  command->callback([words, &job] { job = [words] { return describe(*words); }; });
}

}  // namespace txsim
