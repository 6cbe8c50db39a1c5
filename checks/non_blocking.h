// Non-blocking: every participant that is up decides, whatever others have crashed for good.
#pragma once

#include <algorithm>
#include <string>

#include "checks/check.h"
#include "checks/outages.h"
#include "sim/fingerprint.h"
#include "sim/table.h"

namespace txsim {

// Agreement and its like are safety; this is liveness. A correct protocol need not promise it:
// two-phase commit blocks by design, so a run that shows it blocking has not failed
// (runs/promises.h).
class NonBlocking {
 public:
  static constexpr InvariantInfo kInfo{
      "non-blocking",
      "Every participant that is up decides, whatever others have crashed for good: when the run "
      "ends, none that has voted yes lacks a decision because a node of its transaction is down "
      "and never restarts.",
      "voted, decided-alone, finished, and crashes",
      "Vacuous if no node crashed for good while another one of the same transaction was in doubt, "
      "or if a node that may still help is down for a while, paused or cut off when the run ends; "
      "not applicable if no vote is announced.",
      "AC5 of Babaoglu, Toueg, Non-Blocking Atomic Commitment, 1993; Skeen, Nonblocking Commit "
      "Protocols, 1981",
      true};
  static constexpr FactSet kReads =
      facts({FactKind::Voted, FactKind::DecidedAlone, FactKind::Finished});

  void on(const Moment& m, const Ledger& ledger) {
    if (m.fact == FactKind::Voted) {
      votes_ = true;
      if (!outages_.any_for_good()) return;
      if (static_cast<Vote>(m.record->value) == Vote::Yes) voted(m, ledger);
    } else if (!waiting_.empty()) {
      waiting_.erase(key(m.record->transaction, m.record->node));
    }
  }

  // After the ledger has received the record.
  void crashed(const TraceRecord& record, Ledger& ledger) {
    outages_.crashed(record);
    forget(record.node);
    if (!outages_.is_gone(record.node)) return;
    ledger.for_each_open_view([&](const TransactionView& view) {
      if (ledger.layout().part(view.kind, record.node) < 0) return;
      const PartSet decided = view.alone_committed | view.alone_aborted;
      for (PartSet rest = view.in_doubt & ~decided; rest != 0; rest &= rest - 1) {
        const NodeId node = ledger.layout().node_of(view.kind, lowest_part(rest));
        const bool knows = (view.said_again & rest & (~rest + 1)) != 0;
        if (may_wait(node, knows, ledger)) wait_for(record, view.id, view.kind, node, ledger);
      }
    });
    for (const LaterBranch& branch : ledger.later_branches()) {
      if (!branch.in_doubt || !may_wait(branch.node, branch.said_again, ledger)) continue;
      const TransactionView* view = ledger.view(branch.transaction);
      if (view == nullptr || ledger.layout().part(view->kind, record.node) < 0) continue;
      wait_for(record, view->id, view->kind, branch.node, ledger);
    }
  }
  // A recovered node announces again what it still holds prepared.
  void restarted(const TraceRecord& record) { outages_.restarted(record); }

  Judgement judgement(const EndOfRun& end, const Ledger& ledger) const {
    if (!votes_) return Finding().judgement(kInfo.name, Verdict::NotApplicable);
    if (!met_) return Finding().judgement(kInfo.name, Verdict::Vacuous);
    Finding blocked;
    std::string open;
    waiting_.for_each_sorted([&](std::uint64_t, const Waiting& waiting) {
      const NodeId gone = gone_one(waiting, ledger);
      const std::string name = ledger.layout().node(waiting.node);
      if (const NodeId apart = apart_one(waiting, end, ledger); apart != kNoNode) {
        open = fmt::format("{} may still be helped: {} is down or cut off only for a while", name,
                           ledger.layout().node(apart));
      } else {
        blocked.violated_in_the_end(waiting.since, waiting.transaction, [&] {
          return fmt::format("{} is in doubt of {} and blocked: {} is down for good", name,
                             ledger.layout().name(waiting.transaction), ledger.layout().node(gone));
        });
      }
    });
    const Verdict otherwise = open.empty() ? Verdict::Holds : Verdict::Vacuous;
    return blocked.judgement(kInfo.name, otherwise, open);
  }

  const Outages& outages() const { return outages_; }
  bool is_violated() const { return false; }  // until the end it may still decide
  void digest_into(Fingerprint& into) const {
    into.add(outages_);
    std::uint64_t sum = 0;
    waiting_.for_each([&](std::uint64_t key, const Waiting&) { sum += Fingerprint::of(key); });
    into.add(sum);
  }

 private:
  // A participant in doubt beside a node that is down for good.
  struct Waiting {
    TransactionId transaction = 0;
    std::uint16_t kind = 0;
    NodeId node = kNoNode;
    // The event: the crash of the named node, or the vote if that came later.
    std::uint64_t since = 0;
  };

  // Ids are below 2^46 for the greatest number of orders of a run, nodes below 2^16.
  static std::uint64_t key(TransactionId transaction, NodeId node) {
    return (transaction << 16) | node;
  }
  void wait(TransactionId transaction, std::uint16_t kind, NodeId node, std::uint64_t event) {
    met_ = true;
    waiting_[key(transaction, node)] = {transaction, kind, node, event};
  }
  // It is up; while it recovers it is in doubt only of what it has recalled.
  bool may_wait(NodeId node, bool has_recalled, const Ledger& ledger) const {
    return outages_.is_up(node) && (has_recalled || !ledger.is_recalling(node));
  }
  // The crashed node never restarts. A participant that already waits has done so since the crash
  // of the named node.
  void wait_for(const TraceRecord& crash, TransactionId transaction, std::uint16_t kind,
                NodeId node, const Ledger& ledger) {
    const Waiting* before = waiting_.find(key(transaction, node));
    if (before != nullptr && gone_one(*before, ledger) != crash.node) return;
    wait(transaction, kind, node, crash.sequence);
  }
  void voted(const Moment& m, const Ledger& ledger) {
    const std::uint16_t kind =
        m.view != nullptr ? m.view->kind : static_cast<std::uint16_t>(m.record->extra);
    if (!ledger.layout().knows_kind(kind)) return;
    const Waiting waiting{m.record->transaction, kind, m.record->node, 0};
    if (gone_one(waiting, ledger) == kNoNode) return;
    wait(m.record->transaction, kind, m.record->node, m.record->sequence);
  }
  void forget(NodeId node) {
    for (const std::uint64_t key : waiting_.sorted_keys()) {
      if (waiting_.find(key)->node == node) waiting_.erase(key);
    }
  }

  // Another node of its transaction for which `is` is true; the coordinator first.
  template <class Is>
  static NodeId other_one(const Waiting& waiting, const Ledger& ledger, Is&& is) {
    const Layout& layout = ledger.layout();
    for (int part = 0; part < layout.kind(waiting.kind).parts; ++part) {
      const NodeId node = layout.node_of(waiting.kind, part);
      if (node != waiting.node && is(node)) return node;
    }
    return kNoNode;
  }
  NodeId gone_one(const Waiting& waiting, const Ledger& ledger) const {
    return other_one(waiting, ledger, [&](NodeId node) { return outages_.is_gone(node); });
  }
  // A node that is not down for good and cannot be reached as the run ends, possibly itself.
  NodeId apart_one(const Waiting& waiting, const EndOfRun& end, const Ledger& ledger) const {
    const auto is_apart = [&](NodeId node) {
      if (outages_.is_gone(node)) return false;
      return !outages_.is_up(node) || std::find(end.unreachable.begin(), end.unreachable.end(),
                                                node) != end.unreachable.end();
    };
    return is_apart(waiting.node) ? waiting.node : other_one(waiting, ledger, is_apart);
  }

  Outages outages_;
  Table<Waiting> waiting_;  // by transaction and node
  bool votes_ = false;
  bool met_ = false;
};

}  // namespace txsim
