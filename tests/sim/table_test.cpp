// The kernel's containers that keep their memory: a table and a first-in first-out queue.
#include "sim/table.h"

#include <catch2/catch.hpp>
#include <map>
#include <utility>

#include "sim/random.h"
#include "sim/ring.h"

namespace txsim::tests {
namespace {

std::map<std::uint64_t, int> content(const Table<int>& table) {
  std::map<std::uint64_t, int> all;
  table.for_each([&](std::uint64_t key, int value) { all[key] = value; });
  return all;
}

std::vector<int> content(const Ring<int>& ring) {
  std::vector<int> all;
  for (std::size_t i = 0; i < ring.size(); ++i) all.push_back(ring.at(i));
  return all;
}

}  // namespace

TEST_CASE("table: it holds the same as a map after any insertions and removals") {
  Stream stream(7, "table");
  Table<int> table;
  std::map<std::uint64_t, int> map;
  for (int i = 0; i < 20'000; ++i) {
    const std::uint64_t key = stream.below(300) * 4096;  // many keys with the same home slot
    if (stream.below(3) == 0) {
      CHECK(table.erase(key) == (map.erase(key) == 1));
    } else {
      table[key] = map[key] = i;
    }
    if (i % 500 == 0) CHECK(content(table) == map);
  }
  CHECK(content(table) == map);
  for (const auto& [key, value] : map) CHECK(*table.find(key) == value);
  CHECK(table.find(1) == nullptr);
}

TEST_CASE("table: a copy equals its source, whatever it held before") {
  Table<int> empty;
  Table<int> few;
  few[1] = 10;
  few[2] = 20;
  Table<int> many;
  for (std::uint64_t key = 0; key < 100; ++key) many[key] = 1;
  Table<int> table;
  for (const Table<int>* other : {&few, &empty, &many, &few, &many, &empty, &empty, &few}) {
    table = *other;
    CHECK(content(table) == content(*other));
    CHECK(table.size() == other->size());
    CHECK(table.contains(2) == other->contains(2));
    table[7] = 3;  // changes the copy only
    CHECK(*table.find(7) == 3);
    CHECK(table.erase(7));
  }
  CHECK(content(few).size() == 2);
}

TEST_CASE("table: a table that was moved from is empty and usable") {
  Table<int> table;
  table[5] = 1;
  Table<int> taken = std::move(table);
  CHECK(taken.contains(5));
  CHECK(table.empty());
  CHECK(table.find(5) == nullptr);
  CHECK_FALSE(table.erase(5));
  table[6] = 2;
  CHECK(content(table) == std::map<std::uint64_t, int>{{6, 2}});
}

TEST_CASE("ring: first in, first out, across growth, copies and moves") {
  Ring<int> ring;
  int in = 0;
  int out = 0;
  for (int round = 1; round < 40; ++round) {
    for (int i = 0; i < round; ++i) ring.push(in++);
    for (int i = 0; i < round - (round % 3 == 0 ? 1 : 0); ++i) {
      CHECK(ring.front() == out++);
      ring.pop();
    }
  }
  CHECK(static_cast<int>(ring.size()) == in - out);
  Ring<int> copy;
  copy.push(-1);
  copy = ring;
  CHECK(content(copy) == content(ring));
  for (int i = 0; i < 100; ++i) copy.push(i);
  CHECK(copy.size() == ring.size() + 100);
  Ring<int> taken = std::move(copy);
  CHECK(copy.empty());
  copy.push(4);
  CHECK(content(copy) == std::vector<int>{4});
  CHECK(taken.front() == ring.front());
}

}  // namespace txsim::tests
