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
#include <numeric>
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
    const std::vector<std::uint32_t> by_id = places();
    std::vector<std::uint8_t> is_kept(members_.size(), 0);
    std::size_t beside = members_.size();
    for (std::size_t i = 0; i < members_.size(); ++i) {
      const bool is_dropped = members_[i].is_out && beside > kMostBesideOut;
      is_kept[i] = is_dropped ? kDropped : members_[i].is_over ? 0 : kKept;
      if (is_dropped) --beside;
    }
    std::vector<Ends> ends(edges_.size());
    for (std::size_t i = 0; i < edges_.size(); ++i) {
      ends[i] = {place_of(edges_[i].from, by_id), place_of(edges_[i].to, by_id)};
    }
    for (bool changes = true; changes;) {
      changes = false;
      for (const Ends& edge : ends) {
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
    keep(is_kept, ends, by_id);
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
    std::vector<TransactionId> committed;
    for (const Member& member : members_) {
      if (member.is_over) committed.push_back(member.id);
    }
    if (committed.size() < 2) return {};
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
      for (const Access& access : row) into.add(access.id, access.writes);
      into.add(row.size());
    }
  }

 private:
  static constexpr std::size_t kMostKept = 1'024;
  // Beside more than these nobody waits for what was not committed.
  static constexpr std::size_t kMostBesideOut = 32;
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
      edge.lost_by = edge.event;
      edge.event = event;
    }
  }
  // The places of the members in the order of their ids.
  std::vector<std::uint32_t> places() const {
    std::vector<std::uint32_t> by_id(members_.size());
    std::iota(by_id.begin(), by_id.end(), 0U);
    std::sort(by_id.begin(), by_id.end(),
              [&](std::uint32_t a, std::uint32_t b) { return members_[a].id < members_[b].id; });
    return by_id;
  }
  std::uint32_t place_of(TransactionId id, const std::vector<std::uint32_t>& by_id) const {
    return *std::lower_bound(
        by_id.begin(), by_id.end(), id,
        [&](std::uint32_t place, TransactionId wanted) { return members_[place].id < wanted; });
  }
  // `is_kept`: by place; `ends`: by edge.
  void keep(const std::vector<std::uint8_t>& is_kept, const std::vector<Ends>& ends,
            const std::vector<std::uint32_t>& by_id) {
    std::size_t edges = 0;
    for (std::size_t i = 0; i < ends.size(); ++i) {
      const bool stays = is_kept[ends[i].from] == kKept && is_kept[ends[i].to] == kKept;
      if (stays) edges_[edges++] = edges_[i];
    }
    edges_.resize(edges);
    const auto goes = [&](TransactionId id) { return is_kept[place_of(id, by_id)] != kKept; };
    for (Row& row : rows_) {
      std::erase_if(row, [&](const Access& access) { return goes(access.id); });
    }
    std::size_t count = 0;
    for (std::size_t i = 0; i < is_kept.size(); ++i) {
      if (is_kept[i] == kKept) members_[count++] = members_[i];
    }
    members_.resize(count);
  }

  Vector<Member> members_;  // in the order in which they came
  Vector<Edge> edges_;
  Vector<Row> rows_;  // by resource
};

}  // namespace txsim
