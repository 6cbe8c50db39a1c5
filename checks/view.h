// What the facts so far say of one transaction. Steps are bits of a 64-bit mask, nodes are bits of
// a PartSet. What there is of each step or part stands beside it, in Ledger.
#pragma once

#include <cstdint>

#include "checks/layout.h"
#include "protocols/transaction.h"
#include "sim/fingerprint.h"
#include "sim/time.h"

namespace txsim {

// What a usual transaction reads and writes stands in the first lines of the cache.
struct alignas(64) TransactionView {
  static constexpr std::uint8_t kCommits = 1;
  static constexpr std::uint8_t kAborts = 2;

  TransactionId id = 0;
  std::uint16_t kind = 0;
  bool open = false;
  bool submitted = false;
  bool begun = false;
  bool told = false;
  bool gave_up = false;
  bool superseded = false;    // the client had its answer from a later submission
  bool disagreed = false;     // agreement was violated already
  bool votes_judged = false;  // unanimity was violated already, or all have voted yes
  bool orphaned = false;      // its coordinator crashed and has not taken it up again
  std::uint8_t ends = 0;      // how some node ended it or was to: kCommits, kAborts
  Phase phase = Phase::Begun;
  Outcome decision = Outcome::Unknown;
  Reply reply = Reply::Done;
  std::uint8_t submit_message_delays = 0;
  std::uint8_t submit_write_delays = 0;
  std::uint8_t effects = 0;       // how many steps were applied so far
  std::uint64_t ended_event = 0;  // its coordinator said that it has ended
  std::uint64_t pending = 0;      // steps in effect and not yet for good
  std::uint64_t applied = 0;      // in effect for good, compensated or not
  std::uint64_t locked = 0;

  PartSet yes = 0;
  PartSet in_doubt = 0;  // voted yes, not finished
  PartSet informed = 0;  // of those: has learned the decision
  PartSet committed = 0;
  PartSet aborted = 0;

  std::uint64_t updated = 0;  // ever in effect under lock
  std::uint64_t undone = 0;
  std::uint64_t lost = 0;  // pending when the node crashed; its log may have it nevertheless
  std::uint64_t compensated = 0;
  std::uint64_t waiting = 0;
  std::uint64_t reserved = 0;  // reserved and neither confirmed nor cancelled
  PartSet read_only = 0;

  PartSet uncertain = 0;  // crashed, and its recovery has not told yet what it kept
  std::uint64_t confirmed = 0;
  std::uint64_t cancelled = 0;
  std::uint64_t decision_event = 0;
  std::uint64_t reply_event = 0;
  Time submitted_at;
  Time answered_at;

  PartSet no = 0;
  PartSet alone_committed = 0;
  PartSet alone_aborted = 0;
  PartSet forgot = 0;  // voted yes, and knew nothing of it after a crash

  // Events and times are left out, what only costs are counted by (`informed` too), and `effects`:
  // which steps took effect after which is the ledger's to tell.
  void digest_into(Fingerprint& into) const {
    into.add(id, kind, submitted, begun, told, gave_up, superseded, disagreed, votes_judged,
             orphaned, ends, phase, decision, reply, pending, applied, locked);
    into.add(yes, in_doubt, committed, aborted, updated, undone, lost, compensated, waiting,
             reserved, read_only, uncertain, confirmed, cancelled);
    into.add(no, alone_committed, alone_aborted, forgot);
  }
  std::uint64_t in_effect() const { return (applied | confirmed) & ~compensated & ~cancelled; }
  // Took effect without an update under lock, so that it may be compensated.
  std::uint64_t by_itself() const { return applied & ~updated; }
  // Something of it is still to be settled at some node.
  bool is_outstanding() const {
    return (pending | reserved | locked | waiting) != 0 || in_doubt != 0 || uncertain != 0;
  }
  bool is_client_served() const { return told || gave_up || superseded || !submitted; }
  bool has_votes() const { return (yes | no | read_only) != 0; }
  // Some node took it for committed.
  bool is_committed() const { return decision == Outcome::Committed || committed != 0; }
  // It was committed, and these had promised to, and never did.
  PartSet oblivious() const { return is_committed() ? forgot & ~(committed | aborted) : 0; }
};

}  // namespace txsim
