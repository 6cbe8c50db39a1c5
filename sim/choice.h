// What may happen next in a world, and what a search makes of it.
#pragma once

#include <cstdint>
#include <vector>

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
};

// Virtual time stands still: these events recur at one instant, each caused by the one before.
struct Standstill {
  Time at;
  std::uint64_t events = 0;  // at this instant so far
  std::vector<Choice> loop;  // one round of it
};

}  // namespace txsim
