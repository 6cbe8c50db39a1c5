#include "services/client.h"

#include <algorithm>

#include "services/idempotent_receiver.h"
#include "services/items.h"
#include "sim/assert.h"

namespace txsim {
namespace {

constexpr std::uint64_t kLot = 64;  // order numbers taken at a time, if not more are needed

}  // namespace

Client::Client(std::shared_ptr<const Plan> plan, NodeId self, Workload workload)
    : plan_(std::move(plan)) {
  TXSIM_ASSERT(self < plan_->nodes.size(), "a client that is not a node of the plan");
  if (workload.shares.empty()) workload.shares.assign(plan_->kinds.size(), 1);
  if (workload.arrivals == Arrivals::Times) {
    workload.orders = std::min<std::uint64_t>(workload.orders, workload.times.size());
  }
  TXSIM_ASSERT(workload.shares.size() == plan_->kinds.size(), "a share for each kind");
  TXSIM_ASSERT(std::any_of(workload.shares.begin(), workload.shares.end(),
                           [](std::uint32_t share) { return share > 0; }),
               "some kind of transaction has a share");
  TXSIM_ASSERT(workload.repeats < kMostSubmissions, "too many submissions of an order");
  std::vector<std::uint64_t> ends;
  for (const std::uint32_t share : workload.shares) {
    ends.push_back((ends.empty() ? 0 : ends.back()) + share);
  }
  share_ends_ = std::make_shared<const std::vector<std::uint64_t>>(std::move(ends));
  workload_ = std::make_shared<const Workload>(std::move(workload));
}

// ---- The arrival of orders

void Client::start(Context& context, std::span<const LogRecord> log) {
  arrivals_ = context.stream("workload.arrivals");
  think_ = context.stream("workload.think");
  if (workload_->arrivals == Arrivals::ClosedLoop) {
    for (const LogRecord& record : log) {
      TXSIM_ASSERT(record.type == kOrdersTaken, "a record that is not the client's");
      taken_ = static_cast<std::uint64_t>(record.value);
    }
    next_order_ = taken_ + 1;
    take_numbers(context);
    for (std::uint32_t i = 0; i < workload_->clients; ++i) start_next_of_loop(context);
    return;
  }
  go_to_order(1);
  const bool is_restart = !context.is_beginning();
  const Time now = is_restart ? context.now() : Time{0};
  while (is_restart && next_order_ <= workload_->orders && next_arrival_ <= now) {
    go_to_order(next_order_ + 1);
  }
  start_due(context, now);
}

// Determines when the next order arrives. Requires that it is the first one or that the one before
// it was the next until now.
void Client::go_to_order(std::uint64_t number) {
  next_order_ = number;
  if (number > workload_->orders) return;
  Duration gap{0};
  switch (workload_->arrivals) {
    case Arrivals::Times:
      next_arrival_ = workload_->times[number - 1];
      return;
    case Arrivals::Every:
      if (number > 1) gap = workload_->every;
      break;
    case Arrivals::Random:
      gap = Delay::exponential(workload_->every).draw(arrivals_);
      break;
    case Arrivals::ClosedLoop:
      TXSIM_ASSERT(false, "in a closed loop orders do not arrive by the clock");
  }
  const Duration left = kEndOfTime - next_arrival_;
  next_arrival_ = next_arrival_ + std::min(gap, left);
}

// Submits the orders that have arrived; one timer waits for the next.
void Client::start_due(Context& context, Time now) {
  while (next_order_ <= workload_->orders && next_arrival_ <= now) {
    const std::uint64_t number = next_order_;
    go_to_order(number + 1);
    start_order(context, number);
  }
  if (next_order_ > workload_->orders || next_arrival_ == kEndOfTime) return;
  const Duration left = next_arrival_ - now;
  const bool is_drawn = workload_->arrivals == Arrivals::Random;
  context.set_timer(
      kArrival, is_drawn ? Drawn{left, Duration{0}, kLongestDuration} : Drawn{left, left, left});
}

void Client::start_next_of_loop(Context& context) {
  if (next_order_ > workload_->orders) return;
  start_order(context, next_order_++);
  if (next_order_ + kLot / 2 > taken_) take_numbers(context);
}

void Client::take_numbers(Context& context) {
  if (taken_ >= workload_->orders) return;
  const std::uint64_t lot = std::max<std::uint64_t>(kLot, workload_->clients);
  taken_ = std::min(workload_->orders, next_order_ - 1 + lot);
  LogRecord record;
  record.type = kOrdersTaken;
  record.value = static_cast<std::int64_t>(taken_);
  context.append(record);
  context.force();
  context.writes(record.transaction, kNumbersItem);
}

std::uint16_t Client::kind_of(std::uint64_t order) const {
  const std::uint64_t place = (order - 1) % share_ends_->back();
  const auto kind = std::upper_bound(share_ends_->begin(), share_ends_->end(), place);
  return static_cast<std::uint16_t>(kind - share_ends_->begin());
}

void Client::on(Context& context, const Timer& timer) {
  switch (timer.what.id) {
    case kArrival.id: {  // the clock may have been set meanwhile: the timer decides
      const Time now = context.now_or(next_arrival_);
      next_arrival_ = std::min(next_arrival_, now);
      start_due(context, now);
      return;
    }
    case kThink.id:
      start_next_of_loop(context);
      return;
    case kRepeat.id:
      repeat(context, static_cast<std::uint64_t>(timer.value));
      return;
    case kAnswerOverdue.id:
      on_overdue(context, timer);
      return;
    case kPoll.id:
      poll(context, timer);
      return;
    default:
      TXSIM_ASSERT(false, "a timer that is not the client's");
  }
}

bool Client::checkpoint(std::vector<LogRecord>& log) const {
  if (taken_ == 0) return true;
  LogRecord record;
  record.type = kOrdersTaken;
  record.value = static_cast<std::int64_t>(taken_);
  log.push_back(record);
  return true;
}

// ---- One order, in the order of the happy path

void Client::start_order(Context& context, std::uint64_t number) {
  Order& order = orders_[number];
  order.kind = kind_of(number);
  order.retries_left = workload_->retries;
  order.repeats_left = workload_->repeats;
  submit(context, number, order);
  if (order.repeats_left == 0) return;
  if (workload_->repeat_after.ns == 0) {
    repeat(context, number);
  } else {
    context.set_timer(kRepeat, workload_->repeat_after, 0, static_cast<std::int64_t>(number));
  }
}

void Client::repeat(Context& context, std::uint64_t number) {
  Order* order = orders_.find(number);
  TXSIM_ASSERT(order != nullptr && order->repeats_left > 0, "an order that is not to be repeated");
  do {
    --order->repeats_left;
    submit(context, number, *order);
  } while (order->repeats_left > 0 && workload_->repeat_after.ns == 0);
  if (order->repeats_left == 0) return;
  context.set_timer(kRepeat, workload_->repeat_after, 0, static_cast<std::int64_t>(number));
}

void Client::submit(Context& context, std::uint64_t number, Order& order) {
  const TransactionId transaction = transaction_id(number, order.submissions++);
  ++order.open;
  context.reads(transaction, kNumbersItem);
  context.start_path();
  Message message;
  message.to = plan_->kinds[order.kind].begins_at;
  message.type = kSubmit;
  message.transaction_type = order.kind;
  message.transaction = transaction;
  message.value = static_cast<std::int64_t>(number);
  context.announce({.what = fact_word(FactKind::Submitted),
                    .peer = message.to,
                    .transaction = transaction,
                    .value = message.value,
                    .extra = order.kind});
  context.send(message);
  wait(context, order, transaction);
}

void Client::wait(Context& context, Order& order, TransactionId transaction) {
  Submission& submission = submissions_[transaction];
  submission.timer = context.set_timer(kAnswerOverdue, workload_->timeout, transaction,
                                       static_cast<std::int64_t>(order_of(transaction)));
  submission.is_waited_for = true;
  ++order.waited_for;
  if (!workload_->polls) return;
  submission.poll = context.set_timer(kPoll, workload_->poll_every, transaction,
                                      static_cast<std::int64_t>(order_of(transaction)));
}

void Client::poll(Context& context, const Timer& timer) {
  Submission* submission = submissions_.find(timer.transaction);
  TXSIM_ASSERT(submission != nullptr && submission->is_waited_for, "asks without waiting");
  Message message;
  message.transaction_type = orders_.find(static_cast<std::uint64_t>(timer.value))->kind;
  message.to = plan_->kinds[message.transaction_type].begins_at;
  message.type = kOrderQuery;
  message.transaction = timer.transaction;
  message.value = timer.value;
  context.send(message);
  submission->poll =
      context.set_timer(kPoll, workload_->poll_every, timer.transaction, timer.value);
}

void Client::on(Context& context, const Message& message) {
  switch (message.type.id) {
    case kReply.id: {
      if (!submissions_.contains(message.transaction))
        return;  // answered before, given up, forgotten
      Order& order = *orders_.find(order_of(message.transaction));
      const auto reply = static_cast<Reply>(message.value);
      if (reply == Reply::Accepted || reply == Reply::InProgress) return;
      told(context, message.transaction, order, reply);
      if (reply == Reply::Busy) wait_for_earlier(context, order, message.transaction);
      settle(context, order_of(message.transaction), order);
      return;
    }
    default:
      TXSIM_ASSERT(false, "a message that the client does not know");
  }
}

// Accepted or in progress changes nothing, whenever it arrives.
bool Client::absorbs(const Message& message) const {
  const auto reply = static_cast<Reply>(message.value);
  return message.type == kReply && (reply == Reply::Accepted || reply == Reply::InProgress);
}

void Client::told(Context& context, TransactionId transaction, Order& order, Reply reply) {
  Submission& submission = *submissions_.find(transaction);
  context.cancel_timer(submission.timer);
  context.cancel_timer(submission.poll);
  if (submission.is_waited_for) --order.waited_for;
  --order.open;
  submissions_.erase(transaction);
  order.is_answered = order.is_answered || reply != Reply::Busy;
  context.announce({.what = fact_word(FactKind::Told),
                    .transaction = transaction,
                    .value = static_cast<std::int64_t>(reply)});
}

// An order is over if no submission is awaited and none is to come.
void Client::settle(Context& context, std::uint64_t number, const Order& order) {
  if (order.waited_for > 0 || order.repeats_left > 0) return;
  for (std::uint32_t i = 0, open = order.open; open > 0; ++i) {
    const TransactionId transaction = transaction_id(number, i);
    if (!submissions_.erase(transaction)) continue;
    context.announce({.what = fact_word(FactKind::GaveUp), .transaction = transaction});
    --open;
  }
  orders_.erase(number);
  if (workload_->arrivals != Arrivals::ClosedLoop) return;
  if (workload_->think.is_zero()) {
    start_next_of_loop(context);
  } else {
    context.set_timer(kThink, workload_->think.drawn(think_));
  }
}

// ---- Failures

void Client::on_overdue(Context& context, const Timer& timer) {
  Submission* submission = submissions_.find(timer.transaction);
  TXSIM_ASSERT(submission != nullptr && submission->is_waited_for, "a wait that is over");
  const auto number = static_cast<std::uint64_t>(timer.value);
  Order& order = *orders_.find(number);
  submission->is_waited_for = false;
  --order.waited_for;
  context.cancel_timer(submission->poll);
  if (may_retry(order)) {
    --order.retries_left;
    submit(context, number, order);
  }
  settle(context, number, order);
}

bool Client::may_retry(const Order& order) {
  return !order.is_answered && order.retries_left > 0 &&
         order.submissions + order.repeats_left < kMostSubmissions;
}

// Another submission of the order is under way: perhaps one whose wait was over.
void Client::wait_for_earlier(Context& context, Order& order, TransactionId busy) {
  if (order.is_answered || order.waited_for > 0 || order.open == 0) return;
  TransactionId earlier = transaction_id(order_of(busy), 0);
  while (!submissions_.contains(earlier)) ++earlier;
  wait(context, order, earlier);
}

void Client::on_refused(Context& context, const Message& message) {
  if (message.type == kOrderQuery) return;  // asked again before long
  TXSIM_ASSERT(message.type == kSubmit, "the client sends nothing else");
  if (!submissions_.contains(message.transaction)) return;  // submitted before a crash
  const std::uint64_t number = order_of(message.transaction);
  Order& order = *orders_.find(number);
  if (order.open > 1 || order.repeats_left > 0 || may_retry(order)) return;  // its timer goes on
  told(context, message.transaction, order, Reply::Failed);
  settle(context, number, order);
}

Description client_description() {
  Description info;
  info.name = "client";
  info.what =
      "Submits orders according to the workload, waits for answers, retries or gives up. One "
      "node plays all clients of a run.";
  info.source =
      "Open and closed workloads: Schroeder, Wierman, Harchol-Balter, Open Versus Closed, 2006.";
  info.roles = {{"client", "submits orders under numbers given out beforehand"}};
  info.messages = {{"Submit", "client to receiver: execute the order (value: its number)"},
                   {"Reply",
                    "receiver to client (value: 1 done, 2 failed, 3 busy, 4 accepted, 5 in "
                    "progress)"},
                   {"OrderQuery", "client to receiver: what has become of the order?"}};
  info.records = {{"OrdersTaken", "closed loop: order numbers up to this one may be in use"}};
  info.timers = {{"Arrival", "the next order arrives"},
                 {"Think", "closed loop: the pause before the next order is over"},
                 {"Repeat", "the order is submitted again though nothing called for it"},
                 {"AnswerOverdue", "the submission was not answered in time"},
                 {"Poll", "the client asks what has become of an order that was accepted"}};
  info.states = {{"open", "submitted; becomes answered, or is given up after the last retry"},
                 {"answered", "done or failed; its other submissions are still waited for"},
                 {"settled", "no submission is awaited and none is to come: forgotten"}};
  info.deviations = {
      {"crash",
       "the client forgets its orders and continues with later ones, using no number twice"}};
  return info;
}

}  // namespace txsim
