// The scenario that shrinks, and the passes over it. Only the files runs/shrink*.cpp use it.
#pragma once

#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "runs/shrink.h"

namespace txsim {

// The least draft so far that violates the invariant.
class Shrinker {
 public:
  // Requires that the draft's run violates the invariant.
  Shrinker(Draft draft, std::string invariant, const ShrinkSettings& settings);

  const Draft& draft() const { return draft_; }
  const Scenario& scenario() const { return *scenario_; }
  // The run of the draft, with its trace.
  const RunResult& run();
  std::uint64_t tries() const { return tries_; }
  bool is_spent() const { return tries_ >= settings_.tries; }

  // Replaces the draft if this one violates the invariant, too; returns whether it does.
  bool try_out(Draft candidate);
  // Whether the invariant is violated with this seed.
  bool is_violated_with(std::uint64_t seed) const;

  // ---- Faults, by their place in the draft
  const std::vector<Fault>& faults() const { return scenario_->faults; }
  const std::vector<std::string>& fault_lines() const { return scenario_->fault_texts; }
  std::string line_of(const Fault& fault);
  // The draft with these faults.
  Draft with_faults(const std::vector<std::string>& lines) const;
  // The draft with this fault instead of another.
  Draft with_fault(std::size_t place, const Fault& fault);

 private:
  bool is_violated(const Scenario& scenario) const;
  bool is_violated_in_run(const Scenario& scenario, const std::string& written) const;
  void tell_progress() const;

  Draft draft_;
  std::shared_ptr<const Scenario> scenario_;
  std::optional<RunResult> run_;
  std::string invariant_;
  const ShrinkSettings& settings_;
  std::uint64_t most_events_ = 0;
  std::uint64_t tries_ = 0;
  std::set<std::uint64_t> failed_;  // texts, by their hash
};

// Whether the protocol's run draws anything at random.
bool is_drawn(const Scenario& scenario);

// ---- Made explicit, once (shrink_explicit.cpp)
// Faults met at random as placed ones; faults placed by an event's number by its name.
void place_random_faults(Shrinker& shrinker);
// Orders at given times, each of its kind.
void give_times_to_orders(Shrinker& shrinker);

// ---- Passes, each run any number of times
void drop_faults(Shrinker& shrinker);               // shrink_faults.cpp
void replace_faults_by_losses(Shrinker& shrinker);  // a crash in which a message was lost
void place_faults_by_events(Shrinker& shrinker);    // a crash at 1.2s: when it has sent its vote
void lower_ordinals(Shrinker& shrinker);            // the 7th such event: the 1st
void drop_orders(Shrinker& shrinker);               // shrink_workload.cpp
void drop_services(Shrinker& shrinker);             // with their steps
void drop_steps(Shrinker& shrinker);
void drop_resources(Shrinker& shrinker);
void make_delays_constant(Shrinker& shrinker);  // shrink_delays.cpp
void drop_settings(Shrinker& shrinker);         // shrink_workload.cpp
void round_times(Shrinker& shrinker);           // shrink_times.cpp

// The record as the event that a fault names; none: no sentence names it.
std::optional<EventPattern> pattern_of(const TraceRecord& record);
// How many records match, up to and including this one.
std::uint64_t ordinal_of(const Trace& trace, const EventPattern& pattern, std::uint64_t sequence);

// The orders of a run.
struct ShrinkOrder {
  Time at;
  std::size_t kind = 0;  // its place among the draft's transactions
  friend bool operator==(const ShrinkOrder&, const ShrinkOrder&) = default;
};
std::vector<ShrinkOrder> orders_of(const RunResult& run);
void set_orders(Draft& draft, const std::vector<ShrinkOrder>& orders);

}  // namespace txsim
