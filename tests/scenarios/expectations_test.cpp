#include <catch2/catch.hpp>

#include "checks/verdict.h"
#include "scenarios/grammar.h"
#include "tests/contains.h"
#include "tests/scenarios/parse.h"

namespace txsim {
namespace {

using tests::order_domain;
using tests::parse;
using tests::texts;

Expectation read(const std::string& sentence) {
  const ParsedScenario parsed = parse(order_domain("[expect]\nthat = " + sentence + "\n"));
  CAPTURE(sentence, texts(parsed.errors));
  REQUIRE(parsed.scenario);
  return parsed.scenario->expectations.at(0);
}

TEST_CASE("expectations: each documented form parses") {
  for (const SentenceInfo& info : expectation_sentences()) {
    const Expectation expected = read(info.example);
    CHECK(expected.text == info.example);
    CHECK(expected.place.line == tests::kOrderLines + 2);
  }
}

TEST_CASE("expectations: an expected amount may be below zero") {
  CHECK(read("stock at product is -300").value == -300);
  CHECK(read("stock at product is at most -1").value == -1);
}

TEST_CASE("expectations: verdicts") {
  CHECK(read("durability is vacuous").subject == "durability");
  CHECK(read("durability is vacuous").verdict == "vacuous");
  CHECK(read("agreement holds").verdict == "holds");
  CHECK(read("no-hanging is not applicable").verdict == "not applicable");
}

TEST_CASE("expectations: numbers of transactions with each ending, and of replies to clients") {
  const Expectation three = read("3 transactions are committed");
  CHECK(three.kind == Expectation::Kind::Outcome);
  CHECK(three.value == 3);
  CHECK(read("1 transaction is in doubt").subject == "in doubt");
  CHECK(read("all transactions are committed").compare == Expectation::Compare::All);
  CHECK(read("no transaction is mixed").value == 0);
  const Expectation told = read("at most 2 clients are told busy");
  CHECK(told.kind == Expectation::Kind::Told);
  CHECK(told.subject == "busy");
  CHECK(told.compare == Expectation::Compare::AtMost);
}

TEST_CASE("expectations: shares, of transactions, submissions, clients and orders") {
  const Expectation share = read("at least 99.95% of transactions are committed");
  CHECK(share.kind == Expectation::Kind::Outcome);
  CHECK(share.is_share);
  CHECK(share.is_over_runs());
  CHECK(share.share == 999'500'000);
  CHECK(share.compare == Expectation::Compare::AtLeast);
  CHECK(read("at most 0% of clients are told nothing").share == 0);
  CHECK(read("at least 100% of transactions are in doubt").share == Expectation::kWhole);
  CHECK(read("at most 0.0000001% of transactions are mixed").share == 1);
  const Expectation orders = read("at most 1% of orders are told nothing");
  CHECK(orders.kind == Expectation::Kind::Told);
  CHECK(orders.by_order);
  CHECK_FALSE(read("at most 1% of clients are told nothing").by_order);
  const Expectation fate = read("at most 5% of submissions are never begun");
  CHECK(fate.kind == Expectation::Kind::Fate);
  CHECK(fate.subject == "never begun");
  CHECK_FALSE(read("2 submissions are recognised").is_over_runs());
  CHECK_FALSE(read("all orders are told done").is_over_runs());
}

TEST_CASE("expectations: percentiles of the latency") {
  const Expectation p99 = read("p99 latency is at most 2s");
  CHECK(p99.kind == Expectation::Kind::Percentile);
  CHECK(p99.is_over_runs());
  CHECK(p99.share == 990'000'000);
  CHECK(p99.value == 2'000'000'000);
  CHECK(read("p99.9 latency is at least 1ms").share == 999'000'000);
  CHECK(read("p100 latency is at least 1ms").share == Expectation::kWhole);
}

TEST_CASE("expectations: order records, and completed ones") {
  CHECK_FALSE(read("orders at order is 1").completed);
  CHECK(read("completed orders at order is 1").completed);
}

// `unknown` had three meanings. It is still accepted, with a hint at the new words.
TEST_CASE("expectations: `unknown` is the old word for never begun, recognised or unfinished") {
  CHECK(read("2 transactions are unknown").subject == "unknown");
  const ParsedScenario parsed =
      parse(order_domain("[expect]\nthat = at most 1% of transactions are unknown\n"));
  REQUIRE(parsed.errors.size() == 1);
  CHECK(contains(parsed.errors[0].message, "submissions are begun, recognised or never begun"));
}

TEST_CASE("expectations: counters and amounts") {
  const Expectation messages = read("messages.Prepare is 2");
  CHECK(messages.kind == Expectation::Kind::Counter);
  CHECK(messages.message == word("Prepare"));
  const Expectation forces = read("forces.point is at least 1");
  CHECK(forces.node == 2);
  CHECK(forces.compare == Expectation::Compare::AtLeast);
  CHECK(read("longest_lock_wait is at most 5ms").value == 5'000'000);
  CHECK(read("longest_lock_wait is at most 5ms").is_duration);
  const Expectation reserved = read("reserved stock at product is 0");
  CHECK(reserved.kind == Expectation::Kind::Amount);
  CHECK(reserved.reserved);
  CHECK(reserved.resource == 1);
}

TEST_CASE("expectations: errors state what is wrong in a sentence") {
  for (const char* wrong : {"atomicity",
                            "atomicity is",
                            "atomicity is holding",
                            "atomicity is not",
                            "3 transactions",
                            "3 orders are committed",
                            "-1 transactions are committed",
                            "all transactions",
                            "at 3 transactions are committed",
                            "2 clients are told",
                            "2 clients are told off",
                            "messages",
                            "messages is",
                            "messages is -1",
                            "messages is at 3",
                            "lost.point is 3",
                            "forces.participant is 3",
                            "longest_latency is 5",
                            "stock at product",
                            "stock at nowhere is 3",
                            "stock at product is 2147483648",
                            "stock at product is 3 and more",
                            "reserved at product is 3",
                            "99% of transactions are committed",
                            "at least 99% transactions are committed",
                            "at least 101% of transactions are committed",
                            "at least 99.% of transactions are committed",
                            "at least .9% of transactions are committed",
                            "at least % of transactions are committed",
                            "at least 99.12345678% of transactions are committed",
                            "at least 9x% of transactions are committed",
                            "at least -1% of transactions are committed",
                            "at least 99% of messages are lost",
                            "3 of transactions are committed",
                            "at most 1% of transactions are never begun",
                            "at most 1% of submissions are never",
                            "at most 1% of submissions are committed",
                            "at most 1% of orders are told busy",
                            "p99 latency is 2s",
                            "p99 latency is at most 2",
                            "p99 latency",
                            "p99 lock_wait is at most 2s",
                            "p0 latency is at most 2s",
                            "p101 latency is at most 2s",
                            "p99. latency is at most 2s",
                            "completed stock at product is 3"}) {
    const ParsedScenario parsed =
        parse(order_domain("[expect]\nthat = " + std::string(wrong) + "\n"));
    CAPTURE(wrong, texts(parsed.errors));
    REQUIRE(parsed.errors.size() == 1);
    CHECK(parsed.errors[0].place.line == tests::kOrderLines + 2);
  }
}

TEST_CASE("expectations: the language knows the invariants and endings of the checks") {
  std::vector<std::string_view> names;
  for (const InvariantInfo& info : invariants()) names.push_back(info.name);
  for (const std::string_view name : names) {
    CAPTURE(name);
    CHECK(std::find(invariant_names().begin(), invariant_names().end(), name) !=
          invariant_names().end());
  }
  for (int i = 0; i < kEndings; ++i) {
    CHECK(ending_names()[static_cast<std::size_t>(i)] == text(static_cast<Ending>(i)));
  }
}

}  // namespace
}  // namespace txsim
