#include <catch2/catch.hpp>

#include "scenarios/grammar.h"
#include "sim/random.h"
#include "sim/world.h"
#include "tests/scenarios/parse.h"

namespace txsim {
namespace {

using tests::order_domain;
using tests::parse;

struct Given {
  std::shared_ptr<const Scenario> scenario = parse(order_domain()).scenario;
  std::shared_ptr<const WorldSpec> spec = build_world(*scenario, false);

  std::vector<Fault> read(const std::string& sentence) const {
    const ParsedScenario parsed = parse(order_domain("[faults]\nfault = " + sentence + "\n"));
    CAPTURE(sentence, tests::texts(parsed.errors));
    REQUIRE(parsed.scenario);
    return parsed.scenario->faults;
  }
  std::string tell(const Fault& fault) const {
    return fault_text(fault, *scenario, spec->dictionary);
  }
};

constexpr NodeId kOrder = 0;
constexpr NodeId kProduct = 1;
constexpr NodeId kPoint = 2;
constexpr NodeId kClient = 3;

TEST_CASE("faults: crash order when order forces commit, 1st, for 2s") {
  const Fault fault = Given().read("crash order when order forces commit, 1st, for 2s").at(0);
  CHECK(fault.kind == FaultKind::Crash);
  CHECK(fault.placed == PlacedBy::Event);
  CHECK(fault.when == EventPattern{EventKind::Forced, word("commit"), {kOrder}, {}, {}});
  CHECK(fault.nth == 1);
  CHECK(fault.nodes == std::vector<NodeId>{kOrder});
  CHECK(fault.duration == seconds(2));
}

TEST_CASE("faults: drop Commit order->point 1st") {
  const Fault fault = Given().read("drop Commit order->point 1st").at(0);
  CHECK(fault.kind == FaultKind::Drop);
  CHECK(fault.when == EventPattern{EventKind::Sent, word("Commit"), {kOrder}, {kPoint}, {}});
  CHECK(fault.nth == 1);
}

TEST_CASE("faults: partition order | product point from 1s to 3s") {
  const Fault fault = Given().read("partition order | product point from 1s to 3s").at(0);
  CHECK(fault.kind == FaultKind::Partition);
  CHECK(fault.nodes == std::vector<NodeId>{kOrder});
  CHECK(fault.peers == std::vector<NodeId>{kProduct, kPoint});
  CHECK_FALSE(fault.one_way);
  CHECK(fault.placed == PlacedBy::Time);
  CHECK(fault.at == Time{1'000'000'000});
  CHECK(fault.duration == seconds(2));
}

TEST_CASE("faults: refuse point from 10ms to 50ms") {
  const Fault fault = Given().read("refuse point from 10ms to 50ms").at(0);
  CHECK(fault.kind == FaultKind::Refuse);
  CHECK(fault.nodes == std::vector<NodeId>{kPoint});
  CHECK(fault.duration == milliseconds(40));
}

TEST_CASE("faults: roles, `it`, `rest` and `any` stand for sets of nodes") {
  const Given given;
  CHECK(given.read("crash participant at 5ms").at(0).nodes ==
        std::vector<NodeId>{kProduct, kPoint});
  CHECK(given.read("crash coordinator at 5ms").at(0).nodes == std::vector<NodeId>{kOrder});
  CHECK(given.read("crash it when participant sends VoteYes").at(0).nodes.empty());
  CHECK(given.read("crash participant when it sends VoteYes").at(0) ==
        given.read("crash it when participant sends VoteYes").at(0));
  CHECK(given.read("crash coordinator when it enters phase deciding").at(0) ==
        given.read("crash it when coordinator enters deciding").at(0));
  CHECK(given.read("partition point | rest when it crashes").at(0).when.nodes ==
        std::vector<NodeId>{kPoint});
  CHECK(given.read("partition point -> rest from 1s").at(0).peers ==
        std::vector<NodeId>{kOrder, kProduct, kClient, kClient + 1});
  CHECK(given.read("drop any any->point").at(0).when.nodes.empty());
  CHECK(given.read("crash it when phase deciding").at(0).when.value ==
        static_cast<std::int64_t>(Phase::Deciding));
}

TEST_CASE("faults: a message pattern without Nth matches every message, in a window or always") {
  const Given given;
  const Fault always = given.read("drop Prepare order -> point").at(0);
  CHECK(always.nth == 0);
  CHECK_FALSE(always.duration);
  const Fault window = given.read("slow Prepare any -> participant by 3ms from 1s to 2s").at(0);
  CHECK(window.nth == 0);
  CHECK(window.at == Time{1'000'000'000});
  CHECK(window.duration == seconds(1));
  CHECK(window.delay == milliseconds(3));
}

TEST_CASE("faults: a clock may be ahead or behind, faster or slower") {
  const Given given;
  const Fault fault = given.read("skew point by -5ms and 2.5%").at(0);
  CHECK(fault.delay == milliseconds(-5));
  CHECK(fault.rate_permille == 1025);
  CHECK(given.read("skew point by -10% from 1s").at(0).rate_permille == 900);
}

TEST_CASE("faults: each documented form parses and is written as text that parses to the same") {
  const Given given;
  for (const SentenceInfo& info : fault_sentences()) {
    CAPTURE(info.form, info.example);
    const Fault fault = given.read(info.example).at(0);
    CAPTURE(given.tell(fault));
    CHECK(given.read(given.tell(fault)).at(0) == fault);
  }
}

std::vector<NodeId> some_nodes(Stream& draws, std::uint64_t most) {
  std::vector<NodeId> nodes;
  for (NodeId node = 0; node < most; ++node) {
    if (draws.below(2) == 0) nodes.push_back(node);
  }
  if (nodes.empty()) nodes.push_back(static_cast<NodeId>(draws.below(most)));
  return nodes;
}

Duration some_duration(Stream& draws) {
  return {static_cast<std::int64_t>(draws.next() >> (8 + draws.below(50)))};
}

EventPattern some_event(Stream& draws) {
  constexpr EventKind kinds[] = {EventKind::Sent,       EventKind::Delivered, EventKind::Appended,
                                 EventKind::Forced,     EventKind::Durable,   EventKind::Announced,
                                 EventKind::TimerFired, EventKind::Crashed,   EventKind::Restarted};
  EventPattern event;
  event.kind = kinds[draws.below(9)];
  if (draws.below(3) != 0) event.nodes = some_nodes(draws, 5);
  const bool message = event.kind == EventKind::Sent || event.kind == EventKind::Delivered;
  const bool record = event.kind == EventKind::Appended || event.kind == EventKind::Forced ||
                      event.kind == EventKind::Durable;
  if (message) event.what = draws.below(4) == 0 ? Word{} : word("Prepare");
  if (message && draws.below(2) == 0) event.peers = some_nodes(draws, 5);
  if (record) event.what = draws.below(4) == 0 ? Word{} : word("prepared");
  if (event.kind == EventKind::TimerFired) event.what = word("vote-timeout");
  if (event.kind == EventKind::Restarted) event.value = 1;
  if (event.kind == EventKind::Announced) {
    constexpr FactKind facts[] = {FactKind::PhaseEntered, FactKind::Voted, FactKind::Updated,
                                  FactKind::Decided};
    event.what = fact_word(facts[draws.below(4)]);
    if (draws.below(2) == 0) event.value = static_cast<std::int64_t>(draws.below(20)) - 8;
  }
  return event;
}

Fault some_message_fault(Stream& draws, FaultKind kind) {
  Fault fault;
  fault.kind = kind;
  fault.placed = draws.below(4) == 0 ? PlacedBy::Sequence : PlacedBy::Event;
  fault.nth = 1 + draws.below(120);
  if (kind != FaultKind::Drop) fault.delay = Duration{some_duration(draws).ns >> 20};
  if (fault.placed == PlacedBy::Sequence) return fault;
  fault.when.what = draws.below(4) == 0 ? Word{} : word("Commit");
  if (draws.below(2) == 0) fault.when.nodes = some_nodes(draws, 5);
  if (draws.below(2) == 0) fault.when.peers = some_nodes(draws, 5);
  if (draws.below(2) == 0) return fault;
  fault.nth = 0;
  if (draws.below(2) == 0) fault.at = Time{some_duration(draws).ns};
  if (draws.below(2) == 0) fault.duration = some_duration(draws);
  return fault;
}

Fault some_fault(Stream& draws) {
  const auto kind = static_cast<FaultKind>(draws.below(9));
  Fault fault;
  fault.kind = kind;
  if (fault.is_message_fault()) return some_message_fault(draws, kind);
  fault.placed = static_cast<PlacedBy>(draws.below(3));
  fault.nodes = some_nodes(draws, 5);
  if (fault.placed == PlacedBy::Time) fault.at = Time{some_duration(draws).ns};
  if (fault.placed != PlacedBy::Time) fault.nth = 1 + draws.below(30);
  if (fault.placed == PlacedBy::Event) fault.when = some_event(draws);
  const bool may_be_it = fault.placed != PlacedBy::Time && kind != FaultKind::Partition;
  if (may_be_it && draws.below(3) == 0) fault.nodes.clear();
  if (kind == FaultKind::Pause || draws.below(2) == 0) fault.duration = some_duration(draws);
  if (kind == FaultKind::SlowDisk) fault.delay = some_duration(draws);
  if (kind == FaultKind::SkewClock) {
    const Duration size = some_duration(draws);
    fault.delay = draws.below(2) == 0 ? size : Duration{-size.ns};
    if (draws.below(2) == 0)
      fault.rate_permille = 100 + static_cast<std::int64_t>(draws.below(1901));
  }
  if (kind == FaultKind::Partition) {
    fault.one_way = draws.below(2) == 0;
    fault.nodes = some_nodes(draws, 4);
    for (NodeId node = 0; node < 5; ++node) {
      const bool taken =
          std::find(fault.nodes.begin(), fault.nodes.end(), node) != fault.nodes.end();
      if (!taken && (node == 4 || draws.below(2) == 0)) fault.peers.push_back(node);
    }
  }
  return fault;
}

TEST_CASE("faults: every fault's sentence parses to the same fault") {
  const Given given;
  Stream draws(11, "faults");
  std::vector<Fault> faults;
  std::string lines = "[faults]\n";
  for (int i = 0; i < 3'000; ++i) {
    faults.push_back(some_fault(draws));
    lines += "fault = " + given.tell(faults.back()) + "\n";
  }
  const ParsedScenario parsed = parse(order_domain(lines), {"scenario.horizon=30000h"});
  CAPTURE(tests::texts(parsed.errors));
  REQUIRE(parsed.scenario);
  REQUIRE(parsed.scenario->faults.size() == faults.size());
  for (std::size_t i = 0; i < faults.size(); ++i) {
    CAPTURE(parsed.scenario->fault_texts[i]);
    REQUIRE(parsed.scenario->faults[i] == faults[i]);
  }
}

TEST_CASE("faults: random faults of a run are written as text that parses to the same") {
  const ParsedScenario parsed = parse(order_domain(
      "[workload]\norders = 200\narrivals = every 10ms\n"
      "[faults]\nloss = 2%\nduplication = 2%\ncrash_every = 500ms\ncrash_for = 1ms to 50ms\n"
      "pause_every = 1s\npartition_every = 1s\npartition_for = exponential 100ms\n"
      "quiet_after = 3s\n"));
  CAPTURE(tests::texts(parsed.errors));
  REQUIRE(parsed.scenario);
  const auto spec = build_world(*parsed.scenario, false);
  World world(spec);
  world.run({seconds(5).ns});
  REQUIRE(world.faults_met().size() > 20);
  const Given given;
  for (const Fault& fault : world.faults_met()) {
    const std::string told = fault_text(fault, *parsed.scenario, spec->dictionary);
    CAPTURE(told);
    CHECK(given.read(told).at(0) == fault);
  }
}

TEST_CASE("faults: errors show the right form or the nearest name") {
  struct Wrong {
    const char* sentence;
    const char* message;
  };
  const Wrong wrongs[] = {
      {"crsh order at 1s", "'crsh' is not a fault (did you mean 'crash'?)"},
      {"crash ordr at 1s", "unknown node 'ordr' (did you mean 'order'?)"},
      {"crash order", "when?; write: crash NODES|it BEGIN [for DURATION]"},
      {"crash order wen order forces commit", "did you mean 'when'?"},
      {"crash order if order sends Prepare", "unknown node 'if' (did you mean 'when'?)"},
      {"crash order whenever order sends Prepare", "(did you mean 'when'?)"},
      {"crash order after order sends Prepare",
       "'after' where one of at, when, from, for is expected"},
      {"crash order suddenly",
       "unknown node 'suddenly'; after a node there is at, when, from, for or another node"},
      {"refuse order by 1ms", "'by' where one of at, when, from, for is expected"},
      {"skew order plus 1ms", "unknown node 'plus'; after a node there is by or another node"},
      {"partition order versus point", "'versus'; after a node there is |, -> or another node"},
      {"drop Commit order to point", "'to' where '->' is expected"},
      {"crash order when order obeys Prepare", "unknown node 'obeys'; after a node there is sends"},
      {"crash order when order sends Prepare to point, fro 1s", "(did you mean 'for'?)"},
      {"crash order at 1s for 2s now", "'now' is one word too many"},
      {"crash order at 1s for", "the sentence ends where a duration is expected"},
      {"crash order at 5", "has no unit"},
      {"crash any at 1s", "'any' is allowed only in events and messages"},
      {"crash it at 1s", "'it' is the node of an event"},
      {"crash order when order forces comit", "did you mean 'commit'?"},
      {"crash order when order sends Prepair", "did you mean 'Prepare'?"},
      {"crash order when order send Prepare", "did you mean 'sends'?"},
      {"crash order when order votes yes", "did you mean 'announces voted yes'?"},
      {"crash order when order decides committed", "did you mean 'announces decided committed'?"},
      {"crash point when point confirms", "did you mean 'announces confirmed'?"},
      {"crash operator at 1s", "the operator is a person, not a node"},
      {"crash it when it sends Prepare", "'it' where a node is expected"},
      {"crash order when order fires vote-timout", "did you mean 'vote-timeout'?"},
      {"crash order when order announces votd", "did you mean 'voted'?"},
      {"crash order when phase decidng", "did you mean 'deciding'?"},
      {"crash order when order sends Call", "'Call' is a message of uncoordinated"},
      {"crash order when order sends Prepare 0th", "the first is the 1st"},
      {"pause point at 1s", "the duration is missing: add for DURATION"},
      {"partition order | order product from 1s to 2s", "a node is on both sides"},
      {"partition order product from 1s to 2s", "'from' where '|' is expected"},
      {"partition order | point from 3s to 1s",
       "it ends at 1s, before it begins at 3s; write: partition NODES | NODES|rest WINDOW"},
      {"partition order -> point from 3s to 1s", "write: partition NODES -> NODES|rest WINDOW"},
      {"refuse order from 1s to 1s", "it begins and ends at 1s; write: refuse"},
      {"drop event 3 now", "write: drop event NUMBER"},
      {"drop Commit order -> point now", "write: drop MESSAGE NODES -> NODES [Nth | WINDOW]"},
      {"slow event 3 for 1s", "write: slow MESSAGE NODES -> NODES [Nth] by DURATION [WINDOW]"},
      {"slow disk at order for 1s", "write: slow disk at NODES|it by DURATION WINDOW"},
      {"slow disk at point", "the sentence ends where 'by' is expected"},
      {"skew point by 500%", "from -90% to 100%"},
      {"skew point by -200%", "from -90% to 100%"},
      {"skew point by 0.55%", "finer than a tenth"},
      {"drop Commit order point 1st", "'1st' where '->' is expected"},
      {"drop Commit order->", "the sentence ends where a node is expected"},
      {"drop Commit order->point 1st from 1s to 2s", "'from' is one word too many"},
      {"drop event", "the sentence ends where the number of an event is expected"},
      {"slow Commit order->point by -1ms", "negative"},
  };
  for (const Wrong& wrong : wrongs) {
    const ParsedScenario parsed =
        parse(order_domain("[faults]\nfault = " + std::string(wrong.sentence) + "\n"));
    CAPTURE(wrong.sentence);
    REQUIRE(parsed.errors.size() == 1);
    CHECK(parsed.errors[0].place.line == tests::kOrderLines + 2);
    CHECK_THAT(text(parsed.errors[0]), Catch::Contains(wrong.message));
  }
}

}  // namespace
}  // namespace txsim
