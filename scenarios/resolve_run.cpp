// What happens in a run: disks, workload, links, faults, expectations.
#include <algorithm>

#include "scenarios/grammar.h"
#include "scenarios/resolver.h"
#include "scenarios/sentence.h"

namespace txsim {
namespace {

constexpr std::size_t kMostLinks = 1'000'000;
constexpr std::uint64_t kMostSubmissions = 255;  // of one order, besides the first

}  // namespace

void Resolver::set_disks() {
  scenario_.disks.assign(scenario_.plan.nodes.size(), values_.disk);
  for (const Section* section : sections_.of_kind("service")) {
    if (section->assignments.empty()) continue;
    values_.service = {};
    bind(*section, values_);
    const NodeId node = names_.service(section->name);
    if (values_.service.disk) scenario_.disks[node] = *values_.service.disk;
    if (!values_.service.prepares) scenario_.plan.unprepared.push_back(node);
  }
}

void Resolver::set_workload() {
  Workload& workload = scenario_.workload;
  workload.orders = values_.orders.value_or(1);
  if (workload.arrivals == Arrivals::Times) {
    const std::uint64_t times = workload.times.size();
    if (values_.orders && *values_.orders != times) {
      errors_.add(place_of("workload", "orders"),
                  fmt::format("orders: {} orders, but {} times at which they arrive",
                              *values_.orders, times));
    }
    workload.orders = times;
  }
  if (std::uint64_t{workload.retries} + workload.repeats > kMostSubmissions) {
    errors_.add(place_of("workload", "retries"),
                fmt::format("retries: with repeats more than {} submissions of one order",
                            kMostSubmissions));
  }
  const RandomFaults& random = scenario_.random_faults;
  const bool doubles =
      !scenario_.network.duplication.never() || !random.duplication.never() ||
      std::any_of(scenario_.links.begin(), scenario_.links.end(),
                  [](const LinkSpec& spec) { return !spec.link.duplication.never(); }) ||
      std::any_of(scenario_.faults.begin(), scenario_.faults.end(),
                  [](const Fault& fault) { return fault.kind == FaultKind::Duplicate; });
  // A client that a crash sets back submits its orders again.
  const bool goes_back =
      std::any_of(scenario_.faults.begin(), scenario_.faults.end(),
                  [](const Fault& fault) { return fault.kind == FaultKind::SkewClock; });
  scenario_.plan.orders_may_repeat =
      workload.retries > 0 || workload.repeats > 0 || doubles || goes_back;
}

// Checks that no amount can exceed 2^31 - 1, however often the orders are executed.
void Resolver::hold_growth() {
  const Workload& workload = scenario_.workload;
  const std::uint64_t times = workload.orders * (1 + workload.retries + workload.repeats);
  std::vector<std::uint64_t> most(scenario_.plan.resources.size(), 0);
  std::vector<std::size_t> kind_of(most.size(), 0);
  for (std::size_t k = 0; k < scenario_.plan.kinds.size(); ++k) {
    std::map<std::uint16_t, std::uint64_t> growth;
    for (const Step& step : scenario_.plan.kinds[k].steps) {
      if (step.delta() > 0) growth[step.resource] += static_cast<std::uint64_t>(step.delta());
    }
    for (const auto& [resource, by] : growth) {
      if (by > most[resource]) kind_of[resource] = k;
      most[resource] = std::max(most[resource], by);
    }
  }
  for (std::size_t i = 0; i < most.size(); ++i) {
    const Resource& resource = scenario_.plan.resources[i];
    const auto room = static_cast<std::uint64_t>(Amount::kMost - resource.initial);
    if (most[i] == 0 || times <= room / most[i]) continue;
    const std::string& kind = scenario_.plan.kinds[kind_of[i]].name;
    errors_.add(sections_.find("transaction", kind)->place,
                fmt::format("{} at {} can grow past {}: {} submissions of orders that add up to "
                            "{} each; give fewer orders or smaller amounts",
                            resource.name, scenario_.plan.nodes[resource.service], Amount::kMost,
                            times, most[i]));
  }
}

void Resolver::set_links() {
  std::map<std::pair<NodeId, NodeId>, Link> links;
  for (const Section* section : sections_.of_kind("link")) {
    try {
      set_link(*section, links);
    } catch (const BadValue& bad) {
      errors_.add(section->place, fmt::format("[{}]: {}", section->title(), bad.what()));
    }
  }
  for (const auto& [ends, link] : links) {
    scenario_.links.push_back({ends.first, ends.second, link});
  }
}

void Resolver::set_link(const Section& section, std::map<std::pair<NodeId, NodeId>, Link>& links) {
  values_.link = {};
  bind(section, values_);
  Sentence sentence(section.name, names_);
  const std::vector<NodeId> from = sentence.nodes({"->", "<->"});
  const bool both = sentence.take("<->");
  if (!both) sentence.expect("->");
  const std::vector<NodeId> to = sentence.nodes();
  sentence.finish();
  if (from.size() * to.size() * (both ? 2 : 1) + links.size() > kMostLinks) {
    throw BadValue(fmt::format("more than {} links of their own", kMostLinks));
  }
  const Values::OneLink& own = values_.link;
  const auto lay = [&](NodeId a, NodeId b) {
    if (a == b) return;
    Link& link = links.try_emplace({a, b}, scenario_.network).first->second;
    link.delay = own.delay.value_or(link.delay);
    link.loss = own.loss.value_or(link.loss);
    link.duplication = own.duplication.value_or(link.duplication);
    link.fifo = own.fifo.value_or(link.fifo);
  };
  for (const NodeId a : from) {
    for (const NodeId b : to) {
      lay(a, b);
      if (both) lay(b, a);
    }
  }
}

void Resolver::set_faults() {
  Duration slowed;
  each("faults", "fault", [&](const Assignment& line) {
    Fault fault = parse_fault(line.value, names_);
    if (fault.kind == FaultKind::Slow) slowed = slowed + fault.delay;
    if (slowed > kLongestWait) throw BadValue("the delays of slow faults add up to too much");
    if (fault.at > Time{scenario_.horizon.ns}) {
      throw BadValue(fmt::format("at {} it never strikes: the run ends at {} (scenario.horizon)",
                                 text(fault.at), text(scenario_.horizon)));
    }
    scenario_.faults.push_back(std::move(fault));
    scenario_.fault_texts.push_back(line.value);
    scenario_.fault_places.push_back(line.place);
  });
  std::vector<NodeId>& spared = scenario_.random_faults.spared;
  each("faults", "spare", [&](const Assignment& line) {
    Sentence sentence(line.value, names_);
    const std::vector<NodeId> nodes = sentence.nodes();
    sentence.finish();
    spared.insert(spared.end(), nodes.begin(), nodes.end());
  });
  const Section* faults = sections_.find("faults", "");
  const bool says_whom =
      faults != nullptr && std::any_of(faults->assignments.begin(), faults->assignments.end(),
                                       [](const Assignment& a) { return a.key == "spare"; });
  if (!says_whom) spared.push_back(scenario_.client);
  std::sort(spared.begin(), spared.end());
  spared.erase(std::unique(spared.begin(), spared.end()), spared.end());
}

void Resolver::set_expectations() {
  each("expect", "that", [&](const Assignment& line) {
    Expectation expected = parse_expectation(line.value, names_);
    expected.place = line.place;
    scenario_.expectations.push_back(std::move(expected));
  });
}

}  // namespace txsim
