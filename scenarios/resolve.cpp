#include "scenarios/resolver.h"

#include <fmt/format.h>

#include <algorithm>

#include "scenarios/grammar.h"
#include "scenarios/words.h"

namespace txsim {
namespace {

constexpr std::size_t kMostServices = 10'000;
constexpr std::size_t kMostResources = 60'000;
constexpr std::size_t kMostKinds = 10'000;
constexpr std::string_view kLeast =
    "the smallest scenario is: [service order], records = orders, [transaction order], "
    "step = create orders at order";

// `written`: the number of steps in the text, right or wrong.
std::uint16_t pivot_of(std::uint64_t number, std::size_t written) {
  if (number == 0 || number > written) {
    throw BadValue(fmt::format("{} is not a step of this transaction: it has {}", number,
                               written == 0   ? "none"
                               : written == 1 ? "step 1 only"
                                              : fmt::format("steps 1 to {}", written)));
  }
  return static_cast<std::uint16_t>(number - 1);
}

}  // namespace

Place Resolver::place_of(std::string_view section, std::string_view key) const {
  const Section* found = sections_.find(section, "");
  if (found == nullptr) return {scenario_.name, 0};
  const Assignment* line = found->one(key);
  return line == nullptr ? found->place : line->place;
}

// Under some protocols all services share the node of the one where the first transaction begins.
std::string Resolver::first_begins_at() const {
  for (const Section* section : sections_.of_kind("transaction")) {
    if (const Assignment* line = section->one("begins_at")) return line->value;
    const std::vector<const Assignment*> steps = section->all("step");
    if (!steps.empty()) return std::string(service_of_step(steps.front()->value, names_));
  }
  return {};
}

void Resolver::add_services() {
  const std::vector<const Section*> services = sections_.of_kind("service");
  if (services.size() > kMostServices) {
    errors_.add(services[kMostServices]->place,
                fmt::format("{} services; the most is {}", services.size(), kMostServices));
  }
  const bool merged = scenario_.protocol->is_one_node;
  scenario_.plan.steps_in_parallel =
      scenario_.protocol->steps_in_parallel(scenario_.settings.protocol);
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
  // Declared even if its amount is wrong, so that one mistake gives one error.
  names_.add_resource(section.name, resource.name, static_cast<std::uint16_t>(resources.size()));
  if (resource.is_records) names_.add_records(static_cast<std::uint16_t>(resources.size()));
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
  IdempotentReceiverSettings& receiver = scenario_.settings.idempotent_receiver;
  if (receiver.enabled && receiver.lock) {
    scenario_.lock_service = add("lock");
    receiver.lock_service = scenario_.lock_service;
  } else {
    names_.add_role("lock", {});
  }
  if (scenario_.protocol->needs_broker) {
    scenario_.broker = add("broker");
    scenario_.random_faults.apart = scenario_.broker;
    scenario_.workload.polls = true;
  } else if (read_.has_unknown_protocol) {
    names_.add_role("broker", {scenario_.client});  // the protocol may have one
  } else {
    names_.add_role("broker", {});
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
    errors_.add(kinds.back()->place, "every transaction has share = 0: none would begin");
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
  std::vector<const Assignment*> lines;  // of the steps that could be read
  std::vector<NodeId> services;          // also of the others: they participate, too
  for (const Assignment* line : steps) {
    at(*line, [&] {
      kind.steps.push_back(parse_step(line->value, names_, scenario_.plan.resources));
      lines.push_back(line);
    });
    const std::string_view service = service_of_step(line->value, names_);
    if (sections_.find("service", service) != nullptr) services.push_back(names_.service(service));
  }
  keep_what_is_read(kind, lines, lines.size() < steps.size());
  if (!services.empty()) kind.begins_at = services.front();
  if (const Assignment* line = section.one("begins_at")) {
    at(*line, [&] { kind.begins_at = names_.service(line->value); });
  }
  if (values_.transaction.pivot) {
    at(*section.one("pivot"),
       [&] { kind.pivot = pivot_of(*values_.transaction.pivot, steps.size()); });
  }
  for (const Assignment* line : section.all("tells")) {
    at(*line, [&] { add_told(kind, line->value); });
  }
  for (const NodeId service : services) {
    const bool is_new = kind.participant_index(service) < 0;
    if (service != kind.begins_at && is_new) kind.participants.push_back(service);
  }
  coordinators_.insert(kind.begins_at);
  participants_.insert(kind.participants.begin(), kind.participants.end());
  if (names_.merged()) participants_.insert(0);
  scenario_.plan.kinds.push_back(std::move(kind));
  scenario_.workload.shares.push_back(values_.transaction.share);
}

// Marks the reads that a later step `as read` needs. `lines`: those of the steps.
// `some_are_wrong`: the missing read may be among the steps that could not be read.
void Resolver::keep_what_is_read(TransactionKind& kind, const std::vector<const Assignment*>& lines,
                                 bool some_are_wrong) {
  bool has_one = false;
  for (std::size_t i = 0; i < kind.steps.size(); ++i) {
    if (!kind.steps[i].as_read) continue;
    const Place& place = lines[i]->place;
    if (has_one) errors_.add(place, "step: only one step of a transaction can be 'as read'");
    has_one = true;
    if (!scenario_.protocol->no_as_read.empty()) {
      errors_.add(place, fmt::format("step: {}; take 'as read' out, or choose another protocol",
                                     scenario_.protocol->no_as_read));
    }
    const auto before = std::find_if(kind.steps.rend() - static_cast<std::ptrdiff_t>(i),
                                     kind.steps.rend(), [&](const Step& step) {
                                       return step.action == Action::Read &&
                                              step.resource == kind.steps[i].resource;
                                     });
    if (before == kind.steps.rend()) {
      if (some_are_wrong) continue;
      const Resource& resource = scenario_.plan.resources[kind.steps[i].resource];
      errors_.add(place, fmt::format("step: 'as read' needs a step before it that reads the same, "
                                     "'step = read {} at {}'",
                                     resource.name, scenario_.plan.nodes[resource.service]));
    } else {
      before->is_kept = true;
    }
  }
}

void Resolver::add_told(TransactionKind& kind, const std::string& services) {
  for (const std::string_view name : split_words(services)) {
    const NodeId told = names_.service(name);
    const bool is_new = std::find(kind.tells.begin(), kind.tells.end(), told) == kind.tells.end();
    if (is_new) kind.tells.push_back(told);
  }
}

void Resolver::add_roles() {
  coordinators_.erase(kNoNode);
  names_.add_role("coordinator", {coordinators_.begin(), coordinators_.end()});
  names_.add_role("participant", {participants_.begin(), participants_.end()});
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

Scenario resolve(const std::string& path, const ReadScenario& read, Errors& errors) {
  Values values;
  for (const std::string& kind : single_sections()) {
    const Section* section = read.sections.find(kind, "");
    if (section == nullptr) continue;
    bind(*section, values);
    const std::vector<std::string> off = switched_off(*section);
    values.scenario.switched_off.insert(values.scenario.switched_off.end(), off.begin(), off.end());
  }
  values.scenario.settings.protocol = values.settings_of(*values.scenario.protocol);
  return Resolver(read, values, errors).resolve(path);
}

}  // namespace txsim
