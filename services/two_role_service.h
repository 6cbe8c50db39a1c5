// A service whose protocol has two roles: a coordinator, where the transaction begins, and a
// participant, at the other services of its steps. Every service can be either. Each event goes to
// its role, and the client receives the coordinator's outcome.
//
// Requirements on the roles (their Home is the result of `Derived::home(context)`):
//
//   Coordinator
//     Outcome begin(home, transaction, kind)        the outcome for the client now; Unknown: none
//     Outcome on(home, message)
//     Outcome on_timer(home, timer)
//     Outcome on_refused(home, message)             its message did not reach its receiver
//     Outcome on_lock(home, news)
//     bool read(home, record)                       recovery, in the order of the log; false: not
//                                                   one of its records
//     static Outcome outcome_in(record)             the outcome in such a record
//     std::vector<Resumed> resume(home)             then: the transactions it resumes
//   Participant
//     void on(home, message)
//     void on_timer(home, timer)
//     static bool sets(timer)                       whether it is one of its timers
//     void on_lock(home, news)
//     void read(home, record), resume(home)         recovery; ignores other records
//
// A protocol whose roles take no row locks has no `on_lock`; if its participant has no timers, it
// has neither `on_timer` nor `sets`.
#pragma once

#include <memory>
#include <span>
#include <utility>
#include <vector>

#include "services/role_home.h"
#include "services/service.h"
#include "sim/assert.h"
#include "sim/node.h"
#include "transactions/transaction.h"

namespace txsim {

template <class Derived, class Coordinator, class Participant>
class TwoRoleService : public NodeOf<Derived, Service> {
 protected:
  TwoRoleService(std::shared_ptr<const Plan> plan, NodeId self,
                 const IdempotentReceiverSettings& receiver, const StoreSettings& store,
                 Participant participant = Participant())
      : NodeOf<Derived, Service>(std::move(plan), self, receiver, store),
        participant_(std::move(participant)) {}

  bool coordinates(std::uint16_t kind_index) const {
    return this->kind(kind_index).begins_at == this->self();
  }
  void finish_if_decided(Context& context, TransactionId transaction, Outcome outcome) {
    if (outcome != Outcome::Unknown) this->receiver().finish(context, transaction, outcome);
  }

  void begin(Context& context, TransactionId transaction, std::uint16_t kind) override {
    finish_if_decided(context, transaction, coordinator_.begin(home(context), transaction, kind));
  }
  void handle(Context& context, const Message& message) override {
    if (!coordinates(message.transaction_type)) return participant_.on(home(context), message);
    finish_if_decided(context, message.transaction, coordinator_.on(home(context), message));
  }
  void handle(Context& context, const Timer& timer) override {
    if constexpr (requires { &Participant::on_timer; }) {
      if (Participant::sets(timer.what)) return participant_.on_timer(home(context), timer);
    }
    finish_if_decided(context, timer.transaction, coordinator_.on_timer(home(context), timer));
  }
  // The coordinator's timers ask again for a participant's message that was refused.
  void handle_refused(Context& context, const Message& message) override {
    if (!coordinates(message.transaction_type)) return;
    finish_if_decided(context, message.transaction,
                      coordinator_.on_refused(home(context), message));
  }
  void on_lock(Context& context, const LockNews& news) override {
    if constexpr (requires { &Participant::on_lock; }) {
      if (!coordinates(news.kind)) return participant_.on_lock(home(context), news);
      finish_if_decided(context, news.transaction, coordinator_.on_lock(home(context), news));
    } else {
      TXSIM_ASSERT(false, "the protocol takes no row locks");
    }
  }

  void recover(Context& context, std::span<const LogRecord> log) override {
    const auto own = home(context);
    for (const LogRecord& record : log) {
      if (!coordinator_.read(own, record)) {
        participant_.read(own, record);
        continue;
      }
      const Outcome outcome = Coordinator::outcome_in(record);
      if (outcome == Outcome::Unknown) continue;
      this->receiver().remember(order_of(record.transaction), outcome);
    }
    participant_.resume(own);
    for (const Resumed& resumed : coordinator_.resume(own)) {
      this->receiver().resume(resumed.id, resumed.kind);
      finish_if_decided(context, resumed.id, resumed.outcome);
    }
  }

  Coordinator coordinator_;
  Participant participant_;

 private:
  auto home(Context& context) { return static_cast<Derived&>(*this).home(context); }
};

}  // namespace txsim
