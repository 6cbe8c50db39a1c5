// Which transactions, participants, steps and resources are needed.
#include <algorithm>

#include "runs/ddmin.h"
#include "runs/shrinker.h"
#include "scenarios/values.h"
#include "scenarios/words.h"

namespace txsim {
namespace {

// ---- Transactions

// The events that a fault counts, up to the one at which it strikes: the order of each; 0: none.
struct Aim {
  std::vector<std::uint64_t> orders;
  Time at;  // of the last one, at which it strikes
};

Aim aim_of(const Fault& fault, const Trace& trace) {
  Aim aim;
  if (fault.placed != PlacedBy::Event || fault.nth == 0) return aim;
  for (const TraceRecord& record : trace) {
    const bool is_own = fault.is_message_fault() && record.node == record.peer;
    if (is_own || !fault.when.matches(record)) continue;
    aim.orders.push_back(order_of(record.transaction));
    aim.at = record.time;
    if (aim.orders.size() == fault.nth) return aim;
  }
  return {};
}

// The faults for a workload without some orders: a fault that counts events counts those of the
// remaining orders only, and a fault that struck at an event of a removed order is removed.
class Aims {
 public:
  explicit Aims(Shrinker& shrinker) : shrinker_(shrinker) {
    for (const Fault& fault : shrinker.faults()) {
      aims_.push_back(aim_of(fault, shrinker.run().trace));
    }
    faults_ = shrinker.faults();
    lines_ = shrinker.fault_lines();
  }

  // `comes`: by the order's number minus one.
  std::vector<std::string> lines(const std::vector<bool>& comes) {
    std::vector<std::string> lines;
    for (std::size_t i = 0; i < faults_.size(); ++i) {
      const std::vector<std::uint64_t>& orders = aims_[i].orders;
      const auto is_gone = [&](std::uint64_t order) {
        return order > 0 && order <= comes.size() && !comes[order - 1];
      };
      const auto gone = std::count_if(orders.begin(), orders.end(), is_gone);
      Fault fault = faults_[i];
      if (gone == 0) {
        lines.push_back(lines_[i]);
        continue;
      }
      fault.nth -= static_cast<std::uint64_t>(gone);
      if (is_gone(orders.back())) {
        if (fault.is_message_fault()) continue;
        fault.placed = PlacedBy::Time;
        fault.at = aims_[i].at;
        fault.when = {};
        fault.nth = 1;
      }
      lines.push_back(shrinker_.line_of(fault));
    }
    return lines;
  }

 private:
  Shrinker& shrinker_;
  std::vector<Fault> faults_;
  std::vector<std::string> lines_;
  std::vector<Aim> aims_;
};

// ---- Participants

bool is_word_of(std::string_view line, std::string_view name) {
  const std::vector<std::string_view> words = split_words(line);
  return std::find(words.begin(), words.end(), name) != words.end();
}

// The words except this one.
std::string without_word(std::string_view line, std::string_view name) {
  std::string rest;
  for (const std::string_view word : split_words(line)) {
    if (word == name) continue;
    rest += (rest.empty() ? "" : " ") + std::string(word);
  }
  return rest;
}

bool ends_in_service(const Assignment& line, std::string_view service) {
  if (line.key != "step") return false;
  const std::vector<std::string_view> words = split_words(line.value);
  return !words.empty() && words.back() == service;
}

// Removes the node from a set; false: it was the only one.
bool take_out(std::vector<NodeId>& nodes, NodeId node) {
  const bool was_any = nodes.empty();
  std::erase(nodes, node);
  return was_any || !nodes.empty();
}

// The faults without a service. Those that affect no other node are removed.
std::vector<std::string> faults_without(Shrinker& shrinker, const std::string& service) {
  const std::vector<std::string>& names = shrinker.scenario().plan.nodes;
  const auto found = std::find(names.begin(), names.end(), service);
  const auto node = static_cast<NodeId>(found - names.begin());
  std::vector<std::string> lines;
  for (std::size_t i = 0; i < shrinker.faults().size(); ++i) {
    const std::string& line = shrinker.fault_lines()[i];
    if (found == names.end() || !is_word_of(line, service)) {
      lines.push_back(line);
      continue;
    }
    Fault fault = shrinker.faults()[i];
    const bool is_left = take_out(fault.nodes, node) && take_out(fault.peers, node) &&
                         take_out(fault.when.nodes, node) && take_out(fault.when.peers, node);
    if (is_left) lines.push_back(shrinker.line_of(fault));
  }
  return lines;
}

// "order product <-> point" without product; empty if a side would be empty.
std::string link_without(const std::string& title, const std::string& service) {
  const std::string rest = without_word(title, service);
  const bool is_whole = !rest.starts_with("<->") && !rest.starts_with("->") && !rest.ends_with(">");
  return is_whole ? rest : std::string();
}

Draft without_service(Shrinker& shrinker, const std::string& service) {
  Draft draft = shrinker.with_faults(faults_without(shrinker, service));
  std::erase_if(draft.sections, [&](const Section& section) {
    return section.kind == "service" && section.name == service;
  });
  for (Section& section : draft.sections) {
    if (section.kind == "link" && is_word_of(section.name, service)) {
      section.name = link_without(section.name, service);
    }
    if (section.kind != "transaction") continue;
    std::erase_if(section.assignments, [&](const Assignment& line) {
      return ends_in_service(line, service) || (line.key == "begins_at" && line.value == service);
    });
    for (Assignment& line : section.assignments) {
      if (line.key == "tells") line.value = without_word(line.value, service);
    }
    std::erase_if(section.assignments,
                  [](const Assignment& line) { return line.key == "tells" && line.value.empty(); });
  }
  std::erase_if(draft.sections, [](const Section& section) {
    return section.kind == "link" && section.name.empty();
  });
  return draft;
}

// ---- Lines

struct Line {
  std::size_t section = 0;
  std::size_t place = 0;
};

// Removes all lines except those that are kept.
Draft with_lines(const Draft& draft, const std::vector<Line>& lines, const Places& kept) {
  Draft some = draft;
  std::size_t next = kept.size();
  for (std::size_t i = lines.size(); i-- > 0;) {
    if (next > 0 && kept[next - 1] == i) {
      --next;
      continue;
    }
    std::vector<Assignment>& all = some.sections[lines[i].section].assignments;
    all.erase(all.begin() + static_cast<std::ptrdiff_t>(lines[i].place));
  }
  return some;
}

template <class IsOne>
std::vector<Line> lines_of(const Draft& draft, IsOne is_one) {
  std::vector<Line> lines;
  for (std::size_t i = 0; i < draft.sections.size(); ++i) {
    const Section& section = draft.sections[i];
    for (std::size_t k = 0; k < section.assignments.size(); ++k) {
      if (is_one(section, section.assignments[k])) lines.push_back({i, k});
    }
  }
  return lines;
}

// The pivot is the number of a step: it stays the same step, or becomes the one before it.
void move_pivots(const Draft& before, Draft& after) {
  for (std::size_t i = 0; i < before.sections.size(); ++i) {
    const Assignment* line = before.sections[i].one("pivot");
    if (before.sections[i].kind != "transaction" || line == nullptr || line->value == "none") {
      continue;
    }
    const std::vector<const Assignment*> steps = before.sections[i].all("step");
    const std::vector<const Assignment*> left = after.sections[i].all("step");
    const std::uint64_t pivot = parse_count(line->value).value;
    std::size_t kept = 0;
    for (std::size_t k = 0, next = 0; k < steps.size() && k < pivot; ++k) {
      if (next >= left.size() || left[next]->value != steps[k]->value) continue;
      ++next;
      ++kept;
    }
    set_values(
        after.sections[i], "pivot",
        kept == 0 ? std::vector<std::string>{} : std::vector<std::string>{std::to_string(kept)});
  }
}

}  // namespace

void drop_orders(Shrinker& shrinker) {
  const std::vector<ShrinkOrder> orders = orders_of(shrinker.run());
  const Draft whole = shrinker.draft();
  Aims aims(shrinker);
  ddmin(orders.size(), [&](const Places& kept) {
    if (kept.empty()) return false;
    std::vector<ShrinkOrder> some;
    std::vector<bool> comes(orders.size(), false);
    for (const std::size_t place : kept) {
      some.push_back(orders[place]);
      comes[place] = true;
    }
    Draft draft = whole;
    draft.set("faults", "fault", aims.lines(comes));
    set_orders(draft, some);
    return shrinker.try_out(std::move(draft));
  });
}

void drop_services(Shrinker& shrinker) {
  std::vector<std::string> services;
  for (const Section& section : shrinker.draft().sections) {
    if (section.kind == "service") services.push_back(section.name);
  }
  for (const std::string& service : services) {
    shrinker.try_out(without_service(shrinker, service));
  }
}

void drop_steps(Shrinker& shrinker) {
  const Draft whole = shrinker.draft();
  const std::vector<Line> lines =
      lines_of(whole, [](const Section&, const Assignment& line) { return line.key == "step"; });
  ddmin(lines.size(), [&](const Places& kept) {
    Draft draft = with_lines(whole, lines, kept);
    move_pivots(whole, draft);
    return shrinker.try_out(std::move(draft));
  });
}

void drop_resources(Shrinker& shrinker) {
  const Draft whole = shrinker.draft();
  const std::vector<Line> lines = lines_of(whole, [](const Section&, const Assignment& line) {
    return line.key == "resource" || line.key == "records";
  });
  ddmin(lines.size(),
        [&](const Places& kept) { return shrinker.try_out(with_lines(whole, lines, kept)); });
}

// A setting that is left out has its default, which is the safe one of each switch.
void drop_settings(Shrinker& shrinker) {
  const Draft whole = shrinker.draft();
  const auto is_setting = [](const Section& section, const Assignment& line) {
    constexpr std::string_view kOfOtherPasses[] = {"fault",  "step",  "resource", "records",
                                                   "share",  "delay", "disk",     "arrivals",
                                                   "orders", "order"};  // fifo is the safer order
    const bool is_fixed = section.kind == "scenario" || section.kind == "checks" ||
                          section.kind == "expect" ||
                          (line.key == "enabled" && line.value == "off");  // `on` adds a node
    return !is_fixed && std::find(std::begin(kOfOtherPasses), std::end(kOfOtherPasses), line.key) ==
                            std::end(kOfOtherPasses);
  };
  const std::vector<Line> lines = lines_of(whole, is_setting);
  ddmin(lines.size(),
        [&](const Places& kept) { return shrinker.try_out(with_lines(whole, lines, kept)); });
}

}  // namespace txsim
