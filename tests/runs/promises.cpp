#include "tests/runs/promises.h"

#include <fmt/format.h>

#include <algorithm>

#include "protocols/catalogue.h"

namespace txsim::tests {
namespace {

bool never_heals(const Fault& fault) {
  const bool of_one_message = fault.placed != PlacedBy::Time && fault.nth != 0;
  return !fault.duration && !(fault.is_message_fault() && of_one_message);
}

// The switches of other protocols and of an entrance that guards nothing mean nothing.
std::string first_switched_off(const Scenario& scenario) {
  for (const std::string& key : scenario.switched_off) {
    const std::string_view section = std::string_view(key).substr(0, key.find('.'));
    const auto& infos = protocol_infos();
    const bool is_protocol = std::any_of(infos.begin(), infos.end(), [&](const ProtocolInfo& info) {
      return info.name == section && !info.promises.empty();
    });
    const bool is_entrance = section == "entrance" || section == "lock-service";
    if (is_entrance || (is_protocol && section != text(scenario.protocol))) continue;
    return key;
  }
  return {};
}

// What participants may get wrong that decide by themselves. Under presumed commit a participant
// does not force its commit record: it may wake up in doubt of what it had committed, and abort it.
bool may_be_wrong(const Scenario& scenario, std::string_view invariant) {
  const TwoPhaseCommitSettings& commit = scenario.settings.two_phase_commit;
  if (scenario.protocol != ProtocolName::TwoPhaseCommit || !commit.heuristic_after) {
    return false;
  }
  if (invariant == "irrevocable" || invariant == "durability") {
    return commit.variant == CommitVariant::PresumedCommit;
  }
  return invariant == "agreement" || invariant == "atomicity" || invariant == "truthful-reply";
}

// A broker that gives events up loses them; what that does to sagas is made up for.
bool is_given_up(const Scenario& scenario, std::string_view invariant) {
  const BrokerSettings& broker = scenario.settings.broker;
  const bool gives_up = broker.max_attempts > 0 || broker.retention;
  return scenario.protocol == ProtocolName::SagaChoreography && invariant == "no-lost-event" &&
         gives_up;
}

bool is_left_alone(const Scenario& scenario) {
  const TccSettings& tcc = scenario.settings.tcc;
  return scenario.protocol == ProtocolName::Tcc && tcc.pending_policy == PendingPolicy::Alert &&
         !tcc.operator_after;
}

}  // namespace

bool is_promised(const Scenario& scenario, std::string_view invariant) {
  if (may_be_wrong(scenario, invariant) || is_given_up(scenario, invariant)) return false;
  for (const ProtocolInfo& info : protocol_infos()) {
    if (info.name != text(scenario.protocol)) continue;
    return std::find(info.promises.begin(), info.promises.end(), invariant) != info.promises.end();
  }
  return false;
}

std::string why_not_promised(const Scenario& scenario) {
  const std::string off = first_switched_off(scenario);
  if (!off.empty()) return off + " is off";
  if (is_left_alone(scenario)) return "nobody decides";
  if (!scenario.plan.unprepared.empty()) return "a service knows no prepare";
  const EntranceSettings& entrance = scenario.settings.entrance;
  const LockServiceSettings& lock = scenario.settings.lock_service;
  const bool guarded = entrance.enabled && entrance.order_id && entrance.lock && lock.owner_check &&
                       lock.expiry && entrance.fencing;
  if (scenario.plan.orders_may_repeat && !guarded) return "orders repeat at an open entrance";
  if (std::any_of(scenario.faults.begin(), scenario.faults.end(), never_heals)) {
    return "a fault never heals";
  }
  if (scenario.random_faults.any() && scenario.random_faults.quiet_after == kEndOfTime) {
    return "the random faults never end";
  }
  for (const Expectation& expected : scenario.expectations) {
    const bool falls = expected.kind == Expectation::Kind::Verdict &&
                       expected.verdict == "violated" && is_promised(scenario, expected.subject);
    if (falls) return "expects that " + expected.subject + " is violated";
  }
  return {};
}

namespace {

bool is_broken(const Scenario& scenario, std::string_view invariant, Verdict verdict) {
  const bool unsettled = invariant == "convergence" && verdict == Verdict::Vacuous;
  if (verdict != Verdict::Violated && !unsettled) return false;
  return is_promised(scenario, invariant);
}

}  // namespace

std::string broken_promises(const RunResult& result) {
  std::string broken;
  for (const Judgement& judgement : result.verdicts.judgements) {
    if (!is_broken(*result.scenario, judgement.invariant, judgement.verdict)) continue;
    broken += fmt::format("\n  {} {} (event {}): {}", judgement.invariant, text(judgement.verdict),
                          judgement.event, judgement.explanation);
  }
  return broken;
}

bool keeps_promises(const Scenario& scenario, const std::vector<Verdict>& verdicts) {
  for (std::size_t i = 0; i < verdicts.size(); ++i) {
    if (is_broken(scenario, invariants()[i].name, verdicts[i])) return false;
  }
  return true;
}

}  // namespace txsim::tests
