// What became of orders: all executions of an order that are in flight together, and two sets of
// orders that are over: those in effect, and those whose client did not hear what became of them.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <vector>

#include "protocols/transaction.h"
#include "sim/fingerprint.h"
#include "sim/table.h"
#include "sim/vector.h"

namespace txsim {

// A set of numbers given out in about ascending order. Pages of 1,024 that hold all or none of
// theirs cost nothing but their part in a run of such; a mixed page costs a bit for each number.
class OrderSet {
 public:
  bool contains(std::uint64_t n) const;
  void add(std::uint64_t n);
  void remove(std::uint64_t n);
  std::size_t pages() const { return pages_.size(); }
  void digest_into(Fingerprint& into) const { into.add(pages_, full_); }

 private:
  static constexpr std::uint64_t kPage = 1024;
  struct Page {
    std::array<std::uint64_t, kPage / 64> bits{};
    std::uint32_t count = 0;

    void digest_into(Fingerprint& into) const { into.add(bits, count); }
  };
  struct Run {  // of full pages
    std::uint64_t first = 0;
    std::uint64_t last = 0;

    void digest_into(Fingerprint& into) const { into.add(first, last); }
  };
  static std::uint64_t bit(std::uint64_t n) { return std::uint64_t{1} << (n % 64); }
  static std::size_t word(std::uint64_t n) { return static_cast<std::size_t>(n % kPage / 64); }
  std::size_t run_of(std::uint64_t page) const;  // the first run that ends at or after it
  bool is_full(std::uint64_t page) const;
  void fill(std::uint64_t page);
  void split(std::uint64_t page);

  Table<Page> pages_;  // mixed, by number
  Vector<Run> full_;   // ascending, with gaps between them
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
  std::uint64_t submissions = 0;             // how many of them were executed, or told
  bool is_final = false;    // what its steps are now, only a broken promise could change
  bool is_touched = false;  // an execution changed when it was over

  void digest_into(Fingerprint& into) const {
    into.add(open, in_effect, order, done_event != 0, done, failed_event != 0, failed,
             effect_submission, unsettled, submissions, is_final, is_touched);
  }
  bool is_heard() const { return (in_effect ? done_event : failed_event) != 0; }
};

class Orders {
 public:
  explicit Orders(bool may_repeat) : may_repeat_(may_repeat) {}

  bool may_repeat() const { return may_repeat_; }
  void open(TransactionId id) {
    if (may_repeat_) open_repeatable(id);
  }
  // One execution is over: `told` is what its client heard, or null. Gives the order once none is
  // in flight any more.
  struct Execution {
    TransactionId id = 0;
    const Reply* told = nullptr;
    std::uint64_t told_event = 0;
    bool any_effect = false;
    bool full_effect = false;
    bool unsettled = false;
    bool is_final = false;
  };
  std::optional<OrderState> close(const Execution& execution);
  // A reply that comes after its transaction was forgotten.
  std::optional<OrderState> told_late(TransactionId id, Reply reply, std::uint64_t event);
  // By an execution that is over; always false where orders do not repeat.
  bool is_in_effect(std::uint64_t order) const;
  // This very execution was over with all of its steps in effect.
  bool ended_in_effect(TransactionId id) const {
    const std::uint64_t submission = submission_of(id);
    return submission < full_.size() && full_[submission].contains(order_of(id));
  }
  // Some execution of it is in flight.
  bool is_open(std::uint64_t order) const { return may_repeat_ && orders_.contains(order); }
  // Requires that none is: one that was over is in effect, of this order or, where none repeat, of
  // the execution.
  bool is_done(TransactionId id) const {
    return may_repeat_ ? in_effect_.contains(order_of(id)) : ended_in_effect(id);
  }
  // An execution has changed that was over; others may be in flight.
  void touch(std::uint64_t order) {
    if (OrderState* state = may_repeat_ ? orders_.find(order) : nullptr) state->is_touched = true;
  }
  std::uint64_t most_submissions() const { return full_.size(); }
  // An execution that was over is in effect after all, or no longer.
  void revise(std::uint64_t order, bool in_effect);
  // Its client heard what became of it.
  bool is_heard(std::uint64_t order) const { return !unheard_.contains(order); }
  void digest_into(Fingerprint& into) const { into.add(orders_, in_effect_, unheard_, full_); }

 private:
  void open_repeatable(TransactionId id);
  void settle(const OrderState& state);

  bool may_repeat_;
  Table<OrderState> orders_;
  OrderSet in_effect_;  // where orders may repeat
  OrderSet unheard_;
  Vector<OrderSet> full_;  // by submission: orders that it ended with all steps in effect
};

}  // namespace txsim
