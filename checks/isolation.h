// Isolation: no dirty read, no lost update, no write skew.
#pragma once

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "checks/check.h"
#include "checks/counting.h"
#include "checks/serialization_graph.h"
#include "sim/fingerprint.h"
#include "sim/ring.h"
#include "sim/vector.h"

namespace txsim {

// Dirty reads concern only transactions that are under way: an amount changed by a transaction that
// has not yet committed there. What a saga applies and later compensates is public by its own rules
// (DirtyUses counts it). Lost updates and write skews concern committed transactions of any
// protocol, and only where steps read.
class Isolation {
 public:
  static constexpr InvariantInfo kInfo{
      "isolation",
      "No dirty read: no transaction uses an amount that another has changed, not yet committed, "
      "and undoes later. No lost update: no transaction overwrites what another has written since "
      "it read. No write skew: no two transactions read what the other then changes. Each is "
      "counted.",
      "updated, read-done, applied, reserved, confirmed, undone, finished, and all facts about how "
      "a transaction ended",
      "Vacuous if no amount was used by two transactions; not applicable if nothing is updated or "
      "read before its commit, or if steps take effect at once, visibly to all, and no update was "
      "lost and no write skew found.",
      "G1a, G-single, G2-item: Adya, Liskov, O'Neil, Generalized Isolation Level Definitions, "
      "2000; P4, A5B: Berenson et al., A Critique of ANSI SQL Isolation Levels, 1995",
      true};
  static constexpr FactSet kReads =
      facts({FactKind::Updated, FactKind::ReadDone, FactKind::Applied, FactKind::Reserved,
             FactKind::Confirmed, FactKind::Undone});

  void on(const Moment& m, const Ledger& ledger) {
    if (rows_.empty()) make_rows(ledger.layout());
    if (m.resource >= rows_.size()) return;
    const TransactionId user = m.record->transaction;
    Row& row = rows_[m.resource];
    if (row.is_records) return;
    if (has_reads_) follow(m, ledger);
    switch (m.fact) {
      case FactKind::Updated:
      case FactKind::ReadDone:
        announced_ = true;
        use(m, row, user);
        if (m.fact == FactKind::Updated) add(row, {user, m.record->sequence});
        break;
      case FactKind::Applied:
        if (!remove(row, user) && m.record->value != 0) {
          by_itself_ = true;
          use(m, row, user);
        }
        break;
      case FactKind::Undone:
        undone(m.record->sequence, m.resource, user, ledger);
        break;
      default:
        break;
    }
  }

  void closed(const Closing& closing, const Ledger&) {
    if (graph_.empty()) return;
    const TransactionId id = key_of(closing.view);
    graph_.over(id, is_committed(closing));
    graph_.for_each_lost_update(id, [&](const SerializationGraph::Edge& lost) {
      if (is_new(lost.event)) anomalies_.push_back({{lost}, true});
    });
    std::vector<SerializationGraph::Edge> cycle = graph_.find_write_skew(id);
    // Only an execution that came back and is over once more finds a cycle again.
    const bool is_known = closing.view.was_over && knows(cycle);
    if (!cycle.empty() && !is_known) anomalies_.push_back({std::move(cycle), false});
    graph_.prune(id);
  }

  // A committed step may have been taken back since, if a protocol breaks its word.
  void over(const EndOfRun&, const Ledger& ledger) {
    std::erase_if(anomalies_, [&](const Anomaly& anomaly) {
      return std::any_of(anomaly.edges.begin(), anomaly.edges.end(), [&](const auto& edge) {
        return !is_committed(edge.from, ledger) || !is_committed(edge.to, ledger);
      });
    });
    for (const Anomaly& anomaly : anomalies_) {
      if (anomaly.is_lost_update) {
        report_lost_update(anomaly.edges.front(), ledger);
      } else {
        report_write_skew(anomaly.edges, ledger);
      }
    }
  }

  void settled(const Settled& settled, const Ledger& ledger) {
    if (settled.resource >= rows_.size()) return;
    if (settled.kind == Settled::Kind::Lost) {
      undone(settled.event, settled.resource, settled.transaction, ledger);
    } else if (settled.kind == Settled::Kind::Kept) {
      remove(rows_[settled.resource], settled.transaction);
    }
  }

  // At the end of the run.
  std::uint64_t dirty_reads() const { return finding_.count() - anomalies_.size(); }
  std::uint64_t lost_updates() const {
    return static_cast<std::uint64_t>(
        std::count_if(anomalies_.begin(), anomalies_.end(),
                      [](const Anomaly& anomaly) { return anomaly.is_lost_update; }));
  }
  std::uint64_t write_skews() const { return anomalies_.size() - lost_updates(); }

  Judgement judgement(const EndOfRun&, const Ledger&) const {
    if (!announced_) return finding_.judgement(kInfo.name, Verdict::NotApplicable);
    if (by_itself_ && !finding_.any()) {
      return finding_.judgement(kInfo.name, Verdict::NotApplicable,
                                "steps take effect at once, for all to see");
    }
    return finding_.judgement(kInfo.name, shared_ ? Verdict::Holds : Verdict::Vacuous);
  }

  bool is_violated() const { return finding_.any() || !anomalies_.empty(); }
  // Of the uses, only their order among the writes counts.
  void digest_into(Fingerprint& into) const {
    into.add(rows_.size());
    for (const Row& row : rows_) {
      into.add(row.writer.transaction, row.crowd != kAlone);
      if (row.crowd != kAlone) digest_crowd(into, crowds_[row.crowd]);
    }
    if (!has_reads_) return;
    into.add(graph_, anomalies_.size());
    for (const Anomaly& anomaly : anomalies_) {
      for (const SerializationGraph::Edge& edge : anomaly.edges) into.add(edge.from, edge.to);
    }
  }

 private:
  // A transaction that used a row, and the event of that use.
  struct Touch {
    TransactionId transaction = 0;
    std::uint64_t event = 0;
  };
  // Of committed transactions.
  struct Anomaly {
    std::vector<SerializationGraph::Edge> edges;  // the cycle; of a lost update its edge
    bool is_lost_update = false;
  };
  static constexpr std::uint32_t kAlone = 0xFFFFFFFF;
  struct Row {
    TransactionId last_user = 0;
    Touch writer;                  // has changed it and not yet committed; 0: none
    std::uint32_t crowd = kAlone;  // its place in crowds_, if others used it meanwhile
    bool is_records = false;       // rows of their orders alone
  };
  struct Crowd {
    Vector<Touch> writers;  // the earliest first
    Ring<Touch> uses;       // since the first of these wrote
  };

  static void digest_crowd(Fingerprint& into, const Crowd& crowd) {
    std::size_t use = 0;
    for (const Touch& writer : crowd.writers) {
      for (; use < crowd.uses.size() && crowd.uses.at(use).event < writer.event; ++use) {
        into.add(crowd.uses.at(use).transaction);
      }
      into.add(~writer.transaction);
    }
    for (; use < crowd.uses.size(); ++use) into.add(crowd.uses.at(use).transaction);
  }
  void make_rows(const Layout& layout) {
    for (const Resource& resource : layout.plan().resources) {
      rows_.emplace_back().is_records = resource.is_records;
    }
    has_reads_ = layout.has_reads();
  }
  // In the graph each execution is a node of its own. Ids are below 2^56: 2^30 orders, 8 bits of
  // submission.
  static constexpr int kIdBits = 56;
  static TransactionId key_of(const TransactionView& view) {
    return view.id | (TransactionId{view.again} << kIdBits);
  }
  static TransactionId id_of(TransactionId key) {
    return key & ((TransactionId{1} << kIdBits) - 1);
  }
  // All of its steps are in effect, and it has ended, now or before its coordinator took it up
  // again. A read-only one was decided committed, or its client was told done.
  static bool is_committed(const ExecutionState& state, std::uint64_t effect, bool is_ended,
                           const KindLayout& kind) {
    if (kind.writes == 0) return state.decided_committed != 0 || state.is_told(Reply::Done);
    return state.begun && effect == kind.writes && (state.had_ended || is_ended);
  }
  static bool is_committed(const Closing& closing) {
    return is_committed(closing.view, closing.effect, closing.is_ended, closing.kind);
  }
  static bool is_committed(TransactionId key, const Ledger& ledger) {
    const TransactionId id = id_of(key);
    bool is_it = false;
    ledger.for_each_execution(order_of(id), [&](const Ledger::Known& known) {
      if (known.id != id || known.state->again != key >> kIdBits) return;
      const bool is_ended =
          known.view != nullptr ? ledger.is_ended(*known.view) : ledger.is_ended(*known.state);
      is_it = is_committed(*known.state, known.effect, is_ended,
                           ledger.layout().kind(known.state->kind));
    });
    return is_it;
  }
  // Without a read, no transaction decides by the amount.
  void follow(const Moment& m, const Ledger& ledger) {
    if (m.view == nullptr || m.part < 0 || m.is_later || m.is_earlier || m.recalled || m.again)
      return;
    const std::uint64_t event = m.record->sequence;
    if (m.fact == FactKind::ReadDone) {
      graph_.read(key_of(*m.view), m.resource, event);
      return;
    }
    const Step& step = ledger.layout().plan().kinds[m.view->kind].steps[m.record->step];
    const bool writes = m.fact == FactKind::Updated ||
                        (m.fact == FactKind::Applied && m.by_itself) ||
                        (m.fact == FactKind::Reserved && step.delta() < 0) ||
                        (m.fact == FactKind::Confirmed && step.delta() > 0);
    if (writes) graph_.write(key_of(*m.view), m.resource, event, step.as_read);
  }
  static std::string name_of(std::uint16_t resource, const Ledger& ledger) {
    const Resource& of = ledger.layout().plan().resources[resource];
    return fmt::format("{} at {}", of.name, ledger.layout().node(of.service));
  }
  // A write may lose the changes of several transactions; that is one lost update, found as each of
  // them is over.
  bool is_new(std::uint64_t event) {
    const auto at = std::lower_bound(lost_by_.begin(), lost_by_.end(), event);
    if (at != lost_by_.end() && *at == event) return false;
    lost_by_.insert(at, event);
    return true;
  }
  bool knows(const std::vector<SerializationGraph::Edge>& cycle) const {
    return std::any_of(anomalies_.begin(), anomalies_.end(), [&](const Anomaly& other) {
      return std::equal(other.edges.begin(), other.edges.end(), cycle.begin(), cycle.end(),
                        [](const auto& one, const auto& another) {
                          return one.from == another.from && one.event == another.event;
                        });
    });
  }
  void report_lost_update(const SerializationGraph::Edge& lost, const Ledger& ledger) {
    const auto explain = [&] {
      return fmt::format(
          "lost update: {} wrote {} by what it had read before {} wrote there, whose change is "
          "gone",
          ledger.layout().name(id_of(lost.from)), name_of(lost.resource, ledger),
          ledger.layout().name(id_of(lost.to)));
    };
    finding_.violated(lost.event, id_of(lost.from), explain, {lost.lost_by, lost.event});
  }
  void report_write_skew(const std::vector<SerializationGraph::Edge>& cycle, const Ledger& ledger) {
    const auto [first, last] = std::minmax_element(
        cycle.begin(), cycle.end(),
        [](const auto& one, const auto& other) { return one.event < other.event; });
    const auto explain = [&] {
      std::string story;
      for (const SerializationGraph::Edge& edge : cycle) {
        story +=
            fmt::format("{}{} {} {} before {} wrote it", story.empty() ? "write skew: " : ", ",
                        ledger.layout().name(id_of(edge.from)), edge.is_anti ? "read" : "wrote",
                        name_of(edge.resource, ledger), ledger.layout().name(id_of(edge.to)));
      }
      return story;
    };
    finding_.violated(last->event, id_of(cycle.front().from), explain, {first->event, last->event});
  }
  void use(const Moment& m, Row& row, TransactionId user) {
    shared_ = shared_ || (row.last_user != 0 && row.last_user != user);
    row.last_user = user;
    if (row.writer.transaction == 0) return;
    if (row.crowd == kAlone && row.writer.transaction == user) return;
    crowd_of(row).uses.push({user, m.record->sequence});
  }
  Crowd& crowd_of(Row& row) {
    if (row.crowd == kAlone) {
      if (free_crowds_.empty()) {
        row.crowd = static_cast<std::uint32_t>(crowds_.size());
        crowds_.emplace_back();
      } else {
        row.crowd = free_crowds_.back();
        free_crowds_.pop_back();
      }
      crowds_[row.crowd].writers.push_back(row.writer);
    }
    return crowds_[row.crowd];
  }
  static auto find(Crowd& crowd, TransactionId writer) {
    return std::find_if(crowd.writers.begin(), crowd.writers.end(),
                        [&](const Touch& touch) { return touch.transaction == writer; });
  }
  void add(Row& row, const Touch& touch) {
    if (row.writer.transaction == 0) {
      row.writer = touch;
    } else if (row.crowd != kAlone || row.writer.transaction != touch.transaction) {
      Crowd& crowd = crowd_of(row);
      if (find(crowd, touch.transaction) == crowd.writers.end()) crowd.writers.push_back(touch);
    }
  }
  bool remove(Row& row, TransactionId writer) {
    if (row.crowd != kAlone) return remove_from_crowd(row, writer);
    if (row.writer.transaction != writer) return false;
    row.writer = {};
    return true;
  }
  [[gnu::noinline]] bool remove_from_crowd(Row& row, TransactionId writer) {
    Crowd& crowd = crowds_[row.crowd];
    const auto found = find(crowd, writer);
    if (found == crowd.writers.end()) return false;
    crowd.writers.erase(found);
    if (crowd.writers.empty()) {
      crowd.uses.clear();
      free_crowds_.push_back(row.crowd);
      row.crowd = kAlone;
      row.writer = {};
    } else {
      while (!crowd.uses.empty() && crowd.uses.front().event < crowd.writers.front().event) {
        crowd.uses.pop();
      }
    }
    return true;
  }
  void undone(std::uint64_t event, std::uint16_t resource, TransactionId writer,
              const Ledger& ledger) {
    Row& row = rows_[resource];
    if (row.crowd != kAlone) report_uses(event, resource, writer, ledger);
    remove(row, writer);
  }
  void report_uses(std::uint64_t event, std::uint16_t resource, TransactionId writer,
                   const Ledger& ledger) {
    Crowd& crowd = crowds_[rows_[resource].crowd];
    const auto found = find(crowd, writer);
    if (found == crowd.writers.end()) return;
    for (std::size_t i = 0; i < crowd.uses.size(); ++i) {
      const Touch& use = crowd.uses.at(i);
      if (use.transaction == writer || use.event < found->event) continue;
      finding_.violated(event, use.transaction, [&] {
        return fmt::format("dirty read: {} used {} (event {}) with a change by {} that was undone",
                           ledger.layout().name(use.transaction),
                           ledger.layout().resource(resource), use.event,
                           ledger.layout().name(writer));
      });
    }
  }

  Finding finding_;
  Vector<Row> rows_;  // by resource
  Vector<Crowd> crowds_;
  SerializationGraph graph_;
  Vector<Anomaly> anomalies_;      // in the order in which they were found
  Vector<std::uint64_t> lost_by_;  // the writes of the lost updates; ascending
  bool has_reads_ = false;
  Vector<std::uint32_t> free_crowds_;
  bool announced_ = false;
  bool shared_ = false;
  bool by_itself_ = false;
};

}  // namespace txsim
