// Counts dirty uses: a step changed, read, or was refused an amount that another transaction had
// changed visibly and took back later. This is the price of sagas without isolation; a protocol
// that keeps changes under lock or reserved has no dirty uses. There is no verdict, because a
// saga's applied changes are public by its own rules.
#pragma once

#include <algorithm>
#include <vector>

#include "checks/check.h"
#include "sim/table.h"
#include "sim/vector.h"

namespace txsim {

class DirtyUses {
 public:
  static constexpr FactSet kReads =
      facts({FactKind::Applied, FactKind::ReadDone, FactKind::Rejected, FactKind::Compensated});

  void on(const Moment& m, const Ledger& ledger) {
    if (m.view == nullptr || m.part < 0 || m.is_later || m.is_earlier || m.recalled ||
        is_under_lock(m))
      return;
    const TransactionView& view = *m.view;
    if (!ledger.layout().knows_step(view.kind, m.record->step)) return;
    const StepLayout& step = ledger.layout().step(view.kind, m.record->step);
    if (uses_.empty()) uses_.resize(ledger.layout().plan().resources.size());
    if (ledger.layout().plan().resources[step.resource].is_records) return;
    const std::uint64_t changed = steps_on(view, ledger, step.resource);
    if (m.fact == FactKind::Compensated) {
      take_back(view.id, m.record->step, changed, uses_[step.resource]);
      return;
    }
    if (m.again) return;
    ++uses_[step.resource];
    // A transaction does not use its own changes dirtily.
    for (std::uint64_t rest = changed; rest != 0; rest &= rest - 1) {
      std::uint64_t* since = since_.find(key(view.id, __builtin_ctzll(rest)));
      if (since != nullptr) ++*since;
    }
    if (m.fact == FactKind::Applied && m.record->value != 0) {
      since_[key(view.id, m.record->step)] = uses_[step.resource];
    }
  }

  void closed(const Closing& closing) {
    for (std::uint64_t rest = closing.view.steps.by_itself(); rest != 0; rest &= rest - 1) {
      since_.erase(key(closing.view.id, __builtin_ctzll(rest)));
    }
  }

  std::uint64_t count() const { return count_; }

 private:
  // Ids are below 2^58: orders below 2^30 and 8 bits of submission.
  static std::uint64_t key(TransactionId id, int step) {
    return (id << 6) | static_cast<std::uint64_t>(step);
  }
  static bool is_under_lock(const Moment& m) {
    return (m.view->steps.by_lock & step_bit(m.record->step)) != 0;
  }
  // The transaction's visible change of the resource.
  static std::uint64_t steps_on(const TransactionView& view, const Ledger& ledger,
                                std::uint16_t resource) {
    std::uint64_t steps = 0;
    for (std::uint64_t rest = view.steps.by_itself(); rest != 0; rest &= rest - 1) {
      const auto step = static_cast<std::uint8_t>(__builtin_ctzll(rest));
      if (ledger.layout().step(view.kind, step).resource == resource) steps |= step_bit(step);
    }
    return steps;
  }
  // A use of a resource that several of its steps have changed is one use.
  void take_back(TransactionId id, int step, std::uint64_t changed, std::uint64_t uses) {
    const std::uint64_t* found = since_.find(key(id, step));
    if (found == nullptr) return;
    const std::uint64_t since = *found;
    count_ += uses - since;
    since_.erase(key(id, step));
    for (std::uint64_t rest = changed; rest != 0; rest &= rest - 1) {
      std::uint64_t* other = since_.find(key(id, __builtin_ctzll(rest)));
      if (other != nullptr) *other += uses - std::max(since, *other);
    }
  }

  Vector<std::uint64_t> uses_;  // by resource
  Table<std::uint64_t> since_;  // by step in effect: the uses of its resource when it was done
  std::uint64_t count_ = 0;
};

}  // namespace txsim
