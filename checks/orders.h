// What became of orders that may be submitted more than once: all executions of an order that are
// in flight together, and the set of the orders that are in effect, as sorted intervals. The set
// grows with the gaps in it, that is with the orders that failed, not with those executed.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "protocols/transaction.h"
#include "sim/table.h"

namespace txsim {

class IntervalSet {
 public:
  bool contains(std::uint64_t n) const;
  void add(std::uint64_t n);
  std::size_t intervals() const { return intervals_.size(); }

 private:
  struct Interval {
    std::uint64_t first = 0;
    std::uint64_t last = 0;
  };
  std::size_t place_of(std::uint64_t n) const;  // the first interval that ends at or after n
  std::vector<Interval> intervals_;             // ascending, with gaps between them
};

// What the client was told of an order, and whether it is in effect.
struct OrderState {
  static constexpr std::uint64_t kNever = 256;
  std::uint32_t open = 0;  // executions in flight
  bool in_effect = false;  // all steps of one of its executions
  std::uint64_t order = 0;
  std::uint64_t done_event = 0;  // told done by this event; 0: not
  TransactionId done = 0;
  std::uint64_t failed_event = 0;  // told failed, the last time
  TransactionId failed = 0;
  std::uint64_t effect_submission = kNever;  // the lowest with any step in effect
  bool unsettled = false;                    // some execution is in doubt at the end of the run
};

class Orders {
 public:
  explicit Orders(bool may_repeat) : may_repeat_(may_repeat) {}

  bool may_repeat() const { return may_repeat_; }
  void open(TransactionId id);
  // One execution is over: `told` is what its client heard, or null. Gives the order once none is
  // in flight any more.
  struct Execution {
    TransactionId id = 0;
    const Reply* told = nullptr;
    std::uint64_t told_event = 0;
    bool any_effect = false;
    bool full_effect = false;
    bool unsettled = false;
  };
  std::optional<OrderState> close(const Execution& execution);
  // A reply that comes after its transaction was forgotten.
  std::optional<OrderState> told_late(TransactionId id, Reply reply, std::uint64_t event);
  // By an execution that is over; always false where orders do not repeat.
  bool is_in_effect(std::uint64_t order) const;
  std::size_t intervals() const { return in_effect_.intervals(); }

 private:
  bool may_repeat_;
  Table<OrderState> orders_;
  IntervalSet in_effect_;
};

}  // namespace txsim
