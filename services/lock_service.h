// The lock service: a lock for each order (set if absent, expiry, release only by the owner), as a
// node of its own.
//
// Source: "SET order owner NX PX expiry" and release after comparing the owner (Redis
// documentation, SET and "Distributed Locks with Redis"); what a lock that expires can and cannot
// promise: Kleppmann, How to do distributed locking, 2016.
//
// Roles: lock service; its clients are the idempotent receivers of services.
//
//   message       from → to                  answer
//   AcquireLock   receiver → lock service    LockAcquired: free, or the asker's own already; with
//                                            the grant's token
//                                            LockDenied: somebody else's (with knows_owner off:
//                                            anybody's, as SET NX alone answers)
//   ReleaseLock   receiver → lock service    LockFreed, whether there was something to free or not
//
//   state of an order's lock
//
//          AcquireLock by T (LockSet, forced)
//   free ─────────────────────────────────────▶ held by T
//     ▲                                              │
//     └── ReleaseLock by T (LockCleared, forced) ────┤
//     └── expiry (LockCleared) ──────────────────────┘
//
//   record       written by
//   LockSet      AcquireLock, also of the owner that asks again; value: the order
//   LockCleared  ReleaseLock or expiry, and says which
//   TokensGiven  checkpoint; value: the last token
//
//   timer       then
//   LockExpiry  the lock is free again; value: the order
//
// The owner is the transaction, not the service, so two submissions at one service are kept apart.
// With the owner check off, any release frees the lock: a holder that outlives its expiry then
// frees the lock of the next. Even with it on, an expired holder does not know that its lock
// expired, and continues (Kleppmann's objection). So each grant has a token, a number that ascends
// with each grant, across crashes too: an execution passes it along and is refused where a newer
// one has been seen (fence.h). Clients of the lock service may be on different nodes, so the lock
// service assigns the numbers.
//
// Messages carry a ticket: an idempotent receiver numbers its requests in ascending order, so that
// a late ReleaseLock does not free what its owner, having lost all memory in a crash, has asked for
// again.
//
// Deviations: the locks survive a crash of the lock service (a log, forced); a Redis instance
// without persistence does not promise that.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "services/description.h"
#include "services/settings.h"
#include "sim/fingerprint.h"
#include "sim/node.h"
#include "sim/table.h"
#include "transactions/transaction.h"

namespace txsim {

inline constexpr Word kAcquireLock = word("AcquireLock");
inline constexpr Word kLockAcquired = word("LockAcquired");
inline constexpr Word kLockDenied = word("LockDenied");
inline constexpr Word kReleaseLock = word("ReleaseLock");
inline constexpr Word kLockFreed = word("LockFreed");
inline constexpr Word kLockSet = word("LockSet");
inline constexpr Word kLockCleared = word("LockCleared");
inline constexpr Word kTokensGiven = word("TokensGiven");
inline constexpr Word kLockExpiry = word("LockExpiry");

// Carried by each message between receiver and lock service: of one owner, the later request has
// the higher number. The same request asked again keeps its ticket; the answer bears it.
struct LockTicket {
  std::uint64_t number = 0;
};

// Carried by LockAcquired.
struct LockGrant {
  LockTicket ticket;
  std::uint64_t token = 0;  // a later grant, of any lock, has a higher one
};

class LockService final : public NodeOf<LockService> {
 public:
  explicit LockService(const LockServiceSettings& settings) : settings_(settings) {}

  void start(Context& context, std::span<const LogRecord> log) override;
  void on(Context& context, const Message& message) override;
  void on(Context& context, const Timer& timer) override;
  void on_refused(Context& context, const Message& message) override;
  bool checkpoint(std::vector<LogRecord>& log) const override;
  void digest_into(Fingerprint& into) const override { into.add(locks_, tokens_); }

 private:
  struct Lock {
    TransactionId owner = 0;
    Period period;  // until it expires
    std::uint64_t ticket = 0;
    TimerId timer;
    std::uint64_t token = 0;

    void digest_into(Fingerprint& into) const { into.add(owner, ticket, period, timer, token); }
  };

  void on_acquire(Context& context, const Message& message);
  void on_release(Context& context, const Message& message);
  void set(Context& context, const Message& request);
  void clear(Context& context, std::uint64_t order, bool expired);
  void answer(Context& context, const Message& question, Word type, std::uint64_t token = 0) const;
  static void announce_locked(Context& context, std::uint64_t order, const Lock& lock);
  static void announce_unlocked(Context& context, const LogRecord& cleared);
  static LogRecord record_of(Word type, std::uint64_t order, const Lock& lock,
                             bool has_expired = false);

  LockServiceSettings settings_;
  Table<Lock> locks_;         // by order
  std::uint64_t tokens_ = 0;  // the last one given
};

Description lock_service_description();

}  // namespace txsim
