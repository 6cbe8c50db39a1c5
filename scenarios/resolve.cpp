#include "scenarios/resolve.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>

#include "scenarios/grammar.h"
#include "scenarios/names.h"
#include "scenarios/schema.h"
#include "scenarios/values.h"
#include "scenarios/words.h"

namespace txsim {
namespace {

constexpr std::size_t kMostServices = 10'000;
constexpr std::size_t kMostResources = 60'000;
constexpr std::size_t kMostKinds = 10'000;
constexpr std::size_t kMostLinks = 1'000'000;
constexpr std::uint64_t kMostSubmissions = 255;  // of one order, besides the first
constexpr std::string_view kLeast =
    "the least scenario is: [service order], records = orders, [transaction order], "
    "step = create orders at order";

class Resolver {
 public:
  Resolver(const ReadScenario& read, const Values& values, Errors& errors)
      : read_(read),
        sections_(read.sections),
        errors_(errors),
        values_(values),
        scenario_(values_.scenario),
        names_(text(scenario_.protocol)) {}

  Scenario resolve(const std::string& path);

 private:
  using Link = txsim::Link;

  // Calls `parse`; what it throws becomes an error of this line.
  template <class Parse>
  void at(const Assignment& line, Parse parse) {
    try {
      parse();
    } catch (const BadValue& bad) {
      errors_.add(line.place, fmt::format("{}: {}", line.key, bad.what()));
    }
  }
  template <class Parse>
  void each(std::string_view section, std::string_view key, Parse parse);
  Place place_of(std::string_view section, std::string_view key) const;

  void add_services();
  std::string first_begins_at() const;
  void add_resources(const Section& section, NodeId node);
  void add_resource(const Section& section, NodeId node, const Assignment& line);
  void add_other_nodes();
  void add_transactions();
  void add_transaction(const Section& section);
  void add_roles();
  void set_disks();
  void set_workload();
  void hold_growth();
  void set_links();
  void set_link(const Section& section, std::map<std::pair<NodeId, NodeId>, Link>& links);
  void set_faults();
  void set_expectations();

  const ReadScenario& read_;
  const Sections& sections_;
  Errors& errors_;
  Values values_;
  Scenario& scenario_;
  Names names_;
  std::set<NodeId> participants_;  // by the services as written
  std::set<NodeId> coordinators_;
  std::set<std::string> merged_resources_;
};

template <class Parse>
void Resolver::each(std::string_view section, std::string_view key, Parse parse) {
  const Section* found = sections_.find(section, "");
  if (found == nullptr) return;
  for (const Assignment* line : found->all(key)) {
    at(*line, [&] { parse(*line); });
  }
}

Place Resolver::place_of(std::string_view section, std::string_view key) const {
  const Section* found = sections_.find(section, "");
  if (found == nullptr) return {scenario_.name, 0};
  const Assignment* line = found->one(key);
  return line == nullptr ? found->place : line->place;
}

// Under `local` all services share the node of the one where the first transaction begins.
std::string Resolver::first_begins_at() const {
  for (const Section* section : sections_.of_kind("transaction")) {
    if (const Assignment* line = section->one("begins_at")) return line->value;
    const Assignment* step = section->all("step").empty() ? nullptr : section->all("step").front();
    if (step != nullptr && !split_words(step->value).empty()) {
      return std::string(split_words(step->value).back());
    }
  }
  return {};
}

void Resolver::add_services() {
  const std::vector<const Section*> services = sections_.of_kind("service");
  if (services.size() > kMostServices) {
    errors_.add(services[kMostServices]->place,
                fmt::format("{} services; the most is {}", services.size(), kMostServices));
  }
  const bool merged = scenario_.protocol == ProtocolName::Local;
  names_.set_merged(merged);
  if (merged && !services.empty()) {
    const std::string home = first_begins_at();
    const bool known = sections_.find("service", home) != nullptr;
    scenario_.plan.nodes.push_back(known ? home : services.front()->name);
  }
  for (const Section* section : services) {
    if (!merged) scenario_.plan.nodes.push_back(section->name);
    const auto node = static_cast<NodeId>(scenario_.plan.nodes.size() - 1);
    names_.add_service(section->name, node);
    add_resources(*section, node);
  }
}

void Resolver::add_resources(const Section& section, NodeId node) {
  for (const Assignment& line : section.assignments) {
    const bool is_resource = line.key == "resource" || line.key == "records";
    if (!is_resource || line.value.empty()) continue;
    at(line, [&] { add_resource(section, node, line); });
  }
}

void Resolver::add_resource(const Section& section, NodeId node, const Assignment& line) {
  std::vector<Resource>& resources = scenario_.plan.resources;
  const std::vector<std::string_view> words = split_words(line.value);
  Resource resource;
  resource.service = node;
  resource.is_records = line.key == "records";
  const std::size_t count = resource.is_records ? 1 : 2;
  if (words.size() != count) {
    throw BadValue(fmt::format(
        "{} is not {}", quoted(line.value),
        resource.is_records ? "a name, such as orders" : "NAME AMOUNT, such as stock 100"));
  }
  check_name(words[0]);
  resource.name = words[0];
  if (names_.find_resource(section.name, resource.name)) {
    throw BadValue(fmt::format("service {} has {} twice", section.name, quoted(resource.name)));
  }
  if (resources.size() == kMostResources) {
    throw BadValue(fmt::format("more than {} resources", kMostResources));
  }
  // Known even if its amount is wrong, so that one mistake gives one error.
  names_.add_resource(section.name, resource.name, static_cast<std::uint16_t>(resources.size()));
  const bool clash = names_.merged() && !merged_resources_.insert(resource.name).second;
  if (clash) resource.name += " of " + section.name;
  resources.push_back(resource);
  if (!resource.is_records) resources.back().initial = parse_amount(words[1]).value;
}

void Resolver::add_other_nodes() {
  Plan& plan = scenario_.plan;
  const auto add = [&](const char* name) {
    plan.nodes.emplace_back(name);
    const auto node = static_cast<NodeId>(plan.nodes.size() - 1);
    names_.add_node(name, node);
    return node;
  };
  scenario_.client = add("client");
  EntranceSettings& entrance = scenario_.settings.entrance;
  if (entrance.enabled && entrance.lock) {
    scenario_.lock_service = add("lock");
    entrance.lock_service = scenario_.lock_service;
  } else {
    names_.add_role("lock", {});
  }
  names_.set_count(plan.nodes.size());
}

void Resolver::add_transactions() {
  const std::vector<const Section*> kinds = sections_.of_kind("transaction");
  if (kinds.size() > kMostKinds) {
    errors_.add(kinds[kMostKinds]->place,
                fmt::format("{} transactions; the most is {}", kinds.size(), kMostKinds));
    return;
  }
  std::uint64_t shares = 0;
  for (const Section* section : kinds) {
    add_transaction(*section);
    shares += scenario_.workload.shares.back();
  }
  if (!kinds.empty() && shares == 0) {
    errors_.add(kinds.back()->place, "every transaction has share = 0: none would be begun");
  }
}

void Resolver::add_transaction(const Section& section) {
  values_.transaction = {};
  bind(section, values_);
  TransactionKind kind;
  kind.name = section.name;
  const std::vector<const Assignment*> steps = section.all("step");
  if (steps.empty()) {
    errors_.add(section.place, fmt::format("transaction {} has no step", quoted(section.name)));
  }
  if (steps.size() > TransactionKind::kMostSteps) {
    errors_.add(
        steps[TransactionKind::kMostSteps]->place,
        fmt::format("step: {} steps; the most is {}", steps.size(), TransactionKind::kMostSteps));
  }
  for (const Assignment* line : steps) {
    at(*line,
       [&] { kind.steps.push_back(parse_step(line->value, names_, scenario_.plan.resources)); });
  }
  if (!kind.steps.empty()) kind.begins_at = kind.steps.front().service;
  if (const Assignment* line = section.one("begins_at")) {
    at(*line, [&] { kind.begins_at = names_.service(line->value); });
  }
  for (const Step& step : kind.steps) {
    const bool is_new = kind.participant_index(step.service) < 0;
    if (step.service != kind.begins_at && is_new) kind.participants.push_back(step.service);
  }
  coordinators_.insert(kind.begins_at);
  participants_.insert(kind.participants.begin(), kind.participants.end());
  if (names_.merged()) participants_.insert(0);
  scenario_.plan.kinds.push_back(std::move(kind));
  scenario_.workload.shares.push_back(values_.transaction.share);
}

void Resolver::add_roles() {
  coordinators_.erase(kNoNode);
  names_.add_role("coordinator", {coordinators_.begin(), coordinators_.end()});
  names_.add_role("participant", {participants_.begin(), participants_.end()});
}

void Resolver::set_disks() {
  scenario_.disks.assign(scenario_.plan.nodes.size(), values_.disk);
  for (const Section* section : sections_.of_kind("service")) {
    if (section->assignments.empty()) continue;
    values_.service = {};
    bind(*section, values_);
    if (values_.service.disk)
      scenario_.disks[names_.service(section->name)] = *values_.service.disk;
  }
}

void Resolver::set_workload() {
  Workload& workload = scenario_.workload;
  workload.seed = scenario_.seed;
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
  scenario_.plan.orders_may_repeat = workload.retries > 0 || workload.repeats > 0 || doubles;
}

// Amounts never pass 2^31 - 1, however often the orders are executed.
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
  const std::vector<NodeId> from = sentence.nodes();
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
    if (slowed > kLongestWait) throw BadValue("messages are slowed by too much in all");
    scenario_.faults.push_back(std::move(fault));
    scenario_.fault_texts.push_back(line.value);
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

Scenario Resolver::resolve(const std::string& path) {
  scenario_.name = path;
  scenario_.story = read_.story;
  if (scenario_.title.empty()) scenario_.title = path.substr(path.rfind('/') + 1);
  const bool empty = sections_.of_kind("service").empty();
  if (empty || sections_.of_kind("transaction").empty()) {
    if (!errors_.empty()) return std::move(scenario_);
    const char* missing = !read_.has_lines ? "an empty scenario"
                          : empty          ? "no [service NAME]"
                                           : "no [transaction NAME]";
    errors_.add({path, 1}, fmt::format("{}; {}", missing, kLeast));
    return std::move(scenario_);
  }
  add_services();
  add_other_nodes();
  add_transactions();
  add_roles();
  set_disks();
  set_links();
  set_faults();
  set_workload();
  hold_growth();
  set_expectations();
  return std::move(scenario_);
}

}  // namespace

Scenario resolve(const std::string& path, const ReadScenario& read, Errors& errors) {
  Values values;
  for (const std::string& kind : single_sections()) {
    const Section* section = read.sections.find(kind, "");
    if (section != nullptr) bind(*section, values);
  }
  return Resolver(read, values, errors).resolve(path);
}

}  // namespace txsim
