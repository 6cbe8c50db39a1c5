#include "runs/follow.h"
#include "runs/rehearsal.h"

#include <fmt/format.h>

#include <optional>

#include "scenarios/values.h"

namespace txsim {
namespace {

constexpr std::uint32_t kMostStatesFollowed = 20'000;

// Whether an option is what the move says, but for a crash within it.
bool is_meant(const Move& option, const Move& move) {
  if (option.kind != move.kind || option.struck_by.has_value() != move.struck_by.has_value()) {
    return false;
  }
  if (move.kind == Move::Kind::Crash && option.for_good != move.for_good) return false;
  return option.choice.is_like(move.choice);
}

class Following {
 public:
  Following(const WorldModel& model, const std::vector<Move>& moves,
            const std::function<bool(const WorldModel::State&)>& is_it)
      : model_(model), moves_(moves), is_it_(is_it) {
    go(model.initial(), 0);
    if (followed_.end == Followed::End::Possible) return;
    followed_.way.clear();
    if (states_ > kMostStatesFollowed) followed_.end = Followed::End::TooManyStates;
  }

  Followed result() && { return std::move(followed_); }

 private:
  bool is_over() const {
    return followed_.end == Followed::End::Possible || states_ > kMostStatesFollowed;
  }

  void go(const WorldModel::State& state, std::size_t at) {
    if (is_over()) return;
    if (at == moves_.size()) {
      if (is_it_(state)) followed_.end = Followed::End::Possible;
      return;
    }
    ++states_;
    const Move& move = moves_[at];
    bool is_possible = false;
    WorldModel::State next = state;
    const auto is_wanted = [&](const WorldModel::Option& option) {
      return !is_over() && is_meant(option.move, move);
    };
    model_.expand_if(
        state, next, is_wanted, [&](WorldModel::State& made, Turn, Visited::Step step) {
          if (is_over()) return;
          const Move taken = model_.option(state, step).move;
          const bool is_same_crash = taken.crash_after == move.crash_after &&
                                     (move.crash_after == 0 || taken.for_good == move.for_good);
          if (!is_same_crash) return;
          is_possible = true;
          followed_.way.push_back(step);
          go(made, at + 1);
          if (followed_.end != Followed::End::Possible) followed_.way.pop_back();
        });
    if (is_possible) return;
    if (has_begun(state, move)) {
      go(state, at + 1);
    } else if (followed_.obstacle.empty() || at > deepest_) {
      deepest_ = at;
      followed_.obstacle = obstacle(state, move);
    }
  }

  // A fault that begins at the start of the run has done so before the first move.
  bool has_begun(const WorldModel::State& state, const Move& move) const {
    if (move.choice.kind != Choice::Kind::FaultBegins) return false;
    const std::vector<Fault>& faults = state.world.spec().faults;
    const auto number = static_cast<std::size_t>(move.choice.value);
    return number < faults.size() && faults[number].placed == PlacedBy::Time &&
           faults[number].at == Time{0};
  }

  static std::string obstacle(const WorldModel::State& state, const Move& move) {
    const WorldSpec& spec = state.world.spec();
    const std::optional<World::Obstacle> found = state.world.obstacle_to(move.choice);
    if (!found) return fmt::format("'{}' is not possible then", label_of(move, spec));
    const std::string by =
        found->earlier.ns > 0 ? fmt::format(", at least {} earlier", text(found->earlier)) : "";
    return fmt::format("'{}' would have to come before '{}'{}",
                       label_of({.choice = found->event}, spec),
                       label_of({.choice = found->first}, spec), by);
  }

  const WorldModel& model_;
  const std::vector<Move>& moves_;
  const std::function<bool(const WorldModel::State&)>& is_it_;
  Followed followed_;
  std::uint32_t states_ = 0;
  std::size_t deepest_ = 0;
};

}  // namespace

std::vector<Move> moves_of(const WorldModel& model, const std::vector<Visited::Step>& way) {
  std::vector<Move> moves;
  WorldModel::State state = model.initial();
  for (const Visited::Step step : way) {
    std::optional<WorldModel::Option> chosen = model.option(state, step);
    while (chosen) {
      moves.push_back(chosen->move);
      const NodeId completing = model.perform(state, *chosen);
      chosen = model.follower(state, completing);
    }
  }
  return moves;
}

Followed follow(const WorldModel& model, const std::vector<Move>& moves,
                const std::function<bool(const WorldModel::State&)>& is_it) {
  return Following(model, moves, is_it).result();
}

}  // namespace txsim
