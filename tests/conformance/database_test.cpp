// The answers that tests/conformance/run expects from real servers, checked on the simulated server
// alone, so that machines without servers check them, too.
#include <catch2/catch.hpp>

#include "tests/conformance/database_node.h"

namespace txsim::conformance {
namespace {

using Answers = std::vector<std::string>;

// "3 granted after 6" for a call that waited, else the answer.
Answers ask(XaRules rules, std::vector<Call> calls) {
  const Script script{rules, 2, std::move(calls)};
  Answers says(script.calls.size(), "waits");
  for (const Answer& answer : run(script)) {
    const std::string when =
        answer.slot == answer.call ? "" : " after " + std::to_string(answer.slot);
    says[answer.call] = answer.says + when;
  }
  return says;
}

constexpr Call start(std::uint8_t session, std::uint8_t id) { return {session, Verb::Start, id}; }
constexpr Call end(std::uint8_t session, std::uint8_t id) { return {session, Verb::End, id}; }
constexpr Call prepare(std::uint8_t session, std::uint8_t id) {
  return {session, Verb::Prepare, id};
}
constexpr Call commit(std::uint8_t session, std::uint8_t id) { return {session, Verb::Commit, id}; }
constexpr Call take(std::uint8_t session, std::uint8_t row, std::int32_t amount = 1) {
  return {session, Verb::Update, row, -amount};
}
constexpr Call read(std::uint8_t session, std::uint8_t row) { return {session, Verb::Read, row}; }
constexpr Call recover(std::uint8_t session) { return {session, Verb::Recover}; }
constexpr Call begin(std::uint8_t session) { return {session, Verb::Begin}; }
constexpr Call leave(std::uint8_t session) { return {session, Verb::Disconnect}; }
constexpr Call kRestart{0, Verb::Restart};

}  // namespace

TEST_CASE("XA: three terminals: an update under XA makes another update wait until it commits") {
  for (const XaRules rules : {XaRules::Textbook, XaRules::MariaDb, XaRules::PostgreSql}) {
    const Answers says =
        ask(rules, {start(1, 1), take(1, 0), start(2, 2), take(2, 0), end(1, 1), prepare(1, 1),
                    recover(3), commit(1, 1), recover(3), read(3, 0)});
    CHECK(says == Answers{"XA_OK", "done", "XA_OK", "done after 7", "XA_OK", "XA_OK", "listed 1",
                          "XA_OK", "listed", "waits"});
  }
}

TEST_CASE("XA: a prepared branch survives a restart, and its row stays locked until it is ended") {
  for (const XaRules rules : {XaRules::Textbook, XaRules::MariaDb, XaRules::PostgreSql}) {
    const Answers says =
        ask(rules, {start(1, 1), take(1, 0), end(1, 1), prepare(1, 1), start(2, 2), take(2, 1),
                    kRestart, recover(3), take(2, 0), read(3, 1), commit(1, 1)});
    CHECK(says[7] == "listed 1");
    CHECK(says[8] == "done after 10");
    CHECK(says[9] == "amount 100");
  }
}

TEST_CASE("XA: a prepared reader is gone after a restart of MariaDB, and keeps its row elsewhere") {
  const std::vector<Call> calls = {start(1, 1), read(1, 0), end(1, 1), prepare(1, 1),
                                   kRestart,    recover(2), take(2, 0)};
  CHECK(ask(XaRules::MariaDb, calls)[5] == "listed");
  CHECK(ask(XaRules::MariaDb, calls)[6] == "done");
  CHECK(ask(XaRules::PostgreSql, calls)[5] == "listed 1");
  CHECK(ask(XaRules::PostgreSql, calls)[6] == "waits");
}

TEST_CASE("XA: MariaDB releases shared locks when a branch with changes is prepared") {
  const std::vector<Call> calls = {start(1, 1), read(1, 0),    take(1, 1), end(1, 1),
                                   take(2, 0),  prepare(1, 1), take(3, 1)};
  CHECK(ask(XaRules::MariaDb, calls)[4] == "done after 5");
  CHECK(ask(XaRules::MariaDb, calls)[6] == "waits");
  CHECK(ask(XaRules::Textbook, calls)[4] == "waits");
}

TEST_CASE("XA: the owner of a prepared branch") {
  const std::vector<Call> calls = {start(1, 1),  take(1, 0), end(1, 1),   prepare(1, 1),
                                   commit(2, 1), leave(1),   commit(2, 1)};
  CHECK(ask(XaRules::MariaDb, calls)[4] == "XAER_NOTA");
  CHECK(ask(XaRules::MariaDb, calls)[6] == "XA_OK");
  CHECK(ask(XaRules::PostgreSql, calls)[4] == "XA_OK");
  CHECK(ask(XaRules::PostgreSql, calls)[6] == "XAER_NOTA");
}

TEST_CASE("XA: a refused statement dooms its transaction in PostgreSQL, but not in MariaDB") {
  const std::vector<Call> calls = {start(1, 1), take(1, 0),    take(1, 1, 1000), take(2, 0),
                                   end(1, 1),   prepare(1, 1), commit(1, 1)};
  const Answers mariadb = ask(XaRules::MariaDb, calls);
  CHECK(mariadb[2] == "refused");
  CHECK(mariadb[3] == "done after 6");
  CHECK(mariadb[5] == "XA_OK");
  const Answers postgresql = ask(XaRules::PostgreSql, calls);
  CHECK(postgresql[3] == "done");
  CHECK(postgresql[5] == "XA_RBROLLBACK");
  CHECK(postgresql[6] == "XAER_NOTA");
}

TEST_CASE("XA: PostgreSQL refuses an amount that is too small without waiting for the row") {
  const std::vector<Call> calls = {begin(1), take(1, 0), take(2, 0, 1000)};
  CHECK(ask(XaRules::PostgreSql, calls)[2] == "refused");
  CHECK(ask(XaRules::MariaDb, calls)[2] == "waits");
}

TEST_CASE("XA: in PostgreSQL readers overtake a writer that waits for readers") {
  const std::vector<Call> calls = {begin(1), read(1, 0), take(2, 0), read(3, 0)};
  CHECK(ask(XaRules::PostgreSql, calls)[3] == "amount 100");
  CHECK(ask(XaRules::MariaDb, calls)[3] == "waits");
}

TEST_CASE("XA: in MariaDB an upgrading reader queues behind a writer that waits for it") {
  const std::vector<Call> calls = {begin(1), read(1, 0), take(2, 0), take(1, 0)};
  CHECK(ask(XaRules::PostgreSql, calls)[3] == "done");
  CHECK(ask(XaRules::MariaDb, calls)[3] == "waits");
}

TEST_CASE("XA: calls in the wrong order, with unknown and with duplicate ids") {
  const Answers says =
      ask(XaRules::MariaDb, {end(1, 1), prepare(1, 1), commit(1, 1), start(1, 1), start(2, 1),
                             start(1, 2), prepare(1, 1), end(1, 2), end(1, 1), take(1, 0),
                             commit(1, 1), commit(1, 2), begin(2), start(2, 2)});
  CHECK(says == Answers{"XAER_RMFAIL", "XAER_RMFAIL", "XAER_NOTA", "XA_OK", "XAER_DUPID",
                        "XAER_RMFAIL", "XAER_RMFAIL", "XAER_NOTA", "XA_OK", "XAER_RMFAIL",
                        "XAER_RMFAIL", "XAER_OUTSIDE", "XA_OK", "XAER_OUTSIDE"});
}

}  // namespace txsim::conformance
