// The transactions that a coordinator has begun and not forgotten, in the order of their numbers,
// and the mark with which it reports that order to others.
//
// Messages arrive late and twice. A participant that has forgotten a transaction must not mistake
// an old message for a new transaction. So a coordinator numbers its transactions in ascending
// order. Each message carries the number, and the oldest number that its coordinator has not
// forgotten: no transaction below that is opened any more, and what is remembered of such may be
// dropped.
#pragma once

#include <algorithm>
#include <cstdint>
#include <vector>

#include "services/ascending_number.h"
#include "sim/fingerprint.h"
#include "sim/message.h"
#include "sim/ring.h"
#include "sim/time.h"

namespace txsim {

// Carried by each message of a protocol.
struct Mark {
  std::uint64_t number = 0;
  std::uint64_t oldest = 0;
  std::uint64_t detail = 0;  // free for the message
};

// The mark as part of a message, with the token under which the transaction is executed (see
// fence.h); 0: none.
struct FencedMark {
  Mark mark;
  std::uint64_t token = 0;
};

class BegunTransactions {
 public:
  struct Begun {
    std::uint64_t number = 0;
    TransactionId id = 0;

    void digest_into(Fingerprint& into) const { into.add(number, id); }
  };

  // A transaction begins; `now` is the node's clock.
  std::uint64_t begin(TransactionId id, Time now) {
    const std::uint64_t number = numbers_.next(now);
    begun_.push({number, id});
    return number;
  }
  // Another node has seen a later number: our clock went back across a restart.
  void learn(std::uint64_t seen) { numbers_.learn(seen); }
  // A transaction has been forgotten; `is_known` says of an id whether it has not. A transaction
  // whose end is not durable yet is still known, because a crash would bring it back. It is
  // forgotten with the next one.
  template <class IsKnown>
  void forget(IsKnown&& is_known) {
    while (!begun_.empty() && !is_known(begun_.front().id)) begun_.pop();
  }
  // The oldest number that is not forgotten; if there is none, the next will not be below this.
  std::uint64_t oldest() const {
    return begun_.empty() ? numbers_.last() + 1 : begun_.front().number;
  }
  Mark mark(std::uint64_t number, std::uint64_t detail = 0) const {
    return {number, oldest(), detail};
  }
  std::size_t size() const { return begun_.size(); }

  // Recovery, before any begins: those that the log shows, in any order; sorts them.
  void resume(std::vector<Begun>& found) {
    std::sort(found.begin(), found.end(), [](const Begun& a, const Begun& b) {
      return a.number != b.number ? a.number < b.number : a.id < b.id;
    });
    for (const Begun& begun : found) begun_.push(begun);
  }

  void digest_into(Fingerprint& into) const { into.add(begun_, numbers_); }

 private:
  Ring<Begun> begun_;
  AscendingNumber numbers_;
};

}  // namespace txsim
