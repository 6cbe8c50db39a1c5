// Counts of a run that the physics keeps: messages by type, log records and writes by node.
#pragma once

#include <array>
#include <cstdint>
#include <utility>
#include <vector>

#include "sim/message.h"
#include "sim/vector.h"
#include "sim/word.h"

namespace txsim {

struct NodeCounts {
  std::uint64_t records = 0;  // log records appended
  std::uint64_t forces = 0;   // forced writes: forces that had something to wait for
  std::uint64_t writes = 0;   // disk writes; one may serve several forces (group commit)
};

struct Statistics {
  std::uint64_t events = 0;  // trace records; the last one's sequence
  std::uint64_t sent = 0;
  std::uint64_t delivered = 0;
  std::uint64_t lost = 0;
  std::uint64_t duplicated = 0;
  std::uint64_t slowed = 0;  // by a fault
  std::uint64_t refused = 0;
  std::uint64_t failures = 0;  // crashes, pauses and fault windows begun
  Vector<NodeCounts> nodes;

  void count_message(Word type) {
    std::size_t i = type.id % kTypeSlots;
    while (types_[i].type != type && types_[i].type.id != 0) i = (i + 1) % kTypeSlots;
    if (types_[i].type.id == 0) [[unlikely]]
      add_type();
    types_[i].type = type;
    ++types_[i].count;
  }
  // Messages sent by type, in the order of the words' ids.
  std::vector<std::pair<Word, std::uint64_t>> messages() const;
  std::uint64_t messages(Word type) const;

 private:
  static constexpr std::size_t kTypeSlots = 64;
  void add_type();

  struct OfType {
    Word type{};
    std::uint64_t count = 0;
  };
  std::array<OfType, kTypeSlots> types_{};
  std::size_t used_ = 0;  // of these slots
};

}  // namespace txsim
