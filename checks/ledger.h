// The books that all checks share: the meaning of each announced fact for its transaction, and the
// amount that each resource must hold. Each fact is looked up and entered once; the checks then
// read the resulting moment.
//
// Execution: from Submitted, or phase Begun, to the next Begun that comes after Ended. The same
// submission that arrives twice where the idempotent receiver is off is executed twice, under one
// transaction's id. A fact is of the last of these in which there is what it ends, takes back or
// recalls; where there is none, of the last. A yes vote takes over what its node holds under lock
// from earlier ones. An execution has a view while it is in flight; once it is over, it goes to the
// archive as it is, but for times and events. A fact that comes later brings it back, and it is
// over again.
//
// Branch: a node's part of an execution until it has Finished. An update, a vote or a lock after
// that opens another branch (LaterBranch), which is not the execution's own.
//
// A fact is announced together with the durable record that makes it true, so no crash falls
// between the two. In the instant of its restart a node recalls: it announces again what it holds
// prepared (Voted), what it knows to have ended (Finished) and what it remembers of each step
// (Reserved, Confirmed, Cancelled; Applied, Compensated), and then its amounts (Recovered). This
// does nothing a second time. A yes vote that the node does not recall is forgotten.
#pragma once

#include <cstdint>
#include <memory>
#include <utility>
#include <vector>

#include "checks/archive.h"
#include "checks/layout.h"
#include "checks/ledger_entries.h"
#include "checks/view.h"
#include "sim/fingerprint.h"
#include "sim/table.h"
#include "sim/trace.h"
#include "sim/vector.h"

namespace txsim {

// An execution that is partly in effect.
struct Split {
  Blame blame;            // that made all-or-nothing impossible
  bool is_final = false;  // only another broken promise could restore all-or-nothing
};

class Ledger {
 public:
  Ledger(std::shared_ptr<const Layout> layout);

  // Enters a fact of kind `Fact`. Requires that settle_before was called with the same record.
  template <FactKind Fact>
  void enter(Moment& m);
  void crashed(const TraceRecord& record);
  void restarted(const TraceRecord& record);
  // The execution before phase Begun, which is entered now: of the same submission, and ended.
  // Close it before entering the record. Null: there is none.
  TransactionView* executed_before(const TraceRecord& record);
  // The new execution takes over the locks and the result that the submission was counted under.
  void execute_again(const TransactionView& before, const TraceRecord& record);

  // What nodes had in hand before they crashed and have not recalled is given up once they have
  // announced their amounts; settled() has the news.
  void settle_before(const TraceRecord& record) {
    if (!is_calm_) [[unlikely]]
      go_on_recalling(record);
  }
  void settle_all();
  const std::vector<Settled>& settled() const { return settled_; }
  void clear_settled() { settled_.clear(); }

  // Over: it has ended, and its client no longer waits.
  bool is_over(const TransactionView& view) const {
    const bool may_have_ended = !view.begun || view.phase == Phase::Ended || view.left;
    return may_have_ended && view.is_client_served() && is_ended(view);
  }
  // It has ended at every node that took part in it, and its coordinator has ended it or has
  // crashed and left it.
  bool is_settled(const TransactionView& view) const;
  // In addition, if it was left: its coordinator is up again and has not resumed it.
  bool is_ended(const TransactionView& view) const;
  // The same for an execution in the archive, whose coordinator may be down.
  bool is_ended(const ExecutionState& state) const {
    if (state.is_left_open) return false;
    return !state.begun || state.phase == Phase::Ended || !is_down(coordinator_of(state.kind));
  }
  // Views that may have become over without a fact of their own (a node recovered, the client was
  // answered for another submission). Empty after each call of `take_over`.
  bool has_maybe_over() const { return !maybe_over_.empty(); }
  TransactionView* take_over();
  void close(TransactionView& view, std::uint64_t effect, const Split& split);

  // Steps that change something and are in effect, in any branch.
  std::uint64_t effect_of(const TransactionView& view) const;
  std::uint64_t effect_of(const Entry& entry) const;
  // A step was rolled back or given back, and another is in effect for good: all-or-nothing has
  // become impossible.
  bool is_split(const TransactionView& view, std::uint64_t effect) const;
  // It was over, and its coordinator is down again and may yet resume it.
  bool is_held_up(const Entry& entry, bool disturbed) const {
    return disturbed && entry.state.begun && !is_ended(entry.state) && !is_split(entry);
  }
  bool is_split(const Entry& entry) const;
  Split split_of(const TransactionView& view, std::uint64_t effect) const;

  // Each execution of an order: the view of one in flight, the archive's entry of another.
  struct Known {
    const ExecutionState* state = nullptr;
    const TransactionView* view = nullptr;  // null: it is over
    const Entry* entry = nullptr;           // of one that is over
    TransactionId id = 0;
    std::uint64_t effect = 0;
    bool is_full(const Layout& layout) const {
      return state->begun && effect == layout.kind(state->kind).writes;
    }
  };
  template <class Visit>
  void for_each_execution(std::uint64_t order, Visit&& visit) const;
  // At the end of the run: an open fault keeps it from ending, well or otherwise.
  bool is_held_up(const Known& known) const {
    if (!known.state->begun) return false;
    if (known.entry != nullptr) return is_held_up(*known.entry, true);
    return !is_ended(*known.view) && !is_split(*known.view, known.effect);
  }
  std::uint64_t most_submissions() const { return most_submissions_; }

  const Layout& layout() const { return *layout_; }
  const Archive& archive() const { return archive_; }
  const ResourceState& resource(std::uint16_t id) const { return resources_[id]; }
  std::vector<std::pair<std::int64_t, std::int64_t>> announced_amounts() const;
  const std::vector<LaterBranch>& later_branches() const { return later_; }
  bool is_down(NodeId node) const { return node < down_.size() && down_[node] != 0; }
  // The node's present announcements are recalled.
  bool is_recalling(NodeId node) const {
    return !is_calm_ && node < recalling_.size() && recalling_[node] != 0;
  }
  // The last fact that put the step in effect for good or took it out; 0: none has.
  std::uint64_t event_of(const TransactionView& view, std::uint8_t step) const {
    return of_steps_[steps_of(view) + step].event;
  }
  std::uint64_t last_event_of(const TransactionView& view, std::uint64_t steps) const;
  // The fact that ended the part, decided it alone or refused it; 0: none.
  std::uint64_t event_of_part(const TransactionView& view, int part) const {
    return of_parts_[parts_of(view) + static_cast<std::size_t>(part)].event;
  }
  // The amount left reserved for the step; steps for which it is above 0 in `left_reserved`.
  std::int64_t reserved_of(const TransactionView& view, std::uint8_t step) const {
    return of_steps_[steps_of(view) + step].reserved;
  }
  std::uint64_t left_reserved(const TransactionView& view) const;
  // When a step's lock was taken or its wait began; meaningful while the lock is held or awaited.
  Time lock_since(const TransactionView& view, std::uint8_t step) const {
    return of_steps_[steps_of(view) + step].lock_since;
  }
  // A step's place among the steps that took effect.
  std::uint8_t effect_order(const TransactionView& view, std::uint8_t step) const {
    return of_steps_[steps_of(view) + step].place;
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
  // In addition to a view, for each of its steps and parts.
  struct OfStep {
    Time lock_since;
    Time reserved_at;
    std::uint64_t event = 0;
    std::int64_t reserved = 0;
    std::uint8_t place = 0;
  };
  struct OfPart {
    Time voted_at;
    std::uint64_t event = 0;
  };
  // The effect of a fact on its step.
  struct Meaning {
    StepStatus after{};
    bool twice = false;  // it was so already
    std::int64_t available = 0;
    std::int64_t reserved = 0;
  };

  // Views (views.cpp)
  TransactionView* find(TransactionId id) {
    if (id == last_id_) return &views_[last_place_];
    return look_up(id);
  }
  TransactionView* look_up(TransactionId id);
  TransactionView* bring_back(TransactionId id, std::uint16_t kind);
  std::pair<std::uint16_t, bool> kind_of_lock(const TraceRecord& record) const;
  [[gnu::cold, gnu::noinline]] void correct_kind(TransactionView& view, std::uint16_t kind);
  // The execution that a fact belongs to; null: the kind is unknown.
  TransactionView* execution_of(TransactionId id, std::uint16_t kind) {
    TransactionView* view = find(id);
    if (view == nullptr) return look_further(id, kind);
    if (view->is_guess) [[unlikely]]
      correct_kind(*view, kind);
    return view;
  }
  [[gnu::cold, gnu::noinline]] TransactionView* look_further(TransactionId id, std::uint16_t kind);
  TransactionView& open(TransactionId id, std::uint16_t kind);
  bool is_open_at_a_node(const TransactionView& view) const;
  bool is_half_done(const ExecutionState& state, std::uint64_t effect) const;
  bool is_left_open(const Entry& entry) const;
  [[gnu::cold, gnu::noinline]] void carry_over(const Moment& m, StepStatuses& into);
  void note_order(const TransactionView& view);
  void digest_order(const TransactionView& view, Fingerprint& into) const;
  // Facts about the whole, and about a node's part (ledger.cpp)
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
  // Branches (branches.cpp)
  LaterBranch* last_branch(const Moment& m);
  LaterBranch* branch_of(Moment& m, bool opens) {
    if (later_.empty() && (!opens || (m.view->finished & part_bit(m.part)) == 0)) return nullptr;
    return find_branch(m, opens);
  }
  [[gnu::cold, gnu::noinline]] LaterBranch* find_branch(Moment& m, bool opens);
  [[gnu::cold, gnu::noinline]] LaterBranch* branch_to_undo(Moment& m, LaterBranch* last,
                                                           std::uint64_t bit);
  [[gnu::cold, gnu::noinline]] bool was_applied_elsewhere(const Moment& m, const LaterBranch* here,
                                                          std::uint64_t bit) const;
  [[gnu::cold, gnu::noinline]] void hold_again(std::uint16_t kind, StepStatuses& steps,
                                               std::uint64_t of);
  void end_steps(Moment& m, StepStatuses& steps, std::uint64_t of, bool commits);
  void lose(TransactionId id, std::uint16_t kind, StepStatuses& steps, std::uint64_t of,
            bool changes_amounts);
  std::int64_t added(std::uint16_t kind, const StepStatuses& steps, std::uint8_t step) const;
  // Steps and locks (ledger_steps.cpp)
  template <FactKind Fact>
  void enter_step(Moment& m);
  template <FactKind Fact>
  [[gnu::cold, gnu::noinline]] bool enter_earlier(Moment& m, const StepLayout& step);
  [[gnu::cold, gnu::noinline]] bool finish_earlier(Moment& m);
  [[gnu::cold, gnu::noinline]] bool has_decided_earlier(const Moment& m, bool commits) const;
  template <FactKind Fact>
  static Meaning meaning(const Moment& m, const StepLayout& step, StepStatuses& steps,
                         std::uint64_t bit);
  template <FactKind Fact>
  void change_amounts(Moment& m, const StepLayout& step, const Meaning& made);
  template <FactKind Fact>
  void enter_lock(Moment& m);
  // Crash and recovery (recovery.cpp)
  void enter_recovered(Moment& m);
  [[gnu::cold, gnu::noinline]] void go_on_recalling(const TraceRecord& record);
  void look_for_calm();
  void crash_view(TransactionView& view, const TraceRecord& record);
  void cut_waits(TransactionView& view, std::uint64_t steps, const TraceRecord& record);
  void settle_node(NodeId node);
  void settle_view(TransactionView& view, NodeId node);
  void compare_amounts(NodeId node);
  void take_amounts(NodeId node);

  bool is_here(std::size_t resource, NodeId node) const {
    return layout_->plan().resources[resource].service == node;
  }
  NodeId coordinator_of(std::uint16_t kind) const { return layout_->node_of(kind, 0); }
  std::size_t index_of(const TransactionView& view) const {
    return static_cast<std::size_t>(&view - views_.data());
  }
  std::size_t steps_of(const TransactionView& view) const { return index_of(view) * most_steps_; }
  std::size_t parts_of(const TransactionView& view) const { return index_of(view) * most_parts_; }
  OfStep& of_step(const TransactionView& view, std::uint8_t step) {
    return of_steps_[steps_of(view) + step];
  }
  OfPart& of_part(const TransactionView& view, int part) {
    return of_parts_[parts_of(view) + static_cast<std::size_t>(part)];
  }

  std::shared_ptr<const Layout> layout_;
  std::size_t most_steps_;  // of a kind
  std::size_t most_parts_;
  bool is_calm_ = true;  // no node recalls at present
  static constexpr TransactionId kNobody = ~TransactionId{0};
  TransactionId last_id_ = kNobody;  // the previous fact is usually of the same transaction
  std::uint32_t last_place_ = 0;
  std::uint64_t most_submissions_ = 1;
  Table<std::uint32_t> places_;  // by transaction: its view
  Vector<TransactionView> views_;
  Vector<OfStep> of_steps_;  // by view and step
  Vector<OfPart> of_parts_;  // by view and part
  Vector<std::uint32_t> free_;
  Vector<std::uint32_t> maybe_over_;
  Vector<LaterBranch> later_;  // of executions in flight, in the order of opening
  Archive archive_;
  Vector<LaterBranch> closing_branches_;  // of the execution being closed
  Vector<std::uint8_t> closing_order_;
  Vector<ResourceState> resources_;
  Vector<RecoveryState> recoveries_;  // by resource
  Vector<std::uint8_t> down_;         // by node
  Vector<std::uint8_t> recalling_;    // by node
  Vector<std::uint8_t> recovered_;    // by node: has announced its amounts after a restart
  Vector<NodeId> settling_;           // nodes that announce their amounts at present
  Time recalling_since_;              // the last restart
  Vector<Settled> settled_;
};

template <class Visit>
void Ledger::for_each_execution(std::uint64_t order, Visit&& visit) const {
  for (std::uint64_t submission = 0; submission < most_submissions_; ++submission) {
    const TransactionId id = transaction_id(order, submission);
    if (const std::uint32_t* place = places_.find(id)) {
      const TransactionView& view = views_[*place];
      visit(Known{&view, &view, nullptr, id, effect_of(view)});
    }
    for (std::size_t i = 0; i < archive_.entries(); ++i) {
      if (!archive_.holds(i, id)) continue;
      const Entry& entry = archive_.entry(i);
      visit(Known{&entry.state, nullptr, &entry, id, effect_of(entry)});
    }
  }
}

template <FactKind Fact>
void Ledger::enter(Moment& m) {
  using enum FactKind;
  if constexpr (Fact == Recovered) {
    enter_recovered(m);
    return;
  }
  if (m.record->transaction == 0) return;
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
  } else {
    m.view = find(m.record->transaction);
  }
}

}  // namespace txsim
