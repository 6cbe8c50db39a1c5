// A hand-written sequence of facts, and the judge's verdicts on it. There are three services
// (order, product, point), a client and a lock service. An order creates its record, takes 2 of 100
// in stock and 10 of 100 points, and completes its record.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "checks/judge.h"

namespace txsim::testing {

inline constexpr NodeId kOrder = 0;
inline constexpr NodeId kProduct = 1;
inline constexpr NodeId kPoint = 2;
inline constexpr NodeId kClient = 3;
inline constexpr NodeId kLock = 4;
inline constexpr std::uint16_t kRecords = 0;
inline constexpr std::uint16_t kStock = 1;
inline constexpr std::uint16_t kBalance = 2;
inline constexpr TransactionId kT1 = transaction_id(1, 0);
inline constexpr TransactionId kT2 = transaction_id(2, 0);
inline constexpr TransactionId kT1Again = transaction_id(1, 1);
inline constexpr std::uint8_t kCreate = 0;
inline constexpr std::uint8_t kStep = 1;  // takes 2 of stock

inline std::shared_ptr<const Plan> story_plan(bool orders_may_repeat) {
  Plan plan;
  plan.nodes = {"order", "product", "point", "client", "lock"};
  plan.resources = {
      {"orders", kOrder, 0, true}, {"stock", kProduct, 100}, {"balance", kPoint, 100}};
  plan.kinds = {{"buy",
                 kOrder,
                 {{Action::Create, kOrder, kRecords, 0},
                  {Action::Take, kProduct, kStock, 2},
                  {Action::Take, kPoint, kBalance, 10},
                  {Action::Complete, kOrder, kRecords, 0}},
                 {kProduct, kPoint}},
                {"look", kOrder, {{Action::Read, kProduct, kStock, 0}}, {kProduct}}};
  plan.orders_may_repeat = orders_may_repeat;
  return std::make_shared<const Plan>(plan);
}

class Story {
 public:
  explicit Story(bool orders_may_repeat = false, const JudgeSettings& settings = {})
      : Story(story_plan(orders_may_repeat), settings) {}
  explicit Story(std::shared_ptr<const Plan> plan, const JudgeSettings& settings = {})
      : plan_(std::move(plan)), observer_(make_judge(plan_, settings)) {}

  // Advances the clock.
  Story& wait(Duration by) {
    time_ = time_ + by;
    return *this;
  }
  Story& fact(NodeId node, FactKind kind, TransactionId t, std::int64_t value,
              std::int64_t extra = 0, std::uint8_t step = 0, NodeId peer = kNoNode) {
    TraceRecord record;
    record.kind = EventKind::Announced;
    record.node = node;
    record.what = fact_word(kind);
    record.transaction = t;
    record.value = value;
    record.extra = extra;
    record.step = step;
    record.peer = peer;
    return observe(record);
  }

  Story& submit(TransactionId t, std::int64_t kind = 0) {
    return fact(kClient, FactKind::Submitted, t, static_cast<std::int64_t>(order_of(t)), kind, 0,
                kOrder);
  }
  Story& phase(TransactionId t, Phase phase, std::int64_t kind = 0) {
    return fact(kOrder, FactKind::PhaseEntered, t, static_cast<std::int64_t>(phase), kind);
  }
  Story& begin(TransactionId t, std::int64_t kind = 0) {
    return submit(t, kind).phase(t, Phase::Begun, kind);
  }
  Story& tell(TransactionId t, Reply reply) {
    return fact(kClient, FactKind::Told, t, static_cast<std::int64_t>(reply));
  }
  Story& decide(TransactionId t, Outcome outcome) {
    return fact(kOrder, FactKind::Decided, t, static_cast<std::int64_t>(outcome));
  }
  Story& vote(NodeId node, TransactionId t, Vote vote) {
    return fact(node, FactKind::Voted, t, static_cast<std::int64_t>(vote));
  }
  Story& finish(NodeId node, TransactionId t, Outcome outcome) {
    return fact(node, FactKind::Finished, t, static_cast<std::int64_t>(outcome));
  }
  Story& lock(FactKind kind, TransactionId t, std::uint8_t step) {
    const Step& s = plan_->kinds[0].steps[step];
    return fact(s.service, kind, t, s.resource, 0, step);
  }

  // A fact about a step that adds `value` to the available amount.
  Story& step(FactKind kind, TransactionId t, std::uint8_t step, std::int64_t value,
              std::uint16_t of_kind = 0) {
    const Step& s = plan_->kinds[of_kind].steps[step];
    amounts_[s.resource] += value;
    return fact(s.service, kind, t, value, amount_and_kind(amounts_[s.resource], of_kind), step);
  }
  Story& update(TransactionId t, std::uint8_t s) {
    return step(FactKind::Updated, t, s, plan_->kinds[0].steps[s].delta());
  }
  Story& undo(TransactionId t, std::uint8_t s) {
    return step(FactKind::Undone, t, s, -plan_->kinds[0].steps[s].delta());
  }
  Story& apply(TransactionId t, std::uint8_t s) { return step(FactKind::Applied, t, s, 0); }
  // In effect by itself, without an update before.
  Story& apply_alone(TransactionId t, std::uint8_t s) {
    return step(FactKind::Applied, t, s, plan_->kinds[0].steps[s].delta());
  }
  Story& compensate(TransactionId t, std::uint8_t s) {
    return step(FactKind::Compensated, t, s, -plan_->kinds[0].steps[s].delta());
  }
  // Voids a step that was not applied.
  Story& call_off(TransactionId t, std::uint8_t s) { return step(FactKind::Compensated, t, s, 0); }
  // Recalls a step, which changes nothing. Between `restart` and `recover`.
  Story& recall(FactKind kind, TransactionId t, std::uint8_t s, std::int64_t value) {
    const Step& of = plan_->kinds[0].steps[s];
    return fact(of.service, kind, t, value, amount_and_kind(amounts_[of.resource], 0), s);
  }
  Story& recall_applied(TransactionId t, std::uint8_t s) {
    return recall(FactKind::Applied, t, s, plan_->kinds[0].steps[s].delta());
  }
  Story& recall_compensated(TransactionId t, std::uint8_t s) {
    return recall(FactKind::Compensated, t, s, -plan_->kinds[0].steps[s].delta());
  }

  Story& crash(NodeId node) {
    TraceRecord record;
    record.kind = EventKind::Crashed;
    record.node = node;
    return observe(record);
  }
  // The loss of a message without a transaction.
  Story& lose_message(NodeId from, NodeId to) {
    TraceRecord record;
    record.kind = EventKind::Lost;
    record.node = from;
    record.peer = to;
    return observe(record);
  }
  Story& crash_for_good(NodeId node) {
    TraceRecord record;
    record.kind = EventKind::Crashed;
    record.node = node;
    record.value = -1;
    return observe(record);
  }
  Story& restart(NodeId node) {
    TraceRecord record;
    record.kind = EventKind::Restarted;
    record.node = node;
    record.value = 1;
    return observe(record);
  }
  // The service's amount after its restart.
  Story& recover(std::uint16_t resource, std::int64_t available) {
    amounts_[resource] = available;
    return fact(plan_->resources[resource].service, FactKind::Recovered, 0, available, 0, 0,
                resource);
  }

  // Updates all steps. Both participants vote yes.
  Story& prepare(TransactionId t) {
    for (std::uint8_t s = 0; s < 4; ++s) update(t, s);
    return vote(kProduct, t, Vote::Yes).vote(kPoint, t, Vote::Yes);
  }
  Story& commit_order(TransactionId t) {
    return apply(t, 0).apply(t, 3).finish(kOrder, t, Outcome::Committed);
  }
  Story& commit_product(TransactionId t) {
    return apply(t, 1).finish(kProduct, t, Outcome::Committed);
  }
  Story& commit_point(TransactionId t) { return apply(t, 2).finish(kPoint, t, Outcome::Committed); }
  Story& undo_order(TransactionId t) {
    return undo(t, 0).undo(t, 3).finish(kOrder, t, Outcome::Aborted);
  }
  Story& undo_product(TransactionId t) { return undo(t, 1).finish(kProduct, t, Outcome::Aborted); }
  Story& undo_point(TransactionId t) { return undo(t, 2).finish(kPoint, t, Outcome::Aborted); }
  // A complete commit with the facts of two-phase commit.
  Story& commit(TransactionId t) {
    begin(t).prepare(t).decide(t, Outcome::Committed).tell(t, Reply::Done);
    return commit_order(t).commit_product(t).commit_point(t).phase(t, Phase::Ended);
  }
  // The same until point's no vote.
  Story& abort(TransactionId t) {
    begin(t);
    for (std::uint8_t s = 0; s < 4; ++s) update(t, s);
    vote(kProduct, t, Vote::Yes).vote(kPoint, t, Vote::No).undo_point(t);
    decide(t, Outcome::Aborted).undo_order(t).undo_product(t).tell(t, Reply::Failed);
    return phase(t, Phase::Ended);
  }

  std::uint64_t last_event() const { return sequence_; }
  Observer& observer() { return *observer_; }
  std::unique_ptr<Observer> copy_of_judge() const { return observer_->clone(); }

  Verdicts verdicts(const EndOfRun& end) const { return judge(*observer_, end); }
  Judgement judgement(std::string_view name) const { return judgement(name, calm_end()); }
  Judgement judgement(std::string_view name, const EndOfRun& end) const {
    for (const Judgement& one : verdicts(end).judgements) {
      if (one.invariant == name) return one;
    }
    return {.invariant = "no such invariant", .explanation = {}};
  }
  Verdict verdict(std::string_view name) const { return judgement(name).verdict; }
  EndOfRun calm_end() const { return {.time = time_, .disturbed = false, .idle = true}; }
  EndOfRun disturbed_end() const { return {.time = time_, .disturbed = true, .idle = true}; }
  // The names of all violated invariants, to check that no other is violated.
  std::string violated() const {
    std::string names;
    for (const Judgement& one : verdicts(calm_end()).judgements) {
      if (one.verdict == Verdict::Violated) {
        names += std::string(one.invariant) + ": " + one.explanation + "\n";
      }
    }
    return names;
  }

 private:
  Story& observe(TraceRecord& record) {
    record.sequence = ++sequence_;
    record.time = time_;
    observer_->observe(record);
    return *this;
  }

  std::shared_ptr<const Plan> plan_;
  std::unique_ptr<Observer> observer_;
  std::uint64_t sequence_ = 0;
  Time time_;
  std::int64_t amounts_[3] = {0, 100, 100};
};

}  // namespace txsim::testing
