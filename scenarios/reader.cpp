// Reads files line by line into layers of sections. Each line's key is looked up and its value
// parsed by the schema at once, so that an error has its file and line.
#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "scenarios/schema.h"
#include "scenarios/sections.h"
#include "scenarios/text_lines.h"
#include "scenarios/unknown_key.h"
#include "scenarios/values.h"
#include "scenarios/words.h"

namespace txsim {
namespace {

constexpr std::size_t kDeepestInclude = 16;
constexpr std::size_t kMostFiles = 256;

// A hint for a wrong value that may include a comment by mistake.
std::string comment_hint(std::string_view value) {
  const bool has_mark =
      value.find(" #") != std::string_view::npos || value.find("\t#") != std::string_view::npos;
  return has_mark ? "; a comment after a value begins with '# ': a blank follows the '#'" : "";
}

class Reader {
 public:
  Reader(const ReadFile& read_file, Errors& errors) : read_file_(read_file), errors_(errors) {}

  // Reads the file and lays it over the files that it includes. `from`: where it is included.
  Sections read(const std::string& path, const Place& from, std::string* story);
  void lay_settings(const std::vector<std::string>& settings, Sections& sections);
  // Called at the end: sections of unknown protocols are not reported as further errors.
  void drop_sections_of_unknown_protocols();
  bool has_unknown_protocol() const { return !unknown_protocols_.empty(); }
  bool has_lines() const { return has_lines_; }
  bool read_any() const { return read_any_; }
  std::vector<ScenarioError> hints() const { return hints_; }

 private:
  struct Layer {
    Sections own;
    Sections included;
    Section* section = nullptr;  // the current one; null: it is unknown, and its keys are skipped
    std::map<std::string, int, std::less<>> keys;  // of that section, with their lines
    bool before_sections = true;
    std::string path;
  };

  void read_line(Layer& layer, std::string_view line, const Place& place);
  void read_header(Layer& layer, std::string_view line, const Place& place);
  void read_key(Layer& layer, std::string_view key, std::string_view value, const Place& place);
  void include(Layer& layer, std::string_view path, const Place& place);
  bool may_open(const std::string& path, const Place& from);
  void assign(Section& section, std::string_view key, std::string_view value, const Place& place);
  void set(const std::string& setting, Sections& layer, const Sections& below);
  void tell_former(const SectionTitle& title, const Place& place);

  const ReadFile& read_file_;
  Errors& errors_;
  Schema schema_;
  std::string protocol_;  // as named last
  std::set<std::string, std::less<>> unknown_protocols_;
  std::vector<std::pair<std::string, Place>> unknown_sections_;  // by the text in the brackets
  std::vector<std::string> open_;  // files being read, the outermost first
  std::size_t files_ = 0;
  std::vector<ScenarioError> hints_;
  bool has_lines_ = false;
  bool read_any_ = false;
};

void Reader::tell_former(const SectionTitle& title, const Place& place) {
  if (title.former.empty()) return;
  hints_.push_back({place, fmt::format("hint: [{}] is called [{}] now; the old name still works",
                                       title.former, title.kind)});
}

bool Reader::may_open(const std::string& path, const Place& from) {
  if (std::find(open_.begin(), open_.end(), path) != open_.end()) {
    errors_.add(from, fmt::format("include: {} includes itself{}", quoted(path),
                                  open_.back() == path ? "" : " through other files"));
    return false;
  }
  if (open_.size() > kDeepestInclude) {
    errors_.add(from, fmt::format("include: a chain of more than {} files", kDeepestInclude));
    return false;
  }
  if (++files_ > kMostFiles) {
    if (files_ == kMostFiles + 1) {
      errors_.add(from, fmt::format("include: more than {} files in all", kMostFiles));
    }
    return false;
  }
  return true;
}

Sections Reader::read(const std::string& path, const Place& from, std::string* story) {
  if (!may_open(relative_to("", path), from)) return {};
  const FileText file = read_file_(path);
  if (!file.text) {
    errors_.add(from, fmt::format("cannot read {}: {}", quoted(path), file.error));
    return {};
  }
  Layer layer;
  layer.path = path;
  Section before;
  layer.section = &before;
  std::string_view text = *file.text;
  if (const auto problem = problem_of_text(text)) {
    errors_.add({path, problem->line}, problem->message);
    return {};
  }
  if (story != nullptr) *story = opening_comment(text);
  read_any_ = true;
  open_.push_back(relative_to("", path));
  int number = 0;
  for (TextLines lines(text); lines.next();) {
    ++number;
    const std::string_view line = without_comment(lines.line());
    if (!line.empty()) read_line(layer, line, {path, number});
    if (errors_.is_full()) break;
  }
  open_.pop_back();
  layer.included.overlay(layer.own);
  return std::move(layer.included);
}

void Reader::read_line(Layer& layer, std::string_view line, const Place& place) {
  has_lines_ = true;
  if (line.front() == '[') {
    read_header(layer, line, place);
    return;
  }
  const std::size_t equals = line.find('=');
  if (equals == std::string_view::npos) {
    errors_.add(place, fmt::format("{} is neither a [section] nor a key = value", quoted(line)));
    return;
  }
  const std::string_view key = trimmed(line.substr(0, equals));
  const std::string_view value = trimmed(line.substr(equals + 1));
  read_key(layer, key, value, place);
}

void Reader::read_header(Layer& layer, std::string_view line, const Place& place) {
  layer.before_sections = false;
  layer.section = nullptr;
  layer.keys.clear();
  if (line.back() != ']') {
    errors_.add(place, fmt::format("{} opens a section but has no ']' at its end{}", quoted(line),
                                   comment_hint(line)));
    return;
  }
  try {
    const SectionTitle title = schema_.parse_title(line.substr(1, line.size() - 2));
    const Section* twin = layer.own.find(title.kind, title.name);
    if (twin != nullptr) {
      errors_.add(place, fmt::format("section [{}] appears twice: here and in line {}",
                                     twin->title(), twin->place.line));
      return;
    }
    layer.section = &layer.own.obtain(title.kind, title.name, place);
    tell_former(title, place);
  } catch (const BadValue& bad) {
    errors_.add(place, bad.what());
    unknown_sections_.emplace_back(trimmed(line.substr(1, line.size() - 2)), place);
  }
}

void Reader::read_key(Layer& layer, std::string_view key, std::string_view value,
                      const Place& place) {
  if (layer.section == nullptr) return;
  const std::string& kind = layer.section->kind;
  if (!schema_.has_key(kind, key)) {
    errors_.add(place, unknown_key(schema_, kind, key, protocol_));
    return;
  }
  const auto [twin, fresh] = layer.keys.try_emplace(std::string(key), place.line);
  if (!fresh && !schema_.repeats(kind, key)) {
    errors_.add(place, fmt::format("{} is set twice: here and in line {}", key, twin->second));
    return;
  }
  if (layer.before_sections) {
    include(layer, value, place);
  } else {
    assign(*layer.section, key, value, place);
  }
}

void Reader::assign(Section& section, std::string_view key, std::string_view value,
                    const Place& place) {
  std::any parsed;
  try {
    parsed = schema_.parse(section.kind, key, value);
  } catch (const BadValue& bad) {
    errors_.add(place, fmt::format("{}: {}{}", key, bad.what(), comment_hint(value)));
    if (section.kind == "scenario" && key == "protocol") unknown_protocols_.emplace(value);
    return;
  }
  if (section.kind == "scenario" && key == "protocol") protocol_ = value;
  section.assignments.push_back({std::string(key), std::string(value), place, std::move(parsed)});
}

void Reader::include(Layer& layer, std::string_view path, const Place& place) {
  if (path.empty()) {
    errors_.add(place, "include: the file is missing: give its path, relative to this file");
    return;
  }
  layer.included.overlay(read(relative_to(layer.path, path), place, nullptr));
}

void Reader::lay_settings(const std::vector<std::string>& settings, Sections& sections) {
  Sections layer;
  for (const std::string& setting : settings) set(setting, layer, sections);
  sections.overlay(layer);
}

// "section.key=value", where the section may have a name: "service product.disk=5ms".
void Reader::set(const std::string& setting, Sections& layer, const Sections& below) {
  const Place place{"--set", 0};
  const std::size_t equals = setting.find('=');
  const std::string_view left = trimmed(std::string_view(setting).substr(0, equals));
  const std::size_t dot = left.rfind('.');
  if (equals == std::string::npos || dot == std::string_view::npos) {
    errors_.add(place, fmt::format("{} is not section.key=value, such as scenario.seed=7",
                                   quoted(setting)));
    return;
  }
  const std::string_view key = trimmed(left.substr(dot + 1));
  const std::string_view value = trimmed(std::string_view(setting).substr(equals + 1));
  try {
    if (const auto problem = problem_of_text(setting)) throw BadValue(problem->message);
    const SectionTitle title = schema_.parse_title(left.substr(0, dot));
    tell_former(title, place);
    const bool named_below = title.kind == "service" || title.kind == "transaction";
    if (named_below && below.find(title.kind, title.name) == nullptr) {
      std::vector<std::string> names;
      for (const Section* section : below.of_kind(title.kind)) names.push_back(section->name);
      throw BadValue(fmt::format("unknown {} {}{}", title.kind, quoted(title.name),
                                 did_you_mean(title.name, names)));
    }
    if (!schema_.has_key(title.kind, key))
      throw BadValue(unknown_key(schema_, title.kind, key, protocol_));
    Section& section = layer.obtain(title.kind, title.name, place);
    if (!schema_.repeats(title.kind, key) && section.one(key) != nullptr) {
      throw BadValue(fmt::format("{} is set twice", left));
    }
    const bool is_protocol = title.kind == "scenario" && key == "protocol";
    if (is_protocol) unknown_protocols_.emplace(value);  // until the check below accepts it
    std::any parsed = schema_.parse(title.kind, key, value);
    if (is_protocol) {
      unknown_protocols_.erase(std::string(value));
      protocol_ = value;
    }
    section.assignments.push_back({std::string(key), std::string(value), place, std::move(parsed)});
  } catch (const BadValue& bad) {
    errors_.add(place, fmt::format("{}: {}", quoted(setting), bad.what()));
  }
}

void Reader::drop_sections_of_unknown_protocols() {
  for (const auto& [section, place] : unknown_sections_) {
    if (unknown_protocols_.contains(section)) errors_.drop(place);
  }
}

}  // namespace

ReadScenario read_sections(const std::string& path, const ReadFile& read_file,
                           const std::vector<std::string>& settings, Errors& errors) {
  Reader reader(read_file, errors);
  ReadScenario read;
  read.sections = reader.read(path, {path, 0}, &read.story);
  read.has_lines = reader.has_lines();
  read.readable = reader.read_any();
  reader.lay_settings(settings, read.sections);
  reader.drop_sections_of_unknown_protocols();
  read.has_unknown_protocol = reader.has_unknown_protocol();
  read.hints = reader.hints();
  return read;
}

}  // namespace txsim
