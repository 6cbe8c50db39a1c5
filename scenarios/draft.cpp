#include "scenarios/draft.h"

#include <algorithm>

#include "scenarios/schema_keys.h"
#include "scenarios/text_lines.h"

namespace txsim {
namespace {

template <class Sections>
auto find_in(Sections& sections, std::string_view kind, std::string_view name) {
  const auto found = std::find_if(sections.begin(), sections.end(), [&](const Section& section) {
    return section.kind == kind && section.name == name;
  });
  return found == sections.end() ? nullptr : &*found;
}

// An empty section of a service or a transaction still declares it.
bool is_needed(const Section& section) {
  return !section.assignments.empty() || section.kind == "service" || section.kind == "transaction";
}

}  // namespace

Section* Draft::find(std::string_view kind, std::string_view section_name) {
  return find_in(sections, kind, section_name);
}

const Section* Draft::find(std::string_view kind, std::string_view section_name) const {
  return find_in(sections, kind, section_name);
}

Section& Draft::obtain(std::string_view kind, std::string_view section_name) {
  if (Section* found = find(kind, section_name)) return *found;
  return sections.emplace_back(Section{std::string(kind), std::string(section_name), {}, {}});
}

std::string Draft::value(std::string_view kind, std::string_view key) const {
  const Section* section = find(kind);
  const Assignment* found = section == nullptr ? nullptr : section->one(key);
  return found == nullptr ? std::string() : found->value;
}

void Draft::set(std::string_view kind, std::string_view key,
                const std::vector<std::string>& values) {
  set_values(obtain(kind), key, values);
}

void Draft::erase(std::string_view kind, std::string_view key) {
  if (Section* section = find(kind)) set_values(*section, key, {});
}

void set_values(Section& section, std::string_view key, const std::vector<std::string>& values) {
  std::vector<Assignment>& all = section.assignments;
  const auto is_of_key = [&](const Assignment& one) { return one.key == key; };
  const auto first = std::find_if(all.begin(), all.end(), is_of_key);
  const auto place = static_cast<std::size_t>(first - all.begin());
  std::erase_if(all, is_of_key);
  std::vector<Assignment> fresh;
  fresh.reserve(values.size());
  for (const std::string& value : values) fresh.push_back({std::string(key), value, {}});
  all.insert(all.begin() + static_cast<std::ptrdiff_t>(std::min(place, all.size())), fresh.begin(),
             fresh.end());
}

ReadDraft read_draft(const std::string& path, const ReadFile& read_file,
                     const std::vector<std::string>& settings) {
  ReadDraft read;
  ParsedScenario parsed = parse_scenario(path, read_file, settings);
  read.errors = std::move(parsed.errors);
  read.hints = std::move(parsed.hints);
  read.scenario = std::move(parsed.scenario);
  if (!read.scenario) return read;
  Errors none;
  ReadScenario sections = read_sections(path, read_file, settings, none);
  Draft draft;
  draft.name = path;
  draft.story = std::move(sections.story);
  for (const Section& section : sections.sections.all()) {
    if (!section.kind.empty()) draft.sections.push_back(section);
  }
  read.draft = std::move(draft);
  return read;
}

std::string text(const Draft& draft) {
  std::string written;
  for (TextLines lines(draft.story); !draft.story.empty() && lines.next();) {
    written += lines.line().empty() ? "#\n" : "# " + std::string(lines.line()) + "\n";
  }
  for (const SectionForm& form : section_forms()) {
    for (const Section& section : draft.sections) {
      if (section.kind != form.kind || !is_needed(section)) continue;
      if (!written.empty()) written += "\n";
      written += "[" + section.title() + "]\n";
      for (const Assignment& one : section.assignments) {
        written += one.key + " = " + std::string(without_comment(one.value)) + "\n";
      }
    }
  }
  return written;
}

ParsedScenario parse(const Draft& draft) {
  return parse_scenario(draft.name, [&](const std::string&) { return FileText{text(draft), ""}; });
}

}  // namespace txsim
