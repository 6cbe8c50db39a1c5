// What a run draws from its seed, as lines of the scenario: the run stays the same.
#include <algorithm>
#include <map>

#include "runs/shrinker.h"
#include "scenarios/values.h"

namespace txsim {
namespace {

constexpr Duration kEveryByDefault = milliseconds(100);

void erase_rates(Draft& draft) {
  for (const char* key : {"loss", "duplication", "crash_every", "crash_for", "pause_every",
                          "pause_for", "partition_every", "partition_for", "quiet_after"}) {
    draft.erase("faults", key);
  }
  for (Section& section : draft.sections) {
    if (section.kind != "network" && section.kind != "link") continue;
    set_values(section, "loss", {});
    set_values(section, "duplication", {});
  }
  std::erase_if(draft.sections, [](const Section& section) {
    return section.kind == "link" && section.assignments.empty();
  });
}

// "at event 37" and "drop event 12" change their meaning if anything before them is removed.
Fault with_event_named(const Fault& fault, const Trace& trace) {
  if (fault.placed != PlacedBy::Sequence) return fault;
  if (fault.nth == 0 || fault.nth > trace.size()) return fault;
  const std::optional<EventPattern> pattern = pattern_of(trace[fault.nth - 1]);
  if (!pattern) return fault;
  Fault named = fault;
  named.placed = PlacedBy::Event;
  named.when = *pattern;
  named.nth = ordinal_of(trace, *pattern, fault.nth);
  return named;
}

// The shortest prefix whose repetition gives the kinds of all orders.
std::size_t round_of(const std::vector<ShrinkOrder>& orders) {
  std::size_t length = 1;
  for (std::size_t i = 0; i < orders.size(); ++i) {
    if (orders[i].kind != orders[i % length].kind) length = i + 1;
  }
  // Orders before the last mismatch were compared with a shorter prefix.
  for (std::size_t i = 0; i < orders.size(); ++i) {
    if (orders[i].kind != orders[i % length].kind) return orders.size();
  }
  return length;
}

std::string unused_name(const Draft& draft, const std::string& name,
                        const std::vector<Section>& taken) {
  for (int number = 2;; ++number) {
    std::string other = name + "-" + std::to_string(number);
    const bool is_taken = std::any_of(taken.begin(), taken.end(),
                                      [&](const Section& one) { return one.name == other; });
    if (!is_taken && draft.find("transaction", other) == nullptr) return other;
  }
}

// A section for each stretch of orders of one kind in the first round.
std::vector<Section> kinds_for(const Draft& draft, const std::vector<ShrinkOrder>& orders) {
  std::vector<const Section*> kinds;
  for (const Section& section : draft.sections) {
    if (section.kind == "transaction") kinds.push_back(&section);
  }
  std::vector<Section> chosen;
  const std::size_t round = round_of(orders);
  for (std::size_t i = 0; i < round;) {
    std::size_t end = i;
    while (end < round && orders[end].kind == orders[i].kind) ++end;
    Section section = *kinds[orders[i].kind];
    const bool again = std::any_of(chosen.begin(), chosen.end(),
                                   [&](const Section& one) { return one.name == section.name; });
    if (again) section.name = unused_name(draft, section.name, chosen);
    const bool once = end - i == 1 || round == 1;
    set_values(
        section, "share",
        once ? std::vector<std::string>{} : std::vector<std::string>{std::to_string(end - i)});
    chosen.push_back(std::move(section));
    i = end;
  }
  return chosen;
}

void set_times(Draft& draft, const std::vector<ShrinkOrder>& orders) {
  const Duration gap = orders.size() > 1 ? orders[1].at - orders[0].at : kEveryByDefault;
  bool is_even = gap.ns > 0;
  for (std::size_t i = 0; i < orders.size(); ++i) {
    is_even = is_even && orders[i].at.ns == static_cast<std::int64_t>(i) * gap.ns;
  }
  draft.erase("workload", "orders");
  draft.erase("workload", "arrivals");
  if (!is_even) {
    std::string times;
    for (const ShrinkOrder& order : orders) {
      times += (times.empty() ? "at " : ", ") + text(order.at);
    }
    draft.set("workload", "arrivals", {times});
    return;
  }
  if (orders.size() > 1) draft.set("workload", "orders", {std::to_string(orders.size())});
  if (gap != kEveryByDefault) draft.set("workload", "arrivals", {"every " + text(gap)});
}

}  // namespace

std::vector<ShrinkOrder> orders_of(const RunResult& run) {
  std::map<std::uint64_t, ShrinkOrder> orders;  // by number
  for (const TraceRecord& record : run.trace) {
    const bool is_submitted =
        record.kind == EventKind::Announced && record.what == fact_word(FactKind::Submitted);
    if (!is_submitted || submission_of(record.transaction) != 0) continue;
    orders.try_emplace(order_of(record.transaction),
                       ShrinkOrder{record.time, static_cast<std::size_t>(record.extra)});
  }
  std::vector<ShrinkOrder> in_order;
  in_order.reserve(orders.size());
  for (const auto& [number, order] : orders) in_order.push_back(order);
  return in_order;
}

void set_orders(Draft& draft, const std::vector<ShrinkOrder>& orders) {
  std::vector<Section> kinds = kinds_for(draft, orders);
  const auto is_kind = [](const Section& section) { return section.kind == "transaction"; };
  std::erase_if(draft.sections, is_kind);
  draft.sections.insert(draft.sections.end(), kinds.begin(), kinds.end());
  set_times(draft, orders);
}

void place_random_faults(Shrinker& shrinker) {
  Draft draft = shrinker.draft();
  const RunResult& run = shrinker.run();
  std::vector<std::string> lines;
  for (std::size_t i = 0; i < shrinker.faults().size(); ++i) {
    const Fault& fault = shrinker.faults()[i];
    const Fault named = with_event_named(fault, run.trace);
    lines.push_back(named == fault ? shrinker.fault_lines()[i] : shrinker.line_of(named));
  }
  for (const Fault& fault : run.faults_met) lines.push_back(shrinker.line_of(fault));
  erase_rates(draft);
  draft.set("faults", "fault", lines);
  shrinker.try_out(std::move(draft));
}

void give_times_to_orders(Shrinker& shrinker) {
  Draft draft = shrinker.draft();
  const std::vector<ShrinkOrder> orders = orders_of(shrinker.run());
  if (orders.empty()) return;
  set_orders(draft, orders);
  shrinker.try_out(std::move(draft));
}

}  // namespace txsim
