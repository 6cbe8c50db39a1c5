// Row locks of one store: shared and exclusive, held to the end of their transaction, granted in
// the order of request (Gray & Reuter, Transaction Processing, 1993, chapter 8).
//
// Invariants: a row has either one exclusive hold or any number of shared ones; a row with waits
// has a hold that the first of them conflicts with; only a wait that the order favours overtakes
// another. Holds and waits are in pools and chained by index, so they can be copied plainly and
// allocate nothing once warm.
#pragma once

#include <cstdint>
#include <vector>

#include "services/settings.h"
#include "sim/fingerprint.h"
#include "sim/message.h"
#include "sim/vector.h"

namespace txsim {

class LockTable {
 public:
  using Index = std::uint32_t;
  static constexpr Index kNone = ~Index{0};

  enum class Mode : std::uint8_t { Shared, Exclusive };
  enum class Answer : std::uint8_t { Taken, Held, Conflict };  // Held: it had the row already

  // What one transaction holds and waits for; kept with the transaction.
  struct Owner {
    Index holds = kNone;
    Index waits = kNone;
  };
  struct Hold {
    TransactionId owner = 0;
    std::uint32_t row = 0;
    Index next_of_owner = kNone;
    Index next_in_row = kNone;
    Index previous_in_row = kNone;
    std::uint16_t step = 0;  // the step that took it
    Mode mode = Mode::Shared;

    void digest_into(Fingerprint& into) const { into.add(owner, row, step, mode); }
  };
  struct Wait {
    TransactionId owner = 0;
    TimerId timer;
    std::uint32_t row = 0;
    Index next_of_owner = kNone;
    Index next_in_row = kNone;
    Index previous_in_row = kNone;
    std::uint16_t step = 0;
    Mode mode = Mode::Shared;
    bool conversion = false;  // its owner has the row already
    bool granted = false;     // has its hold and has left the row's queue; not yet reported
    bool for_good = false;    // for the store: the step is an `apply`

    void digest_into(Fingerprint& into) const {
      into.add(owner, timer, row, step, mode, conversion, granted, for_good);
    }
  };

  explicit LockTable(std::uint32_t rows, LockOrder order = LockOrder::ConversionsFirst)
      : rows_(rows), order_(order) {}

  // Takes the lock if nothing conflicts.
  Answer lock(std::uint32_t row, TransactionId owner, Owner& of, Mode mode, std::uint16_t step);
  // Whether `lock` would succeed.
  bool is_free(std::uint32_t row, const Owner& of, Mode mode) const;
  // A holder of the row that conflicts with the owner.
  TransactionId holder(std::uint32_t row, TransactionId but) const;

  // Queues after a conflict.
  Index add_wait(std::uint32_t row, TransactionId owner, Owner& of, Mode mode, std::uint16_t step);
  Index find_wait(const Owner& of, std::uint16_t step) const;
  Wait& wait(Index index) { return waits_[index]; }
  // Leaves the queue, if still in it, and forgets the wait.
  void drop_wait(Index index, Owner& of);

  // The first wait of the row, if nothing conflicts with it any more.
  Index grantable(std::uint32_t row) const;
  // Gives the wait its hold and removes it from the queue; it stays among its owner's waits.
  void grant(Index index, Owner& of);

  Index find_hold(const Owner& of, std::uint32_t row) const;
  const Hold& hold(Index index) const { return holds_[index]; }
  void release(Index index, Owner& of);

  // By rows, in the order of the holders and of the queue; for an owner, the grants that are not
  // reported yet. An entry's place in its pool does not count.
  void digest_into(Fingerprint& into) const;
  void digest_granted(Fingerprint& into, const Owner& of) const;

 private:
  struct Row {
    Index holds = kNone;
    Index first_wait = kNone;
    Index last_wait = kNone;
  };

  bool is_only_holder(std::uint32_t row, TransactionId owner) const;
  void add_hold(std::uint32_t row, TransactionId owner, Owner& of, Mode mode, std::uint16_t step);
  Index place_in_queue(const Wait& wait, Index earlier) const;
  void leave_queue(Index index);

  Vector<Row> rows_;
  LockOrder order_;
  Vector<Hold> holds_;
  Vector<Wait> waits_;
  Index free_holds_ = kNone;  // chained by next_of_owner
  Index free_waits_ = kNone;
};

}  // namespace txsim
