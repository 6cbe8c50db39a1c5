// The books that all checks share: what each announced fact means for its transaction, and what
// each resource must hold. Each fact is looked up and entered once; the checks then read the
// moment it made.
//
// A transaction's view is opened by Submitted or by phase Begun and given back once the transaction
// is over everywhere. A fact about a transaction without a view is late. Late or repeated requests
// may open a branch of a transaction at a node that is through with it: a stray. A stray's life is
// kept apart from its transaction's and is harmless unless it takes effect or never ends.
//
// A crash may fall between a durable record and the facts that tell of it. So after a crash the
// ledger is uncertain of what the node had in hand, until it has recovered: it then announces again
// what it holds prepared (Voted) and what it knows to have ended (Finished), in the same instant as
// its amounts (Recovered); what those say decides.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "checks/layout.h"
#include "checks/orders.h"
#include "checks/view.h"
#include "sim/table.h"
#include "sim/trace.h"

namespace txsim {

// One fact as the ledger understood it.
struct Moment {
  const TraceRecord* record = nullptr;
  FactKind fact{};
  int part = -1;                    // of the announcing node; -1: none
  std::uint16_t resource = 0;       // of a fact about a step
  TransactionView* view = nullptr;  // null: late
  bool stray = false;               // not of the transaction's own life, or late
  bool opened = false;              // a new view
  bool changes = false;             // something about amounts was announced
  bool hangs = false;               // a step was reserved or applied after it was called off here
  bool again = false;               // a step took effect that had done so already, or too late
  bool contrary = false;            // differs from what the same node announced before
  bool undone_for_good = false;     // a step was undone that had been in effect for good
  bool mismatch = false;            // the amount announced is not the amount expected
  bool measured = false;            // `lasted` holds a lock's hold or wait, or the time in doubt
  std::int64_t expected = 0;        // available, after this fact
  std::int64_t announced = 0;
  Duration lasted;
};

// What came out once a node had recovered.
struct Settled {
  enum class Kind : std::uint8_t { Mismatch, Lost, Matched } kind = Kind::Matched;
  std::uint64_t event = 0;
  Time time;
  std::uint16_t resource = 0;
  std::int64_t expected = 0;  // Mismatch
  std::int64_t announced = 0;
  TransactionId transaction = 0;  // Lost: its step was not yet for good and is gone
};

// A branch at a node that was through with its transaction.
struct Stray {
  static constexpr std::uint16_t kNoKind = 0xFFFF;
  TransactionId transaction = 0;
  NodeId node = kNoNode;
  std::uint16_t kind = kNoKind;
  std::uint64_t pending = 0;
  std::uint64_t locked = 0;
  std::uint64_t waiting = 0;
  std::uint64_t event = 0;  // that opened it
  bool voted = false;
  bool is_candidate = false;   // held again after a crash; whether it counts is not yet known
  bool was_in_effect = false;  // held again after a crash, of a committed transaction

  bool is_empty() const { return !voted && (pending | locked | waiting) == 0; }
};

struct ResourceState {
  std::int64_t available = 0;  // as it must be
  std::int64_t reserved = 0;
  std::int64_t announced_available = 0;
  std::int64_t announced_reserved = 0;
  bool to_settle = false;  // announced after a restart and not yet compared
  std::uint64_t recovered_event = 0;
};

class Ledger {
 public:
  Ledger(std::shared_ptr<const Layout> layout);

  // Enters a fact of kind `Fact`. Requires that settle_before was called with the same record.
  template <FactKind Fact>
  void enter(Moment& m);
  void crashed(const TraceRecord& record);
  void restarted(const TraceRecord& record);

  // Compares what recovered nodes announced once that instant has passed; settled() has the news.
  void settle_before(const TraceRecord& record) {
    if (!settling_.empty() && record.time > settling_since_) [[unlikely]]
      settle_all();
  }
  void settle_all();
  const std::vector<Settled>& settled() const { return settled_; }
  void clear_settled() { settled_.clear(); }

  // Views that may have become over without a fact of their own (a node recovered, the client was
  // answered for another submission). Empty after each call of `take_over`.
  bool has_maybe_over() const { return !maybe_over_.empty(); }
  TransactionView* take_over();
  void close(TransactionView& view);

  const Layout& layout() const { return *layout_; }
  Orders& orders() { return orders_; }
  const Orders& orders() const { return orders_; }
  const std::vector<ResourceState>& resources() const { return resources_; }
  const std::vector<Stray>& strays() const { return strays_; }
  std::vector<TransactionView*> open_views();  // by id
  std::size_t pool_size() const { return views_.size(); }

 private:
  // Facts about the whole (ledger.cpp)
  TransactionView* find(TransactionId id) {
    const std::uint32_t* place = places_.find(id);
    return place == nullptr ? nullptr : &views_[*place];
  }
  TransactionView& open(TransactionId id, std::uint16_t kind);
  void submit(Moment& m);
  void enter_phase(Moment& m);
  void decide(Moment& m);
  void tell(Moment& m);
  void supersede(TransactionId id);
  void vote(Moment& m);
  void finish(Moment& m);
  void enter_part(Moment& m, std::uint16_t kind);
  // Steps and locks (ledger_steps.cpp)
  void enter_step(Moment& m);
  void update(Moment& m, std::uint64_t bit);
  void apply(Moment& m, std::uint64_t bit);
  void undo(Moment& m, std::uint64_t bit);
  void reserve(Moment& m, std::uint64_t bit);
  void release(Moment& m, std::uint64_t bit);
  void change(Moment& m, std::int64_t available, std::int64_t reserved);
  void enter_lock(Moment& m);
  void enter_recovered(Moment& m);
  // Strays (strays.cpp)
  Stray* find_stray(TransactionId id, NodeId node);
  Stray& open_stray(const Moment& m, std::uint16_t kind);
  bool opens_stray(const Moment& m) const {
    const bool begins = m.fact == FactKind::Updated || m.fact == FactKind::LockTaken ||
                        m.fact == FactKind::LockWaited;
    return begins && begins_stray(m);
  }
  bool begins_stray(const Moment& m) const;
  void step_of_stray(Moment& m, Stray* stray);
  void vote_of_stray(Moment& m, Stray* stray, std::uint16_t kind);
  void finish_stray(Moment& m, Stray& stray);
  void lock_of_stray(Moment& m, Stray* stray);
  void drop_if_empty(const Moment& m, Stray& stray);
  void drop(Stray& stray);
  // Crash and recovery (recovery.cpp)
  void await_settling(NodeId node, Time since);
  bool is_settling(NodeId node) const;
  void settle_view(TransactionView& view, NodeId node);
  void crash_view(TransactionView& view, NodeId node);
  void crash_strays(NodeId node);
  void bring_back(TransactionView& view, std::uint64_t steps);
  void settle_node(NodeId node);
  void explain(NodeId node);
  void explain_by(TransactionView& view, int part);
  bool fits(std::uint16_t kind, std::uint64_t steps, int sign) const;
  void add_deltas(std::uint16_t kind, std::uint64_t steps, int sign);
  std::uint64_t steps_of(const TransactionView& view, int part) const {
    return part < 0 ? 0 : layout_->kind(view.kind).steps_of[static_cast<std::size_t>(part)];
  }
  bool is_recovering(NodeId node) const {
    return node < recovering_.size() && recovering_[node] != 0;
  }

  std::shared_ptr<const Layout> layout_;
  Table<std::uint32_t> places_;  // by transaction: its view
  std::vector<TransactionView> views_;
  std::vector<std::uint32_t> free_;
  std::vector<std::uint32_t> maybe_over_;
  std::vector<Stray> strays_;
  std::vector<ResourceState> resources_;
  Orders orders_;
  std::vector<std::uint8_t> recovering_;  // by node: restarted, and its amounts not announced yet
  std::vector<NodeId> settling_;          // their amounts are announced and not compared yet
  Time settling_since_;
  std::vector<Settled> settled_;
};

template <FactKind Fact>
void Ledger::enter(Moment& m) {
  using enum FactKind;
  if constexpr (Fact == Recovered) {
    enter_recovered(m);
    return;
  }
  if (m.record->transaction == 0) return;
  m.view = find(m.record->transaction);
  if constexpr (Fact == Submitted) {
    submit(m);
  } else if constexpr (Fact == PhaseEntered) {
    enter_phase(m);
  } else if constexpr (Fact == Decided) {
    decide(m);
  } else if constexpr (Fact == Told || Fact == GaveUp) {
    tell(m);
  } else if constexpr (Fact >= Voted && Fact <= Finished) {
    enter_part(m, static_cast<std::uint16_t>(m.record->extra));
  } else if constexpr (Fact >= Updated && Fact <= ReadDone) {
    enter_step(m);
  } else if constexpr (Fact >= LockWaited && Fact <= LockReleased) {
    enter_lock(m);
  }
}

}  // namespace txsim
