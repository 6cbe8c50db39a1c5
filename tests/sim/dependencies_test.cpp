// An effect waits for the records that it depends on, and for no others. Tested by hand, and
// against the plainest form of the rule on random scripts.
#include <algorithm>
#include <catch2/catch.hpp>
#include <map>

#include "sim/random.h"
#include "tests/sim/scripted.h"

namespace txsim::testing {
namespace {

constexpr Duration kDisk = milliseconds(10);

// The writer's action at this time, in milliseconds.
struct Command {
  std::int64_t at_ms = 0;
  std::function<void(Context&)> what;
};

LogRecord entry_of(TransactionId transaction) {
  LogRecord record = entry(0);
  record.transaction = transaction;
  return record;
}

void say(Context& context, TransactionId transaction, std::int64_t value) {
  Message message = to(0, kPong, value);
  message.transaction = transaction;
  context.send(message);
}

void force_record(Context& context, TransactionId transaction) {
  context.append(entry_of(transaction));
  context.force();
}

// The time at which each value was sent, by a node with a 10 ms disk that runs these commands.
std::map<std::int64_t, Time> sent_by(const std::vector<Command>& commands) {
  Stage stage;
  stage.add({});
  stage.add({.start =
                 [&](Context& context, auto) {
                   for (std::size_t i = 0; i < commands.size(); ++i) {
                     context.set_timer(kTick, milliseconds(commands[i].at_ms), 0,
                                       static_cast<std::int64_t>(i));
                   }
                 },
             .message = {},
             .timer =
                 [&](Context& context, const Timer& timer) {
                   commands[static_cast<std::size_t>(timer.value)].what(context);
                 },
             .refused = {}},
            Delay::constant(kDisk));
  World world = stage.world();
  world.run(at_ms(10'000));
  std::map<std::int64_t, Time> sent;
  for (const TraceRecord& record : records(world, EventKind::Sent)) {
    sent[record.value] = record.time;
  }
  return sent;
}

using Times = std::map<std::int64_t, Time>;

TEST_CASE("Effects: a transaction does not wait for the write of an unrelated one", "[sim]") {
  const Times sent = sent_by({{0, [](Context& c) { force_record(c, 1); }},
                              {1, [](Context& c) { say(c, 2, 20); }},
                              {2, [](Context& c) { say(c, 1, 10); }},
                              {3, [](Context& c) { say(c, 0, 30); }}});
  CHECK(sent == Times{{20, at_ms(1)}, {30, at_ms(3)}, {10, at_ms(10)}});
}

TEST_CASE("Effects: a write covers the records appended before it, the next write the rest",
          "[sim]") {
  // Write 1 (0 to 10) holds transaction 1. Write 2 (10 to 20) holds 2 and 3.
  const auto commit = [](TransactionId transaction) {
    return [transaction](Context& c) {
      force_record(c, transaction);
      say(c, transaction, static_cast<std::int64_t>(transaction));
    };
  };
  CHECK(sent_by({{0, commit(1)}, {1, commit(2)}, {9, commit(3)}}) ==
        Times{{1, at_ms(10)}, {2, at_ms(20)}, {3, at_ms(20)}});
}

TEST_CASE("Effects: a reader of a value that is not durable waits for its writer", "[sim]") {
  const auto write = [](Context& c) {
    force_record(c, 1);
    c.writes(1, 7);
  };
  const auto look = [](TransactionId id, std::uint64_t item) {
    return [id, item](Context& c) {
      c.reads(id, item);
      say(c, id, static_cast<std::int64_t>(id));
    };
  };
  SECTION("until that value is durable, and no longer") {
    const auto later = [](Context& c) {
      force_record(c, 4);
      say(c, 4, 4);
    };
    CHECK(sent_by({{0, write}, {1, look(2, 7)}, {2, look(3, 8)}, {3, later}, {11, look(5, 7)}}) ==
          Times{{2, at_ms(10)}, {3, at_ms(2)}, {4, at_ms(20)}, {5, at_ms(11)}});
  }
  SECTION("with all of its later effects") {
    CHECK(sent_by({{0, write},
                   {1, [](Context& c) { c.reads(2, 7); }},
                   {5, [](Context& c) { say(c, 2, 2); }}}) == Times{{2, at_ms(10)}});
  }
  SECTION("and readers of its own writes wait, too") {
    const auto pass_on = [](Context& c) {
      c.reads(2, 7);
      c.writes(2, 9);
    };
    CHECK(sent_by({{0, write}, {1, pass_on}, {2, look(3, 9)}}) == Times{{3, at_ms(10)}});
  }
  SECTION("but not if the writer itself does not wait") {
    const auto lazily = [](Context& c) {
      c.append(entry_of(1));
      c.writes(1, 7);
    };
    CHECK(sent_by({{0, lazily}, {1, look(2, 7)}}) == Times{{2, at_ms(1)}});
  }
}

TEST_CASE(
    "Effects: a node knows the last writer and the waiting readers until the write is durable",
    "[sim]") {
  std::vector<TransactionId> writers;
  std::vector<bool> waits;
  const auto ask = [&](Context& c) {
    writers.push_back(c.unsettled_writer(2, 7));
    waits.push_back(c.waits(1));
  };
  sent_by({{0, ask},
           {1,
            [](Context& c) {
              force_record(c, 1);
              c.writes(1, 7);
            }},
           {2, ask},
           {3, [](Context& c) { c.reads(2, 7); }},
           {4, ask},
           {12, ask}});
  CHECK(writers == std::vector<TransactionId>{0, 1, 0, 0});  // 2 is already waiting for it at 4 ms
  CHECK(waits == std::vector<bool>{false, true, true, false});
}

TEST_CASE("Effects: a transaction forces its own records, or all records", "[sim]") {
  const auto begin = [](Context& c) { force_record(c, 1); };
  const auto stranger = [](Context& c) { c.append(entry_of(3)); };
  SECTION("its own: without records there is no wait") {
    const auto own = [](Context& c) {
      c.force(2);
      say(c, 2, 2);
    };
    CHECK(sent_by({{0, begin}, {1, stranger}, {2, own}}) == Times{{2, at_ms(2)}});
  }
  SECTION("its own, in the write that is under way") {
    const auto lazily = [](Context& c) { c.append(entry_of(2)); };
    const auto own = [](Context& c) {
      c.force(2);
      say(c, 2, 2);
    };
    CHECK(sent_by({{0, lazily}, {1, begin}, {2, stranger}, {3, own}}) == Times{{2, at_ms(11)}});
  }
  SECTION("all: including unforced records of an unrelated transaction") {
    const auto all = [](Context& c) {
      c.force_all(2);
      say(c, 2, 2);
    };
    CHECK(sent_by({{0, begin}, {1, stranger}, {2, all}}) == Times{{2, at_ms(20)}});
  }
}

// ---- The rule in its plainest form: the records that each effect needs and each write holds.

struct Act {
  enum class Kind : std::uint8_t { Say, Append, Force, Read, Write };
  Kind kind = Kind::Say;
  TransactionId transaction = 1;
  std::uint64_t item = 0;
};

class PlainRule {
 public:
  void act(const Act& act, std::int64_t now, std::int64_t number) {
    advance(now);
    std::uint64_t& need = needs_[act.transaction];
    switch (act.kind) {
      case Act::Kind::Say:
        said_.push_back({number, now, need});
        break;
      case Act::Kind::Append:
        ++appended_;
        break;
      case Act::Kind::Force:
        need = forced_ = ++appended_;
        if (end_ < 0) begin(now);
        break;
      case Act::Kind::Read:
        need = std::max(need, items_[act.item]);
        break;
      case Act::Kind::Write:
        items_[act.item] = std::max(items_[act.item], need);
        break;
    }
  }
  std::map<std::int64_t, std::int64_t> leave() {
    advance(INT64_MAX);
    std::map<std::int64_t, std::int64_t> times;
    for (const auto& [number, at, need] : said_) {
      std::int64_t time = at;
      for (const auto& [end, covers] : writes_) {
        if (need == 0 || covers >= need) {
          if (need != 0) time = std::max(at, end);
          break;
        }
      }
      times[number] = time;
    }
    return times;
  }

 private:
  struct Said {
    std::int64_t number;
    std::int64_t at;
    std::uint64_t need;
  };
  void begin(std::int64_t now) {
    end_ = now + kDisk.ns;
    covers_ = appended_;
  }
  void advance(std::int64_t now) {
    while (end_ >= 0 && end_ <= now) {
      writes_.emplace_back(end_, covers_);
      const std::int64_t ended = end_;
      end_ = -1;
      if (forced_ > covers_) begin(ended);
    }
  }

  std::map<TransactionId, std::uint64_t> needs_;
  std::map<std::uint64_t, std::uint64_t> items_;
  std::vector<Said> said_;
  std::vector<std::pair<std::int64_t, std::uint64_t>> writes_;  // end, number of covered records
  std::uint64_t appended_ = 0;
  std::uint64_t forced_ = 0;
  std::uint64_t covers_ = 0;
  std::int64_t end_ = -1;
};

// Times that never coincide, even with a write between them.
Duration moment(std::size_t number) {
  return milliseconds(static_cast<std::int64_t>(number)) + Duration{static_cast<int>(number)};
}

TEST_CASE("Effects: for random scripts, each effect leaves at the time that the rule gives",
          "[sim]") {
  for (std::uint64_t seed = 1; seed <= 300; ++seed) {
    Stream draws(seed, "acts");
    std::vector<Act> acts(60);
    for (Act& act : acts) {
      act.kind = static_cast<Act::Kind>(draws.below(5));
      act.transaction = 1 + draws.below(4);
      act.item = draws.below(3);
    }
    PlainRule rule;
    for (std::size_t i = 0; i < acts.size(); ++i) {
      rule.act(acts[i], moment(i).ns, static_cast<std::int64_t>(i));
    }
    Stage stage;
    stage.add({});
    const auto perform = [&](Context& context, const Timer& timer) {
      const Act& act = acts[static_cast<std::size_t>(timer.value)];
      switch (act.kind) {
        case Act::Kind::Say:
          return say(context, act.transaction, timer.value);
        case Act::Kind::Append:
          return context.append(entry_of(act.transaction));
        case Act::Kind::Force:
          return force_record(context, act.transaction);
        case Act::Kind::Read:
          return context.reads(act.transaction, act.item);
        case Act::Kind::Write:
          return context.writes(act.transaction, act.item);
      }
    };
    const auto plan = [&](Context& context, auto) {
      for (std::size_t i = 0; i < acts.size(); ++i) {
        context.set_timer(kTick, moment(i), 0, static_cast<std::int64_t>(i));
      }
    };
    stage.add({.start = plan, .message = {}, .timer = perform, .refused = {}},
              Delay::constant(kDisk));
    World world = stage.world();
    world.run(at_ms(1'000));
    std::map<std::int64_t, std::int64_t> sent;
    for (const TraceRecord& record : records(world, EventKind::Sent)) {
      sent[record.value] = record.time.ns;
    }
    INFO("seed " << seed);
    CHECK(sent == rule.leave());
  }
}

}  // namespace
}  // namespace txsim::testing
