#include "scenarios/sections.h"

#include <algorithm>
#include <set>

namespace txsim {

std::vector<const Assignment*> Section::all(std::string_view key) const {
  std::vector<const Assignment*> found;
  for (const Assignment& assignment : assignments) {
    // An empty value of a key that may repeat means: none.
    if (assignment.key == key && !assignment.value.empty()) found.push_back(&assignment);
  }
  return found;
}

const Assignment* Section::one(std::string_view key) const {
  const std::vector<const Assignment*> found = all(key);
  return found.empty() ? nullptr : found.back();
}

std::vector<const Section*> Sections::of_kind(std::string_view kind) const {
  std::vector<const Section*> found;
  for (const Section& section : sections_) {
    if (section.kind == kind) found.push_back(&section);
  }
  return found;
}

Section& Sections::obtain(std::string_view kind, std::string_view name, const Place& place) {
  const auto [it, fresh] =
      places_.try_emplace({std::string(kind), std::string(name)}, sections_.size());
  if (fresh) sections_.push_back({std::string(kind), std::string(name), place, {}});
  return sections_[it->second];
}

const Section* Sections::find(std::string_view kind, std::string_view name) const {
  const auto it = places_.find(std::pair<std::string, std::string>(kind, name));
  return it == places_.end() ? nullptr : &sections_[it->second];
}

Section* Sections::find(std::string_view kind, std::string_view name) {
  const auto it = places_.find(std::pair<std::string, std::string>(kind, name));
  return it == places_.end() ? nullptr : &sections_[it->second];
}

void Sections::overlay(const Sections& layer) {
  for (const Section& upper : layer.sections_) {
    Section& lower = obtain(upper.kind, upper.name, upper.place);
    lower.place = upper.place;
    std::set<std::string_view> named;
    for (const Assignment& assignment : upper.assignments) named.insert(assignment.key);
    std::erase_if(lower.assignments,
                  [&](const Assignment& assignment) { return named.contains(assignment.key); });
    lower.assignments.insert(lower.assignments.end(), upper.assignments.begin(),
                             upper.assignments.end());
  }
}

std::uint64_t Sections::digest() const {
  std::uint64_t hash = 0xCBF29CE484222325ULL;  // FNV-1a
  const auto add = [&](std::string_view text) {
    for (const char c : text) hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001B3ULL;
    hash = (hash ^ 0xFF) * 0x100000001B3ULL;  // marks the end of the text
  };
  const std::set<std::string_view> besides = {"title", "source", "seed"};
  for (const Section& section : sections_) {
    if (section.kind.empty() || section.kind == "expect") continue;  // includes are laid over
    for (const Assignment& assignment : section.assignments) {
      if (section.kind == "scenario" && besides.contains(assignment.key)) continue;
      for (const std::string* text :
           {&section.kind, &section.name, &assignment.key, &assignment.value}) {
        add(*text);
      }
    }
  }
  return hash;
}

void Errors::add(const Place& place, const std::string& message) {
  if (is_full()) return;
  errors_.push_back({place, message});
  if (is_full()) errors_.back().message = "more errors follow; these are the first of them";
  if (std::find(files_.begin(), files_.end(), place.file) == files_.end()) {
    files_.push_back(place.file);
  }
}

void Errors::drop(const Place& place) {
  if (is_full()) return;  // its last error says that there are more
  std::erase_if(errors_, [&](const ScenarioError& error) {
    return error.place.file == place.file && error.place.line == place.line;
  });
}

std::vector<ScenarioError> Errors::sorted() {
  const auto rank = [this](const ScenarioError& error) {
    return std::find(files_.begin(), files_.end(), error.place.file) - files_.begin();
  };
  const bool was_full = is_full();
  const auto end = errors_.end() - (was_full ? 1 : 0);
  std::stable_sort(errors_.begin(), end, [&](const ScenarioError& a, const ScenarioError& b) {
    const auto rank_a = rank(a);
    const auto rank_b = rank(b);
    return rank_a != rank_b ? rank_a < rank_b : a.place.line < b.place.line;
  });
  return errors_;
}

}  // namespace txsim
