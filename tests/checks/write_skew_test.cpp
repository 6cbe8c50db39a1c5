// The search for write skews, compared with an exhaustive search.
#include "checks/write_skew.h"

#include <algorithm>
#include <catch2/catch.hpp>
#include <set>

#include "sim/random.h"

namespace txsim::tests {
namespace {

using WriteSkewEdges = Vector<SerializationEdge>;

SerializationEdge anti(TransactionId from, TransactionId to, std::uint16_t row) {
  return {.from = from, .to = to, .resource = row, .is_anti = true};
}
SerializationEdge depends(TransactionId from, TransactionId to, std::uint16_t row) {
  return {.from = from, .to = to, .resource = row};
}

// Cycles of two to five edges that visit each transaction once. Returns the length of the shortest;
// 0 if there is none.
std::size_t shortest_by_trying(const WriteSkewEdges& edges, TransactionId goal,
                               std::vector<SerializationEdge>& path) {
  std::size_t shortest = 0;
  const TransactionId at = path.empty() ? goal : path.back().to;
  for (const SerializationEdge& edge : edges) {
    if (edge.from != at) continue;
    const bool is_seen = std::any_of(path.begin(), path.end(), [&](const SerializationEdge& one) {
      return one.from == edge.to && edge.to != goal;
    });
    if (is_seen) continue;
    path.push_back(edge);
    std::size_t length = 0;
    if (edge.to == goal) {
      std::set<std::uint16_t> rows;
      for (const SerializationEdge& one : path) {
        if (one.is_anti) rows.insert(one.resource);
      }
      if (rows.size() >= 2) length = path.size();
    } else if (path.size() < 5) {
      length = shortest_by_trying(edges, goal, path);
    }
    path.pop_back();
    if (length != 0 && (shortest == 0 || length < shortest)) shortest = length;
  }
  return shortest;
}

}  // namespace

TEST_CASE("write skew: two transactions each read a row that the other one then changes") {
  const WriteSkewEdges edges = {anti(1, 2, 7), anti(2, 1, 8)};
  const std::vector<SerializationEdge> found = shortest_write_skew(edges, {1, 2}, 1);
  REQUIRE(found.size() == 2);
  CHECK(found[0].from == 1);
  CHECK(found[1].from == 2);
  CHECK(shortest_write_skew(edges, {1}, 1).empty());     // 2 has not committed
  CHECK(shortest_write_skew(edges, {1, 2}, 3).empty());  // not in the graph
}

TEST_CASE(
    "write skew: none over one row, with one anti-dependency, or of more than five transactions") {
  CHECK(shortest_write_skew({anti(1, 2, 7), anti(2, 1, 7)}, {1, 2}, 1).empty());
  CHECK(shortest_write_skew({anti(1, 2, 7), depends(2, 1, 8)}, {1, 2}, 1).empty());
  WriteSkewEdges ring;
  std::vector<TransactionId> all;
  for (TransactionId id = 1; id <= 6; ++id) {
    ring.push_back(anti(id, id % 6 + 1, static_cast<std::uint16_t>(id)));
    all.push_back(id);
  }
  CHECK(shortest_write_skew(ring, all, 1).empty());
  ring.push_back(depends(4, 6, 9));
  CHECK(shortest_write_skew(ring, all, 1).size() == 5);
}

TEST_CASE("write skew: two cycles that share a transaction are not one cycle") {
  // Edges 1 to 2 and back over row 7, 2 to 3 and back over row 8.
  const WriteSkewEdges edges = {anti(1, 2, 7), depends(2, 1, 7), anti(2, 3, 8), depends(3, 2, 8)};
  CHECK(shortest_write_skew(edges, {1, 2, 3}, 1).empty());
}

TEST_CASE("write skew: the search finds the same as an exhaustive one") {
  Stream stream(11, "write-skew");
  int found = 0;
  for (int graph = 0; graph < 400; ++graph) {
    const std::uint64_t size = 3 + stream.below(5);
    const std::uint64_t rows = 1 + stream.below(3);
    WriteSkewEdges edges;
    std::vector<TransactionId> all;
    for (TransactionId id = 1; id <= size; ++id) all.push_back(id);
    for (std::uint64_t i = 0; i < 3 * size; ++i) {
      const TransactionId from = 1 + stream.below(size);
      const TransactionId to = 1 + stream.below(size);
      const auto row = static_cast<std::uint16_t>(stream.below(rows));
      const bool is_anti = stream.below(3) == 0;
      if (from != to) edges.push_back(is_anti ? anti(from, to, row) : depends(from, to, row));
    }
    std::vector<SerializationEdge> path;
    const std::size_t expected = shortest_by_trying(edges, 1, path);
    const std::vector<SerializationEdge> cycle = shortest_write_skew(edges, all, 1);
    CHECK(cycle.size() == expected);
    for (std::size_t i = 0; i < cycle.size(); ++i) {
      CHECK(cycle[i].to == cycle[(i + 1) % cycle.size()].from);
    }
    found += expected != 0 ? 1 : 0;
  }
  CHECK(found > 60);
  CHECK(found < 380);
}

// Thirty overlapping transactions have each read and written one row. There are millions of cycles,
// and none is a write skew.
TEST_CASE("write skew: very many cycles over one row take no time") {
  WriteSkewEdges edges;
  std::vector<TransactionId> all;
  for (TransactionId from = 1; from <= 30; ++from) {
    all.push_back(from);
    for (TransactionId to = 1; to <= 30; ++to) {
      if (from != to) edges.push_back(anti(from, to, 7));
    }
  }
  CHECK(shortest_write_skew(edges, all, 1).empty());
  edges.push_back(anti(31, 32, 8));
  all.push_back(31);
  all.push_back(32);
  CHECK(shortest_write_skew(edges, all, 1).empty());
  edges.push_back(depends(30, 31, 7));
  edges.push_back(depends(32, 1, 7));
  CHECK(shortest_write_skew(edges, all, 1).size() == 4);
}

}  // namespace txsim::tests
