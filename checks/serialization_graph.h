// The order that overlapping transactions require of each other: the graph in which lost updates
// and write skews are found.
//
// Source: Adya, Liskov, O'Neil, Generalized Isolation Level Definitions, 2000 (the direct
// serialization graph, G-single, G2-item); Berenson et al., A Critique of ANSI SQL Isolation
// Levels, 1995 (P4 lost update, A5B write skew).
//
//   edge                        means
//   T ──depends──▶ U            U has read or overwritten what T wrote
//   T ──anti-depends──▶ U       U has overwritten what T had read
//
//   anomaly       is
//   lost update   T ──anti-depends──▶ U ──depends──▶ T over one row, and T has written there what
//                 it computed from its read: U's change is gone
//   write skew    a cycle with two anti-dependencies over different rows: each has decided by what
//                 another one then changed
//
// Steps are increments ("take 5"), which read and write at once and lose nothing; only a step "as
// read" writes what was computed before. Both anomalies concern committed transactions.
//
// Memory: a transaction that is over gets no more incoming edges. So one that cannot be reached
// from a transaction in flight can never join a cycle, and is forgotten (serialization graph
// testing: Bernstein, Hadzilacos, Goodman, 1987, 4.5).
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <vector>

#include "checks/write_skew.h"
#include "sim/fingerprint.h"
#include "sim/vector.h"
#include "transactions/transaction.h"

namespace txsim {

class SerializationGraph {
 public:
  using Edge = SerializationEdge;

  bool empty() const { return members_.empty(); }

  // The reads and writes of each transaction, in the order of its row.
  void read(TransactionId id, std::uint16_t resource, std::uint64_t event) {
    const std::uint32_t place = join(id);
    Row& row = row_of(resource);
    for (const Access& access : row) {
      if (access.by == place && !access.writes) return;  // the first: it may decide by it
    }
    for (const Access& access : row) {
      if (access.by != place && access.writes) add(access.by, place, resource, event, false);
    }
    row.push_back({place, false});
  }
  void write(TransactionId id, std::uint16_t resource, std::uint64_t event, bool as_read) {
    const std::uint32_t place = join(id);
    Row& row = row_of(resource);
    bool has_read = false;
    for (const Access& access : row) {
      has_read = has_read || (access.by == place && !access.writes);
      if (access.by == place) continue;
      if (as_read && has_read && access.writes) overwrite(place, access.by, resource, event);
      add(access.by, place, resource, event, !access.writes);
    }
    row.push_back({place, true});
  }

  // It is over. Without a commit it has left no version, unless it commits after all.
  void over(TransactionId id, bool committed) {
    const std::uint32_t place = place_of(id);
    if (place == kNone) return;
    members_[place].is_over = committed;
    members_[place].is_out = !committed;
  }
  // This one is over now. Forgets what cannot be reached from a transaction in flight.
  void prune(TransactionId id) {
    if (is_all_kept(place_of(id))) return;
    std::vector<std::uint8_t> is_kept(members_.size(), 0);
    std::size_t beside = members_.size();
    for (std::size_t i = 0; i < members_.size(); ++i) {
      const bool is_dropped = members_[i].is_out && beside > kMostBesideOut;
      is_kept[i] = is_dropped ? kDropped : members_[i].is_over ? 0 : kKept;
      if (is_dropped) --beside;
    }
    for (bool changes = true; changes;) {
      changes = false;
      for (const Ends& edge : ends_) {
        if (is_kept[edge.from] != kKept || is_kept[edge.to] != 0) continue;
        is_kept[edge.to] = kKept;
        changes = true;
      }
    }
    std::size_t count = static_cast<std::size_t>(std::count(is_kept.begin(), is_kept.end(), kKept));
    for (std::size_t i = 0; i < members_.size() && count > kMostKept; ++i) {
      if (!members_[i].is_over) break;
      if (is_kept[i] == kKept) --count;
      is_kept[i] = kDropped;
    }
    if (count < members_.size()) keep(is_kept);
  }

  // Among those that are over, including this one.
  template <class Visit>
  void for_each_lost_update(TransactionId id, Visit&& visit) const {
    for (std::size_t i = 0; i < edges_.size(); ++i) {
      const Edge& edge = edges_[i];
      const bool concerns = edge.is_lost && (edge.from == id || edge.to == id);
      if (concerns && joins_over(ends_[i])) visit(edge);
    }
  }
  // The shortest cycle through it that is a write skew; empty: none.
  std::vector<Edge> find_write_skew(TransactionId id) const {
    const std::uint32_t place = place_of(id);
    const auto any_over = [&](auto&& is_it) {
      return std::any_of(ends_.begin(), ends_.end(),
                         [&](const Ends& edge) { return is_it(edge) && joins_over(edge); });
    };
    if (!any_over([&](const Ends& edge) { return edge.to == place; })) return {};
    if (!any_over([&](const Ends& edge) { return edge.from == place; })) return {};
    std::vector<TransactionId> committed;
    for (const Member& member : members_) {
      if (member.is_over) committed.push_back(member.id);
    }
    std::sort(committed.begin(), committed.end());
    return shortest_write_skew(edges_, committed, id);
  }

  void digest_into(Fingerprint& into) const {
    std::uint64_t sum = 0;
    for (const Member& member : members_)
      sum += Fingerprint::of(member.id, member.is_over, member.is_out);
    for (const Edge& edge : edges_) {
      sum += Fingerprint::of(edge.from, edge.to, edge.resource, edge.is_anti, edge.is_lost);
    }
    into.add(sum);
    for (const Row& row : rows_) {
      for (const Access& access : row) into.add(members_[access.by].id, access.writes);
      into.add(row.size());
    }
  }

 private:
  static constexpr std::size_t kMostKept = 1'024;
  // Beyond this number, no transaction waits for those that did not commit.
  static constexpr std::size_t kMostBesideOut = 32;
  static constexpr std::uint32_t kNone = std::numeric_limits<std::uint32_t>::max();
  static constexpr std::uint8_t kKept = 1;
  static constexpr std::uint8_t kDropped = 2;

  struct Member {
    TransactionId id = 0;
    bool is_over = false;  // and committed
    bool is_out = false;   // over, and not
  };
  struct Ends {  // of an edge, by place
    std::uint32_t from = 0;
    std::uint32_t to = 0;
  };
  struct Access {
    std::uint32_t by = 0;  // by place
    bool writes = false;
  };
  using Row = Vector<Access>;

  // The latest ones are looked up most.
  std::uint32_t place_of(TransactionId id) const {
    for (std::size_t i = members_.size(); i > 0; --i) {
      if (members_[i - 1].id == id) return static_cast<std::uint32_t>(i - 1);
    }
    return kNone;
  }
  std::uint32_t join(TransactionId id) {
    const std::uint32_t place = place_of(id);
    if (place != kNone) return place;
    members_.push_back({id, false, false});
    return static_cast<std::uint32_t>(members_.size() - 1);
  }
  Row& row_of(std::uint16_t resource) {
    if (rows_.size() <= resource) rows_.resize(std::size_t{resource} + 1);
    return rows_[resource];
  }
  bool joins_over(const Ends& edge) const {
    return members_[edge.from].is_over && members_[edge.to].is_over;
  }
  // One edge of a kind between two transactions over a row; the first event stays.
  void add(std::uint32_t from, std::uint32_t to, std::uint16_t resource, std::uint64_t event,
           bool is_anti) {
    for (std::size_t i = 0; i < edges_.size(); ++i) {
      if (ends_[i].from != from || ends_[i].to != to) continue;
      if (edges_[i].resource == resource && edges_[i].is_anti == is_anti) return;
    }
    edges_.push_back({members_[from].id, members_[to].id, event, resource, is_anti, false});
    ends_.push_back({from, to});
  }
  // `from` has read the row before `to` wrote it, and writes it now.
  void overwrite(std::uint32_t from, std::uint32_t to, std::uint16_t resource,
                 std::uint64_t event) {
    for (std::size_t i = 0; i < edges_.size(); ++i) {
      if (ends_[i].from != from || ends_[i].to != to || edges_[i].resource != resource) continue;
      Edge& edge = edges_[i];
      if (!edge.is_anti || edge.is_lost) continue;
      edge.is_lost = true;
      edge.lost_by = edge.event;
      edge.event = event;
    }
  }
  // Whether all are still needed, now that this one is over; false: finding out takes longer. Each
  // is reachable from one in flight. If an edge leads from one in flight to this one, everything
  // behind this one is still reachable.
  bool is_all_kept(std::uint32_t place) const {
    if (members_.size() > kMostKept) return false;
    const auto is_out = [](const Member& member) { return member.is_out; };
    if (members_.size() > kMostBesideOut && std::any_of(members_.begin(), members_.end(), is_out)) {
      return false;
    }
    if (place == kNone || !members_[place].is_over) return true;
    return std::any_of(ends_.begin(), ends_.end(), [&](const Ends& edge) {
      return edge.to == place && !members_[edge.from].is_over;
    });
  }
  // `is_kept`: by place.
  void keep(const std::vector<std::uint8_t>& is_kept) {
    std::vector<std::uint32_t> moved(members_.size(), kNone);
    std::uint32_t count = 0;
    for (std::size_t i = 0; i < members_.size(); ++i) {
      if (is_kept[i] != kKept) continue;
      moved[i] = count;
      members_[count++] = members_[i];
    }
    members_.resize(count);
    std::size_t edges = 0;
    for (std::size_t i = 0; i < ends_.size(); ++i) {
      const Ends at = {moved[ends_[i].from], moved[ends_[i].to]};
      if (at.from == kNone || at.to == kNone) continue;
      edges_[edges] = edges_[i];
      ends_[edges++] = at;
    }
    edges_.resize(edges);
    ends_.resize(edges);
    for (Row& row : rows_) {
      for (Access& access : row) access.by = moved[access.by];
      std::erase_if(row, [](const Access& access) { return access.by == kNone; });
    }
  }

  Vector<Member> members_;  // in the order of arrival
  Vector<Edge> edges_;
  Vector<Ends> ends_;  // of each edge
  Vector<Row> rows_;   // by resource
};

}  // namespace txsim
