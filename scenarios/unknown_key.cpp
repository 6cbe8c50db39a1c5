#include "scenarios/unknown_key.h"

#include <fmt/format.h>

#include <algorithm>
#include <vector>

#include "protocols/registry.h"
#include "scenarios/schema_keys.h"
#include "scenarios/values.h"
#include "scenarios/words.h"
#include "sim/program_name.h"

namespace txsim {
namespace {

constexpr std::size_t kMostHomes = 6;

struct Home {
  std::string_view section;
  std::string key;
  int rank = 0;  // the lower, the more plausible
};

// The same under every protocol. A client's key comes last: a service or a transaction rarely lacks
// one.
int rank_of(std::string_view section, bool is_exact) {
  const int place = find_protocol(section) != nullptr ? 0 : section == "workload" ? 2 : 1;
  return 2 * place + (is_exact ? 0 : 1);
}

std::vector<Home> homes_of(const Schema& schema, std::string_view key, std::string_view protocol) {
  std::vector<Home> homes;
  const std::string ending = "_" + std::string(key);
  for (const SectionForm& form : section_forms()) {
    if (form.kind.empty()) continue;
    if (!protocol.empty() && find_protocol(form.kind) != nullptr && form.kind != protocol) continue;
    for (const std::string& known : schema.keys(form.kind)) {
      const bool is_exact = known == key;
      if (!is_exact && !known.ends_with(ending)) continue;
      homes.push_back({form.kind, known, rank_of(form.kind, is_exact)});
    }
  }
  std::stable_sort(homes.begin(), homes.end(),
                   [](const Home& a, const Home& b) { return a.rank < b.rank; });
  // If there are too many, keys of exactly this name are left out last.
  for (std::size_t i = homes.size(); i > 0 && homes.size() > kMostHomes; --i) {
    if (homes[i - 1].key != key) homes.erase(homes.begin() + static_cast<std::ptrdiff_t>(i - 1));
  }
  if (homes.size() > kMostHomes) homes.resize(kMostHomes);
  return homes;
}

// " (there is vote_timeout in [two-phase-commit], timeout in [workload]; txsim describe ... )".
std::string homes_text(const std::vector<Home>& homes, std::string_view key) {
  if (homes.size() == 1 && homes.front().key == key) {
    return fmt::format(" (it belongs under [{}])", homes.front().section);
  }
  std::string list;
  for (const Home& home : homes) {
    list += fmt::format("{}{} in [{}]", list.empty() ? "" : ", ", home.key, home.section);
  }
  return fmt::format(" (there is {}; {} describe {}.{} explains it)", list, program_name(),
                     homes.front().section, homes.front().key);
}

// The section's own key that may be meant: the nearest, or else the one that stands for a section
// with such a key, as `disk` of a service stands for `delay` of [disk]. Empty: none.
std::string own_key(const Schema& schema, std::string_view kind, std::string_view key,
                    const std::vector<Home>& exact) {
  Nearest near(key);
  near.offer_all(schema.keys(kind));
  if (near.found()) return near.best();
  const auto stands_for = [&](const Home& home) { return schema.has_key(kind, home.section); };
  const auto found = std::find_if(exact.begin(), exact.end(), stands_for);
  return found == exact.end() ? "" : std::string(found->section);
}

}  // namespace

std::string unknown_key(const Schema& schema, std::string_view kind, std::string_view key,
                        std::string_view protocol) {
  if (key == "include" && !kind.empty()) {
    return "include belongs at the top of the file, before any section";
  }
  const std::vector<Home> homes = homes_of(schema, key, protocol);
  std::vector<Home> exact = homes;
  std::erase_if(exact, [&](const Home& home) { return home.key != key; });
  if (kind.empty() && !exact.empty()) {
    return fmt::format("{} is before any section{}", quoted(key), homes_text(homes, key));
  }
  const std::string what =
      fmt::format("unknown key {}{}", quoted(key),
                  kind.empty() ? " before any section" : fmt::format(" in [{}]", kind));
  const std::string own = own_key(schema, kind, key, exact);
  if (own.empty() && !homes.empty()) return what + homes_text(homes, key);
  if (own.empty() || exact.empty()) return what + did_you_mean(key, schema.keys(kind));
  std::vector<std::string> sections;
  sections.reserve(exact.size());
  for (const Home& home : exact) sections.push_back(fmt::format("[{}]", home.section));
  return fmt::format("{} (did you mean '{}'? {} is a key of {})", what, own, quoted(key),
                     fmt::join(sections, ", "));
}

}  // namespace txsim
