// TCC (Try, Confirm, Cancel): each service first reserves what a step needs, in a local transaction
// of its own, and later either takes the reserved amount or gives it back. No row stays locked in
// between; the reserved amount is merely unavailable to others.
//
// Source: Pardon, Pautasso, Atomic Distributed Transactions: a RESTful Design, 2014 (try, confirm,
// cancel; reservations that time out); Helland, Life beyond Distributed Transactions, 2007
// (tentative operations, confirmation, cancellation; at-least-once messages met by memory); Seata
// and dtm, TCC mode (empty cancel; suspension, also called anti-hanging; the barrier table).
//
// Roles: coordinator, the service where the transaction begins, which keeps the order's status;
// participants, the other services of its steps; scheduler and operator, which handle PENDING
// orders, as timers of the coordinator. The coordinator tries its own steps in turn with the
// others, and confirms them with the record that says CONFIRMED.
//
//   message         from → to                  meaning; `step` says which
//   Try             coordinator → participant  reserve what the step needs
//   Tried           participant → coordinator  reserved, durably
//   TryRefused      participant → coordinator  too little available, or the step is suspended
//   Confirm         coordinator → participant  take what was reserved
//   Confirmed       participant → coordinator  taken, durably (now or before)
//   ConfirmRefused  participant → coordinator  nothing is reserved for it
//   Cancel          coordinator → participant  give back what was reserved, if anything was
//   Cancelled       participant → coordinator  given back, durably; a late Try will be refused
//   CancelRefused   participant → coordinator  it has been confirmed (after a decision by hand)
//   StatusQuery     participant → coordinator  my reservation is old: what is the order's status?
//                   coordinator → participant  the operator inspects a step
//   Status          answer                     value: the order's status, or the step's state
//
//   order (coordinator)                           step (participant)
//
//   CREATED ──refused, no answer──▶ CANCELLED     NONE ──Try──▶ TRIED ──Confirm──▶ CONFIRMED
//    │ all tried                     ▲             │              └──Cancel, sweep─▶ CANCELLED
//    ▼                               │ by hand     └─Cancel─▶ SUSPENDED (a Try is refused)
//   RESERVED ──no answer──▶ PENDING ─┘
//    │ all confirmed         │ retried, or by hand
//    ▼                       │
//   CONFIRMED ◀──────────────┘
//
//   record (forced: !)   by            when
//   order-created!       coordinator   before the first Try leaves
//   order-reserved!      coordinator   all tried: from now on it confirms
//   order-pending!       coordinator   a Confirm has failed after its retries
//   order-confirmed!     coordinator   all confirmed; the client is told "done"
//   order-cancelled!     coordinator   before the first Cancel; the client is told "failed"
//   order-closed         coordinator   all cancelled: no message is left
//   tried! confirmed! cancelled! suspended!   per step, where it is done (reservations.h)
//
// Cost, fault-free, of a transaction with s steps at participants that change something: 4s
// messages (Try, Tried, Confirm, Confirmed), 2s forced writes at participants and 3 at the
// coordinator. Its own steps ride on those 3, but for one more for each run of own steps that lies
// between steps elsewhere. A step that only reads costs 2 messages. A cancelled order whose last
// step is refused: 4s - 2 messages, 2s - 1 forced writes at participants (the refusal is
// remembered), 2 at the coordinator.
//
// Time-outs: if an answer does not come (or a connection is refused), the step's state is unknown.
// The request is repeated after a back-off that doubles, `retries` times; each phase is idempotent
// by (transaction, step, phase). After that, a failed Try cancels everything, including unanswered
// steps. After a failed Confirm the order is PENDING, and `pending_policy` says who continues.
// After a failed Cancel the order is CANCELLED anyway; the scheduler cancels again after
// `cancel_every`, and each participant's sweep asks independently. In turn (`parallel` off), the
// first failure ends the round.
//
// The client is told "done" at CONFIRMED, not yet at RESERVED: the sources leave a PENDING order to
// be confirmed or undone by hand. It is told "failed" at CANCELLED: nothing can be confirmed any
// more, though amounts may still be reserved. It gets no answer about a PENDING order.
//
// Switches beside those of reservations.h: `refusal_is_final`, `resume_reserved`, `retry`, `sweep`.
//
// Recovery: CREATED is cancelled, RESERVED is confirmed, PENDING waits for its policy, CANCELLED
// cancels again until closed. Because the record of closing is not forced, it may do so again after
// all have forgotten the order; they answer Cancelled. A participant restores its reservations from
// its log, and sweeps them.
//
// Deviations:
// - In the sources reservations time out by themselves; here the sweep asks before it cancels,
//   because the order may be RESERVED.
// - A refused Try is remembered like a suspended one, otherwise its late duplicate might succeed.
// - An order that its coordinator does not know is CANCELLED: it remembers all others.
// - Messages carry a number (Mark), so that participants can drop what their coordinator has
//   forgotten, and a late duplicate reserves nothing for it. The sources keep barrier rows forever.
// - The operator decides by what it saw: a Confirm still under way may contradict it, which
//   CancelRefused then reports. Agreement, atomicity and truthful-reply are promised under `alert`
//   only as long as nobody orders again past the idempotent receiver: if not, the operator never
//   cancels. The other policies never cancel after RESERVED.
#pragma once

#include <memory>
#include <vector>

#include "protocols/tcc/coordinator.h"
#include "protocols/tcc/participant.h"
#include "services/two_role_service.h"

namespace txsim {

class TccService final : public TwoRoleService<TccService, tcc::Coordinator, tcc::Participant> {
 public:
  TccService(std::shared_ptr<const Plan> plan, NodeId self,
             const IdempotentReceiverSettings& receiver, const StoreSettings& store,
             const TccSettings& settings);
  tcc::Home home(Context& context) {
    return {{context, store(), plan()}, reservations_, settings_};
  }

 private:
  void write_checkpoint(std::vector<LogRecord>& log) const override;
  void digest_own(Fingerprint& into) const override { into.add(reservations_, coordinator_); }

  TccSettings settings_;
  Reservations reservations_;
};

}  // namespace txsim
