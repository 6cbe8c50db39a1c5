#include "services/store.h"

#include <catch2/catch.hpp>

#include "tests/protocols/small_world.h"

namespace txsim {
namespace {

using testing::amount;
using testing::Asked;
using testing::count;
using testing::facts;
using testing::first;
using testing::order;
using testing::SmallWorld;

using Lines = std::vector<std::string>;

enum class Do : std::uint8_t { Update, Commit, Abort, Release, Apply, Prepare };

// One request to the store at a given time.
struct Command {
  int at_ms = 0;
  Do what = Do::Update;
  TransactionId transaction = 0;
  std::uint16_t kind = 0;
  std::uint16_t step = 0;
};

constexpr Word kCommand = word("Command");
constexpr Word kPrepared = word("Prepared");
constexpr Word kDone = word("Done");
constexpr Word kWaiting = word("Waiting");
constexpr Word kRefused = word("Refused");

// A node with a store and a list of commands. It notes the results.
class Scripted final : public NodeOf<Scripted> {
 public:
  Scripted(std::shared_ptr<const Plan> plan, NodeId self, const StoreSettings& settings,
           std::vector<Command> script)
      : store_(plan, self, settings), plan_(plan), self_(self), script_(std::move(script)) {}

  void start(Context& context, std::span<const LogRecord> log) override {
    for (const LogRecord& record : log) {
      if (store_.recover(record)) continue;
      if (record.type == word("Committed")) {
        store_.redo(record.transaction_type, plan_->kinds[record.transaction_type].steps_of(self_));
      } else {
        store_.hold(context, record.transaction, record.transaction_type,
                    plan_->kinds[record.transaction_type].steps_of(self_));
      }
    }
    if (context.now() > Time{0}) store_.announce_recovered(context);
    for (std::size_t i = 0; i < script_.size(); ++i) {
      const Time at{milliseconds(script_[i].at_ms).ns};
      if (at < context.now() || (at == context.now() && at.ns > 0)) continue;
      context.set_timer(kCommand, at - context.now(), 0, static_cast<std::int64_t>(i));
    }
  }
  void on(Context& context, const Timer& timer) override {
    if (!store_.on_timer(context, timer)) {
      obey(context, script_[static_cast<std::size_t>(timer.value)]);
    }
    LockNews news;
    while (store_.next_news(context, news)) {
      note(context, news.transaction, news.step, news.result);
    }
  }
  void on(Context&, const Message&) override {}
  void on_refused(Context&, const Message&) override {}
  bool checkpoint(std::vector<LogRecord>& log) const override {
    store_.write_checkpoint(log);
    return true;
  }

 private:
  void obey(Context& context, const Command& command) {
    const TransactionId id = command.transaction;
    switch (command.what) {
      case Do::Update:
        note(context, id, command.step, store_.update(context, id, command.kind, command.step));
        return;
      case Do::Apply:
        note(context, id, command.step, store_.apply(context, id, command.kind, command.step));
        return;
      case Do::Prepare:
        write(context, kPrepared, id, command.kind);
        return;
      case Do::Commit:
        write(context, word("Committed"), id, command.kind);
        store_.commit(context, id);
        return;
      case Do::Abort:
        store_.abort(context, id);
        return;
      case Do::Release:
        store_.release_locks(context, id);
        return;
    }
  }
  static void write(Context& context, Word type, TransactionId id, std::uint16_t kind) {
    LogRecord record;
    record.type = type;
    record.transaction = id;
    record.transaction_type = kind;
    context.append(record);
    context.force();
  }
  static void note(Context& context, TransactionId id, std::uint16_t step, StepResult result) {
    const Word what = result == StepResult::Done      ? kDone
                      : result == StepResult::Waiting ? kWaiting
                                                      : kRefused;
    context.note(what, id, step);
  }

  Store store_;
  std::shared_ptr<const Plan> plan_;
  NodeId self_;
  std::vector<Command> script_;
};

// One service with 10 in stock and 5 points. Kind 0 takes 4 from stock and 2 points. Kind 1 reads
// the stock, then takes 4 from it. Kind 2 gives 3 to the stock. Kind 3 creates and completes a
// record.
struct Shop {
  SmallWorld world;
  NodeId shop = world.service("shop");
  std::uint16_t stock = world.resource("stock", shop, 10);
  std::uint16_t points = world.resource("points", shop, 5);
  std::uint16_t records = world.resource("records", shop, 0, true);

  Shop() {
    world.with_client = false;
    world.kind({world.step(Action::Take, stock, 4), world.step(Action::Take, points, 2)});
    world.kind({world.step(Action::Read, stock, 0), world.step(Action::Take, stock, 4)});
    world.kind({world.step(Action::Give, stock, 3)});
    world.kind({world.step(Action::Create, records, 1), world.step(Action::Complete, records, 1)});
  }
  World run(std::vector<Command> script) {
    World built = world.build([&](std::shared_ptr<const Plan> plan, NodeId self) {
      return std::make_shared<Scripted>(plan, self, world.store, script);
    });
    built.run(Time{seconds(100).ns});
    return built;
  }
};

// The store's answers as "Done 1 0": result, order, step.
Lines answers(const World& world) {
  Lines lines;
  for (const TraceRecord& record : world.trace()) {
    if (record.kind != EventKind::Noted) continue;
    const char* result = record.what == kDone      ? "Done"
                         : record.what == kWaiting ? "Waiting"
                                                   : "Refused";
    lines.push_back(std::string(result) + " " + std::to_string(order_of(record.transaction)) + " " +
                    std::to_string(record.value));
  }
  return lines;
}

}  // namespace

TEST_CASE("store: committed steps stay in effect and release their locks") {
  Shop shop;
  const World world = shop.run({{0, Do::Update, order(1), 0, 0},
                                {1, Do::Update, order(1), 0, 1},
                                {2, Do::Commit, order(1)}});
  CHECK(facts(world, {FactKind::LockTaken, FactKind::Updated, FactKind::Applied,
                      FactKind::LockReleased}) ==
        Lines{"lock-taken 1 0", "updated 1 -4", "lock-taken 1 1", "updated 1 -2", "applied 1 0",
              "applied 1 0", "lock-released 1 1", "lock-released 1 0"});
  CHECK(amount(world, shop.world.plan, shop.stock) == 6);
  CHECK(amount(world, shop.world.plan, shop.points) == 3);
}

TEST_CASE("store: aborted steps are undone in reverse order") {
  Shop shop;
  const World world = shop.run(
      {{0, Do::Update, order(1), 0, 0}, {1, Do::Update, order(1), 0, 1}, {2, Do::Abort, order(1)}});
  CHECK(facts(world, {FactKind::Undone}) == Lines{"undone 1 2", "undone 1 4"});
  CHECK(amount(world, shop.world.plan, shop.stock) == 10);
  CHECK(count(world, Asked{.fact = FactKind::LockReleased}) == 2);
}

TEST_CASE("store: a repeated step takes effect once") {
  Shop shop;
  const World world = shop.run({{0, Do::Update, order(1), 0, 0},
                                {1, Do::Update, order(1), 0, 0},
                                {2, Do::Commit, order(1)}});
  CHECK(answers(world) == Lines{"Done 1 0", "Done 1 0"});
  CHECK(amount(world, shop.world.plan, shop.stock) == 6);
}

TEST_CASE(
    "store: a transaction that takes more than is available is refused and keeps the row until it "
    "ends") {
  Shop shop;
  const World world = shop.run({{0, Do::Apply, order(1), 0, 0},
                                {1, Do::Apply, order(2), 0, 0},
                                {2, Do::Update, order(3), 0, 0},
                                {3, Do::Update, order(4), 2, 0},
                                {4, Do::Abort, order(3)},
                                {5, Do::Commit, order(4), 2}});
  CHECK(answers(world) == Lines{"Done 1 0", "Done 2 0", "Refused 3 0", "Waiting 4 0", "Done 4 0"});
  CHECK(facts(world, {FactKind::Rejected}) == Lines{"rejected 3 0"});
  CHECK(amount(world, shop.world.plan, shop.stock) == 5);
}

TEST_CASE("store: waiting steps get the row in the order of their requests") {
  Shop shop;
  const World world = shop.run({{0, Do::Update, order(1), 0, 0},
                                {1, Do::Update, order(2), 2, 0},
                                {2, Do::Update, order(3), 2, 0},
                                {3, Do::Commit, order(1)},
                                {4, Do::Commit, order(2), 2},
                                {5, Do::Commit, order(3), 2}});
  CHECK(answers(world) == Lines{"Done 1 0", "Waiting 2 0", "Waiting 3 0", "Done 2 0", "Done 3 0"});
  CHECK(facts(world, {FactKind::LockWaited, FactKind::LockGranted, FactKind::LockTaken}) ==
        Lines{"lock-taken 1 0", "lock-waited 2 0", "lock-waited 3 0", "lock-granted 2 0",
              "lock-taken 2 0", "lock-granted 3 0", "lock-taken 3 0"});
  CHECK(first(world, Asked{.fact = FactKind::LockWaited}).extra ==
        static_cast<std::int64_t>(order(1)));
  CHECK(amount(world, shop.world.plan, shop.stock) == 12);
}

TEST_CASE(
    "store: readers share a row, a writer waits for all of them, and no request overtakes it") {
  Shop shop;
  const World world = shop.run({{0, Do::Update, order(1), 1, 0},
                                {1, Do::Update, order(2), 1, 0},
                                {2, Do::Update, order(3), 2, 0},
                                {3, Do::Update, order(4), 1, 0},
                                {4, Do::Commit, order(1), 2},
                                {5, Do::Commit, order(2), 2},
                                {6, Do::Commit, order(3), 2}});
  CHECK(answers(world) ==
        Lines{"Done 1 0", "Done 2 0", "Waiting 3 0", "Waiting 4 0", "Done 3 0", "Done 4 0"});
}

TEST_CASE("store: a reader that then writes upgrades its lock before waiting requests get it") {
  Shop shop;
  const World world = shop.run({{0, Do::Update, order(1), 1, 0},
                                {1, Do::Update, order(2), 1, 0},
                                {2, Do::Update, order(3), 2, 0},
                                {3, Do::Update, order(1), 1, 1},
                                {4, Do::Commit, order(2), 2},
                                {5, Do::Commit, order(1), 2},
                                {6, Do::Commit, order(3), 2}});
  CHECK(answers(world) ==
        Lines{"Done 1 0", "Done 2 0", "Waiting 3 0", "Waiting 1 1", "Done 1 1", "Done 3 0"});
  // One lock is taken and released once.
  CHECK(count(world, Asked{.fact = FactKind::LockTaken, .transaction = order(1)}) == 1);
  CHECK(count(world, Asked{.fact = FactKind::LockReleased, .transaction = order(1)}) == 1);
}

TEST_CASE("store: a deadlock ends when the first wait times out") {
  Shop shop;
  shop.world.store.lock_timeout = milliseconds(50);
  const World world = shop.run({{0, Do::Update, order(1), 1, 0},
                                {1, Do::Update, order(2), 1, 0},
                                {2, Do::Update, order(1), 1, 1},
                                {3, Do::Update, order(2), 1, 1},
                                {60, Do::Abort, order(1)}});
  CHECK(answers(world) ==
        Lines{"Done 1 0", "Done 2 0", "Waiting 1 1", "Waiting 2 1", "Refused 1 1", "Refused 2 1"});
  CHECK(first(world, Asked{.fact = FactKind::LockTimedOut}).time == Time{milliseconds(52).ns});
}

TEST_CASE("store: without a lock timeout a wait lasts until the row is free") {
  Shop shop;
  shop.world.store.lock_timeout.reset();
  const World world = shop.run({{0, Do::Update, order(1), 0, 0},
                                {1, Do::Update, order(2), 2, 0},
                                {50'000, Do::Commit, order(1)}});
  CHECK(answers(world) == Lines{"Done 1 0", "Waiting 2 0", "Done 2 0"});
}

TEST_CASE(
    "store: with a lock timeout of 0 a request that would wait is refused, except for a disk "
    "write") {
  Shop shop;
  shop.world.store.lock_timeout = Duration{0};
  shop.world.disk = Delay::constant(milliseconds(10));
  const World world = shop.run({{0, Do::Update, order(1), 0, 0},
                                {1, Do::Update, order(2), 2, 0},
                                {2, Do::Apply, order(3), 2, 0},
                                {3, Do::Abort, order(2)},
                                {4, Do::Commit, order(1)},
                                {5, Do::Update, order(4), 2, 0}});
  CHECK(answers(world) == Lines{"Done 1 0", "Refused 2 0", "Refused 3 0", "Done 4 0"});
  CHECK(first(world, Asked{.fact = FactKind::LockTimedOut, .transaction = order(2)}).time ==
        Time{milliseconds(1).ns});
  CHECK(first(world, Asked{.fact = FactKind::LockGranted, .transaction = order(4)}).time ==
        Time{milliseconds(14).ns});
}

TEST_CASE("store: a transaction that aborts while it waits leaves the queue") {
  Shop shop;
  const World world = shop.run({{0, Do::Update, order(1), 1, 0},
                                {1, Do::Update, order(2), 2, 0},
                                {2, Do::Update, order(3), 1, 0},
                                {3, Do::Abort, order(2)}});
  CHECK(answers(world) == Lines{"Done 1 0", "Waiting 2 0", "Waiting 3 0", "Done 3 0"});
  // The end of the wait is announced, so that its length is known.
  const Asked over{.fact = FactKind::LockTimedOut, .transaction = order(2)};
  CHECK(first(world, over).time == Time{milliseconds(3).ns});
}

TEST_CASE("store: when a writer times out, readers behind it get the row") {
  Shop shop;
  shop.world.store.lock_timeout = milliseconds(50);
  const World world = shop.run({{0, Do::Update, order(1), 1, 0},
                                {1, Do::Update, order(2), 2, 0},
                                {30, Do::Update, order(3), 1, 0}});
  CHECK(answers(world) ==
        Lines{"Done 1 0", "Waiting 2 0", "Waiting 3 0", "Refused 2 0", "Done 3 0"});
}

TEST_CASE("store: locks released early let another transaction see a change that is undone later") {
  Shop shop;
  const World world = shop.run({{0, Do::Update, order(1), 2, 0},
                                {1, Do::Update, order(2), 2, 0},
                                {2, Do::Release, order(1)},
                                {3, Do::Commit, order(2), 2},
                                {4, Do::Abort, order(1)}});
  CHECK(answers(world) == Lines{"Done 1 0", "Waiting 2 0", "Done 2 0"});
  CHECK(amount(world, shop.world.plan, shop.stock) == 13);
}

TEST_CASE("store: order records cause no lock contention") {
  Shop shop;
  const World world = shop.run({{0, Do::Update, order(1), 3, 0},
                                {1, Do::Update, order(2), 3, 0},
                                {2, Do::Update, order(1), 3, 1},
                                {3, Do::Commit, order(1), 3},
                                {4, Do::Abort, order(2)}});
  CHECK(count(world, Asked{.fact = FactKind::LockTaken}) == 0);
  CHECK(amount(world, shop.world.plan, shop.records) == 1);
}

TEST_CASE(
    "store: a step applied by itself is durable, holds no lock, and takes effect at each request") {
  Shop shop;
  const World world = shop.run({{0, Do::Apply, order(1), 0, 0}, {1, Do::Apply, order(1), 0, 0}});
  CHECK(facts(world, {FactKind::Applied, FactKind::LockTaken}) ==
        Lines{"applied 1 -4", "applied 1 -4"});
  CHECK(world.statistics().nodes[shop.shop].forces == 2);
  CHECK(amount(world, shop.world.plan, shop.stock) == 2);
}

TEST_CASE("store: a step applied by itself waits for the row and releases it at once") {
  Shop shop;
  const World world = shop.run({{0, Do::Update, order(1), 0, 0},
                                {1, Do::Apply, order(2), 2, 0},
                                {2, Do::Apply, order(3), 2, 0},
                                {3, Do::Commit, order(1)}});
  CHECK(answers(world) == Lines{"Done 1 0", "Waiting 2 0", "Waiting 3 0", "Done 2 0", "Done 3 0"});
  CHECK(amount(world, shop.world.plan, shop.stock) == 12);
  CHECK(count(world, Asked{.fact = FactKind::LockTaken}) ==
        count(world, Asked{.fact = FactKind::LockReleased}));
}

TEST_CASE("store: a crash keeps committed steps, holds prepared ones, and loses the rest") {
  Shop shop;
  shop.world.crash(shop.shop, milliseconds(10), milliseconds(10));
  const World world = shop.run({{0, Do::Update, order(1), 2, 0},
                                {1, Do::Commit, order(1), 2},
                                {2, Do::Apply, order(2), 2, 0},
                                {3, Do::Update, order(3), 2, 0},
                                {4, Do::Prepare, order(3), 2},
                                {5, Do::Update, order(4), 0, 1},
                                {30, Do::Update, order(5), 2, 0}});
  CHECK(facts(world, {FactKind::Recovered}) ==
        Lines{"recovered 0 19", "recovered 0 5", "recovered 0 0"});
  CHECK(answers(world).back() == "Refused 5 0");  // the wait timed out: order 3 holds the row
  CHECK(first(world, Asked{.fact = FactKind::LockWaited}).extra ==
        static_cast<std::int64_t>(order(3)));
}

TEST_CASE("store: a checkpoint holds the amounts without uncommitted changes") {
  Shop shop;
  std::vector<Command> script;
  for (int i = 0; i < 600; ++i) {
    script.push_back(
        {i, i % 2 == 0 ? Do::Update : Do::Commit, order(static_cast<std::uint64_t>(i / 2) + 1), 2});
  }
  // The log has two records for each of these orders, so that a checkpoint falls among them.
  for (int i = 600; i < 1200; ++i) {
    script.push_back({i, Do::Apply, order(static_cast<std::uint64_t>(i)), 2});
  }
  script.push_back({1200, Do::Update, order(5000), 0, 1});
  shop.world.crash(shop.shop, milliseconds(1300), milliseconds(10));
  const World world = shop.run(script);
  const auto checkpointed = [](const TraceRecord& record) {
    return record.kind == EventKind::Checkpointed;
  };
  CHECK(std::count_if(world.trace().begin(), world.trace().end(), checkpointed) > 0);
  CHECK(amount(world, shop.world.plan, shop.stock) == 10 + 900 * 3);
  CHECK(amount(world, shop.world.plan, shop.points) == 5);
}

}  // namespace txsim
