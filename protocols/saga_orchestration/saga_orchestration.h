// Saga, orchestrated: a long transaction as a sequence of local transactions, each of which takes
// effect at once and has a compensation. One service, the orchestrator, commands one step after the
// other; if one fails, it commands the compensations of the earlier steps, in reverse.
//
// Source: Garcia-Molina, Salem, Sagas, 1987 (T_i, C_i; saga log; backward and forward recovery);
// Richardson, Microservices Patterns, 2018, chapter 4 (orchestration; compensatable, pivot and
// retriable steps; semantic lock). In the terms of Hohpe, Woolf, Enterprise Integration Patterns,
// 2003, the orchestrator is a process manager: it keeps the state of the sequence and determines
// the next step, where a routing slip travels with the message (as in the choreographed saga).
//
// Roles: orchestrator, the service where the transaction begins, which does its own steps in turn
// with the others; participants, the other services, which know nothing about the saga; scheduler,
// a timer of the orchestrator, which works on the compensation registry.
//
//   message              from → to                   meaning; `step` says which
//   Action               orchestrator → participant  do the step
//   ActionDone           participant → orchestrator  in effect, durably (now or before)
//   ActionRefused        participant → orchestrator  too little available, or called off before
//   Compensate           orchestrator → participant  take the step back, if it took effect
//   Compensated          participant → orchestrator  taken back, durably; a late Action is refused
//   CompensationRefused  participant → orchestrator  the amount to take back is not there
//   Release              orchestrator → participant  the saga is done: others may take the gifts
//   Released             participant → orchestrator  others may take the gifts, durably
//
//   saga (orchestrator)                              step (participant)
//
//   RUNNING ──all done──▶ RELEASING ──▶ (ended)      NONE ──Action──▶ APPLIED ──Release──▶ RELEASED
//    │ refused, not reached,                          │                 └─Compensate─▶ COMPENSATED
//    ▼ deadline passed                                └─Compensate─▶ VOID (an Action is refused)
//   COMPENSATING ──all undone──▶ (ended)
//    │ one failed  ▲
//    └─▶ PENDING ──┘ the scheduler retries it
//
//   record (forced: !)    by            when
//   saga-begun!           orchestrator  with its own first steps, before the first Action leaves
//   step-done!            orchestrator  each answer, and each read of its own, before the next
//                                       Action leaves
//   step-refused!         orchestrator  only with `refusal_decides` off, before it turns back
//   saga-done!            orchestrator  with the last step-done; the client is told "done"
//   saga-compensating!    orchestrator  before the first Compensate; the client is told "failed"
//   compensation-pending! orchestrator  a compensation has failed and is in the registry
//   saga-ended            orchestrator  all undone, or all released: no message is left
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
// phase of a step is idempotent by (transaction, step, phase). After that, an Action whose
// connection was refused has failed, and the saga turns back. An Action that timed out is unknown,
// not failed, and stays so until its answer arrives or the saga's deadline turns it back.
// Everything that may have taken effect is compensated, including unreachable steps: a copy of the
// Action may still be under way, and a Compensate that finds nothing makes it void.
//
// Registry: a compensation that is refused, or not answered, is PENDING, and the scheduler retries
// it. Meanwhile it holds up those of earlier steps of its saga, because compensations run in
// reverse. `registry_blocks = off` lets the earlier ones overtake it: what can be undone is undone
// early, in any order. Each saga has its own time, `registry_every` after its failure.
//
// `registry_batch = N`: the scheduler runs every `registry_every`, for all waiting sagas, and takes
// N of those that are due, the oldest first. After a further failure a saga waits twice as many
// rounds as the last time, 64 at most, so that those behind it have their turn (switch
// `registry_back_off`; off: it is always due). A crash loses these counts.
//
// Pivot (`pivot = N` in a transaction): once that step is done the saga only goes forward. The
// deadline has no effect any more, and the steps behind it are commanded until they succeed. So
// they must succeed eventually (Richardson: retriable); if one takes more than is ever there, it is
// commanded forever, and the saga never converges. What they give is available to all at once. A
// pivot whose completion the orchestrator does not know may still be compensated: it holds what it
// gave, like the steps before it.
//
// Semantic lock: others cannot take what a step gave until the saga is done, less what the saga
// itself has taken of it. So every compensation succeeds. What a step took needs no lock: it can
// always be given back.
//
// The client is told "done" once all steps are done, durably, and "failed" once the saga has turned
// back, durably: from then on it will be undone, though it may not be undone yet.
//
// Switch `suspension`; off: a Compensate that finds nothing leaves no record, and a later Action
// takes effect. Switch `refusal_decides`; off: a refusal is a record of its own; after a crash
// behind it the step is not commanded again, but the saga does not turn back either.
//
// Recovery: a saga that the log shows as RUNNING turns back (`recovery = backward`), or continues
// where it was (`forward`, and always behind its pivot). What the log does not show is unknown: the
// next steps may have been commanded, and are commanded again, or compensated with the others.
// COMPENSATING and RELEASING continue. Because saga-ended is not forced, they may do so again after
// all have forgotten the saga; participants then answer as if they had just done it.
//
// Deviations:
// - Garcia-Molina and Salem leave a failed compensation to a person, or to another version of it;
//   here it is registered, and a scheduler retries it.
// - No save-points: forward recovery continues behind the last logged step, which is where a
//   save-point after each step would be.
// - No record says that a compensation was done: it is idempotent, and commanded again.
// - A refused Action is remembered as void, otherwise its late duplicate might succeed.
// - Messages carry a number (Mark), so that participants can drop what their orchestrator has
//   forgotten, and a late duplicate has no effect.
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
