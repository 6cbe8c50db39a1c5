// Two-phase commit over databases that keep different parts of a prepared branch (xa_resource.h).
#include <catch2/catch.hpp>

#include "tests/protocols/two_phase_commit_rig.h"

using namespace txsim;
using namespace txsim::test;

namespace {

constexpr TransactionId kFirst = transaction_id(1, 0);

// One reader and one updater.
Rig reader_and_updater(XaRules resource) {
  Rig rig;
  rig.actions = {Action::Read, Action::Take};
  rig.settings.resource = resource;
  return rig;
}

}  // namespace

TEST_CASE("2PC: resource: only the textbook's database lets a reader leave") {
  CHECK(count(reader_and_updater(XaRules::Textbook).run(), EventKind::Sent, "VoteReadOnly") == 1);
  for (const XaRules resource : {XaRules::MariaDb, XaRules::PostgreSql}) {
    const World world = reader_and_updater(resource).run();
    CHECK(count(world, EventKind::Sent, "VoteReadOnly") == 0);
    CHECK(count(world, EventKind::Sent, "VoteYes") == 2);
    CHECK(finished(world, 1) == Outcome::Committed);
  }
}

TEST_CASE("2PC: resource: a prepared reader's row is free after a restart of MariaDB alone") {
  for (const XaRules resource : {XaRules::MariaDb, XaRules::PostgreSql}) {
    Rig rig = reader_and_updater(resource);
    rig.faults = {crash_when(1, EventKind::Sent, "VoteYes", milliseconds(50))};
    const World world = rig.run();
    // Taken before the crash, and again after the restart.
    CHECK(facts(world, FactKind::LockTaken, 1, kFirst) == (resource == XaRules::MariaDb ? 1U : 2U));
    CHECK(decided(world, kFirst) == Outcome::Committed);
    CHECK(stock(world, 2) == 99);
    CHECK_FALSE(world.has_pending(kEndOfTime));
  }
}

TEST_CASE("2PC: resource: every database holds the branch of an update again after a restart") {
  for (const XaRules resource : {XaRules::Textbook, XaRules::MariaDb, XaRules::PostgreSql}) {
    Rig rig = reader_and_updater(resource);
    rig.faults = {crash_when(2, EventKind::Sent, "VoteYes", milliseconds(50))};
    const World world = rig.run();
    CHECK(facts(world, FactKind::LockTaken, 2, kFirst) == 2);
    CHECK(finished(world, 2) == Outcome::Committed);
    CHECK(stock(world, 2) == 99);
  }
}

// The participant without stock votes no. The other one rolls back and crashes.
TEST_CASE("2PC: resource: MariaDB forgets a rollback in a crash") {
  for (const XaRules resource : {XaRules::Textbook, XaRules::MariaDb, XaRules::PostgreSql}) {
    Rig rig;
    rig.stocks = {100, 0};
    rig.settings.variant = CommitVariant::Basic;
    rig.settings.resource = resource;
    rig.settings.with_prepare = true;
    rig.faults = {crash_when(1, EventKind::Sent, "Ack", milliseconds(50))};
    const World world = rig.run();
    CHECK((count(world, EventKind::Sent, "Inquiry", 1) > 0) == (resource == XaRules::MariaDb));
    CHECK(finished(world, 1) == Outcome::Aborted);
    CHECK(stock(world, 1) == 100);
  }
}
