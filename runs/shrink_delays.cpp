// Delays without draws: constant ones, or where it matters which message is late, that message
// slowed by a fault.
#include <algorithm>
#include <set>

#include "runs/ddmin.h"
#include "runs/shrinker.h"
#include "scenarios/values.h"

namespace txsim {
namespace {

// A delay that the draft gives: a key of a section.
struct Site {
  std::size_t section = 0;
  std::string key;
  Delay delay;
  bool is_drawn() const { return delay.kind != Delay::Kind::Constant; }
};

bool is_delay(const Section& section, std::string_view key) {
  if (key == "delay") return section.kind != "faults";
  return (key == "disk" && section.kind == "service") || key == "visible_after";
}

std::vector<Site> sites_of(const Draft& draft) {
  std::vector<Site> sites;
  for (std::size_t i = 0; i < draft.sections.size(); ++i) {
    for (const Assignment& line : draft.sections[i].assignments) {
      if (is_delay(draft.sections[i], line.key) && !line.value.empty()) {
        sites.push_back({i, line.key, parse_delay(line.value)});
      }
    }
  }
  return sites;
}

Duration middle_of(const Delay& delay) {
  if (delay.kind == Delay::Kind::Exponential) return delay.high;  // the mean
  return {delay.low.ns + (delay.high.ns - delay.low.ns) / 2};
}
Duration low_of(const Delay& delay) { return delay.low; }
Duration high_of(const Delay& delay) { return delay.high; }

using Choose = Duration (*)(const Delay&);
constexpr Choose kChoices[] = {middle_of, low_of, high_of};

void set_site(Draft& draft, const Site& site, const std::vector<std::string>& values) {
  set_values(draft.sections[site.section], site.key, values);
}

// All delays at once: this succeeds most often.
void set_all(Shrinker& shrinker) {
  const std::vector<Site> sites = sites_of(shrinker.draft());
  if (sites.empty()) return;
  Draft none = shrinker.draft();
  for (const Site& site : sites) set_site(none, site, {});
  if (shrinker.try_out(std::move(none))) return;
  for (const Choose choose : kChoices) {
    Draft draft = shrinker.draft();
    for (const Site& site : sites) {
      if (site.is_drawn()) set_site(draft, site, {text(choose(site.delay))});
    }
    if (shrinker.try_out(std::move(draft))) return;
  }
}

// Removes the delays that are not needed. Sites keep their places: no section is removed.
void set_each(Shrinker& shrinker) {
  for (const Site& site : sites_of(shrinker.draft())) {
    Draft without = shrinker.draft();
    set_site(without, site, {});
    bool is_set = shrinker.try_out(std::move(without));
    for (const Choose choose : kChoices) {
      if (is_set || !site.is_drawn()) break;
      Draft draft = shrinker.draft();
      set_site(draft, site, {text(choose(site.delay))});
      is_set = shrinker.try_out(std::move(draft));
    }
  }
}

bool is_of_messages(const Draft& draft, const Site& site) {
  const std::string& kind = draft.sections[site.section].kind;
  return kind == "network" || kind == "link";
}

// For each message a fault that adds what it took beyond the least delay of its link.
std::vector<std::string> slowed_messages(Shrinker& shrinker) {
  const RunResult& run = shrinker.run();
  std::vector<std::string> lines;
  std::set<std::uint64_t> seen;  // the copy of a duplicated message is late by itself
  for (const TraceRecord& record : run.trace) {
    const bool has_come = record.kind == EventKind::Delivered && record.node != record.peer &&
                          record.cause != 0 && seen.insert(record.cause).second;
    if (!has_come) continue;
    const TraceRecord& sent = run.trace[record.cause - 1];
    Fault fault;
    fault.kind = FaultKind::Slow;
    fault.placed = PlacedBy::Event;
    fault.when = {EventKind::Sent, sent.what, {sent.node}, {sent.peer}, std::nullopt};
    fault.nth = ordinal_of(run.trace, fault.when, sent.sequence);
    const Delay& delay = run.spec->network.link(sent.node, sent.peer).delay;
    fault.delay = record.time - sent.time - delay.low;
    if (fault.delay.ns <= 0 || delay.kind == Delay::Kind::Constant) continue;
    lines.push_back(shrinker.line_of(fault));
  }
  return lines;
}

// First the same delays message by message, then only those that matter.
void slow_messages(Shrinker& shrinker) {
  const std::vector<Site> sites = sites_of(shrinker.draft());
  const bool is_drawn = std::any_of(sites.begin(), sites.end(), [&](const Site& site) {
    return site.is_drawn() && is_of_messages(shrinker.draft(), site);
  });
  if (!is_drawn) return;
  const std::vector<std::string> others = shrinker.fault_lines();
  const std::vector<std::string> slowed = slowed_messages(shrinker);
  const auto with = [&](const Places& kept) {
    std::vector<std::string> lines = others;
    for (const std::size_t place : kept) lines.push_back(slowed[place]);
    Draft draft = shrinker.with_faults(lines);
    for (const Site& site : sites) {
      if (site.is_drawn() && is_of_messages(draft, site)) {
        set_site(draft, site, {text(site.delay.low)});
      }
    }
    return shrinker.try_out(std::move(draft));
  };
  Places all(slowed.size());
  for (std::size_t i = 0; i < all.size(); ++i) all[i] = i;
  if (with(all)) ddmin(slowed.size(), with);
}

}  // namespace

void make_delays_constant(Shrinker& shrinker) {
  set_all(shrinker);
  set_each(shrinker);
  slow_messages(shrinker);
}

}  // namespace txsim
