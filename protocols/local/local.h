// local: all resources in one service, one local transaction, as before services are split.
//
// Source: Gray & Reuter, Transaction Processing, 1993, chapters 7 to 11 (locks to the end, undo,
// one forced commit record); Bernstein, Hadzilacos, Goodman, 1987, chapter 6.
//
// Roles: the service is coordinator and only participant. No messages but the idempotent
// receiver's.
//
//   states of a transaction
//
//            all steps in effect        record forced
//   Working ─────────────────────▶ Committing ───────▶ (none)   Applied, Reply done
//      │  ▲ row lock granted
//      │  └── waits for a row lock
//      └── a step refused ──▶ Aborting ──▶ (none)               Undone, Reply failed
//
//   record           written by                 recovery
//   LocalCommitted   commit, forced             its steps are redone; value: what a step as read
//                                               has added beyond its amount
//
// If a crash comes before its record, a transaction leaves no trace in the log.
//
// Switch `transaction` off: each step is a transaction of its own (StepApplied, forced). The first
// refused step ends the work and leaves those before it in effect.
//
// Deviations: none of the steps is logged before the commit record (no-steal: the amounts changed
// in memory reach the log with it).
#pragma once

#include <memory>
#include <span>
#include <vector>

#include "services/description.h"
#include "services/service.h"

namespace txsim {

class SettingDeclarations;

inline constexpr auto kLocalRecords =
    names({{"LocalCommitted",
            "forced: all steps of the transaction are in effect (value: what a step as read "
            "has added beyond its amount)"},
           {"StepApplied", "without a transaction: forced for each step"}});

inline constexpr Word kLocalCommitted = kLocalRecords["LocalCommitted"];

struct LocalSettings {
  bool transaction = true;  // all steps in one local transaction; off: each by itself
};
void declare_settings(LocalSettings& settings, SettingDeclarations& keys);

class LocalService final : public NodeOf<LocalService, Service> {
 public:
  LocalService(std::shared_ptr<const Plan> plan, NodeId self,
               const IdempotentReceiverSettings& receiver, const StoreSettings& store,
               const LocalSettings& settings);

 private:
  void begin(Context& context, TransactionId transaction, std::uint16_t kind) override;
  void handle(Context& context, const Message& message) override;
  void handle(Context& context, const Timer& timer) override;
  void handle_refused(Context& context, const Message& message) override;
  void on_lock(Context& context, const LockNews& news) override;
  void recover(Context& context, std::span<const LogRecord> log) override;
  void write_checkpoint(std::vector<LogRecord>& log) const override;
  void digest_own(Fingerprint& into) const override { static_cast<void>(into); }

  void work(Context& context, TransactionId transaction, std::uint16_t kind, std::uint16_t step);
  void commit(Context& context, TransactionId transaction, std::uint16_t kind);
  void abort(Context& context, TransactionId transaction, std::uint16_t kind);
  void end_without_transaction(Context& context, TransactionId transaction, std::uint16_t kind,
                               Outcome outcome);

  LocalSettings settings_;
};

}  // namespace txsim
