#include "scenarios/schema.h"

#include <fmt/format.h>

#include <algorithm>

#include "scenarios/glossary.h"
#include "scenarios/schema_keys.h"
#include "scenarios/semantics.h"
#include "sim/assert.h"

namespace txsim {
namespace {

const SectionForm& form_of(std::string_view kind) {
  const auto& forms = section_forms();
  const auto found = std::find_if(forms.begin(), forms.end(),
                                  [&](const SectionForm& form) { return form.kind == kind; });
  TXSIM_ASSERT(found != forms.end(), "no such section: " + std::string(kind));
  return *found;
}

// "A B->C" as "A B -> C".
std::string normal_link(std::string_view name) {
  const std::size_t arrow = name.find("->");
  if (arrow == std::string_view::npos) {
    throw BadValue(fmt::format("[link {}] is not [link FROM -> TO] or [link ONE <-> OTHER]", name));
  }
  const bool both = arrow > 0 && name[arrow - 1] == '<';
  const std::vector<std::string_view> from = split_words(name.substr(0, arrow - (both ? 1 : 0)));
  const std::vector<std::string_view> to = split_words(name.substr(arrow + 2));
  if (from.empty() || to.empty()) {
    throw BadValue(fmt::format("[link {}] needs a node on each side of the arrow", name));
  }
  return fmt::format("{} {} {}", fmt::join(from, " "), both ? "<->" : "->", fmt::join(to, " "));
}

}  // namespace

struct Schema::KeysOfSection {
  Values scratch;  // takes what is parsed
  Keys keys;
  std::vector<std::string> names;
  std::vector<std::string> repeating;

  explicit KeysOfSection(const SectionForm& form) : keys(form.kind) {
    form.describe(keys, scratch);
    for (const auto& option : keys.options().options()) {
      const std::string& name = option->long_name();
      names.push_back(form.kind.empty() ? name : name.substr(form.kind.size() + 1));
      if (option->semantic()->is_composing()) repeating.push_back(names.back());
    }
  }
};

Schema::Schema() {
  for (const SectionForm& form : section_forms()) {
    kinds_.emplace(form.kind, std::make_unique<KeysOfSection>(form));
  }
}

Schema::~Schema() = default;

SectionTitle Schema::parse_title(std::string_view text) const {
  const std::vector<std::string_view> words = split_words(text);
  if (words.empty()) throw BadValue("a section without a name");
  SectionTitle title{std::string(current_section(words[0])), {}, {}};
  if (title.kind != words[0]) title.former = words[0];
  if (!kinds_.contains(title.kind)) {
    std::vector<std::string> kinds;
    for (const SectionForm& form : section_forms()) {
      if (!form.kind.empty()) kinds.emplace_back(form.kind);
    }
    Nearest near(title.kind);
    near.offer_all(kinds);
    const bool is_term = !near.found() && !protocols_called(title.kind).empty();
    throw BadValue(
        fmt::format("unknown section [{}]{}", title.kind.substr(0, 60),
                    is_term ? did_you_mean_protocol(title.kind) : did_you_mean(title.kind, kinds)));
  }
  const SectionForm& form = form_of(title.kind);
  if (form.name_form.empty()) {
    if (words.size() == 1) return title;
    throw BadValue(fmt::format("section [{0}] has no name: write [{0}]", title.kind));
  }
  const std::string_view name = trimmed(trimmed(text).substr(words[0].size()));
  if (name.empty()) {
    throw BadValue(fmt::format("[{0}] needs a name: write [{0} {1}]", title.kind, form.name_form));
  }
  if (title.kind == "link") {
    title.name = normal_link(name);
    return title;
  }
  if (words.size() > 2) {
    throw BadValue(fmt::format("[{} {}]: a name is one word", title.kind, name));
  }
  check_name(name);
  title.name = name;
  return title;
}

const std::vector<std::string>& Schema::keys(std::string_view kind) const {
  return kinds_.find(kind)->second->names;
}

bool Schema::has_key(std::string_view kind, std::string_view key) const {
  const auto& names = keys(kind);
  return std::find(names.begin(), names.end(), key) != names.end();
}

bool Schema::repeats(std::string_view kind, std::string_view key) const {
  const auto& names = kinds_.find(kind)->second->repeating;
  return std::find(names.begin(), names.end(), key) != names.end();
}

// Holds a boost::any within a std::any, so that users of the headers do not need Boost.
std::any Schema::parse(std::string_view kind, std::string_view key, std::string_view text) {
  if (text.empty()) {
    if (repeats(kind, key)) return {};
    throw BadValue("has no value");
  }
  try {
    return kinds_.find(kind)->second->keys.parse(key, std::string(text));
  } catch (const po::error& error) {
    throw BadValue(error.what());
  }
}

void bind(const Section& section, Values& values) {
  Keys keys(section.kind);
  form_of(section.kind).describe(keys, values);
  keys.set_defaults();
  for (const Assignment& assignment : section.assignments) {
    const auto* parsed = std::any_cast<boost::any>(&assignment.parsed);
    if (parsed != nullptr) keys.set(assignment.key, *parsed);
  }
}

std::vector<std::string> switched_off(const Section& section) {
  std::vector<std::string> keys;
  for (const Assignment& assignment : section.assignments) {
    if (assignment.value != "off" && assignment.value != "never") continue;
    Values values;
    Keys known(section.kind);
    form_of(section.kind).describe(known, values);
    const std::string name = section.kind + "." + assignment.key;
    if (known.is_switch(assignment.key)) keys.push_back(name);
  }
  return keys;
}

std::vector<std::string> single_sections() {
  std::vector<std::string> kinds;
  for (const SectionForm& form : section_forms()) {
    if (!form.kind.empty() && form.name_form.empty()) kinds.emplace_back(form.kind);
  }
  return kinds;
}

std::string current_name(std::string_view name) {
  const std::size_t end = std::min(name.find('.'), name.size());
  return std::string(current_section(name.substr(0, end))) + std::string(name.substr(end));
}

std::vector<KeyInfo> scenario_keys() {
  std::vector<KeyInfo> infos;
  for (const SectionForm& form : section_forms()) {
    Values values;
    Keys keys(form.kind);
    form.describe(keys, values);
    for (const auto& option : keys.options().options()) {
      KeyInfo info;
      info.section = form.kind;
      if (!form.name_form.empty()) info.section += " " + std::string(form.name_form);
      const std::string& name = option->long_name();
      info.key = form.kind.empty() ? name : name.substr(form.kind.size() + 1);
      const std::string type = option->semantic()->name();  // "type (=default)"
      const std::size_t fallback = type.find(" (=");
      info.type = type.substr(0, fallback);
      if (fallback != std::string::npos) {
        info.fallback = type.substr(fallback + 3, type.size() - fallback - 4);
      }
      info.help = option->description();
      info.is_switch = keys.is_switch(info.key);
      info.repeats = option->semantic()->is_composing();
      infos.push_back(std::move(info));
    }
  }
  return infos;
}

const std::vector<std::string_view>& reserved_words() {
  static const std::vector<std::string_view> words = {
      "client", "coordinator", "participant", "broker",  "lock",  "operator", "any",      "it",
      "rest",   "at",          "when",        "from",    "to",    "for",      "by",       "after",
      "and",    "event",       "phase",       "has",     "with",  "sends",    "receives", "appends",
      "forces", "forced",      "announces",   "enters",  "fires", "crashes",  "restarts", "is",
      "are",    "of",          "disk",        "reserved"};
  return words;
}

void check_name(std::string_view name) {
  constexpr std::size_t kLongest = 64;
  const auto letter = [](char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); };
  const auto inner = [&](char c) {
    return letter(c) || (c >= '0' && c <= '9') || c == '-' || c == '_';
  };
  const bool well_formed = !name.empty() && name.size() <= kLongest && letter(name.front()) &&
                           name.back() != '-' && std::all_of(name.begin(), name.end(), inner);
  if (!well_formed) {
    throw BadValue(
        fmt::format("{} cannot be a name: at most {} letters, digits, - and _, the "
                    "first a letter, the last not a -",
                    quoted(name), kLongest));
  }
  const auto& words = reserved_words();
  if (std::find(words.begin(), words.end(), name) != words.end()) {
    throw BadValue(fmt::format("{} cannot be a name: it is a word of the language", quoted(name)));
  }
}

}  // namespace txsim
