// An external program with its own protocol on an installed txsim. The protocol runs in the
// simulated world, and txsim's judge grades it.
//
// The protocol: a teller sends deposits to a bank, and repeats each request until the bank has
// answered. The bank's only mechanism is its memory of deposits. It is a switch: without it a
// duplicate request is taken twice.
//
//   message   from → to        answer
//   Deposit   teller → bank    Done, once the record is durable
//
#include <fmt/format.h>
#include <txsim/transaction.h>
#include <txsim/verdict.h>
#include <txsim/world.h>

#include <algorithm>
#include <set>

namespace {

using namespace txsim;

constexpr NodeId kTeller = 0;
constexpr NodeId kBank = 1;
constexpr std::uint64_t kOrders = 20;
constexpr std::int64_t kAmount = 10;
constexpr Word kDeposit = word("Deposit");
constexpr Word kDone = word("Done");
constexpr Word kTaken = word("Taken");
constexpr Word kAskAgain = word("AskAgain");

class Teller : public NodeOf<Teller> {
 public:
  void start(Context& context, std::span<const LogRecord>) override {
    for (std::uint64_t order = 1; order <= kOrders; ++order) {
      const TransactionId id = transaction_id(order, 0);
      unanswered_.insert(id);
      enter(context, id, Phase::Begun);
      enter(context, id, Phase::Working);
      ask(context, id);
    }
  }
  void on(Context& context, const Message& done) override {
    if (unanswered_.erase(done.transaction) == 0) return;  // a repeated answer
    enter(context, done.transaction, Phase::Ended);
  }
  void on(Context& context, const Timer& timer) override {
    if (unanswered_.contains(timer.transaction)) ask(context, timer.transaction);
  }
  void on_refused(Context&, const Message&) override {}  // the timer repeats the request

 private:
  static void enter(Context& context, TransactionId id, Phase phase) {
    context.announce({.what = fact_word(FactKind::PhaseEntered),
                      .transaction = id,
                      .value = static_cast<std::int64_t>(phase)});
  }
  static void ask(Context& context, TransactionId id) {
    context.send({.to = kBank, .type = kDeposit, .transaction = id});
    context.set_timer(kAskAgain, milliseconds(10), id);
  }

  std::set<TransactionId> unanswered_;
};

class Bank : public NodeOf<Bank> {
 public:
  explicit Bank(bool remembers) : remembers_(remembers) {}

  void start(Context& context, std::span<const LogRecord> log) override {
    for (const LogRecord& record : log) taken_.insert(record.transaction);
    balance_ = static_cast<std::int64_t>(log.size()) * kAmount;
    if (log.empty()) return;
    context.announce({.what = fact_word(FactKind::Recovered), .peer = 0, .value = balance_});
  }
  void on(Context& context, const Message& deposit) override {
    const TransactionId id = deposit.transaction;
    if (!taken_.contains(id) || !remembers_) take(context, id);
    context.force();
    context.send({.to = deposit.from, .type = kDone, .transaction = id});
  }
  void on(Context&, const Timer&) override {}
  void on_refused(Context&, const Message&) override {}

 private:
  void take(Context& context, TransactionId id) {
    taken_.insert(id);
    balance_ += kAmount;
    context.append({.type = kTaken, .transaction = id});
    context.force();
    context.announce({.what = fact_word(FactKind::Applied),
                      .transaction = id,
                      .value = kAmount,
                      .extra = amount_and_kind(balance_, 0)});
    context.announce({.what = fact_word(FactKind::Finished),
                      .transaction = id,
                      .value = static_cast<std::int64_t>(Outcome::Committed)});
  }

  bool remembers_;
  std::set<TransactionId> taken_;
  std::int64_t balance_ = 0;
};

// One third of the messages is lost, and the bank crashes during the run.
World make_world(bool remembers) {
  WorldSpec spec;
  spec.seed = 7;
  spec.nodes = {{"teller", std::make_shared<Teller>()},
                {"bank", std::make_shared<Bank>(remembers), Delay::constant(milliseconds(1))}};
  spec.network = Network(
      {.delay = Delay::uniform(milliseconds(1), milliseconds(3)), .loss = {Probability::kOne / 3}});
  spec.faults = {{.kind = FaultKind::Crash,
                  .at = Time{milliseconds(4).ns},
                  .duration = milliseconds(5),
                  .nodes = {kBank}}};
  declare_facts(spec.dictionary);
  for (const char* text : {"Deposit", "Done", "Taken", "AskAgain"}) spec.dictionary.declare(text);

  Plan plan;
  plan.nodes = {"teller", "bank"};
  plan.resources = {{"balance", kBank, 0}};
  plan.kinds = {{"deposit", kTeller, {{Action::Give, kBank, 0, kAmount}}, {kBank}}};
  return World(std::make_shared<const WorldSpec>(spec),
               make_judge(std::make_shared<const Plan>(plan), {}));
}

// Prints the judge's verdicts, and returns the verdict on one invariant.
Verdict verdict_of(const World& world, std::string_view invariant) {
  const Verdicts verdicts = judge(*world.observer(), {.time = world.now(), .idle = true});
  Verdict wanted = Verdict::NotApplicable;
  for (const Judgement& judgement : verdicts.judgements) {
    if (judgement.invariant == invariant) wanted = judgement.verdict;
    if (judgement.verdict == Verdict::Holds || judgement.verdict == Verdict::Violated) {
      fmt::print("  {:14} {} {}\n", judgement.invariant, text(judgement.verdict),
                 judgement.explanation);
    }
  }
  return wanted;
}

bool check(bool holds, std::string_view what) {
  if (!holds) fmt::print("failed: {}\n", what);
  return holds;
}

}  // namespace

int main() {
  World careful = make_world(true);
  careful.run(kEndOfTime);
  fmt::print("a bank that remembers: digest {:016x}\n", careful.digest());
  bool good = check(verdict_of(careful, "exactly-once") != Verdict::Violated, "taken once");

  World careless = make_world(false);
  careless.run(kEndOfTime);
  fmt::print("a bank that does not: digest {:016x}\n", careless.digest());
  good &= check(verdict_of(careless, "exactly-once") == Verdict::Violated, "taken twice");

  // A run that is stepped from a snapshot is the same run.
  World original = make_world(true);
  for (int i = 0; i < 50; ++i) original.step(original.enabled().front());
  World copy = original;
  while (copy.step()) {
  }
  good &= check(copy.digest() == careful.digest(), "stepped from a copy, the same digest");
  good &=
      check(original.digest() != careful.digest(), "the original stays in the state of the copy");
  return good ? 0 : 1;
}
