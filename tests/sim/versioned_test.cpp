// Values with a version, and small containers that are copied often.
#include "sim/versioned.h"

#include <catch2/catch.hpp>

#include <set>

#include "sim/not_copied.h"
#include "sim/ring.h"
#include "sim/table.h"

namespace {

using namespace txsim;

// Counts its assignments.
struct Probe {
  int value = 0;
  int assigned = 0;

  Probe() = default;
  explicit Probe(int v) : value(v) {}
  Probe(const Probe&) = default;
  Probe& operator=(const Probe& other) {
    value = other.value;
    ++assigned;
    return *this;
  }
  ~Probe() = default;
};

}  // namespace

TEST_CASE("versioned: a value with the same version is not copied, a changed one is") {
  Versioned<Probe> one(Probe{1});
  one.give_version(7);
  Versioned<Probe> other = one;
  other = one;
  CHECK(other->assigned == 0);
  one.change().value = 2;
  other = one;
  CHECK(other->assigned == 1);
  CHECK(other->value == 2);
  CHECK_FALSE(other.has_version());
  one.give_version(8);
  other = one;
  other.change().value = 3;  // changes the copy only
  other = one;
  CHECK(other->value == 2);
  CHECK(other->assigned == 3);
}

TEST_CASE("versioned: a value gets a version on request and keeps it until a change") {
  Versioned<Probe> one;
  one.give_version(7);
  one.give_version(8);
  Versioned<Probe> of_seven;
  of_seven.change().value = 5;
  of_seven.give_version(7);
  of_seven = one;
  CHECK(of_seven->value == 5);  // both have version 7
}

TEST_CASE("versioned: a value that was moved from has no version") {
  Versioned<std::vector<int>> one(std::vector<int>{1, 2, 3});
  one.give_version(7);
  const Versioned<std::vector<int>> moved = std::move(one);
  one = moved;
  CHECK(one->size() == 3);
}

TEST_CASE("versioned: a sum is computed once for each version") {
  Versioned<Probe> one(Probe{1});
  int asked = 0;
  const auto sum_up = [&](const Probe& probe) {
    ++asked;
    return static_cast<std::uint64_t>(probe.value);
  };
  CHECK(one.sum<0>(sum_up) == 1);
  CHECK(one.sum<0>(sum_up) == 1);
  CHECK(asked == 2);  // without a version it may change unnoticed
  one.give_version(7);
  CHECK(one.sum<0>(sum_up) == 1);
  const Versioned<Probe> copy = one;
  CHECK(copy.sum<0>(sum_up) == 1);
  CHECK(asked == 3);
  one.change().value = 2;
  one.give_version(8);
  CHECK(one.sum<0>(sum_up) == 2);
  one.forget_version();
  CHECK(one.sum<0>(sum_up) == 2);
  CHECK(asked == 5);
}

TEST_CASE("versioned: no version number is used twice, not even by a copy") {
  NotCopied<Versions> one;
  std::set<std::uint64_t> given;
  for (int i = 0; i < 100; ++i) given.insert(one.value.next());
  NotCopied<Versions> other = one;
  NotCopied<Versions> moved = std::move(one);
  for (int i = 0; i < 100; ++i) {
    given.insert(other.value.next());
    given.insert(moved.value.next());
  }
  CHECK(given.size() == 300);
  CHECK_FALSE(given.contains(Versioned<int>::kNone));
}

TEST_CASE("ring, table: after an assignment both sides are equal") {
  Ring<int> one;
  for (int i = 0; i < 20; ++i) {
    one.push(i);
    if (i >= 5) one.pop();
  }
  Ring<int> other;
  other.push(100);
  other = one;
  REQUIRE(other.size() == 5);
  for (int i = 0; i < 5; ++i) CHECK(other.at(static_cast<std::size_t>(i)) == 15 + i);
  other.push(20);
  CHECK(other.at(5) == 20);
  other = Ring<int>();
  CHECK(other.empty());
  one = other;
  CHECK(one.empty());

  Table<int> table;
  table[3] = 4;
  Table<int> same;
  same[5] = 6;
  same = table;
  CHECK(same.size() == 1);
  CHECK(*same.find(3) == 4);
  same = Table<int>();
  CHECK_FALSE(same.contains(3));
  table.erase(3);
  same[7] = 8;
  same = table;
  CHECK(same.empty());
  CHECK_FALSE(same.contains(7));
}
