// What nodes send to each other: small values stored in place, 64 bytes each.
#pragma once

#include <array>
#include <cstdint>
#include <cstring>
#include <type_traits>

#include "sim/time.h"
#include "sim/word.h"

namespace txsim {

using NodeId = std::uint32_t;
inline constexpr NodeId kNoNode = ~NodeId{0};

// Ties the messages, log records, timers and facts of one transaction together; 0: none. The
// physics knows nothing else about transactions.
using TransactionId = std::uint64_t;

// Bytes for a small plain struct of the protocol, without padding: equal values are equal bytes.
// Unused bytes are zero.
template <std::size_t Size>
class Body {
 public:
  template <class T>
  void put(const T& value) {
    static_assert(std::is_trivially_copyable_v<T> && sizeof(T) <= Size);
    static_assert(std::has_unique_object_representations_v<T>, "padding: fill it with a member");
    bytes_ = {};
    std::memcpy(bytes_.data(), &value, sizeof(T));
  }
  template <class T>
  T get() const {
    static_assert(std::is_trivially_copyable_v<T> && sizeof(T) <= Size);
    T value{};
    std::memcpy(&value, bytes_.data(), sizeof(T));
    return value;
  }

 private:
  alignas(8) std::array<unsigned char, Size> bytes_{};
};

struct Message {
  NodeId from = kNoNode;
  NodeId to = kNoNode;
  Word type{};
  std::uint16_t transaction_type = 0;  // free for the protocol: place in Plan::kinds
  std::uint16_t step = 0;              // free for the protocol: which step
  TransactionId transaction = 0;
  std::int64_t value = 0;  // free for the protocol; shown in the trace
  Body<32> body{};
};
static_assert(sizeof(Message) == 64);

// What a node keeps across crashes once it is durable.
struct LogRecord {
  Word type{};
  std::uint16_t transaction_type = 0;  // free for the protocol: place in Plan::kinds
  std::uint16_t step = 0;              // free for the protocol: which step
  TransactionId transaction = 0;
  std::int64_t value = 0;  // free for the protocol; shown in the trace
  Body<32> body{};
};
static_assert(sizeof(LogRecord) == 56);

// What a node announces to the checks. transactions/transaction.h defines the fields for each fact.
struct Fact {
  Word what{};
  NodeId peer = kNoNode;
  std::uint8_t step = 0;
  TransactionId transaction = 0;
  std::int64_t value = 0;
  std::int64_t extra = 0;
  bool is_measure = false;  // measures a duration; searches ignore it
};

// Names one setting of a timer, so a stale id is harmless.
struct TimerId {
  std::uint32_t slot = ~std::uint32_t{0};
  std::uint32_t generation = 0;
  bool is_set() const { return slot != ~std::uint32_t{0}; }
};

// What a node receives when one of its timers fires.
struct Timer {
  Word what{};
  TransactionId transaction = 0;
  std::int64_t value = 0;
};

}  // namespace txsim
