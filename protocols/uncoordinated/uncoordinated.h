// uncoordinated: the caller calls each service in turn and gives up at the first failure. No undo.
// It shows what happens when a local transaction is split into services without a replacement.
//
// Source: the naive remote calls that the literature warns about (Richardson, Microservices
// Patterns, 2018, chapter 4; Helland, Life beyond Distributed Transactions, 2007).
//
// Roles: caller (the service where the transaction begins), called services.
//
//   message       from → to         meaning; `step` says which step
//   Call          caller → called   do the step
//   Called        called → caller   it is in effect, for good
//   CallRefused   called → caller   it is not
//
//   states of a transaction at its caller
//
//            Called / own step done: the next step            last step
//   Working ─────────────────────────────────────▶ Working ─────────────▶ (none)  Reply done
//      │
//      └── CallRefused, refused connection, no answer in time ──────────▶ (none)  Reply failed
//
//   record        written by
//   StepApplied   a called service, forced, for each step (see store.h)
//
//   timer         then
//   CallOverdue   the caller gives up; value: the step
//
// n calls cost 2n messages and one forced record for each step that changes something. A call
// without an answer has an unknown outcome, but the caller reports a failure. A service does what
// it is asked, as often as it is asked. A crash of the caller stops its transactions where they
// are, and no service is notified.
#pragma once

#include <memory>
#include <span>
#include <vector>

#include "services/description.h"
#include "services/service.h"
#include "sim/fingerprint.h"

namespace txsim {

class SettingDeclarations;

inline constexpr auto kUncoordinatedMessages =
    names({{"Call", "caller to service: do the step"},
           {"Called", "service to caller: the step is in effect, for good"},
           {"CallRefused", "service to caller: it is not"}});

inline constexpr auto kUncoordinatedRecords =
    names({{"StepApplied", "forced by each service for each step that changes something"}});

inline constexpr auto kUncoordinatedTimers =
    names({{"CallOverdue", "no answer in time: the caller gives up (value: the step)"}});

inline constexpr Word kCall = kUncoordinatedMessages["Call"];
inline constexpr Word kCalled = kUncoordinatedMessages["Called"];
inline constexpr Word kCallRefused = kUncoordinatedMessages["CallRefused"];
inline constexpr Word kCallOverdue = kUncoordinatedTimers["CallOverdue"];

struct UncoordinatedSettings {
  Duration call_timeout = seconds(1);  // wait for a service's answer, then give up
};
void declare_settings(UncoordinatedSettings& settings, SettingDeclarations& keys);

class UncoordinatedService final : public NodeOf<UncoordinatedService, Service> {
 public:
  UncoordinatedService(std::shared_ptr<const Plan> plan, NodeId self,
                       const IdempotentReceiverSettings& receiver, const StoreSettings& store,
                       const UncoordinatedSettings& settings);

 private:
  struct Working {
    TimerId timer;
    std::uint16_t kind = 0;
    std::uint16_t step = 0;  // under way

    void digest_into(Fingerprint& into) const { into.add(timer, kind, step); }
  };

  void begin(Context& context, TransactionId transaction, std::uint16_t kind) override;
  void handle(Context& context, const Message& message) override;
  void handle(Context& context, const Timer& timer) override;
  void handle_refused(Context& context, const Message& message) override;
  void on_lock(Context& context, const LockNews& news) override;
  void recover(Context& context, std::span<const LogRecord> log) override;
  void write_checkpoint(std::vector<LogRecord>& log) const override;
  void digest_own(Fingerprint& into) const override { into.add(working_); }

  // Caller
  void work(Context& context, TransactionId transaction, Working& working);
  void call(Context& context, TransactionId transaction, Working& working);
  void on_answer(Context& context, TransactionId transaction, std::uint16_t step, bool done);
  void end(Context& context, TransactionId transaction, Outcome outcome);
  // Called
  void on_call(Context& context, const Message& message);
  void answer(Context& context, TransactionId transaction, std::uint16_t kind, std::uint16_t step,
              StepResult result);

  UncoordinatedSettings settings_;
  Table<Working> working_;  // transactions that begin here
};

}  // namespace txsim
