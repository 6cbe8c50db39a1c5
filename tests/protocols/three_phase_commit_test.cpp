// Three-phase commit: its costs without failures, as counted by Skeen 1981 and Bernstein,
// Hadzilacos, Goodman 1987; and its roles' answers to late and duplicate messages and to messages
// of a crashed node.
#include <fmt/format.h>

#include <catch2/catch.hpp>

#include "runs/run.h"
#include "scenarios/language.h"

namespace {

using namespace txsim;

constexpr const char* kOrder = R"(
[scenario]
protocol = three-phase-commit
horizon = 30s
[service order]
records = orders
[network]
delay = 1ms
[disk]
delay = 2ms
[idempotent-receiver]
enabled = off
)";

// One order at n participants p1, p2 ... The last `no` of them have an empty stock.
std::string order_at(int n, int no = 0) {
  std::string text = kOrder;
  std::string steps = "[transaction order]\nbegins_at = order\nstep = create orders at order\n";
  for (int i = 1; i <= n; ++i) {
    text += fmt::format("[service p{}]\nresource = stock {}\n", i, i > n - no ? 0 : 100);
    steps += fmt::format("step = take 1 stock at p{}\n", i);
  }
  return text + steps;
}

RunResult run(const std::string& text) {
  const auto read = [&](const std::string&) { return FileText{text, ""}; };
  const ParsedScenario parsed = parse_scenario("three-phase.ini", read, {});
  REQUIRE(parsed.scenario);
  return run_scenario(parsed.scenario);
}

// Checks these expectations, one a line.
void expect(const std::string& text, const std::vector<std::string>& expected) {
  std::string whole = text + "[expect]\n";
  for (const std::string& that : expected) whole += "that = " + that + "\n";
  const RunResult result = run(whole);
  for (const Met& one : result.expectations) {
    INFO(one.expectation.text << ": " << one.seen);
    CHECK(one.met);
  }
}

}  // namespace

TEST_CASE("3PC: a commit costs 3/2 and 2/2 records and 6n messages") {
  for (int n = 1; n <= 6; ++n) {
    CAPTURE(n);
    std::vector<std::string> that = {"all transactions are committed", "records.order is 3",
                                     "forces.order is 2"};
    for (const char* type : {"Prepare", "VoteYes", "PreCommit", "PreCommitted", "Commit", "Ack"}) {
      that.push_back(fmt::format("messages.{} is {}", type, n));
    }
    for (int i = 1; i <= n; ++i) {
      that.push_back(fmt::format("records.p{} is 2", i));
      that.push_back(fmt::format("forces.p{} is 2", i));
    }
    expect(order_at(n), that);
  }
}

TEST_CASE("3PC: an abort costs 1/0, 2/1 and 1/0 records and 2n+k messages") {
  for (int n = 1; n <= 4; ++n) {
    for (int no = 1; no <= n; ++no) {
      CAPTURE(n, no);
      std::vector<std::string> that = {"all transactions are aborted",
                                       "records.order is 1",
                                       "forces.order is 0",
                                       fmt::format("messages.Prepare is {}", n),
                                       fmt::format("messages.VoteYes is {}", n - no),
                                       fmt::format("messages.VoteNo is {}", no),
                                       fmt::format("messages.Abort is {}", n - no),
                                       "messages.PreCommit is 0"};
      for (int i = 1; i <= n; ++i) {
        that.push_back(fmt::format("records.p{} is {}", i, i > n - no ? 1 : 2));
        that.push_back(fmt::format("forces.p{} is {}", i, i > n - no ? 0 : 1));
      }
      expect(order_at(n, no) + "[three-phase-commit]\nwith_prepare = on\n", that);
    }
  }
}

TEST_CASE("3PC: the backup is the first participant that is up") {
  // p1 crashes, too. p2 asks p3, and both abort.
  expect(order_at(3) +
             "[faults]\n"
             "fault = crash order when order receives VoteYes, 3rd\n"
             "fault = crash p1 when order receives VoteYes, 3rd\n",
         {"non-blocking holds", "agreement holds", "messages.StateRequest is 1",
          "stock at p2 is 100", "stock at p3 is 100"});
}

TEST_CASE("3PC: a second backup completes the termination that the first has begun") {
  // When p1 crashes, it has sent p2 PreCommit, but not p3. p2 continues with p3.
  expect(order_at(3) +
             "[faults]\n"
             "fault = crash order when order sends PreCommit, 1st\n"
             "fault = crash p1 when p1 sends PreCommit, 1st\n",
         {"non-blocking holds", "agreement holds", "stock at p2 is 99", "stock at p3 is 99"});
}

TEST_CASE("3PC: a backup in WAIT learns from a participant in PRECOMMIT that all voted yes") {
  expect(order_at(2) +
             "[faults]\n"
             "fault = drop PreCommit order -> p1 1st\n"
             "fault = crash order when order receives PreCommitted, 1st\n",
         {"non-blocking holds", "agreement holds", "messages.StateRequest is 1",
          "stock at p1 is 99", "stock at p2 is 99"});
}

TEST_CASE("3PC: the coordinator does not commit while a participant that is up is in WAIT") {
  // The coordinator asks p1 again. If it committed after p2's Ack alone, p1 would now abort alone.
  expect(order_at(2) +
             "[faults]\n"
             "fault = drop PreCommit order -> p1 1st\n"
             "fault = crash order when order has forced commit, 1st\n"
             "fault = crash p2 when order has forced commit, 1st\n",
         {"non-blocking holds", "agreement holds", "messages.PreCommit is 3", "stock at p1 is 99"});
}

TEST_CASE("3PC: a transaction in PRECOMMIT survives the coordinator's checkpoint and crash") {
  // p1 is down after its vote, while its coordinator commits a thousand orders at p2.
  expect(order_at(1) +
             "[service p2]\n"
             "records = sales\n"
             "[transaction sale]\n"
             "begins_at = order\n"
             "share = 699\n"
             "step = create orders at order\n"
             "step = create sales at p2\n"
             "[workload]\n"
             "orders = 1400\n"
             "arrivals = every 3ms\n"
             "[three-phase-commit]\n"
             "precommit_timeout = 10s\n"
             "[faults]\n"
             "fault = crash p1 when p1 sends VoteYes, 1st, for 12s\n"
             "fault = crash order at 8s for 100ms\n",
         {"conservation holds", "durability holds", "convergence holds", "atomicity holds",
          "stock at p1 is 99"});
}

TEST_CASE("3PC: a PreCommit from a node suspected of a crash is ignored") {
  // The message is ten seconds late. p1 and p2 have aborted by then, and answer so.
  expect(order_at(2) +
             "[faults]\n"
             "fault = slow PreCommit order -> p1 1st by 10s\n"
             "fault = crash order when order sends PreCommit, 1st\n",
         {"non-blocking holds", "agreement holds", "stock at p1 is 100", "stock at p2 is 100"});
}

TEST_CASE("3PC: a late duplicate of any message changes nothing") {
  for (const char* message :
       {"Prepare order -> p1", "VoteYes p1 -> order", "PreCommit order -> p1",
        "PreCommitted p1 -> order", "Commit order -> p1", "Ack p1 -> order"}) {
    CAPTURE(message);
    expect(order_at(2) + fmt::format("[faults]\nfault = duplicate {} 1st after 3s\n", message),
           {"all transactions are committed", "agreement holds", "convergence holds",
            "conservation holds"});
  }
}

TEST_CASE("3PC: without participants the coordinator commits by itself") {
  expect(order_at(0), {"all transactions are committed", "messages.Prepare is 0",
                       "records.order is 2", "forces.order is 1"});
}

// Only the order id distinguishes two executions of an order. The idempotent receiver is off, so a
// duplicate Submit is executed a second time.
TEST_CASE("3PC: a late vote of the previous execution does not count for the current one") {
  // The second Prepare is lost.
  expect(order_at(1) +
             "[faults]\n"
             "fault = duplicate Submit client -> order 1st after 300ms\n"
             "fault = duplicate VoteYes p1 -> order 1st after 320ms\n"
             "fault = drop Prepare order -> p1 2nd\n",
         {"unanimity holds", "agreement holds", "messages.PreCommit is 1", "stock at p1 is 99"});
}

TEST_CASE("3PC: a late Ack of the previous execution does not count for the current one") {
  // The Ack arrives after the second decision, and Commit is lost.
  expect(order_at(1) +
             "[faults]\n"
             "fault = duplicate Submit client -> order 1st after 300ms\n"
             "fault = duplicate Ack p1 -> order 1st after 302ms\n"
             "fault = drop Commit order -> p1 2nd\n",
         {"agreement holds", "atomicity holds", "convergence holds", "messages.Commit is 3",
          "stock at p1 is 98", "exactly-once is violated"});
}

TEST_CASE("3PC: a participant in doubt aborts an execution when the next one begins") {
  // p2's vote and the Abort to p1 are lost.
  expect(order_at(2) +
             "[three-phase-commit]\n"
             "with_prepare = on\n"
             "vote_timeout = 100ms\n"
             "[faults]\n"
             "fault = duplicate Submit client -> order 1st after 300ms\n"
             "fault = drop VoteYes p2 -> order 1st\n"
             "fault = drop Abort order -> p1 1st\n",
         {"agreement holds", "convergence holds", "conservation holds", "messages.Commit is 2",
          "stock at p1 is 99", "stock at p2 is 99", "truthful-reply is violated"});
}
