#include "reports/sweep_groups.h"

#include <algorithm>
#include <charconv>
#include <optional>
#include <utility>

namespace txsim {
namespace {

// The place of the item in the list; adds it if it is missing.
std::size_t place_in(std::vector<std::string>& list, const std::string& item) {
  const auto found = std::find(list.begin(), list.end(), item);
  const auto place = static_cast<std::size_t>(found - list.begin());
  if (found == list.end()) list.push_back(item);
  return place;
}

std::pair<std::string, std::string> split(const std::string& setting) {
  const std::size_t equals = std::min(setting.find('='), setting.size());
  return {setting.substr(0, equals), setting.substr(std::min(equals + 1, setting.size()))};
}

struct Number {
  double value = 0;
  std::string unit;
};

std::optional<Number> number_of(const std::string& text) {
  Number number;
  const char* end = text.data() + text.size();
  const auto [rest, error] = std::from_chars(text.data(), end, number.value);
  if (error != std::errc{}) return std::nullopt;
  number.unit.assign(rest, end);
  const std::pair<const char*, double> durations[] = {
      {"ns", 1e-6},  {"us", 1e-3},    {"ms", 1},      {"s", 1000},
      {"m", 60'000}, {"min", 60'000}, {"h", 3600'000}};
  for (const auto& [unit, milliseconds] : durations) {
    if (number.unit != unit) continue;
    return Number{number.value * milliseconds, "ms"};
  }
  if (!number.unit.empty() && number.unit != "%") return std::nullopt;
  return number;
}

void read_numbers(VariedKey& key) {
  for (const std::string& value : key.values) {
    const std::optional<Number> number = number_of(value);
    const bool fits = number && (key.numbers.empty() || number->unit == key.unit);
    if (!fits) {
      key.numbers.clear();
      key.unit.clear();
      return;
    }
    key.unit = number->unit;
    key.numbers.push_back(number->value);
  }
}

}  // namespace

SweepGroups::SweepGroups(const SweepSummary& summary) : summary_(summary) {
  choose_series();
  find_keys();
}

void SweepGroups::choose_series() {
  const auto& cells = summary_.header().cells;
  std::vector<std::string> protocols;
  std::vector<std::string> files;
  for (const SweepCellName& cell : cells) {
    place_in(protocols, cell.protocol);
    place_in(files, cell.file);
  }
  if (protocols.size() > 1) {
    compared_ = "protocol";
    series_ = protocols;
  } else if (files.size() > 1 && files.size() <= kMostSeries) {
    compared_ = "scenario";
    series_ = files;
  } else {
    series_ = {""};
  }
  for (const SweepCellName& cell : cells) {
    const std::string& name = compared_ == "protocol" ? cell.protocol : cell.file;
    series_of_.push_back(compared_.empty() ? 0 : place_in(series_, name));
  }
}

void SweepGroups::find_keys() {
  for (const SweepCellName& cell : summary_.header().cells) {
    for (const std::string& setting : cell.varied) {
      const auto [name, value] = split(setting);
      if (name == "scenario.protocol" && compared_ == "protocol") continue;
      const auto is_it = [&, &name = name](const VariedKey& key) { return key.name == name; };
      auto key = std::find_if(keys_.begin(), keys_.end(), is_it);
      if (key == keys_.end()) key = keys_.insert(keys_.end(), {name, {}, {}, ""});
      if (key->values.size() <= kMostValues) place_in(key->values, value);
    }
  }
  const auto is_no_axis = [](const VariedKey& key) {
    return key.values.size() < 2 || key.values.size() > kMostValues;
  };
  keys_.erase(std::remove_if(keys_.begin(), keys_.end(), is_no_axis), keys_.end());
  for (VariedKey& key : keys_) read_numbers(key);
}

std::vector<Pool> SweepGroups::pools() const {
  std::vector<Pool> pools(series_.size());
  for (std::size_t i = 0; i < pools.size(); ++i) pools[i].series = i;
  for (std::size_t i = 0; i < series_of_.size(); ++i) {
    pools[series_of_[i]].totals.add(summary_.cells()[i]);
  }
  return pools;
}

std::vector<Pool> SweepGroups::pools(const VariedKey& key) const {
  std::vector<Pool> pools(series_.size() * key.values.size());
  for (std::size_t i = 0; i < pools.size(); ++i) {
    pools[i].series = i / key.values.size();
    pools[i].value = i % key.values.size();
  }
  for (std::size_t i = 0; i < series_of_.size(); ++i) {
    for (const std::string& setting : summary_.header().cells[i].varied) {
      const auto [name, value] = split(setting);
      if (name != key.name) continue;
      const auto found = std::find(key.values.begin(), key.values.end(), value);
      const auto place = static_cast<std::size_t>(found - key.values.begin());
      pools[series_of_[i] * key.values.size() + place].totals.add(summary_.cells()[i]);
    }
  }
  const auto is_empty = [](const Pool& pool) { return pool.totals.runs == 0; };
  pools.erase(std::remove_if(pools.begin(), pools.end(), is_empty), pools.end());
  return pools;
}

}  // namespace txsim
