// Executions that are over. The archive keeps of each all that later facts and the end of the run
// are judged by, but no times and no events. Executions that are equal in this share one entry and
// cost a bit each.
//
// So a late fact finds its execution as it was and continues it (`take`). The usual ends of each
// kind are kept in one set, so a run in which every execution ends in the usual way keeps nothing.
// Only the late fact can say of which kind such an execution was.
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <vector>

#include "checks/order_set.h"
#include "checks/view.h"
#include "sim/fingerprint.h"
#include "sim/table.h"
#include "sim/vector.h"

namespace txsim {

// What executions that are over have in common.
struct Entry {
  ExecutionState state;
  Vector<LaterBranch> branches;  // of no transaction in particular
  // By step: its place among those that took effect by themselves, if not ascending; else empty.
  Vector<std::uint8_t> order;

  bool operator==(const Entry&) const = default;
  void digest_into(Fingerprint& into) const { into.add(state, branches, order); }

  // The last branch of the node that is not its first; null: there is none.
  LaterBranch* later_at(NodeId node) {
    for (std::size_t i = branches.size(); i-- > 0;) {
      if (branches[i].node == node) return &branches[i];
    }
    return nullptr;
  }
  const LaterBranch* later_at(NodeId node) const {
    return const_cast<Entry*>(this)->later_at(node);
  }
  // Of the node's last branch.
  StepStatuses& steps_at(NodeId node) {
    LaterBranch* later = later_at(node);
    return later != nullptr ? later->steps : state.steps;
  }
  const StepStatuses& steps_at(NodeId node) const {
    return const_cast<Entry*>(this)->steps_at(node);
  }
  // Some node still has work left, or has forgotten a transaction that it had promised to commit.
  bool is_open() const {
    if ((state.steps.under_lock() | state.steps.reserved()) != 0) return true;
    if (state.in_doubt != 0 || state.oblivious() != 0) return true;
    return std::any_of(branches.begin(), branches.end(), [&](const LaterBranch& branch) {
      return branch.in_doubt || (branch.steps.under_lock() | branch.steps.reserved()) != 0 ||
             (branch.forgot && !branch.finished && state.is_committed());
    });
  }
};

// The events that explain an execution that has not ended well.
struct Blame {
  std::uint64_t event = 0;  // that made all-or-nothing impossible
  Sides sides{};
  std::uint64_t told = 0;  // by which its client was told something untrue

  bool is_any() const { return event != 0 || told != 0; }
};

class Archive {
 public:
  static constexpr std::uint16_t kAnyKind = 0xFFFF;

  // Kinds whose usual ends may stand in one set.
  enum class Usual : std::uint8_t { ChangesNothing, ChangesOneThing, ChangesMore, IsNot };
  // `usual`: in effect, its client told done, and nothing unusual happened.
  void put(TransactionId id, const ExecutionState& state, const Vector<LaterBranch>& branches,
           const Vector<std::uint8_t>& order, const Blame& blame, Usual usual);
  // Takes out the last execution of the transaction. Null: there is none, or it ended in the usual
  // way and its kind is not given. Valid until the next call of put or take.
  const Entry* take(TransactionId id, std::uint16_t kind, Blame& blame);
  // No execution that received facts so late is here.
  bool is_new(TransactionId id) const {
    const std::uint64_t submission = submission_of(id);
    return submission >= last_orders_.size() || order_of(id) > last_orders_[submission];
  }
  // The last execution before the present one that `fits` (its entry); kNowhere: none does.
  static constexpr std::size_t kNowhere = ~std::size_t{0};
  template <class Fits>
  std::size_t find_earlier(TransactionId id, Fits&& fits) const {
    std::size_t found = kNowhere;
    for (std::size_t i = 0; i < entries_.size(); ++i) {
      const ExecutionState& state = entries_[i].state;
      const bool is_later = found == kNowhere || state.again > entries_[found].state.again;
      if (state.is_earlier && is_later && holds(i, id) && fits(entries_[i])) found = i;
    }
    return found;
  }
  // What is known of an earlier execution has changed from what is kept at `place`.
  void replace(std::size_t place, TransactionId id, const Entry& entry) {
    sets_[place][submission_of(id)].remove(order_of(id));
    put(id, entry.state, entry.branches, entry.order, {}, Usual::IsNot);
  }
  // The execution of the kind that ended in the usual way; null: there is none.
  const Entry* usual(std::uint16_t kind) const {
    return kind < usual_.size() && usual_[kind] != kNone ? &entries_[usual_[kind]] : nullptr;
  }

  std::size_t entries() const { return entries_.size(); }
  const Entry& entry(std::size_t i) const { return entries_[i]; }
  bool empty() const { return entries_.empty(); }
  bool has_any(std::size_t i) const;
  bool holds(std::size_t i, TransactionId id) const;
  // The transactions of an entry, by submission. Those that ended in the usual way are kept with
  // the first such entry.
  template <class Visit>
  void for_each(std::size_t i, Visit&& visit, std::uint64_t first_submission = 0) const {
    const Sets& sets = sets_[i];
    for (std::uint64_t submission = first_submission; submission < sets.size(); ++submission) {
      sets[submission].for_each(
          [&](std::uint64_t order) { visit(transaction_id(order, submission)); });
    }
  }
  Blame blame_of(TransactionId id) const;
  void digest_into(Fingerprint& into) const;

 private:
  static constexpr std::uint32_t kNone = 0xFFFFFFFF;
  using Sets = Vector<OrderSet>;  // by submission
  std::size_t place_of(const ExecutionState& state, const Vector<LaterBranch>& branches,
                       const Vector<std::uint8_t>& order);

  Vector<Entry> entries_;
  Vector<Sets> sets_;                  // by entry: its transactions
  Vector<std::uint64_t> last_orders_;  // by submission: the highest
  Vector<std::uint32_t> last_;         // by kind: the last entry put there
  Vector<std::uint32_t> usual_;        // by kind: the entry of usual ends
  // The first of these, with which all are kept.
  std::array<std::uint32_t, 3> usual_homes_{kNone, kNone, kNone};
  Table<Blame> blames_;  // of those that have not ended well
};

}  // namespace txsim
