#include "checks/archive.h"

#include <algorithm>

namespace txsim {

// Mostly equal to the one before.
std::size_t Archive::place_of(const ExecutionState& state, const Vector<LaterBranch>& branches,
                              const Vector<std::uint8_t>& order) {
  const auto is_it = [&](const Entry& entry) {
    return entry.state == state && entry.branches == branches && entry.order == order;
  };
  if (state.kind >= last_.size()) last_.resize(state.kind + std::size_t{1}, 0);
  std::uint32_t& last = last_[state.kind];
  if (last < entries_.size() && is_it(entries_[last])) return last;
  const auto found = std::find_if(entries_.begin(), entries_.end(), is_it);
  last = static_cast<std::uint32_t>(found - entries_.begin());
  if (last == entries_.size()) {
    entries_.push_back({state, branches, order});
    sets_.emplace_back();
  }
  return last;
}

void Archive::put(TransactionId id, const ExecutionState& state,
                  const Vector<LaterBranch>& branches, const Vector<std::uint8_t>& order,
                  const Blame& blame, Usual usual) {
  const std::size_t kind = state.kind;
  std::size_t place = place_of(state, branches, order);
  if (usual != Usual::IsNot) {
    std::uint32_t& home = usual_homes_[static_cast<std::size_t>(usual)];
    if (kind >= usual_.size()) usual_.resize(kind + 1, kNone);
    if (usual_[kind] == kNone) usual_[kind] = static_cast<std::uint32_t>(place);
    if (home == kNone) home = static_cast<std::uint32_t>(place);
    if (usual_[kind] == place) place = home;
  }
  Sets& sets = sets_[place];
  const std::uint64_t submission = submission_of(id);
  if (submission >= sets.size()) sets.resize(submission + 1);
  sets[submission].add(order_of(id));
  if (submission >= last_orders_.size()) last_orders_.resize(submission + 1);
  last_orders_[submission] = std::max(last_orders_[submission], order_of(id));
  if (blame.is_any()) blames_[id] = blame;
}

bool Archive::has_any(std::size_t i) const {
  return std::any_of(sets_[i].begin(), sets_[i].end(),
                     [](const OrderSet& orders) { return !orders.empty(); });
}

bool Archive::holds(std::size_t i, TransactionId id) const {
  const Sets& sets = sets_[i];
  const std::uint64_t submission = submission_of(id);
  return submission < sets.size() && sets[submission].contains(order_of(id));
}

const Entry* Archive::take(TransactionId id, std::uint16_t kind, Blame& blame) {
  if (is_new(id)) return nullptr;
  for (std::size_t i = 0; i < entries_.size(); ++i) {
    if (entries_[i].state.is_earlier || !holds(i, id)) continue;
    std::size_t place = i;
    if (std::find(usual_homes_.begin(), usual_homes_.end(), i) != usual_homes_.end()) {
      if (usual(kind) == nullptr) return nullptr;
      place = usual_[kind];
    }
    sets_[i][submission_of(id)].remove(order_of(id));
    blame = blame_of(id);
    blames_.erase(id);
    return &entries_[place];
  }
  return nullptr;
}

Blame Archive::blame_of(TransactionId id) const {
  const Blame* blame = blames_.find(id);
  return blame == nullptr ? Blame{} : *blame;
}

void Archive::digest_into(Fingerprint& into) const {
  std::uint64_t sum = 0;
  for (std::size_t i = 0; i < entries_.size(); ++i) {
    for (std::size_t submission = 0; submission < sets_[i].size(); ++submission) {
      const OrderSet& orders = sets_[i][submission];
      if (!orders.empty()) sum += Fingerprint::of(entries_[i], submission, orders);
    }
  }
  into.add(sum);
}

}  // namespace txsim
