// When two services are symmetric.
//
// They own the same number of resources with the same amounts, in the same order, and have the same
// disk. Each kind of transaction asks both for the same steps, begins at neither and tells neither
// of its end. No fault, link or setting names one of them. And no node asks one before the other: a
// protocol that does its steps in turn distinguishes even equal services. So services can be
// symmetric under
//
// - two-phase commit whose Prepare carries the updates, if both can prepare (last resources are
//   asked in turn);
// - TCC that tries all steps at once;
// - orchestrated sagas with parallel steps, if the steps of both are in one group.
//
// A choreographed saga goes from service to service through one broker, so it has no symmetric
// services.
#include "runs/symmetry.h"

#include <algorithm>

#include "protocols/protocol.h"

namespace txsim {
namespace {

bool contains(const std::vector<NodeId>& nodes, NodeId node) {
  return std::find(nodes.begin(), nodes.end(), node) != nodes.end();
}

// Nothing in the scenario names the service except its own section and steps.
bool is_plain(const Scenario& scenario, NodeId node) {
  if (node == scenario.client || node == scenario.lock_service || node == scenario.broker) {
    return false;
  }
  return !contains(scenario.plan.unprepared, node) &&
         std::none_of(scenario.links.begin(), scenario.links.end(),
                      [&](const LinkSpec& link) { return link.from == node || link.to == node; });
}

std::vector<std::uint16_t> resources_of(const Plan& plan, NodeId service) {
  std::vector<std::uint16_t> resources;
  for (std::size_t i = 0; i < plan.resources.size(); ++i) {
    if (plan.resources[i].service == service) resources.push_back(static_cast<std::uint16_t>(i));
  }
  return resources;
}

bool own_the_same(const Plan& plan, const SymmetricPair& pair) {
  const std::vector<std::uint16_t> a = resources_of(plan, pair.first);
  const std::vector<std::uint16_t> b = resources_of(plan, pair.second);
  return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                    [&](std::uint16_t one, std::uint16_t other) {
                      return plan.resources[one].initial == plan.resources[other].initial &&
                             plan.resources[one].is_records == plan.resources[other].is_records;
                    });
}

// The step's resource, by its place among those of its service.
std::ptrdiff_t rank_of_resource(const Plan& plan, const Step& step) {
  const std::vector<std::uint16_t> own = resources_of(plan, step.service);
  return std::find(own.begin(), own.end(), step.resource) - own.begin();
}

std::vector<std::size_t> steps_of(const TransactionKind& kind, NodeId service) {
  std::vector<std::size_t> steps;
  for (std::size_t i = 0; i < kind.steps.size(); ++i) {
    if (kind.steps[i].service == service) steps.push_back(i);
  }
  return steps;
}

bool do_the_same(const Plan& plan, const TransactionKind& kind, const SymmetricPair& pair) {
  if (pair.has(kind.begins_at)) return false;
  if (contains(kind.tells, pair.first) || contains(kind.tells, pair.second)) return false;
  const std::vector<std::size_t> a = steps_of(kind, pair.first);
  const std::vector<std::size_t> b = steps_of(kind, pair.second);
  return std::equal(
      a.begin(), a.end(), b.begin(), b.end(), [&](std::size_t one, std::size_t other) {
        const Step& step = kind.steps[one];
        const Step& twin = kind.steps[other];
        const bool has_order = plan.steps_in_parallel && ((kind.group_of(one) >> other) & 1U) == 0;
        return step.action == twin.action && step.amount == twin.amount && !has_order &&
               rank_of_resource(plan, step) == rank_of_resource(plan, twin);
      });
}

bool are_alike(const Scenario& scenario, const SymmetricPair& pair) {
  const Plan& plan = scenario.plan;
  return is_plain(scenario, pair.first) && is_plain(scenario, pair.second) &&
         scenario.disks[pair.first] == scenario.disks[pair.second] && own_the_same(plan, pair) &&
         std::all_of(plan.kinds.begin(), plan.kinds.end(),
                     [&](const TransactionKind& kind) { return do_the_same(plan, kind, pair); });
}

}  // namespace

std::vector<SymmetricPair> symmetric_pairs(const Scenario& scenario) {
  std::vector<SymmetricPair> pairs;
  if (!scenario.faults.empty() || !scenario.protocol->asks_all_at_once(scenario.settings.protocol))
    return pairs;
  const auto services = static_cast<NodeId>(scenario.plan.nodes.size());
  for (NodeId first = 0; first < services; ++first) {
    for (NodeId second = first + 1; second < services; ++second) {
      if (!are_alike(scenario, {first, second})) continue;
      pairs.push_back({first, second});
      break;
    }
  }
  return pairs;
}

}  // namespace txsim
