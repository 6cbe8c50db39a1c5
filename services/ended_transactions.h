// The executions whose outcome a coordinator's log shows, collected while it recovers.
//
// One transaction can be executed more than once under its id: if orders are not recognised, a
// Submit that arrives again after the end begins it again. After a crash only the last of these
// executions is announced again, because everything about an earlier one left the node before the
// next began. A coordinator numbers its executions (begun_transactions.h), which tells them apart.
#pragma once

#include <cstdint>
#include <utility>
#include <vector>

#include "sim/table.h"
#include "transactions/transaction.h"

namespace txsim {

class EndedTransactions {
 public:
  enum class Standing : std::uint8_t {
    Over,        // the coordinator has forgotten it
    CarriedOn,   // its outcome is certain, and some work is left
    Superseded,  // the same transaction was executed again
  };
  struct Ended {
    TransactionId id = 0;
    std::uint64_t number = 0;  // of the execution
    std::uint16_t kind = 0;
    Outcome outcome = Outcome::Unknown;
    Standing standing = Standing::Over;
  };

  // An outcome in the log; the log is read in order.
  void add(TransactionId id, std::uint64_t number, std::uint16_t kind, Outcome outcome) {
    ended_.push_back({id, number, kind, outcome});
  }

  // All of them in the log's order; then forgets them. `known`: the executions that the coordinator
  // has not forgotten, by transaction, each with its `number`.
  template <class Execution>
  [[nodiscard]] std::vector<Ended> take(const Table<Execution>& known) {
    Table<std::uint64_t> last;
    for (const Ended& ended : ended_) last[ended.id] = ended.number;
    for (Ended& ended : ended_) {
      const Execution* execution = known.find(ended.id);
      if (execution != nullptr && execution->number == ended.number) {
        ended.standing = Standing::CarriedOn;
      } else if (execution != nullptr || *last.find(ended.id) != ended.number) {
        ended.standing = Standing::Superseded;
      }
    }
    return std::exchange(ended_, {});
  }

 private:
  std::vector<Ended> ended_;
};

}  // namespace txsim
