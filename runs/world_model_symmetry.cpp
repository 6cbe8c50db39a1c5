// SYMMETRY: which of two mirrored choices a search leaves out, and why no verdict changes.
//
// If two symmetric services (symmetry.h) are exchanged, every run becomes another run, in which
// each service does what the other did. It has the same length, and the judge gets the same facts
// with the services exchanged, so its verdicts are the same. So two states that mirror each other
// have mirrored successors. If a state is its own mirror image, the successor by an option and the
// successor by the mirrored option mirror each other: one of the two options need not be tried. An
// option that is left out is the image of one that is tried, or of one that was itself left out
// for an option before it in turn. (Symmetry of scalar sets: Ip, Dill, Better Verification Through
// Symmetry, 1996; Clarke, Enders, Filkorn, Jha, Exploiting Symmetry in Temporal Logic Model
// Checking, 1996; Emerson, Sistla, Symmetry and Model Checking, 1996. Together with ORDER, which
// keeps some violating run of each state that has one: Emerson, Jha, Peled, Combining Partial Order
// and Symmetry Reductions, 1997.) No state is taken for another one: each state that is met is
// real, loops are real loops, and every path is a run. A shortest violation has a mirror image of
// the same length.
//
// Whether a state is its own mirror image is computed, not argued: a state has a twin for each pair
// of symmetric services. A twin begins as the same world, and takes the mirror image of every
// choice: the services are exchanged, all else is the same. As long as the choice is its own mirror
// image and the twin is the same world, nothing needs to be kept. Otherwise the twin owes the
// mirrored choice. Owed choices are taken when a state is expanded whose options are mirror images
// of each other. If the two fingerprints are then equal, the twin is the same world again. No part
// of a state is relabelled, so no part can be forgotten.
//
// That the mirrored run is a run is argued (symmetry.cpp). This, too, is checked whenever a twin
// takes what it owes, and at each end for all twins: the twin has each option that it owes, the
// options of both are mirror images of each other, and the same invariants are violated. If not,
// services were wrongly taken for symmetric, or read a clock that twins may read differently. Then
// the search does not count as exhausted, and `explore` searches once more without `symmetry`.
// Tests check all twins of all states of whole searches in this way, which is a bisimulation.
//
// States are rebuilt from their steps. A step's name says which twins are the same world in the
// state in which the step is taken, so this need not be computed again.
//
// A step in which one node writes to several is one event for others, except if a crash falls
// within it: then the node has written to the first and not to the second, never the other way
// round. So there is no symmetry in a search with crashes, nor if the scenario has faults of its
// own.
//
// If messages differ only in their content, it is unknown which mirrors which. Then the twin is
// lost, and nothing more is left out because of it.
#include <algorithm>
#include <tuple>

#include "runs/world_model.h"
#include "sim/assert.h"

namespace txsim {
namespace {

using Option = WorldModel::Option;
using Twin = WorldModel::Twin;
using Mirror = WorldModel::Mirror;
using Found = Mirror::Found;

Choice mirrored(Choice choice, const SymmetricPair& pair) {
  choice.node = pair.mirrored(choice.node);
  choice.peer = pair.mirrored(choice.peer);
  return choice;
}

// The step of a message is not compared: it belongs to the sender or the receiver. If a service has
// several steps, those of its mirror image correspond to them in order.
bool are_named_alike(const Choice& a, const Choice& b) {
  return a.kind == b.kind && a.node == b.node && a.peer == b.peer && a.what == b.what &&
         a.transaction == b.transaction && a.value == b.value;
}

// Whether two choices with one name cannot be told apart. For timers this does not matter.
bool are_confused(const Choice& a, const Choice& b) {
  return a.kind != Choice::Kind::Timer && a.step == b.step;
}

void name_options(const std::vector<Option>& all, const SymmetricPair& pair,
                  std::vector<Mirror::Name>& names) {
  names.clear();
  for (const Option& option : all) {
    const Choice& choice = option.move.choice;
    const std::uint64_t key =
        Fingerprint::of(option.move.kind, choice.kind, option.turn, pair.mirrored(choice.node),
                        pair.mirrored(choice.peer), choice.what, choice.transaction, choice.value);
    names.push_back({key, choice.step, static_cast<std::uint16_t>(names.size())});
  }
  std::sort(names.begin(), names.end(), [](const Mirror::Name& a, const Mirror::Name& b) {
    return std::tie(a.key, a.step, a.place) < std::tie(b.key, b.step, b.place);
  });
}

bool are_confused(const std::vector<Option>& all, const Mirror::Name& a, const Mirror::Name& b) {
  return a.key == b.key && are_confused(all[a.place].move.choice, all[b.place].move.choice);
}

// Whether the first of two mirrored options is the one that is tried.
bool comes_before(const std::vector<Option>& all, std::size_t a, std::size_t b) {
  const Choice& one = all[a].move.choice;
  const Choice& other = all[b].move.choice;
  return std::tie(one.node, one.peer, a) < std::tie(other.node, other.peer, b);
}

// The choice by which a twin takes an owed move, if it was found.
struct Paid {
  Found found = Found::Differs;
  Choice choice;
};
Paid find_owed(const World& world, const Twin::Owed& owed, std::vector<Choice>& alike) {
  world.enabled_untimed(alike);
  const auto end = std::remove_if(alike.begin(), alike.end(), [&](const Choice& choice) {
    return !are_named_alike(choice, owed.move.choice);
  });
  alike.erase(end, alike.end());
  if (alike.size() != owed.count) return {};
  if (alike.size() == 1) return {Found::All, alike.front()};
  std::stable_sort(alike.begin(), alike.end(),
                   [](const Choice& a, const Choice& b) { return a.step < b.step; });
  const auto confused =
      std::adjacent_find(alike.begin(), alike.end(),
                         [](const Choice& a, const Choice& b) { return are_confused(a, b); });
  return {confused == alike.end() ? Found::All : Found::NotSure, alike[owed.rank]};
}

// The owed move, with its rank among the options of the same kind and name.
Twin::Owed owed_for(const std::vector<Option>& all, const Option& option,
                    const SymmetricPair& pair) {
  Twin::Owed owed;
  owed.move = option.move;
  owed.move.choice = mirrored(option.move.choice, pair);
  owed.count = 0;
  bool is_before = true;  // `other` comes before `option` in the list
  for (const Option& other : all) {
    if (other.move.kind != option.move.kind) continue;
    if (!are_named_alike(other.move.choice, option.move.choice)) continue;
    ++owed.count;
    if (other.move.choice.key == option.move.choice.key) {
      is_before = false;
    } else if (other.move.choice.step < option.move.choice.step ||
               (is_before && other.move.choice.step == option.move.choice.step)) {
      ++owed.rank;
    }
  }
  return owed;
}

// Reuses the memory of worlds that are no longer needed.
void set_aside(const WorldModel::State& state, std::shared_ptr<World>& world) {
  if (world && world.use_count() == 1) state.spare.push_back(std::move(world));
  world = nullptr;
}
// A state shares its spare worlds with its copies, so a shared one is not overwritten.
std::shared_ptr<World> copy_of(const World& world, const WorldModel::State& state) {
  std::shared_ptr<World> copy;
  if (!state.spare.empty()) {
    copy = std::move(state.spare.back());
    state.spare.pop_back();
  }
  if (copy.use_count() != 1) return std::make_shared<World>(world);
  *copy = world;
  return copy;
}

}  // namespace

std::vector<SymmetricPair> WorldModel::find_pairs(const Reductions& reductions) const {
  if (!reductions.symmetry || budget_.has_crash() || may_crash_by_plan_) return {};
  return reductions.claimed.empty() ? symmetric_pairs(*scenario_) : reductions.claimed;
}

std::uint32_t WorldModel::same_twins(const State& state) {
  std::uint32_t same = 0;
  for (std::size_t pair = 0; pair < std::min<std::size_t>(state.twins.size(), 16); ++pair) {
    if (state.twins[pair].stage == Twin::Stage::Same) same |= std::uint32_t{1} << pair;
  }
  return same;
}

// `into` may be the state itself, whose own world has not changed yet.
void WorldModel::owe(const State& state, const Option& option, std::uint32_t same,
                     State& into) const {
  const std::vector<Option>& all = options(state);
  into.twins.resize(state.twins.size());
  std::shared_ptr<World> base;  // one for all twins that become Apart here
  for (std::size_t pair = 0; pair < state.twins.size(); ++pair) {
    Twin& twin = into.twins[pair];
    if (&into != &state) {
      set_aside(into, twin.base);
      twin = state.twins[pair];
    }
    if (pair < 16 && ((same >> pair) & 1U) != 0) twin.stage = Twin::Stage::Same;
    if (twin.stage == Twin::Stage::Lost) continue;
    const Choice& choice = option.move.choice;
    const bool is_own_image = !pairs_[pair].has(choice.node) && !pairs_[pair].has(choice.peer);
    if (twin.stage == Twin::Stage::Same && is_own_image) continue;
    if (twin.stage == Twin::Stage::Same) {
      set_aside(into, twin.base);
      if (!base) base = copy_of(state.world, into);
      twin.base = base;
      twin.owed.clear();
      twin.stage = Twin::Stage::Apart;
    }
    twin.owed.push_back(owed_for(all, option, pairs_[pair]));
  }
}

// Finds which options of `other` mirror those of the state, and keeps the result in the state.
Found WorldModel::find_images(const State& state, const std::vector<Option>& other,
                              const SymmetricPair& pair) const {
  const std::vector<Option>& own = options(state);
  auto& [names, images, places] = state.mirror;
  name_options(own, {}, names);
  name_options(other, pair, images);
  if (names.size() != images.size()) return Found::Differs;
  places.resize(names.size());
  Found found = Found::All;
  for (std::size_t i = 0; i < names.size(); ++i) {
    if (names[i].key != images[i].key) return Found::Differs;
    const bool is_sure = i == 0 || (!are_confused(own, names[i - 1], names[i]) &&
                                    !are_confused(other, images[i - 1], images[i]));
    if (!is_sure) found = Found::NotSure;
    places[names[i].place] = images[i].place;
  }
  return found;
}

// The twin takes the moves that it owes. False: it cannot, or it no longer mirrors the state.
bool WorldModel::work_out(const State& state, std::size_t pair) const {
  Twin& twin = state.twins[pair];
  World& world = scratch_as(state, *twin.base);
  for (Twin::Owed& owed : twin.owed) {
    const Paid paid = find_owed(world, owed, state.choices);
    if (paid.found != Found::All) {
      twin.stage = Twin::Stage::Lost;
      return paid.found == Found::NotSure;
    }
    owed.move.choice = paid.choice;
    world.take(owed.move);
  }
  twin.owed.clear();
  const World::Crashes may_crash = crashes(state.left);
  set_aside(state, twin.base);
  if (world.fingerprint(may_crash) == state.world.fingerprint(may_crash)) {
    twin.stage = Twin::Stage::Same;
    return true;
  }
  twin.base = copy_of(world, state);
  Known known;
  return find_images(state, options(world, state.left, known), pairs_[pair]) != Found::Differs &&
         violated(world, state.left) == violated(state);
}

bool WorldModel::is_mirrored(const State& state) const {
  bool are_all = true;
  for (std::size_t pair = 0; pair < state.twins.size(); ++pair) {
    Twin& twin = state.twins[pair];
    if (twin.stage == Twin::Stage::Apart) are_all = are_all && work_out(state, pair);
    if (twin.stage == Twin::Stage::Same) {
      const Found found = find_images(state, options(state), pairs_[pair]);
      are_all = are_all && found != Found::Differs;
    } else if (twin.stage == Twin::Stage::Apart) {
      are_all = are_all && violated_at_end(*twin.base, state.left) == violated_at_end(state);
    }
  }
  return are_all;
}

// Computes only the twins that may be the state's own world again and could then leave something
// out.
void WorldModel::leave_out_mirrored(const State& state, const std::vector<Option>& all,
                                    std::vector<bool>& superfluous) const {
  for (std::size_t pair = 0; pair < state.twins.size(); ++pair) {
    const Twin& twin = state.twins[pair];
    if (twin.stage == Twin::Stage::Lost) continue;
    const Found found = find_images(state, all, pairs_[pair]);
    if (twin.stage == Twin::Stage::Same && found == Found::Differs) found_unlike_ = true;
    if (found != Found::All) continue;
    const std::vector<std::uint16_t> places = state.mirror.places;
    bool is_of_use = false;
    for (std::size_t i = 0; i < all.size(); ++i) {
      is_of_use = is_of_use || (places[i] != i && !superfluous[i]);
    }
    if (!is_of_use) continue;
    if (twin.stage == Twin::Stage::Apart && !work_out(state, pair)) found_unlike_ = true;
    if (twin.stage != Twin::Stage::Same) continue;
    for (std::size_t i = 0; i < all.size(); ++i) {
      if (comes_before(all, places[i], i)) superfluous[i] = true;
    }
  }
}

}  // namespace txsim
