// The actions of sagas and their compensations: which step of which transaction a service has put
// in effect at once, and which it has taken back. Two phases over the service's memory of steps.
//
// Source: Garcia-Molina, Salem, Sagas, 1987 (T_i and C_i); Richardson, Microservices Patterns,
// 2018, 4.3 (semantic lock: a change that may still be compensated is marked, and others avoid it).
//
//   a step here
//
//   NONE ──act──▶ APPLIED ──release──▶ RELEASED     the saga is done: for good
//    │ │             └──compensate──▶ COMPENSATED   taken back
//    │ └─compensate──▶ VOID           nothing to take back; a late action is refused
//    └───act refused─▶ VOID           likewise; but a retriable step may succeed at a later attempt
//
//   action      act                      compensate
//   take        available → gone         back to available
//   give        → available              taken back; refused if it is not there any more
//   create      the record is there      it is marked as failed
//   complete    one record more          one less
//   read        reads; nothing is remembered.   nothing to take back; VOID, like any other that
//               Refused if less is there        has not come: a read does not hold up what is
//               than asked for                  behind it
//
//   record      holds transaction, kind, step; value: what it added to available
//   applied, compensated   the step's new state, and what was added
//   void, released         the step's new state; nothing was added
//
// Semantic lock: what an unfinished saga has given is in the balance, but until it is released only
// the saga itself may take it. What the saga takes of it is no longer held; it is held again once
// that is compensated. So a compensation always finds what it has to take back: others never take
// the balance below the held amount.
//
// After a restart, APPLIED and RELEASED are announced again as Applied, COMPENSATED and VOID as
// Compensated, with the original value.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "services/step_memory.h"
#include "services/store.h"
#include "sim/fingerprint.h"

namespace txsim {

inline constexpr Word kAppliedRecord = word("applied");
inline constexpr Word kCompensatedRecord = word("compensated");
inline constexpr Word kVoidRecord = word("void");
inline constexpr Word kReleasedRecord = word("released");

struct ActionSettings {
  bool idempotence = true;     // (switch) off: a repeated request takes effect again
  bool semantic_lock = false;  // others may not take what an unfinished saga has given
  bool suspension = true;      // (switch) off: an action is accepted after its compensation
};

enum class ActionState : std::uint8_t { None, Applied, Compensated, Void, Released };

class Actions final : public StepMemory {
 public:
  Actions(std::shared_ptr<const Plan> plan, const ActionSettings& settings)
      : StepMemory(std::move(plan), kStates), settings_(settings) {}

  // True: it is so now, or was already. False: it cannot be done. `flush` announces it, like
  // everything that is done here.
  bool act(Context& context, Store& store, const StepPlace& place);
  // False: what is to be taken back is not there now.
  bool compensate(Context& context, Store& store, const StepPlace& place);
  // Calls off an action that has not been done, without remembering it: a late action is done.
  void call_off_and_forget(Context& context, Store& store, const StepPlace& place);
  // The saga is done: others may take what the step has given.
  void release(Context& context, const StepPlace& place);
  // Whether what a step gives has to be released.
  bool holds(std::uint16_t kind, std::uint16_t step) const;

  ActionState state(TransactionId transaction, std::uint16_t step) const {
    return static_cast<ActionState>(state_of(transaction, step));
  }
  // Steps in effect here, bit by bit.
  std::uint64_t in_effect(TransactionId transaction) const;

  // Recovery: each record of the log in order (false: not one of these), then `resume`.
  bool read(Store& store, const LogRecord& record);
  void resume(Context& context, const Store& store);
  void write_checkpoint(std::vector<LogRecord>& log) const { write_kept(log); }
  void digest_into(Fingerprint& into) const {
    StepMemory::digest_into(into);
    into.add(held_);
  }

 private:
  static constexpr StateInfo kStates[] = {
      {kAppliedRecord}, {kCompensatedRecord}, {kVoidRecord}, {kReleasedRecord}};
  static constexpr auto kAppliedState = static_cast<State>(ActionState::Applied);

  void change(Context& context, Store& store, const StepPlace& place, ActionState to,
              std::int64_t delta);
  void enter_and_hold(Context& context, const StepPlace& place, ActionState to, std::int64_t delta);
  void hold(std::uint16_t resource, std::int64_t more);
  void hold_again();
  void announce_again(Context& context, const Store& store) const;
  std::int64_t held_by(TransactionId transaction, std::uint16_t kind, std::uint16_t resource) const;
  std::int64_t free_for(const Store& store, const StepPlace& place) const;

  ActionSettings settings_;
  std::vector<std::int64_t> held_;  // by resource: held for sagas that are not done
};

}  // namespace txsim
