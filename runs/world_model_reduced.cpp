// What a search leaves out, and why no verdict changes.
//
// A world is calm once no crash and no early timer is left in the budget and the scenario has no
// faults of its own. Then a timer waits until nothing is under way and nothing is being written,
// and the moment at which something becomes durable matters only to the effects that wait for it.
//
// ORDER. In a calm state one of these events goes first, if there is one, and all others wait for
// it. For each it is shown: for any run that takes another event first there is a run that takes
// this one first and in which the judge gets the same facts in the same order (persistent sets of
// one process: Godefroid, Partial-Order Methods for the Verification of Concurrent Systems, 1996;
// Clarke, Grumberg, Peled, Model Checking, 1999, ch. 10; movers: Lipton, Reduction, 1975).
//
// - A write whose completion releases messages and no fact, and that no item waits for (left
//   mover).
//   What happens elsewhere before it does not depend on it, since a message that is sent earlier
//   may take longer to arrive. What its node does before it appends to its log. The effects of that
//   handler leave at once in both runs if they do not depend on the write. If they do, they belong
//   to a transaction that waits for the write already. Then all effects of the handler are held
//   back until the write ends, so the handler can also come right after the write. No timer fires
//   before the write in either run.
// - The write of a handler that had sent and announced nothing before it forced its log: all of its
//   effects wait for the write. (Such a handler is a right mover.) In a run in which others act
//   between the handler and the end of the write, the handler can also run just before the write
//   ends, because nothing of it is visible before. So no state between the two is needed in which
//   others act. What its own node handles in between either depends on it, has no visible effect
//   either and moves with it; or does not depend on it, and can also come before it. (One fact is
//   an exception: if the write goes first, it is not announced that a step waits for a row whose
//   last record is being written. No verdict of a search depends on that wait, since it takes no
//   time.)
// - A message that its node absorbs (Node::absorbs): handling it changes nothing that an earlier
//   event could depend on, and announces no fact. Its loss and its duplication are still tried. Its
//   sender is up, and every other message under way from this sender to this node commutes with it
//   (both orders are taken and compared), so the order in which the two arrive does not matter.
//
// No event is deferred forever (the cycle proviso): the event that goes first removes a write or a
// message, and adds only messages, which are taken in turn; and if no end can be reached from a
// state, none can be reached after that event. An event that goes first without need can make a
// violating run longer: `explore` then searches for the shortest one without this reduction.
//
// TIMERS. Of the pending timers of one node with equal name, transaction and value one is tried:
// nodes learn nothing else about a timer that fires, and a fingerprint counts how many of the kind
// are left. So the other timers lead to the same states.
#include <algorithm>

#include "runs/world_model.h"

namespace txsim {
namespace {

using Kind = Choice::Kind;

bool is_same_timer(const Choice& a, const Choice& b) {
  return a.kind == Kind::Timer && b.kind == Kind::Timer && a.node == b.node && a.what == b.what &&
         a.transaction == b.transaction && a.value == b.value;
}

bool is_handled(const Choice& choice) {
  return choice.kind == Kind::Message || choice.kind == Kind::Refusal || choice.kind == Kind::Timer;
}

// Whether both orders lead to the same state: computed, not argued.
bool commute(const WorldModel::State& state, const Move& a, const Move& b) {
  const auto taken = [&](const Move& first, const Move& second) {
    World& after = WorldModel::scratch_as(state, state.world);
    after.take(first);
    after.take(second);
    return after.fingerprint(World::Crashes::NoMore);
  };
  return taken(a, b) == taken(b, a);
}

// Whether it commutes with each other message under way from the same node to the same node.
bool commutes_with_company(const WorldModel::State& state, const Move& message,
                           const std::vector<WorldModel::Option>& all) {
  return std::all_of(all.begin(), all.end(), [&](const WorldModel::Option& option) {
    const Choice& other = option.move.choice;
    const bool is_company = option.move.kind == Move::Kind::Happen && other.kind == Kind::Message &&
                            other.node == message.choice.node &&
                            other.peer == message.choice.peer && !(other.key == message.choice.key);
    return !is_company || commute(state, message, option.move);
  });
}

}  // namespace

bool WorldModel::is_calm(const FaultBudget& left) const {
  return !left.has_crash() && left.timeouts == 0 && spec_->faults.empty();
}

NodeId WorldModel::perform(State& state, const Option& option) const {
  const Choice& choice = option.move.choice;
  const bool may_tell_nobody = reductions_.order && is_calm(option.left) && is_handled(choice) &&
                               !state.world.is_writing(choice.node);
  const std::uint64_t before = state.world.outward();
  state.left = option.left;
  state.world.take(option.move);
  if (timing_ == Timing::Clock) {
    state.world.forget_periods(crashes(option.left));
    const LostTrack& lost = state.world.clock().lost();
    if (lost.what != LostTrack::What::Nothing) lost_ = lost;
  }
  const bool waits = may_tell_nobody && state.world.is_writing(choice.node);
  return waits && state.world.outward() == before ? choice.node : kNoNode;
}

bool WorldModel::goes_first(const State& state, const Option& option,
                            const std::vector<Option>& all) const {
  if (option.move.kind != Move::Kind::Happen) return false;
  const Choice& choice = option.move.choice;
  if (choice.kind == Kind::Write) return state.world.is_silent_write(choice.node);
  return choice.kind == Kind::Message && state.world.is_up(choice.peer) &&
         state.world.is_absorbed(choice) && commutes_with_company(state, option.move, all);
}

std::optional<WorldModel::Option> WorldModel::follower(const State& state,
                                                       NodeId completing) const {
  if (!reductions_.order || !is_calm(state.left)) return std::nullopt;
  const std::vector<Option>& all = options(state);
  for (const Option& option : all) {
    const Choice& choice = option.move.choice;
    if (choice.kind == Kind::Write && choice.node == completing) return option;
  }
  for (const Option& option : all) {
    const auto is_beside = [&](const Option& other) {
      return other.move.kind != Move::Kind::Happen &&
             other.move.choice.key == option.move.choice.key;
    };
    if (goes_first(state, option, all) && std::none_of(all.begin(), all.end(), is_beside)) {
      return option;
    }
  }
  return std::nullopt;
}

// By option, whether it is left out; empty: none is.
std::vector<bool> WorldModel::find_superfluous(const State& state,
                                               const std::vector<Option>& all) const {
  if (!reductions_.any() || all.size() < 2) return {};
  std::vector<bool> superfluous(all.size(), false);
  if (reductions_.order && is_calm(state.left)) {
    const auto first = std::find_if(all.begin(), all.end(), [&](const Option& option) {
      return goes_first(state, option, all);
    });
    if (first != all.end()) {
      const EventKey key = first->move.choice.key;
      for (std::size_t i = 0; i < all.size(); ++i) {
        superfluous[i] = !(all[i].move.choice.key == key);
      }
      return superfluous;
    }
  }
  for (std::size_t i = 0; reductions_.timers && i < all.size(); ++i) {
    for (std::size_t j = 0; j < i && !superfluous[i]; ++j) {
      superfluous[i] = is_same_timer(all[i].move.choice, all[j].move.choice);
    }
  }
  leave_out_mirrored(state, all, superfluous);
  return superfluous;
}

}  // namespace txsim
