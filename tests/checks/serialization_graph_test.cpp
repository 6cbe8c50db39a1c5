// Which transactions the serialization graph forgets, and which it must keep.
#include <algorithm>
#include <catch2/catch.hpp>
#include <cstdint>
#include <vector>

#include "checks/serialization_graph.h"
#include "sim/random.h"

namespace txsim {
namespace {

std::size_t lost_updates(const SerializationGraph& graph, TransactionId id) {
  std::size_t count = 0;
  graph.for_each_lost_update(id, [&](const SerializationGraph::Edge&) { ++count; });
  return count;
}

TEST_CASE("serialization graph: successors of an active transaction are kept until it ends") {
  SerializationGraph graph;
  const auto end = [&](TransactionId id) {
    graph.over(id, true);
    graph.prune(id);
  };
  graph.write(1, 0, 10, false);
  graph.read(2, 0, 11);  // edge from 1 to 2 over row 0
  graph.write(2, 1, 12, false);
  graph.read(3, 1, 13);  // edge from 2 to 3 over row 1, none from 1
  end(2);
  CHECK_FALSE(graph.empty());
  end(3);
  graph.write(3, 0, 14, false);  // 3 was forgotten and is back, with edges from 1 and 2
  end(3);
  CHECK_FALSE(graph.empty());
  end(1);
  CHECK(graph.empty());
}

TEST_CASE("serialization graph: uncommitted transactions are forgotten with the others") {
  SerializationGraph graph;
  graph.write(1, 0, 10, false);
  graph.read(2, 0, 11);
  graph.over(1, false);
  graph.prune(1);
  graph.over(2, true);
  graph.prune(2);
  CHECK_FALSE(graph.empty());  // 1 may still commit
  graph.over(1, true);
  graph.prune(1);
  CHECK(graph.empty());
}

// Transactions overlap at random. At the end of each, the graph finds as many anomalies as a graph
// that forgets nothing. When all have ended, it is empty.
TEST_CASE("serialization graph: forgotten transactions belong to no anomaly") {
  Stream draws(7, "graph");
  std::size_t skews = 0;
  std::size_t lost = 0;
  std::size_t quiet = 0;
  for (int round = 0; round < 300; ++round) {
    SerializationGraph graph;
    SerializationGraph all;
    std::vector<TransactionId> going;
    TransactionId next = 1;
    for (std::uint64_t event = 1; event < 150; ++event) {
      const auto kind = draws.below(4);
      if (going.empty() || (kind == 0 && going.size() < 5)) going.push_back(next++);
      const std::size_t at = draws.below(going.size());
      const auto row = static_cast<std::uint16_t>(draws.below(4));
      const TransactionId id = going[at];
      if (kind == 1) {
        graph.read(id, row, event);
        all.read(id, row, event);
      } else if (kind == 2) {
        const bool as_read = draws.below(2) == 0;
        graph.write(id, row, event, as_read);
        all.write(id, row, event, as_read);
      } else if (kind == 3) {
        graph.over(id, true);
        all.over(id, true);
        CAPTURE(round, event, id);
        REQUIRE(graph.find_write_skew(id).size() == all.find_write_skew(id).size());
        REQUIRE(lost_updates(graph, id) == lost_updates(all, id));
        skews += graph.find_write_skew(id).empty() ? 0 : 1;
        lost += lost_updates(graph, id);
        graph.prune(id);
        going.erase(going.begin() + static_cast<std::ptrdiff_t>(at));
        if (!going.empty()) continue;
        REQUIRE(graph.empty());
        ++quiet;
      }
    }
  }
  CHECK(skews > 100);
  CHECK(lost > 100);
  CHECK(quiet > 100);
}

}  // namespace
}  // namespace txsim
