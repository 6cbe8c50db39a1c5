// The actions of sagas on a store. A node runs a script, command by command.
#include "services/actions.h"

#include <catch2/catch.hpp>

#include "tests/protocols/small_world.h"

namespace txsim {
namespace {

using testing::order;
using testing::SmallWorld;

using Lines = std::vector<std::string>;

enum class Do : std::uint8_t { Act, Compensate, Release, Forget };

struct Command {
  int at_ms = 0;
  Do what = Do::Act;
  TransactionId transaction = 0;
  std::uint16_t step = 0;
  std::uint16_t kind = 0;
};

constexpr Word kCommand = word("Command");

// Runs a script of actions and compensations. Notes "made" with value 1 or 0 for each.
class Scripted final : public NodeOf<Scripted> {
 public:
  Scripted(const std::shared_ptr<const Plan>& plan, NodeId self, const ActionSettings& settings,
           std::vector<Command> script)
      : store_(plan, self, {}), actions_(plan, settings), script_(std::move(script)) {}

  void start(Context& context, std::span<const LogRecord> log) override {
    for (const LogRecord& record : log) {
      if (!store_.recover(record)) actions_.read(store_, record);
    }
    if (context.now() > Time{0}) {
      actions_.resume(context, store_);
      store_.announce_recovered(context);
    }
    for (std::size_t i = 0; i < script_.size(); ++i) {
      const Time at{milliseconds(script_[i].at_ms).ns};
      if (at < context.now()) continue;
      context.set_timer(kCommand, at - context.now(), 0, static_cast<std::int64_t>(i));
    }
  }
  void on(Context& context, const Timer& timer) override {
    const Command& command = script_[static_cast<std::size_t>(timer.value)];
    const StepPlace place{command.transaction, command.kind, command.step, command.transaction};
    bool made = true;
    switch (command.what) {
      case Do::Act:
        made = actions_.act(context, store_, place);
        break;
      case Do::Compensate:
        made = actions_.compensate(context, store_, place);
        break;
      case Do::Release:
        actions_.release(context, place);
        break;
      case Do::Forget:
        actions_.learn_oldest(context.self(), command.transaction + 1);
        break;
    }
    actions_.flush(context, command.transaction);
    context.note(word("made"), command.transaction, made ? 1 : 0);
    context.note(word("knows"), command.transaction, actions_.knows(command.transaction) ? 1 : 0);
  }
  void on(Context&, const Message&) override {}
  void on_refused(Context&, const Message&) override {}
  bool checkpoint(std::vector<LogRecord>& log) const override {
    store_.write_checkpoint(log);
    actions_.write_checkpoint(log);
    return true;
  }

 private:
  Store store_;
  Actions actions_;
  std::vector<Command> script_;
};

// One account with 10. Kind 0 takes 4 and gives 7. Kind 1 does the same with a pivot before the
// take. Kind 2 gives 7 and takes 4 twice.
struct Bank {
  SmallWorld small;
  ActionSettings settings;
  std::uint16_t account = 0;

  Bank() {
    const NodeId bank = small.service("bank");
    account = small.resource("account", bank, 10);
    const auto log = small.resource("log", bank, 0, true);
    const std::vector<Step> steps = {
        small.step(Action::Take, account, 4), small.step(Action::Give, account, 7),
        small.step(Action::Create, log, 0), small.step(Action::Read, account, 0)};
    small.kind(steps);
    small.kind({steps[2], steps[0], steps[1]});
    small.plan.kinds.back().pivot = std::uint16_t{0};
    small.kind({steps[1], steps[0], steps[0]});
    small.with_client = false;
    small.disk = Delay::constant(microseconds(100));
  }
  World run(const std::vector<Command>& script) {
    World world = small.build([&](std::shared_ptr<const Plan> plan, NodeId self) {
      return std::make_shared<Scripted>(plan, self, settings, script);
    });
    world.run(Time{seconds(1).ns});
    return world;
  }
};

Lines said(const World& world) {
  return testing::facts(world, {FactKind::Applied, FactKind::Compensated, FactKind::Rejected,
                                FactKind::ReadDone, FactKind::Recovered});
}

std::vector<int> noted(const World& world, Word what) {
  std::vector<int> made;
  for (const TraceRecord& record : world.trace()) {
    if (record.kind == EventKind::Noted && record.what == what) {
      made.push_back(static_cast<int>(record.value));
    }
  }
  return made;
}

std::vector<int> made(const World& world) { return noted(world, word("made")); }

constexpr TransactionId kOne = order(1);
constexpr TransactionId kTwo = order(2);

}  // namespace

TEST_CASE("actions: they take effect at once, and a repeated request is executed once") {
  Bank bank;
  const World world = bank.run({{1, Do::Act, kOne, 0},
                                {2, Do::Act, kOne, 0},
                                {3, Do::Act, kOne, 2},
                                {4, Do::Act, kOne, 3},
                                {5, Do::Compensate, kOne, 0},
                                {6, Do::Compensate, kOne, 0},
                                {7, Do::Compensate, kOne, 3}});
  CHECK(said(world) == Lines{"applied 1 -4", "applied 1 0", "read-done 1 0", "compensated 1 4"});
  CHECK(made(world) == std::vector<int>{1, 1, 1, 1, 1, 1, 1});
  CHECK(testing::amount(world, bank.small.plan, bank.account) == 10);
}

TEST_CASE("actions: without idempotence a repeated request is executed again") {
  Bank bank;
  bank.settings.idempotence = false;
  const World world = bank.run({{1, Do::Act, kOne, 0},
                                {2, Do::Act, kOne, 0},
                                {3, Do::Compensate, kOne, 0},
                                {4, Do::Compensate, kOne, 0}});
  CHECK(said(world) == Lines{"applied 1 -4", "applied 1 -4", "compensated 1 4", "compensated 1 4"});
}

TEST_CASE("actions: a compensation that arrives first voids the action") {
  Bank bank;
  const World world = bank.run({{1, Do::Compensate, kOne, 0},
                                {2, Do::Compensate, kOne, 2},
                                {3, Do::Act, kOne, 0},
                                {4, Do::Act, kOne, 2}});
  CHECK(said(world) == Lines{"compensated 1 0", "rejected 1 0", "rejected 1 0"});
  CHECK(made(world) == std::vector<int>{1, 1, 0, 0});
}

TEST_CASE("actions: a read that is voided before it arrives is refused, even after a crash") {
  Bank bank;
  bank.small.crash(0, milliseconds(3), milliseconds(1));
  const World world = bank.run({{1, Do::Compensate, kOne, 3},
                                {2, Do::Act, kOne, 3},
                                {5, Do::Act, kOne, 3},
                                {6, Do::Act, kTwo, 3}});
  CHECK(said(world) ==
        Lines{"rejected 1 0", "recovered 0 10", "recovered 0 0", "rejected 1 0", "read-done 2 0"});
  CHECK(made(world) == std::vector<int>{1, 0, 0, 1});
}

TEST_CASE("actions: a refused step stays refused, except behind the pivot") {
  Bank bank;
  const World world = bank.run({{1, Do::Act, order(3), 0},
                                {2, Do::Act, order(4), 0},
                                {3, Do::Act, kOne, 0},
                                {4, Do::Act, kTwo, 1, 1},
                                {5, Do::Compensate, order(3), 0},
                                {6, Do::Act, kOne, 0},
                                {7, Do::Act, kTwo, 1, 1}});
  CHECK(made(world) == std::vector<int>{1, 1, 0, 0, 1, 0, 1});
}

TEST_CASE("actions: an amount that was spent cannot be taken back") {
  Bank bank;
  const World world = bank.run({{1, Do::Act, kOne, 1},
                                {2, Do::Act, order(2), 0},
                                {3, Do::Act, order(3), 0},
                                {4, Do::Act, order(4), 0},
                                {5, Do::Compensate, kOne, 1},
                                {6, Do::Compensate, order(2), 0},
                                {7, Do::Compensate, kOne, 1}});
  CHECK(made(world) == std::vector<int>{1, 1, 1, 1, 0, 1, 1});
}

TEST_CASE(
    "actions: the semantic lock holds a gift against other transactions until it is released") {
  Bank bank;
  bank.settings.semantic_lock = true;
  SECTION("other transactions are refused, the saga itself is not, and the compensation succeeds") {
    const World world = bank.run({{1, Do::Act, kOne, 1},
                                  {2, Do::Act, order(2), 0},
                                  {3, Do::Act, order(3), 0},
                                  {4, Do::Act, order(4), 0},
                                  {5, Do::Act, kOne, 0},
                                  {6, Do::Compensate, kOne, 0},
                                  {7, Do::Compensate, kOne, 1}});
    CHECK(made(world) == std::vector<int>{1, 1, 1, 0, 1, 1, 1});
    CHECK(testing::amount(world, bank.small.plan, bank.account) == 2);
  }
  SECTION("after the release every transaction may take it") {
    const World world = bank.run({{1, Do::Act, kOne, 1},
                                  {2, Do::Act, order(2), 0},
                                  {3, Do::Act, order(3), 0},
                                  {4, Do::Release, kOne, 1},
                                  {5, Do::Release, kOne, 1},
                                  {6, Do::Act, order(4), 0}});
    CHECK(made(world) == std::vector<int>{1, 1, 1, 1, 1, 1});
  }
  SECTION("the lock and its release survive a crash") {
    bank.small.crash(0, milliseconds(5), milliseconds(2));
    bank.small.crash(0, milliseconds(11), milliseconds(2));
    const std::vector<Command> script = {{1, Do::Act, kOne, 1},     {2, Do::Act, order(2), 0},
                                         {3, Do::Act, order(3), 0}, {8, Do::Act, order(4), 0},
                                         {9, Do::Release, kOne, 1}, {14, Do::Act, order(5), 0}};
    CHECK(made(bank.run(script)) == std::vector<int>{1, 1, 1, 0, 1, 1});
  }
  SECTION("an amount that the saga itself has taken is not held until that take is compensated") {
    if (GENERATE(false, true)) bank.small.crash(0, milliseconds(6), milliseconds(1));
    const World world = bank.run({{1, Do::Act, kOne, 0, 2},
                                  {2, Do::Act, kOne, 1, 2},
                                  {3, Do::Act, kOne, 2, 2},
                                  {4, Do::Act, kTwo, 1},
                                  {5, Do::Act, order(3), 0},
                                  {8, Do::Act, order(4), 0},
                                  {9, Do::Act, order(5), 0},
                                  {10, Do::Compensate, kTwo, 1},
                                  {11, Do::Compensate, kOne, 2, 2},
                                  {12, Do::Act, order(6), 0},
                                  {13, Do::Compensate, kOne, 1, 2},
                                  {14, Do::Compensate, kOne, 0, 2}});
    CHECK(made(world) == std::vector<int>{1, 1, 1, 1, 1, 1, 0, 1, 1, 0, 1, 1});
    CHECK(testing::amount(world, bank.small.plan, bank.account) == 2);
  }
  SECTION("a step behind the pivot needs no lock") {
    const World world = bank.run({{1, Do::Act, kOne, 2, 1},
                                  {2, Do::Act, order(2), 0},
                                  {3, Do::Act, order(3), 0},
                                  {4, Do::Act, order(4), 0}});
    CHECK(made(world) == std::vector<int>{1, 1, 1, 1});
  }
}

TEST_CASE("actions: after a crash each action is announced again with its value") {
  Bank bank;
  bank.small.crash(0, milliseconds(6), milliseconds(1));
  const World world = bank.run({{1, Do::Act, kOne, 0},
                                {2, Do::Act, kTwo, 1},
                                {3, Do::Compensate, kTwo, 1},
                                {4, Do::Compensate, order(3), 0},
                                {8, Do::Act, kOne, 0}});
  CHECK(said(world) == Lines{"applied 1 -4", "applied 2 7", "compensated 2 -7", "compensated 3 0",
                             "applied 1 -4", "compensated 2 -7", "compensated 3 0", "recovered 0 6",
                             "recovered 0 0"});
}

TEST_CASE("actions: a participant forgets the transactions that their coordinator has forgotten") {
  Bank bank;
  const World world =
      bank.run({{1, Do::Act, kOne, 0}, {2, Do::Act, kTwo, 0}, {3, Do::Forget, kOne, 0}});
  CHECK(noted(world, word("knows")) == std::vector<int>{1, 1, 0});
}

}  // namespace txsim
