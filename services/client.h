// The client: submits orders according to the workload, waits for the answers, retries or gives up.
// One node plays all clients of a run.
//
// Source: open and closed workloads (Schroeder, Wierman, Harchol-Balter, Open Versus Closed, 2006);
// an order's number is its order id, given out before it is submitted (see idempotent_receiver.h).
//
//   message     from → to            value
//   Submit      client → receiver    the order; each submission is a transaction of its own
//   Reply       receiver → client    1 done, 2 failed, 3 busy, 4 accepted, 5 in progress
//   OrderQuery  client → receiver    what has become of the order? (where services say `accepted`)
//
//   states of an order
//
//                     Reply done or failed
//   arrives ──▶ open ─────────────────────────▶ answered ──▶ settled: no submission of it is
//               │  ▲ no answer in time, retries    │         waited for, and none is to come
//               │  └── left: submitted again       │ repeats and earlier submissions
//               │                                  │ are still waited for
//               └── no answer in time, no retries left: gave up
//
// Busy: another submission of the order is under way. If this client has stopped waiting for that
// one, it waits for it again. Refused (the service was not reached): the client retries when its
// wait for the answer ends. If this was the last submission and no other submission of the order is
// open, the order counts as failed. A late answer to a submission that was given up is ignored.
//
// Where services answer at once with `accepted`, the client asks for the status every `poll_every`,
// as long as it waits for the answer. Accepted and in progress are no answers: it continues to
// wait. (Asynchronous request-reply with polling: Hohpe & Woolf, Enterprise Integration Patterns,
// 2003.)
//
//   record       holds
//   OrdersTaken  value: order numbers up to this one may be in use (closed loop only)
//
//   timer          then
//   Arrival        the next order is submitted
//   Think          closed loop: likewise
//   Repeat         the order is submitted again though nothing called for it; value: the order
//   AnswerOverdue  the submission is not answered in time; value: the order
//   Poll           the client asks for the status; value: the order
//
// After a crash the client has forgotten all its orders and continues with later ones: it never
// uses an order's number twice. Where orders arrive by the clock, the clock shows which ones have
// passed (a clock that was set back across the crash would mislead it). In a closed loop it
// reserves numbers in lots, with a forced record for each, and continues behind the last lot.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "services/description.h"
#include "services/workload.h"
#include "sim/fingerprint.h"
#include "sim/node.h"
#include "sim/random.h"
#include "sim/table.h"
#include "transactions/transaction.h"

namespace txsim {

inline constexpr Word kOrdersTaken = word("OrdersTaken");
inline constexpr Word kArrival = word("Arrival");
inline constexpr Word kThink = word("Think");
inline constexpr Word kRepeat = word("Repeat");
inline constexpr Word kAnswerOverdue = word("AnswerOverdue");
inline constexpr Word kPoll = word("Poll");

class Client final : public NodeOf<Client> {
 public:
  // An order is submitted 256 times at most, retries and repeats together.
  static constexpr std::uint32_t kMostSubmissions = 256;

  Client(std::shared_ptr<const Plan> plan, NodeId self, Workload workload);

  void start(Context& context, std::span<const LogRecord> log) override;
  void on(Context& context, const Message& message) override;
  void on(Context& context, const Timer& timer) override;
  void on_refused(Context& context, const Message& message) override;
  bool checkpoint(std::vector<LogRecord>& log) const override;
  bool absorbs(const Message& message) const override;
  void digest_into(Fingerprint& into) const override {  // `next_arrival_`: a timer stands for it
    into.add(arrivals_, think_, next_order_, taken_, orders_, submissions_);
  }

 private:
  struct Order {
    std::uint32_t retries_left = 0;
    std::uint32_t repeats_left = 0;
    std::uint32_t submissions = 0;  // so far
    std::uint32_t open = 0;         // of them: not answered
    std::uint32_t waited_for = 0;   // of those: the wait is not over
    std::uint16_t kind = 0;
    bool is_answered = false;

    void digest_into(Fingerprint& into) const {
      into.add(retries_left, repeats_left, submissions, open, waited_for, kind, is_answered);
    }
  };
  struct Submission {
    TimerId timer;
    TimerId poll;
    bool is_waited_for = false;  // the timer is set

    void digest_into(Fingerprint& into) const { into.add(timer, poll, is_waited_for); }
  };

  // The arrival of orders
  void start_due(Context& context, Time now);
  void go_to_order(std::uint64_t number);
  void start_next_of_loop(Context& context);
  void take_numbers(Context& context);
  std::uint16_t kind_of(std::uint64_t order) const;

  // One order
  void start_order(Context& context, std::uint64_t number);
  void repeat(Context& context, std::uint64_t number);
  void submit(Context& context, std::uint64_t number, Order& order);
  void wait(Context& context, Order& order, TransactionId transaction);
  void told(Context& context, TransactionId transaction, Order& order, Reply reply);
  void settle(Context& context, std::uint64_t number, const Order& order);
  void on_overdue(Context& context, const Timer& timer);
  void poll(Context& context, const Timer& timer);
  static bool may_retry(const Order& order);
  void wait_for_earlier(Context& context, Order& order, TransactionId busy);

  std::shared_ptr<const Plan> plan_;
  std::shared_ptr<const Workload> workload_;
  // By kind: the sum of the shares up to and with it.
  std::shared_ptr<const std::vector<std::uint64_t>> share_ends_;
  Stream arrivals_;
  Stream think_;
  std::uint64_t next_order_ = 1;
  std::uint64_t taken_ = 0;  // closed loop: the last number taken
  Time next_arrival_;
  Table<Order> orders_;            // not settled
  Table<Submission> submissions_;  // not answered, by transaction
};

Description client_description();

}  // namespace txsim
