// The books that all checks share: what each announced fact means for its transaction, and what
// each resource must hold. Each fact is looked up and entered once; the checks then read the
// moment it made.
//
// A transaction's view is opened by Submitted or by phase Begun and given back once the transaction
// is over everywhere. A fact about a transaction without a view is late. Late or repeated requests
// may open a branch of a transaction at a node that is through with it: a stray. A stray's life is
// kept apart from its transaction's and is harmless unless it takes effect or never ends.
//
// Of a transaction that is over the ledger keeps which of its steps are in effect and which were
// called off, so that what is said later is understood: a bit in the set of those that all of it is
// in effect of, another in the set of those of which the same was called off, and an Ended entry
// where it is partly in effect, or has changed since. Late facts update these; what they come to is
// judged in the end.
//
// A crash may fall between a durable record and the facts that tell of it. So after a crash the
// ledger is uncertain of what the node had in hand, until it has recovered: it then announces again
// what it holds prepared (Voted), what it knows to have ended (Finished) and what it remembers of
// each step (Reserved, Confirmed, Cancelled; Applied, Compensated), in the same instant as its
// amounts (Recovered); what those say decides. A yes vote not said again then is void.
//
// Steps that take effect by themselves (Applied without Updated) may be compensated until their
// transaction has ended; after that they are late, whatever they say.
#pragma once

#include <cstdint>
#include <memory>
#include <utility>
#include <vector>

#include "checks/layout.h"
#include "checks/ledger_entries.h"
#include "checks/orders.h"
#include "checks/view.h"
#include "sim/fingerprint.h"
#include "sim/table.h"
#include "sim/trace.h"
#include "sim/vector.h"

namespace txsim {

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
    if (!is_calm_ && !settling_.empty() && record.time > settling_since_) [[unlikely]]
      settle_all();
  }
  void settle_all();
  const std::vector<Settled>& settled() const { return settled_; }
  void clear_settled() { settled_.clear(); }

  // Over: no fact of it is to come, but from a node that has forgotten how it ended.
  bool is_over(const TransactionView& view) const {
    if (view.begun && view.phase != Phase::Ended && !view.orphaned) return false;
    return view.is_client_served() && !is_awaited(view);
  }
  // It has come to its end at every node that took part in it.
  bool is_ended(const TransactionView& view) const;
  // Views that may have become over without a fact of their own (a node recovered, the client was
  // answered for another submission). Empty after each call of `take_over`.
  bool has_maybe_over() const { return !maybe_over_.empty(); }
  TransactionView* take_over();
  void close(TransactionView& view, const Ended& ended);
  // What is to be known of it once it is over.
  Ended end_of(const TransactionView& view, std::uint64_t effect) const;
  // Of a transaction that is over: all of its steps are in effect; some are.
  bool is_full(TransactionId id) const;
  bool is_partial_or_full(TransactionId id) const;
  // It is over, and some node has committed or aborted it.
  bool is_known_to_end(TransactionId id) const;

  const Layout& layout() const { return *layout_; }
  Orders& orders() { return orders_; }
  const Orders& orders() const { return orders_; }
  const ResourceState& resource(std::uint16_t id) const { return resources_[id]; }
  std::vector<std::pair<std::int64_t, std::int64_t>> announced_amounts() const;
  const std::vector<Stray>& strays() const { return strays_; }
  const Table<Ended>& ended() const { return ended_; }
  // What the node says now is of before its last crash, or of what it found after it.
  bool is_back(NodeId node) const {
    return !is_calm_ && (is_recovering(node) || is_settling(node));
  }
  // The last fact that put the step in effect for good or took it out; 0: none has.
  std::uint64_t event_of(const TransactionView& view, std::uint8_t step) const {
    return events_[events_of(view) + step];
  }
  std::uint64_t last_event_of(const TransactionView& view, std::uint64_t steps) const;
  // The fact by which the part was ended, decided alone or refused; 0: none was.
  std::uint64_t event_of_part(const TransactionView& view, int part) const {
    return events_[events_of(view) + most_steps_ + static_cast<std::size_t>(part)];
  }
  // Reserved and of no open transaction or stray.
  std::int64_t reserved_for_nobody(std::uint16_t resource);
  // When a step's lock was taken or its wait began; meaningful while it is held or waited for.
  Time lock_since(const TransactionView& view, std::uint8_t step) const {
    return times_[times_of(view) + step];
  }
  // A step's place among those that took effect.
  std::uint8_t effect_order(const TransactionView& view, std::uint8_t step) const {
    return effect_order_[index_of(view) * most_steps_ + step];
  }
  std::vector<TransactionView*> open_views();  // by id
  template <class Visit>
  void for_each_open_view(Visit&& visit) {  // by id; none may be opened or closed meanwhile
    places_.for_each_sorted([&](std::uint64_t, std::uint32_t place) { visit(views_[place]); });
  }
  const TransactionView* view(TransactionId id) { return find(id); }  // null: none is open
  std::size_t pool_size() const { return views_.size(); }

  // Between two records. Events and times are left out.
  void digest_into(Fingerprint& into) const;

 private:
  void digest_order(const TransactionView& view, Fingerprint& into) const;
  // Facts about the whole (ledger.cpp)
  TransactionView* find(TransactionId id) {
    if (id == last_id_) return &views_[last_place_];
    return look_up(id);
  }
  TransactionView* look_up(TransactionId id);
  TransactionView& open(TransactionId id, std::uint16_t kind);
  bool is_awaited(const TransactionView& view) const;
  bool has_ended_everywhere(const TransactionView& view) const;
  bool is_half_done(const TransactionView& view) const;
  void submit(Moment& m);
  void enter_phase(Moment& m);
  void decide(Moment& m);
  void tell(Moment& m);
  void supersede(TransactionId id);
  template <FactKind Fact>
  void enter_part(Moment& m);
  void vote(Moment& m);
  void decide_alone(Moment& m);
  void end_doubt(Moment& m);
  void finish(Moment& m);
  // Steps and locks (ledger_steps.cpp)
  template <FactKind Fact>
  void enter_step(Moment& m);
  void update(Moment& m, std::uint64_t bit, std::int64_t delta);
  void apply(Moment& m, std::uint64_t bit, std::int64_t delta);
  void undo(Moment& m, std::uint64_t bit, std::int64_t delta);
  void reserve(Moment& m, std::uint64_t bit);
  void release(Moment& m, std::uint64_t bit);
  void compensate(Moment& m, std::uint64_t bit, std::int64_t delta);
  void change(Moment& m, std::int64_t available, std::int64_t reserved);
  template <FactKind Fact>
  void enter_lock(Moment& m);
  // What a node says in a recovery that it remembers of a step (ledger_recalled.cpp)
  template <FactKind Fact>
  bool recall(Moment& m, std::uint64_t bit, std::int64_t delta);
  void recall_reserved(Moment& m, std::uint64_t bit);
  void recall_applied(Moment& m, std::uint64_t bit, std::int64_t delta);
  void recall_compensated(Moment& m, std::uint64_t bit, std::int64_t delta);
  void recall_late(const Moment& m, std::uint16_t kind, std::uint64_t bit);
  // Strays (strays.cpp)
  Stray* find_stray(TransactionId id, NodeId node);
  Stray& open_stray(const Moment& m, std::uint16_t kind);
  bool begins_stray(const Moment& m) const {
    if (m.view->ends == 0 && m.view->applied == 0) return false;
    return begins_stray_after_end(m);
  }
  bool begins_stray_after_end(const Moment& m) const;
  void step_of_stray(Moment& m, Stray* stray);
  void apply_late(Moment& m, std::uint64_t bit);
  void compensate_late(Moment& m, std::uint64_t bit);
  void reservation_of_stray(Moment& m, Stray* stray, std::uint64_t bit);
  void hold_again(const Moment& m, Stray& stray, std::uint64_t steps);
  void take_effect(Moment& m, const Stray& stray, std::uint64_t steps);
  void vote_of_stray(Moment& m, Stray* stray, std::uint16_t kind);
  void finish_stray(Moment& m, Stray& stray);
  void lock_of_stray(Moment& m, Stray* stray);
  void drop_if_empty(const Moment& m, Stray& stray);
  void drop(Stray& stray);
  // What is over (ended.cpp)
  enum class By : std::uint8_t { Part, Step };
  void change_ended(const Moment& m, std::uint16_t kind, std::uint64_t steps, bool in_effect,
                    By by);
  Ended& ended_entry(TransactionId id, std::uint16_t kind);
  void note_told(Ended& ended) const;
  void note_called_off(TransactionId id, const CalledOff& what);
  std::uint64_t effect_of(TransactionId id, std::uint16_t kind) const;
  CalledOff called_off(TransactionId id) const;
  std::uint64_t called_off_of(const TransactionView& view) const;
  bool was_in_effect(TransactionId id, std::uint64_t bit) const;
  // Crash and recovery (recovery.cpp)
  void enter_recovered(Moment& m);
  void await_settling(NodeId node, Time since);
  bool is_settling(NodeId node) const;
  void settle_view(TransactionView& view, NodeId node);
  void crash_view(TransactionView& view, const TraceRecord& record);
  void crash_strays(const TraceRecord& record);
  void cut_waits(const TransactionView& view, std::uint64_t steps, const TraceRecord& record);
  void bring_back(TransactionView& view, std::uint64_t steps) {
    if (steps != 0) [[unlikely]]
      put_back(view, steps);
  }
  void put_back(TransactionView& view, std::uint64_t steps);
  void look_for_calm();
  void settle_node(NodeId node);
  void compare_amounts(NodeId node);
  void take_amounts(NodeId node);
  void explain(NodeId node);
  void explain_by(TransactionView& view, int part);
  void void_votes(NodeId node);
  void lose(TransactionView& view, std::uint64_t steps);
  bool fits(std::uint16_t kind, std::uint64_t steps, int sign) const;
  bool changes_amounts(std::uint16_t kind, std::uint64_t steps) const;
  void add_deltas(std::uint16_t kind, std::uint64_t steps, int sign);
  bool is_here(std::size_t resource, NodeId node) const {
    return layout_->plan().resources[resource].service == node;
  }
  std::uint64_t steps_of(const TransactionView& view, int part) const {
    return layout_->steps_of(view.kind, part);
  }
  bool is_recovering(NodeId node) const {
    return !is_calm_ && node < recovering_.size() && recovering_[node] != 0;
  }
  // Beside a view, for its steps and parts
  std::size_t index_of(const TransactionView& view) const {
    return static_cast<std::size_t>(&view - views_.data());
  }
  std::size_t times_of(const TransactionView& view) const { return index_of(view) * times_each_; }
  std::size_t events_of(const TransactionView& view) const { return index_of(view) * events_each_; }
  void note_event(const TransactionView& view, std::uint64_t steps, std::uint64_t event) {
    for (; steps != 0; steps &= steps - 1) {
      events_[events_of(view) + static_cast<std::size_t>(__builtin_ctzll(steps))] = event;
    }
  }
  void note_part_event(const TransactionView& view, int part, std::uint64_t event) {
    events_[events_of(view) + most_steps_ + static_cast<std::size_t>(part)] = event;
  }
  Time& voted_at(const TransactionView& view, int part) {
    return times_[times_of(view) + most_steps_ + static_cast<std::size_t>(part)];
  }
  Time& reserved_at(const TransactionView& view, std::uint8_t step) {
    return times_[times_of(view) + times_each_ - most_steps_ + step];
  }

  std::shared_ptr<const Layout> layout_;
  std::size_t most_steps_;     // of a kind
  std::size_t times_each_;     // of a view
  std::size_t events_each_;    // likewise
  bool is_calm_ = true;        // no node is recovering or settling
  bool by_itself_ = false;     // some step took effect by itself
  bool recalls_ = false;       // some node remembers its steps and says so in a recovery
  TransactionId last_id_ = 0;  // the fact before was most often of the same transaction
  std::uint32_t last_place_ = 0;
  Table<std::uint32_t> places_;  // by transaction: its view
  Vector<TransactionView> views_;
  // By view: its locks' by step, its votes' by part, its reservations' by step.
  Vector<Time> times_;
  Vector<std::uint8_t> effect_order_;  // by view and step
  Vector<std::uint64_t> events_;       // by view: of its steps, of its parts
  Vector<std::uint32_t> free_;
  Vector<std::uint32_t> maybe_over_;
  Vector<Stray> strays_;
  Table<Ended> ended_;  // partly in effect, or changed since
  Vector<CalledOff> called_off_;
  Vector<ResourceState> resources_;
  Vector<RecoveryState> recoveries_;  // by resource
  Orders orders_;
  Vector<std::uint8_t> recovering_;  // by node: restarted, and its amounts not announced yet
  Vector<NodeId> settling_;          // their amounts are announced and not compared yet
  Time settling_since_;
  Vector<Settled> settled_;
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
  } else if constexpr (Fact == Voted || Fact == DecidedAlone || Fact == DoubtEnded ||
                       Fact == Finished) {
    enter_part<Fact>(m);
  } else if constexpr (Fact >= Updated && Fact <= ReadDone) {
    enter_step<Fact>(m);
  } else if constexpr (Fact >= LockWaited && Fact <= LockReleased) {
    enter_lock<Fact>(m);
  }
}

}  // namespace txsim
