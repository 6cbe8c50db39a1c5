// What the facts so far say of one transaction. Steps are bits of a 64-bit mask, nodes are bits of
// a PartSet; the arrays are meaningful only where the bit that goes with them is set.
#pragma once

#include <array>
#include <cstdint>

#include "checks/layout.h"
#include "protocols/transaction.h"
#include "sim/time.h"

namespace txsim {

struct ViewState {
  TransactionId id = 0;
  std::uint16_t kind = 0;
  bool open = false;
  bool submitted = false;
  bool begun = false;
  bool told = false;
  bool gave_up = false;
  bool superseded = false;  // the client had its answer from a later submission
  bool disagreed = false;   // agreement was violated already
  bool orphaned = false;    // its coordinator crashed and has not taken it up again
  Phase phase = Phase::Begun;
  Outcome decision = Outcome::Unknown;
  Reply reply = Reply::Done;
  std::uint8_t submit_message_delays = 0;
  std::uint8_t submit_write_delays = 0;
  std::uint8_t effects = 0;  // how many steps were applied so far
  std::uint64_t decision_event = 0;
  std::uint64_t effect_event = 0;  // the last step that took effect for good
  std::uint64_t reply_event = 0;
  Time submitted_at;
  Time answered_at;

  std::uint64_t updated = 0;  // ever in effect under lock
  std::uint64_t pending = 0;  // in effect and not yet for good
  std::uint64_t applied = 0;  // in effect for good, compensated or not
  std::uint64_t undone = 0;
  std::uint64_t reserved = 0;  // reserved and neither confirmed nor cancelled
  std::uint64_t confirmed = 0;
  std::uint64_t cancelled = 0;
  std::uint64_t compensated = 0;
  std::uint64_t lost = 0;  // pending when the node crashed; its log may have it nevertheless
  std::uint64_t locked = 0;
  std::uint64_t waiting = 0;

  PartSet yes = 0;
  PartSet no = 0;
  PartSet read_only = 0;
  PartSet in_doubt = 0;  // voted yes, not finished
  PartSet committed = 0;
  PartSet aborted = 0;
  PartSet alone_committed = 0;
  PartSet alone_aborted = 0;
  PartSet uncertain = 0;    // crashed, and its recovery has not told yet what it kept
  PartSet waited_long = 0;  // in doubt, and its wait for the decision has run out

  std::uint64_t in_effect() const { return (applied | confirmed) & ~compensated & ~cancelled; }
  // Something of it is still to be settled at some node.
  bool is_outstanding() const {
    return (pending | reserved | locked | waiting) != 0 || in_doubt != 0 || uncertain != 0;
  }
  bool is_client_served() const { return told || gave_up || superseded || !submitted; }
  bool is_over() const {
    if (!is_client_served()) return false;
    // A coordinator that crashed may have forgotten it rightly, and then never says that it ended.
    return !begun || ((phase == Phase::Ended || orphaned) && !is_outstanding());
  }
};

struct TransactionView : ViewState {
  std::array<Time, 64> lock_since;            // by step: held since, or waited for since
  std::array<Time, kMostParts> voted_at;      // by part: its yes vote
  std::array<std::uint8_t, 64> effect_order;  // by step: its place among those applied

  void reset() { static_cast<ViewState&>(*this) = ViewState{}; }
};

}  // namespace txsim
