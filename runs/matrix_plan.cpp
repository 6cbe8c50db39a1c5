// Which mechanisms can be turned off, and in which scenarios.
#include <algorithm>
#include <string_view>
#include <utility>

#include "protocols/registry.h"
#include "runs/matrix.h"
#include "scenarios/language.h"

namespace txsim {
namespace {

bool is_at_play(std::string_view section, const Scenario& scenario) {
  if (section == scenario.protocol_name()) return true;
  if (section == "broker") return scenario.protocol->needs_broker;
  const IdempotentReceiverSettings& receiver = scenario.settings.idempotent_receiver;
  if (section == "idempotent-receiver") return receiver.enabled;
  return section == "lock-service" && receiver.enabled && receiver.lock;
}

bool contains(const std::vector<std::string>& names, const std::string& name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

bool is_wanted(const std::vector<std::string>& wanted, const std::string& name) {
  return wanted.empty() || contains(wanted, name);
}

std::size_t row_of(const std::string& protocol, const Mechanism& mechanism, MatrixPlan& plan) {
  for (std::size_t row = 0; row < plan.rows.size(); ++row) {
    const MatrixPlan::Row& of = plan.rows[row];
    if (of.protocol == protocol && of.mechanism.key == mechanism.key) return row;
  }
  plan.rows.push_back({protocol, mechanism});
  return plan.rows.size() - 1;
}

void add_scenario(const MatrixSource& source, const MatrixWanted& wanted, MatrixPlan& plan) {
  const Scenario& file = *source.scenario;
  const std::string protocol(file.protocol_name());
  const std::vector<Mechanism> mechanisms = mechanisms_of(file);
  const bool is_whole = file.faults.empty() &&
                        std::none_of(mechanisms.begin(), mechanisms.end(), [&](const auto& of) {
                          return contains(file.switched_off, of.key);
                        });
  const std::size_t as_is = plan.tries.size();
  plan.tries.push_back(
      {row_of(protocol, {}, plan), as_is, source.scenario, source.settings, is_whole});
  for (const Mechanism& mechanism : mechanisms) {
    const bool is_off = contains(file.switched_off, mechanism.key);
    if (is_off || !is_wanted(wanted.switches, mechanism.key)) continue;
    std::vector<std::string> settings = source.settings;
    settings.push_back(mechanism.setting());
    const std::shared_ptr<const Scenario> without = source.with(settings);
    if (without == nullptr) continue;
    plan.tries.push_back(
        {row_of(protocol, mechanism, plan), as_is, without, std::move(settings), is_whole});
  }
}

}  // namespace

std::vector<Mechanism> mechanisms_of(const Scenario& scenario) {
  std::vector<Mechanism> mechanisms;
  for (const KeyInfo& key : scenario_keys()) {
    if (!key.is_switch || !is_at_play(key.section, scenario)) continue;
    const bool lasts = key.type.ends_with("never");
    mechanisms.push_back({key.section + "." + key.key, lasts ? "never" : "off", key.help});
  }
  return mechanisms;
}

void add_scenarios(const std::vector<MatrixSource>& sources, const MatrixWanted& wanted,
                   MatrixPlan& plan) {
  for (const std::string& protocol : protocol_names()) {
    if (!is_wanted(wanted.protocols, protocol)) continue;
    const std::size_t first = plan.tries.size();
    for (const MatrixSource& source : sources) {
      if (source.scenario->protocol_name() == protocol) add_scenario(source, wanted, plan);
    }
    const auto begin = plan.tries.begin() + static_cast<std::ptrdiff_t>(first);
    const bool has_whole = std::any_of(begin, plan.tries.end(),
                                       [](const MatrixPlan::Try& tried) { return tried.is_whole; });
    if (has_whole) continue;
    for (auto tried = begin; tried != plan.tries.end(); ++tried) tried->is_whole = true;
  }
}

}  // namespace txsim
