// SYMMETRY: of services that are alike only one is tried first, and why no verdict changes.
//
// Exchange two services that are alike (symmetry.h), and of every run comes another run: the one in
// which each does what the other did. It is as long, and the judge is told the same facts of
// exchanged services, so that it finds the same. So of two states that mirror each other the same
// can come, and if a state is its own mirror image, whatever comes of one of its options comes of
// the mirror image of that option as well, mirrored: one of the two need not be tried. Whatever is
// left out is the image of something that is tried, or is left out for the sake of one that comes
// before it in turn. (Symmetry of scalar sets: Ip, Dill, Better Verification Through Symmetry,
// 1996; Clarke, Enders, Filkorn, Jha, Exploiting Symmetry in Temporal Logic Model Checking, 1996;
// Emerson, Sistla, Symmetry and Model Checking, 1996. Together with ORDER, which keeps of each
// state's runs some that violate what any violates: Emerson, Jha, Peled, Combining Partial Order
// and Symmetry Reductions, 1997.) No states are taken for one another: each that is met is a real
// one, loops are real loops, and every way is a run. A shortest violation has a mirror image that
// is as short.
//
// Whether a state is its own mirror image is looked at, not argued: with the state goes, for each
// pair of like services, its twin. A twin begins as the same world, and takes for every choice the
// mirrored one: the services exchanged, all else the same. As long as the choice is its own mirror
// image and the twin is the same world, there is nothing to be kept. Otherwise it is noted what the
// twin owes, to be done when somebody asks: when a state is expanded whose options are the mirror
// images of one another. If their fingerprints are the same then, they are the same world again. No
// part of a state is relabelled, so nothing can be forgotten there.
//
// What is argued is that the mirrored run is a run: symmetry.cpp. That too is looked at where twins
// are worked out, and at each end all are: the twin has each option that it owes, the options of
// both are mirror images of each other, and the same invariants are violated. If not, services were
// taken for alike that are not, or look at a clock that twins may read differently; then nothing
// that the search did not find is believed, and `explore` searches once more without. Tests look at
// all twins of all states of whole searches in this way: there it is a bisimulation that is
// checked.
//
// States are made again by their steps. A step's name tells which twins were found to be the same
// in the state in which it is taken, so that it need not be found out again.
//
// A step in which one node writes to several is one event after the other only for a crash within
// it: then the first has been written to and not the second, and never the other way round. So
// there is no symmetry in a search with crashes, nor where the scenario has faults of its own.
//
// Of messages that differ in nothing but what they carry nobody knows which mirrors which. Then the
// twin is lost, and nothing more is left out for its sake.
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

// A message's step is one of the service that it goes to or comes from: where one service has
// several, they correspond in their order.
bool are_named_alike(const Choice& a, const Choice& b) {
  return a.kind == b.kind && a.node == b.node && a.peer == b.peer && a.what == b.what &&
         a.transaction == b.transaction && a.value == b.value;
}

// Nothing tells which of two that are named alike is which. Of timers it does not matter.
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

// Which of two options that mirror each other is tried.
bool comes_before(const std::vector<Option>& all, std::size_t a, std::size_t b) {
  const Choice& one = all[a].move.choice;
  const Choice& other = all[b].move.choice;
  return std::tie(one.node, one.peer, a) < std::tie(other.node, other.peer, b);
}

// The choice that the twin owes.
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

// Its rank among the options of the same move that are named alike.
Twin::Owed owed_for(const std::vector<Option>& all, const Option& option,
                    const SymmetricPair& pair) {
  Twin::Owed owed;
  owed.move = option.move;
  owed.move.choice = mirrored(option.move.choice, pair);
  owed.count = 0;
  bool is_before = true;  // those that come later in the list
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
// A state that was copied shares them with its copy.
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
  if (!reductions.symmetry || budget_.has_crash()) return {};
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
  std::shared_ptr<World> base;  // one for all that part here
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

// Which options of `other` mirror the state's: kept in the state.
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

// The twin does what it owes. False: it cannot, or something else has come of it than of the state.
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

// Twins are worked out that may be the state's own world again, where that would be of use.
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
