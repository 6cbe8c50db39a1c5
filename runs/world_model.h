// A scenario's world as a model for the search: every order of pending events, and every placement
// of a few faults.
//
// By the clock these are the orders that some real timing allows, and faults of the budget strike
// at any moment.
//
// Untimed, durations are unknown. Messages arrive and writes complete in any order. At any moment a
// crashed node restarts, a fault of the scenario placed by time begins, or the workload's next
// order comes.
// A timer is longer than any message and any write: timers fire in any order, but only when no
// message is under way and nothing is being written. The budget may allow some timers to fire too
// early.
#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

#include "runs/fault_budget.h"
#include "runs/reductions.h"
#include "runs/search.h"
#include "runs/timing.h"
#include "scenarios/scenario.h"
#include "sim/world.h"

namespace txsim {

class WorldModel {
 public:
  // A choice that may be taken next, with the budget that is left after it.
  struct Option {
    Move move;
    FaultBudget left;
    Turn turn = Turn::Will;
  };
  // The successor by an option, as planned before it is built.
  struct Coming {
    enum class Kind : std::uint8_t { ToBeMade, ToBePredicted, LeftOut };
    Kind kind = Kind::ToBeMade;
    Predicted predicted;
    // For a duplicate: the option by which the message arrives. The prediction is that option's
    // successor with the message still under way.
    std::size_t arrival = 0;
    std::uint64_t message = 0;  // its digest; 0: the prediction is complete
    FaultBudget left;
    Turn turn = Turn::Will;
  };
  // The options of the world with this version, once they have been asked for.
  struct Known {
    std::uint64_t version = 0;
    FaultBudget left;
    std::vector<Option> options;
    std::vector<Choice> choices;
    std::vector<Coming> coming;
  };
  // For the reduction `symmetry`: the world in which two symmetric services have changed places.
  // What one did in the state's own world, the other did here (world_model_symmetry.cpp).
  struct Twin {
    enum class Stage : std::uint8_t {
      Same,   // it is the state's own world, as far as fingerprints tell
      Apart,  // `base` after the owed moves
      Lost    // unknown
    };
    // A mirrored move that the twin still has to take. Its key is unknown: it is number `rank` of
    // the `count` moves with the same name.
    struct Owed {
      Move move;
      std::uint32_t rank = 0;
      std::uint32_t count = 1;
    };
    Stage stage = Stage::Same;
    std::shared_ptr<World> base{};  // not to be changed while others have it
    std::vector<Owed> owed{};
  };
  // The options of a state and their mirror images.
  struct Mirror {
    struct Name {
      std::uint64_t key = 0;
      std::uint16_t step = 0;
      std::uint16_t place = 0;
    };
    enum class Found : std::uint8_t { All, NotSure, Differs };
    std::vector<Name> names;
    std::vector<Name> images;
    std::vector<std::uint16_t> places;  // of the image of each option
  };
  struct State {
    World world;
    FaultBudget left;
    mutable Known known{};
    mutable std::vector<Twin> twins{};  // by pair; computed when they are needed
    mutable Mirror mirror{};
    mutable std::optional<World> scratch{};
    mutable std::vector<Choice> choices{};
    mutable std::vector<std::shared_ptr<World>> spare{};  // kept for their memory
  };

  // `invariants`: those that count, a bit each in the order of `invariants()`. By the clock there
  // are no reductions and no early timers; more than `most_copies` equal messages may be joined
  // (World::by_clock).
  WorldModel(std::shared_ptr<const Scenario> scenario, const FaultBudget& budget,
             std::uint32_t invariants, const Reductions& reductions = {},
             Timing timing = Timing::Untimed, std::uint32_t most_copies = World::kEachCopy);

  // All nodes have booted.
  State initial() const { return initial(false); }
  State initial(bool keep_trace) const;
  Timing timing() const { return timing_; }
  bool joins_copies() const { return most_copies_ != World::kEachCopy; }

  // Valid until the state has changed and is asked again.
  const std::vector<Option>& options(const State& state) const;
  // The option that a step names, with the event after which its node crashes.
  Option option(const State& state, Visited::Step step) const;
  bool has_option(const State& state, Visited::Step step) const {
    return (step & ((1U << kPlaceBits) - 1)) < options(state).size();
  }
  // The option with a crash of its node after that event.
  static Option with_crash(Option option, std::uint32_t after, bool for_good) {
    option.move.crash_after = after;
    option.move.for_good = for_good;
    option.turn = Turn::May;
    if (option.move.struck_by) return option;
    std::uint8_t& left = for_good ? option.left.crash_stops : option.left.crashes;
    if (left > 0) --left;
    return option;
  }
  void make_child(const State& state, Visited::Step step, State& into) const {
    const Option chosen = option(state, step);
    if (!pairs_.empty()) owe(state, chosen, step >> kPlaceBits, into);
    take(state, chosen, into);
  }
  void go_on(State& state, Visited::Step step) const {
    const Option chosen = option(state, step);
    if (!pairs_.empty()) owe(state, chosen, step >> kPlaceBits, state);
    finish(state, chosen);
  }

  // Changes the state to the successor by the option. With the reduction `order` it returns the
  // node whose write must complete next.
  NodeId perform(State& state, const Option& option) const;
  // With the reduction `order`, a forced step: it goes first and has no alternative.
  std::optional<Option> follower(const State& state, NodeId completing) const;
  // A copy for trying moves out; the state keeps its memory.
  static World& scratch_as(const State& state, const World& world) {
    if (!state.scratch) return state.scratch.emplace(world);
    return *state.scratch = world;
  }
  // The option may be taken before all others.
  bool goes_first(const State& state, const Option& option, const std::vector<Option>& all) const;

  // With the reduction `symmetry`: which services are taken for symmetric; whether all twins of a
  // state mirror it; whether all twins that the search has compared did.
  const std::vector<SymmetricPair>& pairs() const { return pairs_; }
  bool is_mirrored(const State& state) const;
  bool all_mirrored() const { return !found_unlike_; }

  // Visits the successor by each option and, if the budget has a crash left, those with a crash
  // after each event of the option except the last. (A crash after the last event is a choice of
  // the next state.)
  template <class Visit>
  void expand(const State& state, State& scratch, Visit&& visit) const {
    state.world.sum_up_nodes();
    const std::vector<Option>& all = options(state);
    const std::vector<bool> left_out = find_superfluous(state, all);
    for (Visited::Step step = 0; step < all.size(); ++step) {
      if (left_out.empty() || !left_out[step]) visit_made(state, all[step], step, scratch, visit);
    }
  }
  // Visits the successors by the options that are wanted.
  template <class IsWanted, class Visit>
  void expand_if(const State& state, State& scratch, IsWanted&& is_wanted, Visit&& visit) const {
    const std::vector<Option>& all = options(state);
    for (Visited::Step step = 0; step < all.size(); ++step) {
      if (is_wanted(all[step])) visit_made(state, all[step], step, scratch, visit);
    }
  }
  // The same, but the state itself becomes the last successor that is built. Successors whose
  // fingerprint is known are not built: a message is lost, or arrives and is still under way.
  template <class Visit>
  void use_up(State& state, State& scratch, Visit&& visit) const {
    if (timing_ == Timing::Clock) {
      expand(state, scratch, visit);
      return;
    }
    const std::vector<Option>& all = options(state);
    const std::size_t last_made = look_ahead(state, all);
    const Visited::Step same = same_twins(state) << kPlaceBits;
    const std::vector<Coming>& coming = state.known.coming;
    for (Visited::Step step = 0; step < coming.size(); ++step) {
      const auto visit_this = [&](State& made, Turn turn, Visited::Step name) {
        visit(made, turn, name);
        if (name == (step | same)) foretell_beside(step, made, state.known.coming);
      };
      if (coming[step].kind == Coming::Kind::LeftOut) continue;
      if (coming[step].kind == Coming::Kind::ToBePredicted) {
        visit(coming[step].predicted, coming[step].turn, step | same);
      } else if (step != last_made || may_crash_within(all[step])) {
        visit_made(state, all[step], step, scratch, visit_this);
      } else {
        const Option last = all[step];  // a copy: `all` changes with the state
        state.twins.clear();
        finish(state, last);
        visit_this(state, last.turn, step | same);
      }
    }
  }

  // Nothing needs to happen.
  bool is_end(const State& state) const;
  std::uint64_t fingerprint(const State& state) const;
  bool has_times() const { return timing_ == Timing::Clock; }
  // By the clock: what could not be followed in some state.
  LostTrack lost() const { return lost_; }
  static Zone times(const State& state) { return state.world.times(); }
  bool is_violated(const State& state) const { return violated(state) != 0; }
  bool is_violated_at_end(const State& state) const {
    if (!is_mirrored(state)) found_unlike_ = true;
    return violated_at_end(state) != 0;
  }

  // The counting invariants that are violated already, or would be if nothing more happened.
  std::uint32_t violated(const State& state) const { return violated(state.world, state.left); }
  std::uint32_t violated_at_end(const State& state) const {
    return violated_at_end(state.world, state.left);
  }

  const std::shared_ptr<const Scenario>& scenario() const { return scenario_; }
  const FaultBudget& budget() const { return budget_; }
  std::shared_ptr<const WorldSpec> spec(bool keep_trace) const;

 private:
  // A step's name consists of the place of its option, the event after which its node crashes, and
  // whether the node stays down.
  static constexpr std::uint32_t kPlaceBits = 16;
  static constexpr std::uint32_t kAfterBits = 15;
  static constexpr std::uint32_t kForGood = 1U << (kPlaceBits + kAfterBits);
  // By the clock also of its answers, so that less room is left for the others.
  static constexpr std::uint32_t kTimedPlaceBits = 10;
  static constexpr std::uint32_t kTimedAfterBits = 10;
  Visited::Step name_of(const State& state, Visited::Step place, const Move& move) const;

  void take(const State& state, const Option& option, State& into) const {
    into.world = state.world;
    into.left = state.left;
    finish(into, option);
  }
  // Takes the option and the forced steps after it.
  void finish(State& state, const Option& option) const {
    NodeId completing = perform(state, option);
    while (const std::optional<Option> next = follower(state, completing)) {
      if (!state.twins.empty()) owe(state, *next, 0, state);
      completing = perform(state, *next);
    }
  }
  // The successors by an option: by the clock for all answers to questions about time, and with a
  // crash after each event.
  template <class Visit>
  void visit_made(const State& state, const Option& option, Visited::Step place, State& scratch,
                  Visit& visit) const {
    scratch.twins.clear();  // a state's twins are made when it is expanded
    const bool is_struck = option.move.struck_by.has_value();
    Option answered = option;
    do {
      take(state, answered, scratch);
      if (has_times()) answered.move.answers = scratch.world.clock().answers();
      const std::uint32_t events = crash_points(state, scratch, option);
      if (!is_struck) visit(scratch, option.turn, name_of(state, place, answered.move));
      const auto visit_crashed = [&](std::uint32_t after, bool for_good) {
        const Option crashed = with_crash(answered, after, for_good);
        take(state, crashed, scratch);
        visit(scratch, Turn::May, name_of(state, place, crashed.move));
      };
      for (std::uint32_t after = 1; after < events; ++after) {
        if (is_struck || option.left.crashes > 0) visit_crashed(after, false);
        if (!is_struck && option.left.crash_stops > 0) visit_crashed(after, true);
      }
    } while (has_times() && answered.move.answers.advance());
  }
  static bool may_crash_within(const Option& option) {
    if (option.move.struck_by) return true;
    return option.left.has_crash() && option.move.kind == Move::Kind::Happen &&
           option.move.choice.node != kNoNode;
  }
  std::uint64_t fingerprint(const World& world, const FaultBudget& left, std::uint64_t more) const;
  // Plans the successor by each option. Returns the place of the last one that has to be built.
  std::size_t look_ahead(const State& state, const std::vector<Option>& all) const;
  void foretell_beside(std::size_t arrival, const State& made, std::vector<Coming>& coming) const;
  const std::vector<Option>& options(const World& world, const FaultBudget& left,
                                     Known& known) const;
  void find_options(const World& world, Known& known) const;
  void add_struck(const World& world, Known& known) const;
  void add_happening(const World& world, const Option& option, std::vector<Option>& into) const;
  void add_crashes(const World& world, Known& known, bool for_good) const;
  std::uint32_t crash_points(const State& before, const State& after, const Option& option) const;
  bool may_crash(const World& world, NodeId node) const;
  World::Crashes crashes(const FaultBudget& left) const;
  std::uint32_t violated(const World& world, const FaultBudget& left) const;
  std::uint32_t violated_at_end(const World& world, const FaultBudget& left) const;
  std::uint32_t without_excused(std::uint32_t found, const World& world,
                                const FaultBudget& left) const;

  State initial_by_clock(const std::shared_ptr<const WorldSpec>& spec) const;

  // Reductions (world_model_reduced.cpp)
  bool is_calm(const FaultBudget& left) const;
  std::vector<bool> find_superfluous(const State& state, const std::vector<Option>& all) const;

  // Symmetry (world_model_symmetry.cpp)
  std::vector<SymmetricPair> find_pairs(const Reductions& reductions) const;
  // The twins that are known to be the state's own world, a bit each. In a search with `symmetry`
  // no step has a crash within it, so a step's name has these bits of its state instead.
  static std::uint32_t same_twins(const State& state);
  // Notes that the twins have to take the mirror image of the option, which the state is about to
  // take. `same`: the twins that are known to be the state's own world.
  void owe(const State& state, const Option& option, std::uint32_t same, State& into) const;
  Mirror::Found find_images(const State& state, const std::vector<Option>& other,
                            const SymmetricPair& pair) const;
  bool work_out(const State& state, std::size_t pair) const;
  void leave_out_mirrored(const State& state, const std::vector<Option>& all,
                          std::vector<bool>& superfluous) const;

  std::shared_ptr<const Scenario> scenario_;
  Timing timing_;
  std::uint32_t most_copies_;
  FaultBudget budget_;
  std::uint32_t invariants_;
  Reductions reductions_;
  bool is_guarded_;  // if not, the client's messages are not duplicated
  bool may_crash_by_plan_;
  std::shared_ptr<const WorldSpec> spec_;
  bool is_plain_;                          // no faults of its own, and no link keeps an order
  std::shared_ptr<const Observer> judge_;  // to be cloned
  std::vector<SymmetricPair> pairs_;
  mutable std::atomic<bool> found_unlike_ = false;
  mutable std::atomic<LostTrack> lost_ = LostTrack{};
};

}  // namespace txsim
