// Saga, orchestrated: a long transaction as a sequence of local ones, each of which takes effect at
// once, with a compensation for each. One service, the orchestrator, commands one step after the
// other; if one fails, it commands the compensations of those before it, in reverse.
//
// Source: Garcia-Molina, Salem, Sagas, 1987 (T_i, C_i; saga log; backward and forward recovery);
// Richardson, Microservices Patterns, 2018, chapter 4 (orchestration; compensatable, pivot and
// retriable steps; semantic lock). In the terms of Hohpe, Woolf, Enterprise Integration Patterns,
// 2003, the orchestrator is a process manager: it keeps the state of the sequence and determines
// the next step, where a routing slip travels with the message (as in the choreographed saga).
//
// Roles: orchestrator, the service where the transaction begins, which does its own steps in turn
// with the others; participants, the other services, which know nothing of the saga; scheduler,
// as a timer of the orchestrator, who looks after the compensation registry.
//
//   message              from → to                   meaning; `step` says which
//   Action               orchestrator → participant  do the step
//   ActionDone           participant → orchestrator  in effect, durably (now or before)
//   ActionRefused        participant → orchestrator  too little there, or called off before
//   Compensate           orchestrator → participant  take the step back, if it took effect
//   Compensated          participant → orchestrator  taken back, durably; a late Action is refused
//   CompensationRefused  participant → orchestrator  what is to be taken back is not there
//   Release              orchestrator → participant  the saga is done: what was given is for all
//   Released             participant → orchestrator  so it is, durably
//
//   saga (orchestrator)                              step (participant)
//
//   RUNNING ──all done──▶ RELEASING ──▶ (ended)      NONE ──Action──▶ APPLIED ──Release──▶ RELEASED
//    │ refused, not reached,                          │                 └─Compensate─▶ COMPENSATED
//    ▼ deadline passed                                └─Compensate─▶ VOID (an Action is refused)
//   COMPENSATING ──all undone──▶ (ended)
//    │ one failed  ▲
//    └─▶ PENDING ──┘ the scheduler tries it again
//
//   record (forced: !)    by            when
//   saga-begun!           orchestrator  with its own first steps, before the first Action leaves
//   step-done!            orchestrator  each answer, and each read of its own, before the next
//                                       Action leaves
//   step-refused!         orchestrator  only with `refusal_decides` off, before it turns back
//   saga-done!            orchestrator  with the last step-done; the client is told "done"
//   saga-compensating!    orchestrator  before the first Compensate; the client is told "failed"
//   compensation-pending! orchestrator  a compensation has failed and is in the registry
//   saga-ended            orchestrator  all undone, or all released: nothing to tell any more
//   applied! compensated! void! released!   per step, where it is done (actions.h)
//
// Cost, fault-free, of a saga with s steps at participants that change something, g of which give:
// 2s + 2g messages (Action, ActionDone; Release, Released), s + g forced writes at participants and
// s + 1 at the orchestrator, whose own steps ride on those. A step that only reads costs 2 messages
// and one forced write at the orchestrator. The same with steps in parallel. A saga whose last step
// is refused: 4s - 2 messages, 2s - 1 forced writes at participants (the refusal is remembered) and
// s + 1 at the orchestrator, and one more for each run of its own steps to undo: those that no step
// elsewhere separates go into one write.
//
// Time-outs: a command that is not answered is sent again after a back-off, `retries` times; each
// phase of a step is idempotent by (transaction, step, phase). Then: an Action whose connection was
// refused has failed, and the saga turns back; one that timed out is unknown, not failed, and
// stays so until its answer comes after all or the deadline of the saga turns it back. Whatever may
// have taken effect is compensated, also what could not be reached: a copy of its Action may still
// be on the way, and a Compensate that finds nothing makes it void.
//
// Registry: a compensation that is refused, or not answered, is PENDING, and the scheduler tries it
// again. Meanwhile it holds up those of earlier steps of its saga, since they are to run in
// reverse. `registry_blocks = off` lets them go first: what can be undone is undone early, in any
// order. Each saga has its own time, `registry_every` after it failed.
//
// `registry_batch = N`: the scheduler comes round every `registry_every`, for all sagas that wait
// for it, and takes up N of those that are due, the oldest first. One that has failed again is due
// after twice as many rounds as the last time, 64 at most, so that those behind it have their turn
// (switch `registry_back_off`; off: it is always due). A crash forgets who had failed how often.
//
// Pivot (`pivot = N` in a transaction): once that step is done the saga only goes forward. The
// deadline has no effect any more, and the steps behind it are asked for until they succeed. So
// they have to be such as can be done in the end (Richardson: retriable); one that takes more than
// is ever there is asked for without end, and the saga never converges. What
// they give is for all at once. A pivot of which the orchestrator does not know whether it is done
// may yet be compensated: it holds what it gave, as those before it do.
//
// Semantic lock: what a step gave cannot be taken by others until the saga is done, less what the
// saga has taken of it itself. So every compensation can be made. What a step took needs no lock:
// it can always be given back.
//
// The client is told "done" once all steps are done, durably, and "failed" once the saga has turned
// back, durably: from there on it will be undone, though it may not be yet.
//
// Switch `suspension`; off: a Compensate that finds nothing leaves nothing behind, and the Action
// that comes after it takes effect. Switch `refusal_decides`; off: a refusal is a record of its
// own, and after a crash behind it the step is not asked for again, nor does the saga turn back.
//
// Recovery: a saga that its log shows RUNNING is turned back (`recovery = backward`), or goes on
// where it was (`forward`, and always behind its pivot). What the log does not show is unknown: the
// steps that came next may have been commanded, and are commanded again, or compensated with the
// others. COMPENSATING and RELEASING
// go on; as saga-ended is not forced, they may do so once more after all have forgotten the saga,
// and participants then answer as if they had just done it.
//
// Deviations:
// - Garcia-Molina and Salem leave a compensation that fails to a person, or to another version of
//   it; here it is registered and tried again by a scheduler.
// - No save-points: forward recovery goes on behind the last step that was logged, which is where a
//   save-point after each step would be.
// - No record says that a compensation was done: it is idempotent, and commanded again.
// - A refused Action is remembered as void, or its late duplicate might succeed.
// - Messages carry a number (Mark), so that participants can drop what their orchestrator has
//   forgotten, and a late duplicate does nothing for it.
#pragma once

#include <memory>
#include <vector>

#include "protocols/saga_orchestration/orchestrator.h"
#include "protocols/saga_orchestration/participant.h"
#include "services/two_role_service.h"

namespace txsim {

class SagaOrchestrationService final
    : public TwoRoleService<SagaOrchestrationService, orchestration::Orchestrator,
                            orchestration::Participant> {
 public:
  SagaOrchestrationService(std::shared_ptr<const Plan> plan, NodeId self,
                           const IdempotentReceiverSettings& receiver, const StoreSettings& store,
                           const SagaOrchestrationSettings& settings);
  orchestration::Home home(Context& context) {
    return {{context, store(), plan()}, actions_, settings_};
  }

 private:
  void handle(Context& context, const Timer& timer) override;
  void write_checkpoint(std::vector<LogRecord>& log) const override;
  void digest_own(Fingerprint& into) const override { into.add(actions_, coordinator_); }

  SagaOrchestrationSettings settings_;
  Actions actions_;
};

}  // namespace txsim
