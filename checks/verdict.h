// The results of the checks: a verdict for each invariant, an outcome for each transaction,
// counters.
//
// An order is what a client wants done once. A submission is one sending of an order: the first,
// one after a timeout, or a repeat. A transaction is one execution of an order: a submission
// becomes a transaction when it is begun. So each submission is begun, recognised as a duplicate,
// or never begun, and each transaction has one outcome.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "sim/time.h"
#include "transactions/transaction.h"

namespace txsim {

enum class Verdict : std::uint8_t {
  Holds,
  Violated,
  Vacuous,        // the situation it guards against never occurred
  NotApplicable,  // the protocol or the scenario does not announce what it reads
};
std::string_view text(Verdict verdict);  // "holds", "violated", "vacuous", "not applicable"

// Two contradictory events: one of each side. 0: there is none.
using Sides = std::array<std::uint64_t, 2>;

// A violation that exists only because the run ended: transactions under way may still heal it
// (runs/cut_off.h).
struct OpenEnd {
  TransactionId id = 0;           // the open transaction
  TransactionId transaction = 0;  // as in Judgement; likewise the members below
  std::uint64_t event = 0;
  Sides sides{};
  std::string explanation;
};

struct Judgement {
  std::string_view invariant;
  Verdict verdict = Verdict::Vacuous;
  std::uint64_t violations = 0;  // their number
  std::uint64_t event = 0;  // sequence of the first record that broke it; 0: the end of the run
  TransactionId transaction = 0;     // the one concerned; 0: none
  std::string explanation;           // one sentence, with node and resource names
  Sides sides{};                     // beside `event`, where the explanation names two
  std::vector<OpenEnd> open_ends{};  // of the violations, in the order in which they were found

  // Reports the open end with the earliest event, or the first one if it has no event; only if all
  // violations are open ends.
  void tell_open_end();
};

// How a transaction that began has ended, as an outside observer sees it.
enum class Ending : std::uint8_t {
  Committed,    // all of its steps are in effect
  Aborted,      // none is in effect, by decision
  Compensated,  // each that was in effect was undone
  Pending,      // waits until a retry or an operator continues it
  InDoubt,      // a participant is prepared and does not know the decision
  Mixed,        // some of its steps are in effect for good and some are not
  Unfinished,   // nothing of it is in effect, and it had not ended when the run did
};
inline constexpr int kEndings = 7;
std::string_view text(Ending ending);

// The result of a submission.
enum class Fate : std::uint8_t {
  Begun,       // its execution began: it is a transaction
  Recognised,  // the idempotent receiver knew what had become of its order
  NeverBegun,  // it was lost, refused or turned away as busy, or the run ended first
};
inline constexpr int kFates = 3;
std::string_view text(Fate fate);

// One submission, and the transaction that it began.
struct TransactionSummary {
  TransactionId id = 0;
  std::uint16_t kind = 0;
  Ending ending = Ending::Unfinished;  // meaningful if begun
  bool told = false;                   // the client had an answer
  Reply reply = Reply::Done;
  Time submitted;
  Time answered;  // meaningful if told
  Fate fate = Fate::Begun;

  bool is_begun() const { return fate == Fate::Begun; }
  // Busy says nothing about the order: it has no latency.
  bool has_latency() const { return told && reply != Reply::Busy; }
  Duration latency() const { return answered - submitted; }
};
// How it ended if it began, else the result of the submission: "committed", "never begun".
std::string_view outcome_text(const TransactionSummary& summary);

// A distribution, summarised; integers only.
struct Spread {
  std::uint64_t count = 0;
  Duration total;
  Duration most;
  void add(Duration d) {
    ++count;
    total = total + d;
    if (d > most) most = d;
  }
};

// Results of orders, submissions and transactions, counted; the counts of each add up.
struct Outcomes {
  std::uint64_t endings[kEndings] = {};  // transactions by ending
  std::uint64_t orders = 0;              // that were submitted
  std::uint64_t submitted = 0;           // submissions of them
  std::uint64_t recognised = 0;          // submissions that were recognised as duplicates
  // What clients were told, by submission. A submission that is not counted here got no answer.
  std::uint64_t told_done = 0;
  std::uint64_t told_failed = 0;
  std::uint64_t told_busy = 0;
  // By order, with all of its submissions: told done at least once; else told failed.
  std::uint64_t orders_told_done = 0;
  std::uint64_t orders_told_failed = 0;

  std::uint64_t begun() const;  // transactions
  std::uint64_t never_begun() const;
  std::uint64_t told_nothing() const;
  std::uint64_t orders_told_nothing() const;
  void add(const Outcomes& other);
};

struct Counters : Outcomes {
  Spread latency;                  // submission to done or failed
  Spread lock_hold;                // row lock taken to released
  Spread lock_wait;                // row lock asked for to granted or given up
  Spread in_doubt;                 // yes vote to the moment the decision is learned
  Spread reservation_hold;         // amount reserved to confirmed or cancelled
  std::uint64_t dirty_uses = 0;    // uses of what another transaction took back later (DirtyUses)
  std::uint64_t dirty_reads = 0;   // uses, under locks, of what was undone (Isolation)
  std::uint64_t lost_updates = 0;  // pairs of transactions: one has overwritten the other
  std::uint64_t write_skews = 0;   // cycles of transactions with two anti-dependencies
  std::uint64_t retries = 0;       // messages sent again, orders submitted again
  std::uint64_t path_count = 0;    // answered transactions over which the next two are summed
  std::uint64_t path_message_delays = 0;  // messages one after another, submission to answer
  std::uint64_t path_write_delays = 0;    // forced writes likewise
};

// What went wrong around a transaction, as the physics tells it.
enum class FaultEffect : std::uint8_t { Crash, Pause, Lost, Duplicated, Refused };
inline constexpr int kFaultEffects = 5;
std::string_view text(FaultEffect fault);

// Whom the fault met, seen from the transaction: the node that crashed or paused, or the receiver
// of the message.
enum class Part : std::uint8_t { Coordinator, Participant, Other };
inline constexpr int kPartKinds = 3;
std::string_view text(Part part);

// How often a fault hit a transaction in each phase (by Phase; 0: not begun, or over). One crash
// or pause counts once for each phase and part that it meets.
struct FaultCount {
  FaultEffect fault = FaultEffect::Crash;
  Part part = Part::Other;
  std::uint8_t phase = 0;
  std::uint32_t count = 0;
};
inline constexpr int kPhases = 7;

// All results of the checks at the end of a run.
struct Verdicts {
  std::vector<Judgement> judgements;  // one for each invariant, in the order of `invariants()`
  Counters counters;
  std::vector<TransactionSummary> transactions;  // if they were to be kept, by id
  std::vector<FaultCount> fault_coverage;        // those that came, by fault, part and phase
  // Amounts as announced last: available and reserved, by resource. Of order records, what is
  // available is how many are completed.
  std::vector<std::pair<std::int64_t, std::int64_t>> amounts;
  // Order records that are there for good, whatever their status, by resource; 0 for others.
  std::vector<std::int64_t> records;
};

// What `txsim describe` says about an invariant.
struct InvariantInfo {
  std::string_view name;     // "agreement"
  std::string_view says;     // one sentence, as in the documentation
  std::string_view reads;    // the facts it reads
  std::string_view vacuous;  // when it is vacuous and when not applicable
  std::string_view source;
  // Some protocols give it up by design: if a protocol does not promise it, a violation is reported
  // but fails only a run that expects otherwise.
  bool by_design = false;
};
const std::vector<InvariantInfo>& invariants();

}  // namespace txsim
