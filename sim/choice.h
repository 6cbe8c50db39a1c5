// What may happen next in a world, and what a search makes of it.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "sim/assert.h"
#include "sim/event_key.h"
#include "sim/message.h"
#include "sim/time.h"

namespace txsim {

// One thing that may happen next.
struct Choice {
  enum class Kind : std::uint8_t {
    Message,  // arrives
    Refusal,  // of a message arrives at its sender
    Timer,    // fires
    Write,    // a forced write completes
    Boot,
    Restart,
    Resume,       // after a pause
    FaultBegins,  // one placed by time
    FaultEnds,
    RandomFault
  };
  EventKey key;
  Kind kind = Kind::Message;
  NodeId node = kNoNode;   // where it happens; none if a fault on several nodes begins
  NodeId peer = kNoNode;   // the sender, for a message
  Word what{};             // message type or timer
  std::uint16_t step = 0;  // of a message
  TransactionId transaction = 0;
  std::int64_t value = 0;  // of a message or timer; of a fault its number

  // The same but for its place in the run.
  bool is_like(const Choice& other) const {
    const bool is_fault = kind == Kind::FaultBegins || kind == Kind::FaultEnds;
    return kind == other.kind && node == other.node && peer == other.peer && what == other.what &&
           step == other.step && transaction == other.transaction &&
           (!is_fault || value == other.value);
  }
};

// Answers to questions about time that come up in a step of an exploration by the clock, where both
// answers are possible (symbolic_clock.h). Those that are not given are "yes".
class Answers {
 public:
  static constexpr std::uint32_t kMost = 10;

  std::uint32_t size() const { return size_; }
  bool at(std::uint32_t place) const { return ((bits_ >> place) & 1U) != 0; }
  void push(bool answer) {
    TXSIM_ASSERT(size_ < kMost, "more answers than a step can be named by");
    bits_ |= static_cast<std::uint32_t>(answer) << size_++;
  }
  // The next ones, in an order in which all are reached from no answers; false: these are the last.
  bool advance() {
    while (size_ > 0 && !at(size_ - 1)) --size_;
    if (size_ == 0) return false;
    bits_ &= (1U << (size_ - 1)) - 1;
    return true;
  }
  // One number for all of them, less than 2^(kMost + 1), and back.
  std::uint32_t packed() const { return (1U << size_) | bits_; }
  static Answers unpacked(std::uint32_t packed) {
    Answers answers;
    while (packed >> (answers.size_ + 1) != 0) ++answers.size_;
    answers.bits_ = packed & ((1U << answers.size_) - 1);
    return answers;
  }
  friend bool operator==(const Answers&, const Answers&) = default;

 private:
  std::uint32_t bits_ = 0;
  std::uint32_t size_ = 0;
};

// What a search does with a choice: lets it happen, or puts a fault in its place.
struct Move {
  enum class Kind : std::uint8_t {
    Happen,
    Lose,       // the message is lost
    Duplicate,  // the message arrives and stays under way
    Crash       // the choice's node crashes
  };
  Kind kind = Kind::Happen;
  Choice choice;
  // Happen: the node crashes right after the n-th event of this step; 0: no crash.
  std::uint32_t crash_after = 0;
  bool for_good = false;  // of a crash: the node never restarts; else it may restart at any time
  // Of a message that stands for one or more copies: no other is left; else others are.
  bool is_last_copy = false;
  // By the clock: the answers; when it happens, if that is known; and the fault of the plan that
  // begins at the same instant and crashes the node after the n-th event.
  Answers answers{};
  std::optional<Time> at{};
  std::optional<EventKey> struck_by{};
};

// Virtual time stands still: these events recur at one instant, each caused by the one before.
struct Standstill {
  Time at;
  std::uint64_t events = 0;  // at this instant so far
  std::vector<Choice> loop;  // one round of it
};

}  // namespace txsim
