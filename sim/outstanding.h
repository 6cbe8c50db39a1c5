// What a node's unfinished log writes delay: for each transaction, or each item that it has
// written, the log position that must be durable before others may learn of it. It holds only what
// is not durable yet, usually nothing; it allocates nothing once warm.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>

#include "sim/fingerprint.h"
#include "sim/message.h"
#include "sim/ring.h"
#include "sim/table.h"

namespace txsim {

// How many records a node has ever appended, up to and including this one. The count continues when
// a checkpoint replaces the log.
using LogPosition = std::uint64_t;

class Outstanding {
 public:
  struct Entry {
    LogPosition position = 0;
    TransactionId by = 0;  // the last one
  };

  bool empty() const { return keys_.empty(); }
  // Null: nothing is outstanding.
  const Entry* find(std::uint64_t key) const { return entries_.find(key); }

  void raise(std::uint64_t key, LogPosition position, TransactionId by) {
    Entry& entry = entries_[key];
    if (entry.position == 0) keys_.push(key);
    entry.position = std::max(entry.position, position);
    entry.by = by;
  }
  // Drops what is durable.
  void settle(LogPosition durable) {
    for (std::size_t left = keys_.size(); left > 0; --left) {
      const std::uint64_t key = keys_.front();
      keys_.pop();
      if (entries_.find(key)->position > durable) {
        keys_.push(key);
      } else {
        entries_.erase(key);
      }
    }
  }
  void clear() { settle(~LogPosition{0}); }

  // Positions count by their distance from the durable position.
  std::uint64_t digest(LogPosition durable) const {
    std::uint64_t sum = 0;  // in any order
    entries_.for_each([&](std::uint64_t key, const Entry& entry) {
      sum += Fingerprint::of(key, entry.position - durable, entry.by);
    });
    return sum;
  }

 private:
  Table<Entry> entries_;
  Ring<std::uint64_t> keys_;  // of the entries, each once
};

}  // namespace txsim
