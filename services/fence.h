// The fence of a service: for each order the newest token that it has seen, and the transaction
// that brought it. A transaction with an older token has lost the order's lock without knowing it
// (it was paused, or its message was late, for longer than the lock's expiry), and its steps are
// refused.
//
// Source: sequencers (Burrows, The Chubby Lock Service, OSDI 2006); fencing tokens (Kleppmann, How
// to do distributed locking, 2016).
//
// Only steps are refused: what a transaction has done already it may bring to its end.
#pragma once

#include <cstdint>
#include <vector>

#include "sim/fingerprint.h"
#include "sim/message.h"
#include "sim/table.h"
#include "transactions/transaction.h"

namespace txsim {

// Ascends with each grant of the lock service; 0: none.
using FencingToken = std::uint64_t;

inline constexpr Word kTokenSeen = word("TokenSeen");

class Fence {
 public:
  // False: the token is not newer than the newest one seen.
  bool learn(TransactionId transaction, FencingToken token) {
    if (token == 0) return false;
    Newest& newest = newest_[order_of(transaction)];
    if (token <= newest.token) return false;
    newest = {token, transaction};
    return true;
  }
  // A transaction with a newer token has been here.
  bool bars(TransactionId transaction) const {
    const Newest* newest = find(transaction);
    return newest != nullptr && newest->transaction != transaction;
  }
  bool is_stale(TransactionId transaction, FencingToken token) const {
    const Newest* newest = find(transaction);
    return newest != nullptr && token < newest->token;
  }
  // The last transaction that was here for the order; 0: none.
  TransactionId last(TransactionId transaction) const {
    const Newest* newest = find(transaction);
    return newest == nullptr ? 0 : newest->transaction;
  }
  // 0: it has none, or an older one.
  FencingToken token_of(TransactionId transaction) const {
    const Newest* newest = find(transaction);
    return newest == nullptr || newest->transaction != transaction ? 0 : newest->token;
  }

  static LogRecord record_of(TransactionId transaction, FencingToken token) {
    LogRecord record;
    record.type = kTokenSeen;
    record.transaction = transaction;
    record.value = static_cast<std::int64_t>(token);
    return record;
  }
  bool recover(const LogRecord& record) {
    if (record.type != kTokenSeen) return false;
    learn(record.transaction, static_cast<FencingToken>(record.value));
    return true;
  }
  void write_checkpoint(std::vector<LogRecord>& log) const {
    newest_.for_each_sorted([&](std::uint64_t, const Newest& newest) {
      log.push_back(record_of(newest.transaction, newest.token));
    });
  }
  void digest_into(Fingerprint& into) const { into.add(newest_); }

 private:
  struct Newest {
    FencingToken token = 0;
    TransactionId transaction = 0;

    void digest_into(Fingerprint& into) const { into.add(token, transaction); }
  };
  const Newest* find(TransactionId transaction) const {
    return newest_.empty() ? nullptr : newest_.find(order_of(transaction));
  }

  Table<Newest> newest_;  // by order
};

}  // namespace txsim
