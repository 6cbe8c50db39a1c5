#include "tests/reports/sample_run.h"

#include <initializer_list>

namespace txsim::sample {
namespace {

constexpr NodeId kOrder = 0;
constexpr NodeId kProduct = 1;
constexpr NodeId kPoint = 2;
constexpr NodeId kClient = 3;

Scenario make_scenario() {
  Scenario scenario;
  scenario.name = "scenarios/order/sample.ini";
  scenario.title = "A Commit is lost; its <receiver> crashes: 50% # of it";
  scenario.source = "made by hand";
  scenario.client = kClient;
  scenario.plan.nodes = {"order", "product", "point", "client"};
  scenario.plan.resources = {{"orders", kOrder, 0, true},
                             {"stock", kProduct, 100, false},
                             {"points", kPoint, 1000, false}};
  TransactionKind purchase;
  purchase.name = "purchase";
  purchase.begins_at = kOrder;
  purchase.steps = {{Action::Create, kOrder, 0, 1},
                    {Action::Take, kProduct, 1, 2},
                    {Action::Take, kPoint, 2, 50}};
  purchase.participants = {kProduct, kPoint};
  scenario.plan.kinds = {purchase};
  scenario.fault_texts = {"partition order | point from 4ms to 9ms"};
  scenario.faults.resize(1);
  return scenario;
}

std::shared_ptr<const WorldSpec> make_spec(const Scenario& scenario) {
  auto spec = std::make_shared<WorldSpec>();
  for (const std::string& name : scenario.plan.nodes) spec->nodes.push_back({name, nullptr, {}});
  declare_facts(spec->dictionary);
  for (const char* text : {"Submit", "Prepare", "Vote", "Commit", "Reply", "prepared", "commit",
                           "end", "resend", "vote"}) {
    spec->dictionary.declare(text);
  }
  spec->keep_trace = true;
  return spec;
}

// Writes the records of a trace. Each call returns the sequence of its record.
class Writer {
 public:
  explicit Writer(RunResult& result) : result_(result) {}

  void at(Time time) { time_ = time; }

  std::uint64_t write(TraceRecord record) {
    record.sequence = result_.trace.size() + 1;
    record.time = time_;
    const bool of_node = record.kind >= EventKind::Crashed || record.node == kNoNode;
    if (record.transaction == 0 && !of_node) record.transaction = transaction;
    result_.trace.push_back(record);
    return record.sequence;
  }
  std::uint64_t message(EventKind kind, const char* what, NodeId node, NodeId peer,
                        std::uint64_t cause, std::int64_t value = 0) {
    if (kind == EventKind::Sent) {
      ++result_.statistics.sent;
      result_.statistics.count_message(word(what));
    }
    if (kind == EventKind::Delivered) ++result_.statistics.delivered;
    if (kind == EventKind::Lost) ++result_.statistics.lost;
    return write({.cause = cause,
                  .value = value,
                  .node = node,
                  .peer = peer,
                  .what = word(what),
                  .kind = kind});
  }
  std::uint64_t fact(FactKind fact, NodeId node, std::uint64_t cause, std::int64_t value,
                     std::int64_t extra = 0, std::uint8_t step = 0, NodeId peer = kNoNode) {
    return write({.cause = cause,
                  .value = value,
                  .extra = extra,
                  .node = node,
                  .peer = peer,
                  .what = fact_word(fact),
                  .kind = EventKind::Announced,
                  .step = step});
  }
  std::uint64_t own(EventKind kind, const char* what, NodeId node, std::uint64_t cause,
                    std::int64_t value = 0) {
    return write({.cause = cause,
                  .value = value,
                  .node = node,
                  .what = *what == '\0' ? Word{} : word(what),
                  .kind = kind});
  }

  TransactionId transaction = transaction_id(1, 0);

 private:
  RunResult& result_;
  Time time_;
};

constexpr Time ms(std::int64_t n) { return Time{} + milliseconds(n); }

// Submission, updates and Prepare, up to 4 ms. Returns the deliveries of the two votes.
std::uint64_t prepare(Writer& w) {
  for (const NodeId node : {kOrder, kProduct, kPoint, kClient}) {
    w.write({.node = node, .kind = EventKind::Restarted});
  }
  w.fact(FactKind::Submitted, kClient, 0, 1, 0, 0, kOrder);
  const auto submit = w.message(EventKind::Sent, "Submit", kClient, kOrder, 0);
  w.at(ms(1));
  const auto begun = w.message(EventKind::Delivered, "Submit", kOrder, kClient, submit);
  w.fact(FactKind::PhaseEntered, kOrder, begun, 1);
  w.fact(FactKind::PhaseEntered, kOrder, begun, 3);
  const auto to_product = w.message(EventKind::Sent, "Prepare", kOrder, kProduct, begun);
  const auto to_point = w.message(EventKind::Sent, "Prepare", kOrder, kPoint, begun);
  w.own(EventKind::TimerSet, "vote", kOrder, begun, milliseconds(2000).ns);
  std::uint64_t vote = 0;
  for (const NodeId node : {kProduct, kPoint}) {
    w.at(ms(2));
    const std::uint64_t sent = node == kProduct ? to_product : to_point;
    const auto asked = w.message(EventKind::Delivered, "Prepare", node, kOrder, sent);
    const std::int64_t resource = node == kProduct ? 1 : 2;
    const auto step = static_cast<std::uint8_t>(resource);
    const std::int64_t taken = node == kProduct ? 2 : 50;
    const std::int64_t left = node == kProduct ? 98 : 950;
    w.fact(FactKind::LockTaken, node, asked, resource, 0, step);
    w.fact(FactKind::Updated, node, asked, -taken, amount_and_kind(left, 0), step);
    w.own(EventKind::Appended, "prepared", node, asked);
    const auto forced = w.own(EventKind::Forced, "prepared", node, asked);
    w.own(EventKind::Durable, "prepared", node, forced);
    w.fact(FactKind::Voted, node, forced, 1);
    vote = w.message(EventKind::Sent, "Vote", node, kOrder, forced, 1);
  }
  return vote;
}

// The decision and its consequences. Returns the event that makes the outcome mixed.
std::uint64_t decide(Writer& w, std::uint64_t vote) {
  w.at(ms(3));
  w.message(EventKind::Delivered, "Vote", kOrder, kProduct, vote - 8, 1);
  const auto both = w.message(EventKind::Delivered, "Vote", kOrder, kPoint, vote, 1);
  w.own(EventKind::TimerCancelled, "vote", kOrder, both);
  w.own(EventKind::Appended, "commit", kOrder, both);
  const auto forced = w.own(EventKind::Forced, "commit", kOrder, both);
  w.at(ms(4));
  w.write({.transaction = 0, .value = 0, .kind = EventKind::FaultBegan});
  w.own(EventKind::Durable, "commit", kOrder, forced);
  w.fact(FactKind::Decided, kOrder, forced, 1);
  const auto to_product = w.message(EventKind::Sent, "Commit", kOrder, kProduct, forced);
  const auto to_point = w.message(EventKind::Sent, "Commit", kOrder, kPoint, forced);
  w.message(EventKind::Lost, "Commit", kOrder, kPoint, to_point,
            static_cast<std::int64_t>(LossReason::Partition));
  const auto reply = w.message(EventKind::Sent, "Reply", kOrder, kClient, forced, 1);
  w.at(ms(5));
  const auto told = w.message(EventKind::Delivered, "Commit", kProduct, kOrder, to_product);
  w.own(EventKind::Appended, "end", kProduct, told);
  const auto applied = w.fact(FactKind::Applied, kProduct, told, 0, amount_and_kind(98, 0), 1);
  w.fact(FactKind::LockReleased, kProduct, told, 1);
  const auto answered = w.message(EventKind::Delivered, "Reply", kClient, kOrder, reply, 1);
  w.fact(FactKind::Told, kClient, answered, 1);
  w.at(ms(6));
  w.write({.value = milliseconds(2).ns, .node = kPoint, .kind = EventKind::Crashed});
  w.at(ms(8));
  w.write({.value = 1, .node = kPoint, .kind = EventKind::Restarted});
  w.fact(FactKind::InDoubt, kPoint, 0, 0);
  return applied;
}

Expectation expect(const char* text, const char* subject, const char* verdict, int line) {
  Expectation expectation;
  expectation.subject = subject;
  expectation.verdict = verdict;
  expectation.text = text;
  expectation.place = {"scenarios/order/sample.ini", line};
  return expectation;
}

}  // namespace

RunResult broken_commit() {
  Scenario scenario = make_scenario();
  scenario.expectations = {expect("atomicity is violated", "atomicity", "violated", 40),
                           expect("convergence holds", "convergence", "holds", 41)};
  RunResult result;
  result.spec = make_spec(scenario);
  result.statistics.nodes = {{2, 1, 1}, {3, 2, 2}, {1, 1, 1}, {0, 0, 0}};
  Writer writer(result);
  const std::uint64_t vote = prepare(writer);
  const std::uint64_t applied = decide(writer, vote);
  result.statistics.events = result.trace.size();
  result.digest = 0x0123456789ABCDEF;
  result.end = ms(8);
  result.idle = true;
  result.all_met = false;
  const TransactionId first = transaction_id(1, 0);
  Verdicts& verdicts = result.verdicts;
  verdicts.judgements = {
      {"agreement", Verdict::Holds, 0, 0, 0, ""},
      {"irrevocable", Verdict::Holds, 0, 0, 0, ""},
      {"convergence", Verdict::Violated, 1, 0, first, "T1 is still in doubt at point at the end"},
      {"atomicity", Verdict::Violated, 1, applied, first,
       "stock of T1 is in effect for good and points of T1 is not"},
      {"no-hanging", Verdict::NotApplicable, 0, 0, 0, ""},
      {"bounded-blocking", Verdict::Vacuous, 0, 0, 0, ""}};
  verdicts.transactions = {{first, 0, Ending::InDoubt, true, Reply::Done, ms(0), ms(5)}};
  verdicts.counters.submitted = verdicts.counters.orders = 1;
  verdicts.counters.told_done = verdicts.counters.orders_told_done = 1;
  verdicts.counters.endings[static_cast<int>(Ending::InDoubt)] = 1;
  verdicts.counters.latency.add(milliseconds(5));
  verdicts.counters.lock_hold.add(milliseconds(3));
  verdicts.counters.path_count = 1;
  verdicts.counters.path_message_delays = 4;
  verdicts.counters.path_write_delays = 2;
  verdicts.amounts = {{0, 0}, {98, 0}, {950, 0}};
  verdicts.records = {1, 0, 0};
  result.expectations = {{scenario.expectations[0], true, "atomicity is violated"},
                         {scenario.expectations[1], false, "convergence is violated"}};
  result.scenario = std::make_shared<const Scenario>(std::move(scenario));
  return result;
}

RunResult many_orders(std::uint64_t orders) {
  Scenario scenario = make_scenario();
  scenario.title = "Many orders";
  RunResult result;
  result.spec = make_spec(scenario);
  Writer writer(result);
  for (std::uint64_t order = 1; order <= orders; ++order) {
    const Time at = ms(static_cast<std::int64_t>(order) * 10);
    writer.transaction = transaction_id(order, 0);
    writer.at(at);
    const auto sent = writer.message(EventKind::Sent, "Submit", kClient, kOrder, 0);
    writer.at(at + milliseconds(1));
    writer.message(EventKind::Delivered, "Submit", kOrder, kClient, sent);
    result.verdicts.transactions.push_back(
        {writer.transaction, 0, Ending::Committed, true, Reply::Done, at, at + milliseconds(1)});
  }
  result.verdicts.counters.submitted = result.verdicts.counters.orders = orders;
  result.verdicts.counters.told_done = result.verdicts.counters.orders_told_done = orders;
  result.verdicts.counters.endings[0] = orders;
  result.statistics.events = result.trace.size();
  result.scenario = std::make_shared<const Scenario>(std::move(scenario));
  return result;
}

}  // namespace txsim::sample
