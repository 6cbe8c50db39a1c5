#include "tests/runs/promises.h"

#include <fmt/format.h>

#include <algorithm>

#include "protocols/registry.h"
#include "protocols/saga_choreography/settings.h"
#include "protocols/tcc/settings.h"
#include "protocols/three_phase_commit/settings.h"
#include "protocols/two_phase_commit/settings.h"

namespace txsim::tests {
namespace {

bool never_heals(const Fault& fault) {
  const bool of_one_message = fault.placed != PlacedBy::Time && fault.nth != 0;
  return !fault.duration && !(fault.is_message_fault() && of_one_message);
}

// Switches of other protocols, and of an idempotent receiver that is off, have no effect.
std::string first_switched_off(const Scenario& scenario) {
  for (const std::string& key : scenario.switched_off) {
    const std::string_view section = std::string_view(key).substr(0, key.find('.'));
    const bool is_protocol = find_protocol(section) != nullptr;
    const bool is_receiver = section == "idempotent-receiver" || section == "lock-service";
    if (is_receiver || (is_protocol && section != scenario.protocol_name())) continue;
    return key;
  }
  return {};
}

// Null if the scenario uses another protocol.
template <class Of>
const Of* settings_under(const Scenario& scenario, std::string_view protocol) {
  return scenario.protocol_name() == protocol ? &settings_as<Of>(scenario.settings.protocol)
                                              : nullptr;
}

using Invariants = std::initializer_list<std::string_view>;

bool is_among(std::string_view invariant, Invariants invariants) {
  return std::find(invariants.begin(), invariants.end(), invariant) != invariants.end();
}

// Invariants that wrong outcomes at participants may violate. A heuristic decision may be wrong,
// and so may the presumed outcome of a forgotten transaction. Under presumed commit a participant
// does not force its commit record. After a crash it may be in doubt about a branch that it had
// committed, and abort it. A database that does not force its rollbacks may recover a branch that
// it had rolled back, and then be told to commit.
bool may_be_wrong(const Scenario& scenario, std::string_view invariant) {
  const auto* settings = settings_under<TwoPhaseCommitSettings>(scenario, "two-phase-commit");
  if (settings == nullptr) return false;
  const TwoPhaseCommitSettings& commit = *settings;
  const bool commits_unknown = commit.variant == CommitVariant::PresumedCommit;
  const bool is_wrong =
      is_among(invariant, {"agreement", "irrevocable", "atomicity", "truthful-reply"});
  const bool is_forgotten = is_among(invariant, {"unanimity", "durability"});
  if (commits_unknown && commit.resource == XaRules::MariaDb) return is_wrong || is_forgotten;
  if (!commit.heuristic_after && !commit.forget_after) return false;
  if (invariant == "convergence") return commit.heuristic_after.has_value();
  return is_wrong || (commits_unknown && is_forgotten);
}

// True if every answer arrives before three-phase commit suspects a node of a crash. A repeated
// request tolerates one lost or late message.
bool tells_crashes(const Scenario& scenario, const ThreePhaseCommitSettings& settings) {
  const RandomFaults& random = scenario.random_faults;
  if (!random.loss.never() || random.pause_every || random.partition_every) return false;
  constexpr Duration kLate = milliseconds(50);  // longest delay of a message or a write
  const auto is_slow = [&](const Delay& delay) {
    return delay.kind == Delay::Kind::Exponential || delay.high > kLate;
  };
  if (!scenario.network.loss.never() || is_slow(scenario.network.delay)) return false;
  for (const LinkSpec& link : scenario.links) {
    if (!link.link.loss.never() || is_slow(link.link.delay)) return false;
  }
  if (std::any_of(scenario.disks.begin(), scenario.disks.end(), is_slow)) return false;
  for (const Fault& fault : scenario.faults) {
    if (fault.kind != FaultKind::Crash && fault.kind != FaultKind::Duplicate) return false;
  }
  constexpr Duration kRound = milliseconds(300);  // a round trip with one write on each side
  return settings.inquiries > 1 && settings.decision_timeout >= kRound &&
         settings.precommit_timeout >= kRound && settings.resend_after >= kRound;
}

// Invariants that three-phase commit may violate when it wrongly suspects a node of a crash.
bool may_be_split(const Scenario& scenario, std::string_view invariant) {
  const auto* settings = settings_under<ThreePhaseCommitSettings>(scenario, "three-phase-commit");
  if (settings == nullptr || tells_crashes(scenario, *settings)) return false;
  return is_among(invariant, {"agreement", "nontrivial", "convergence", "atomicity",
                              "truthful-reply", "non-blocking"});
}

// A participant may release rows before another participant has locked its rows.
bool frees_before_all_is_locked(const Scenario& scenario) {
  const auto* commit = settings_under<TwoPhaseCommitSettings>(scenario, "two-phase-commit");
  return commit != nullptr && commit->with_prepare &&
         (commit->read_only_vote || commit->heuristic_after);
}

bool has_pivot(const Scenario& scenario) {
  const std::vector<TransactionKind>& kinds = scenario.plan.kinds;
  return std::any_of(kinds.begin(), kinds.end(),
                     [](const TransactionKind& kind) { return kind.pivot.has_value(); });
}

// A relay or broker that gives up an event loses it. Sagas compensate for the loss with a repeated
// cancellation, but not behind a pivot.
bool is_given_up(const Scenario& scenario, std::string_view invariant) {
  const BrokerSettings& broker = scenario.settings.broker;
  const auto* saga = settings_under<SagaChoreographySettings>(scenario, "saga-choreography");
  if (saga == nullptr) return false;
  const bool gives_up =
      broker.max_attempts > 0 || broker.retention || saga->outbox.publish_attempts > 0;
  if (!gives_up) return false;
  if (invariant == "no-lost-event") return true;
  const bool is_of_the_end =
      invariant == "convergence" || invariant == "atomicity" || invariant == "truthful-reply";
  return is_of_the_end && (!saga->cancel_every || has_pivot(scenario));
}

bool is_overwritten(const Plan& plan, std::uint16_t resource) {
  return std::any_of(plan.kinds.begin(), plan.kinds.end(), [&](const TransactionKind& kind) {
    return std::any_of(kind.steps.begin(), kind.steps.end(),
                       [&](const Step& step) { return step.as_read && step.resource == resource; });
  });
}

// True if at least `least` of the resource is left, in whatever order the transactions run. Gives
// do not count. A step `as read` may write a smaller amount than any take leaves.
bool is_always_left(const Scenario& scenario, std::uint16_t resource, std::int64_t least) {
  if (is_overwritten(scenario.plan, resource)) return false;
  std::int64_t most_taken = 0;  // by one order
  for (const TransactionKind& kind : scenario.plan.kinds) {
    std::int64_t taken = 0;
    for (const Step& step : kind.steps) {
      if (step.resource == resource && step.action == Action::Take) taken += step.amount;
    }
    most_taken = std::max(most_taken, taken);
  }
  const std::int64_t spare = scenario.plan.resources[resource].initial - least;
  if (spare < 0) return false;
  const auto orders_served = static_cast<std::uint64_t>(most_taken == 0 ? 0 : spare / most_taken);
  return most_taken == 0 || scenario.workload.orders <= orders_served;
}

// True if a step behind the pivot may be refused forever.
bool may_be_asked_for_ever(const Scenario& scenario) {
  for (const TransactionKind& kind : scenario.plan.kinds) {
    for (std::size_t i = 0; i < kind.steps.size(); ++i) {
      const Step& step = kind.steps[i];
      if (!kind.is_retriable(i)) continue;
      if (step.as_read) return true;
      const bool asks = step.action == Action::Take || step.least > 0;
      if (asks && !is_always_left(scenario, step.resource, step.least)) return true;
    }
  }
  return false;
}

// True if an amount to be taken back may be missing: another transaction has spent it because no
// semantic lock held it, or a step `as read` has overwritten it.
bool may_be_gone(const Scenario& scenario) {
  const bool is_locked = scenario.protocol_name() == "saga-orchestration";
  for (const TransactionKind& kind : scenario.plan.kinds) {
    for (std::size_t i = 0; i < kind.steps.size(); ++i) {
      const Step& step = kind.steps[i];
      if (kind.is_retriable(i) || step.delta() <= 0) continue;
      if (is_overwritten(scenario.plan, step.resource)) return true;
      if (!is_locked && !is_always_left(scenario, step.resource, 0)) return true;
    }
  }
  return false;
}

// True if a saga may never complete its steps behind the pivot or its compensations. A scenario
// that expects convergence overrides this.
bool may_be_impossible(const Scenario& scenario, std::string_view invariant) {
  const bool is_saga = scenario.protocol_name() == "saga-orchestration" ||
                       scenario.protocol_name() == "saga-choreography";
  if (!is_saga) return false;
  const auto& expected = scenario.expectations;
  const bool is_known_to_end =
      std::any_of(expected.begin(), expected.end(), [](const Expectation& of) {
        return of.kind == Expectation::Kind::Verdict && of.subject == "convergence" &&
               of.verdict == "holds";
      });
  if (is_known_to_end) return false;
  const bool is_of_going_forward = invariant == "convergence" || invariant == "atomicity" ||
                                   invariant == "truthful-reply" || invariant == "no-lost-event";
  const bool is_of_going_back = is_of_going_forward || invariant == "compensation-order";
  return (is_of_going_forward && may_be_asked_for_ever(scenario)) ||
         (is_of_going_back && may_be_gone(scenario));
}

// True if the lock of an order may stay held, because its submission was lost in a crash.
bool may_stay_locked(const Scenario& scenario, std::string_view invariant) {
  const IdempotentReceiverSettings& receiver = scenario.settings.idempotent_receiver;
  return invariant == "convergence" && receiver.enabled && receiver.lock &&
         !scenario.settings.lock_service.expiry;
}

bool is_left_alone(const Scenario& scenario) {
  const auto* tcc = settings_under<TccSettings>(scenario, "tcc");
  return tcc != nullptr && tcc->pending_policy == PendingPolicy::Alert && !tcc->operator_after;
}

}  // namespace

bool is_promised(const Scenario& scenario, std::string_view invariant) {
  if (may_be_split(scenario, invariant)) return false;
  if (may_be_wrong(scenario, invariant) || is_given_up(scenario, invariant)) return false;
  if (may_be_impossible(scenario, invariant) || may_stay_locked(scenario, invariant)) return false;
  if (invariant == "isolation" && frees_before_all_is_locked(scenario)) return false;
  const auto& promises = scenario.protocol->description.promises;
  return std::find(promises.begin(), promises.end(), invariant) != promises.end();
}

std::string why_not_promised(const Scenario& scenario) {
  const std::string off = first_switched_off(scenario);
  if (!off.empty()) return off + " is off";
  if (is_left_alone(scenario)) return "nobody decides";
  if (!scenario.plan.unprepared.empty()) return "a service knows no prepare";
  const IdempotentReceiverSettings& receiver = scenario.settings.idempotent_receiver;
  const LockServiceSettings& lock = scenario.settings.lock_service;
  const bool guarded = receiver.enabled && receiver.order_id && receiver.lock && lock.owner_check &&
                       lock.expiry && receiver.fencing;
  if (scenario.plan.orders_may_repeat && !guarded) return "orders repeat unguarded";
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
