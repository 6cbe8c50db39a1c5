// Who must come before whom, for transactions that overlap: what lost updates and write skews are
// found by.
//
// Source: Adya, Liskov, O'Neil, Generalized Isolation Level Definitions, 2000 (the direct
// serialization graph, G-single, G2-item); Berenson et al., A Critique of ANSI SQL Isolation
// Levels, 1995 (P4 lost update, A5B write skew).
//
//   edge                        says
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
// read" writes what was computed before. Both anomalies are of committed transactions.
//
// Memory: a transaction that is over gets no more edges that lead to it. So one to which no way
// leads from somebody who is not over can come to be in no cycle, and is forgotten (serialization
// graph testing: Bernstein, Hadzilacos, Goodman, 1987, 4.5).
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <utility>
#include <vector>

#include "protocols/transaction.h"
#include "sim/fingerprint.h"
#include "sim/vector.h"

namespace txsim {

class SerializationGraph {
 public:
  struct Edge {
    TransactionId from = 0;
    TransactionId to = 0;
    std::uint64_t event = 0;  // by which `to` made it
    std::uint16_t resource = 0;
    bool is_anti = false;
    bool is_lost = false;  // `from` has overwritten what `to` wrote with what it had read before
  };

  bool empty() const { return members_.empty(); }

  // What each transaction reads and writes, in the order of its row.
  void read(TransactionId id, std::uint16_t resource, std::uint64_t event) {
    Row& row = join(id, resource);
    for (const Access& access : row) {
      if (access.id == id && !access.writes) return;  // the first is what it may have decided by
    }
    for (const Access& access : row) {
      if (access.id != id && access.writes) add({access.id, id, event, resource, false, false});
    }
    row.push_back({id, false});
  }
  void write(TransactionId id, std::uint16_t resource, std::uint64_t event, bool as_read) {
    Row& row = join(id, resource);
    bool has_read = false;
    for (const Access& access : row) {
      has_read = has_read || (access.id == id && !access.writes);
      if (access.id == id) continue;
      if (as_read && has_read && access.writes) overwrite(id, access.id, resource, event);
      add({access.id, id, event, resource, !access.writes, false});
    }
    row.push_back({id, true});
  }

  // It is over; what was not committed has left no version behind, unless it is committed after
  // all.
  void over(TransactionId id, bool committed) {
    Member* member = find(id);
    if (member == nullptr) return;
    member->is_over = committed;
    member->is_out = !committed;
  }
  // Forgets what no way leads to from anybody who is not over.
  void prune() {
    while (members_.size() > kMostBesideOut) {
      const auto out = std::find_if(members_.begin(), members_.end(),
                                    [](const Member& member) { return member.is_out; });
      if (out == members_.end()) break;
      remove(out->id);
    }
    std::vector<TransactionId> reached;
    for (const Member& member : members_) {
      if (!member.is_over) reached.push_back(member.id);
    }
    for (std::size_t i = 0; i < reached.size(); ++i) {
      for (const Edge& edge : edges_) {
        if (edge.from != reached[i]) continue;
        if (std::find(reached.begin(), reached.end(), edge.to) != reached.end()) continue;
        reached.push_back(edge.to);
      }
    }
    for (std::size_t i = 0; i < members_.size();) {
      const TransactionId id = members_[i].id;
      if (std::find(reached.begin(), reached.end(), id) == reached.end()) {
        remove(id);
      } else {
        ++i;
      }
    }
    while (members_.size() > kMostKept && members_.front().is_over) remove(members_.front().id);
  }

  // Among those that are over, with this one, which is over too.
  template <class Visit>
  void for_each_lost_update(TransactionId id, Visit&& visit) const {
    for (const Edge& edge : edges_) {
      const bool concerns = edge.is_lost && (edge.from == id || edge.to == id);
      if (concerns && is_over(edge.from) && is_over(edge.to)) visit(edge);
    }
  }
  // The shortest cycle through it that is a write skew; empty: none.
  std::vector<Edge> find_write_skew(TransactionId id) const {
    std::vector<Edge> path;
    for (std::size_t length = 2; length <= kLongestCycle; ++length) {
      std::size_t tries = kMostTries;
      if (extend(path, id, id, length, tries)) return path;
    }
    return {};
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
      for (const Access& access : row) into.add(access.id, access.writes);
      into.add(row.size());
    }
  }

 private:
  // A cycle of more, or one that takes longer to find, is not looked for.
  static constexpr std::size_t kLongestCycle = 5;
  static constexpr std::size_t kMostTries = 10'000;
  static constexpr std::size_t kMostKept = 1'024;
  // Beside more than these nobody waits for what was not committed.
  static constexpr std::size_t kMostBesideOut = 6;

  struct Member {
    TransactionId id = 0;
    bool is_over = false;  // and committed
    bool is_out = false;   // over, and not
  };
  struct Access {
    TransactionId id = 0;
    bool writes = false;
  };
  using Row = Vector<Access>;

  Member* find(TransactionId id) {
    const auto found = std::find_if(members_.begin(), members_.end(),
                                    [&](const Member& member) { return member.id == id; });
    return found == members_.end() ? nullptr : &*found;
  }
  bool is_over(TransactionId id) const {
    const Member* member = const_cast<SerializationGraph*>(this)->find(id);
    return member != nullptr && member->is_over;
  }
  Row& join(TransactionId id, std::uint16_t resource) {
    if (find(id) == nullptr) members_.push_back({id, false, false});
    if (rows_.size() <= resource) rows_.resize(std::size_t{resource} + 1);
    return rows_[resource];
  }
  // One of a kind between two over a row; the first event stays.
  void add(const Edge& edge) {
    const bool is_known = std::any_of(edges_.begin(), edges_.end(), [&](const Edge& other) {
      return other.from == edge.from && other.to == edge.to && other.resource == edge.resource &&
             other.is_anti == edge.is_anti;
    });
    if (!is_known) edges_.push_back(edge);
  }
  // `id` has read the row before the other wrote it, and writes it now.
  void overwrite(TransactionId id, TransactionId other, std::uint16_t resource,
                 std::uint64_t event) {
    for (Edge& edge : edges_) {
      const bool is_it = edge.from == id && edge.to == other && edge.resource == resource;
      if (!is_it || !edge.is_anti || edge.is_lost) continue;
      edge.is_lost = true;
      edge.event = event;
    }
  }
  void remove(TransactionId id) {
    std::erase_if(members_, [&](const Member& member) { return member.id == id; });
    std::erase_if(edges_, [&](const Edge& edge) { return edge.from == id || edge.to == id; });
    for (Row& row : rows_) std::erase_if(row, [&](const Access& one) { return one.id == id; });
  }
  static bool is_write_skew(const std::vector<Edge>& cycle) {
    for (const Edge& one : cycle) {
      for (const Edge& other : cycle) {
        if (one.is_anti && other.is_anti && one.resource != other.resource) return true;
      }
    }
    return false;
  }
  // The path has come to `at` and has so many edges to go.
  bool extend(std::vector<Edge>& path, TransactionId at, TransactionId goal, std::size_t left,
              std::size_t& tries) const {
    for (const Edge& edge : edges_) {
      if (edge.from != at || tries == 0) continue;
      --tries;
      const bool closes = edge.to == goal;
      const bool is_seen = std::any_of(path.begin(), path.end(),
                                       [&](const Edge& one) { return one.from == edge.to; });
      if (closes != (left == 1) || (is_seen && !closes) || !is_over(edge.to)) continue;
      path.push_back(edge);
      if (closes ? is_write_skew(path) : extend(path, edge.to, goal, left - 1, tries)) return true;
      path.pop_back();
    }
    return false;
  }

  Vector<Member> members_;  // in the order in which they came
  Vector<Edge> edges_;
  Vector<Row> rows_;  // by resource
};

}  // namespace txsim
