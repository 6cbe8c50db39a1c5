// Which executions are in flight, which are over, and what is known about them.
#include <algorithm>
#include <limits>

#include "checks/ledger.h"
#include "sim/assert.h"

namespace txsim {

Ledger::Ledger(std::shared_ptr<const Layout> layout)
    : layout_(std::move(layout)),
      most_steps_(layout_->most_steps()),
      most_parts_(layout_->most_parts()),
      recoveries_(layout_->plan().resources.size()),
      down_(layout_->plan().nodes.size(), std::uint8_t{0}),
      recalling_(layout_->plan().nodes.size(), std::uint8_t{0}),
      recovered_(layout_->plan().nodes.size(), std::uint8_t{0}) {
  for (const Resource& resource : layout_->plan().resources) {
    resources_.push_back({.available = resource.initial, .reserved = 0});
  }
}

TransactionView* Ledger::look_up(TransactionId id) {
  const std::uint32_t* place = places_.find(id);
  if (place == nullptr) return nullptr;
  last_id_ = id;
  last_place_ = *place;
  return &views_[*place];
}

TransactionView* Ledger::look_further(TransactionId id, std::uint16_t kind) {
  if (TransactionView* view = bring_back(id, kind)) return view;
  return layout_->knows_kind(kind) ? &open(id, kind) : nullptr;
}

TransactionView& Ledger::open(TransactionId id, std::uint16_t kind) {
  static const TransactionView kBlank;  // copied, not made again each time
  std::uint32_t place = 0;
  if (free_.empty()) {
    place = static_cast<std::uint32_t>(views_.size());
    views_.emplace_back();
    of_steps_.resize(views_.size() * most_steps_);
    of_parts_.resize(views_.size() * most_parts_);
  } else {
    place = free_.back();
    free_.pop_back();
    views_[place] = kBlank;
  }
  TransactionView& view = views_[place];
  std::fill_n(of_steps_.begin() + static_cast<std::ptrdiff_t>(steps_of(view)), most_steps_,
              OfStep{});
  std::fill_n(of_parts_.begin() + static_cast<std::ptrdiff_t>(parts_of(view)), most_parts_,
              OfPart{});
  places_[id] = place;
  last_id_ = id;
  last_place_ = place;
  view.id = id;
  view.kind = kind;
  view.open = true;
  most_submissions_ = std::max(most_submissions_, submission_of(id) + 1);
  return view;
}

// ---- The archive

// By step, if they took effect in another order; else empty.
void Ledger::note_order(const TransactionView& view) {
  closing_order_.clear();
  std::uint8_t last = 0;
  bool ascends = true;
  for (std::uint64_t rest = view.steps.by_itself(); rest != 0; rest &= rest - 1) {
    const std::uint8_t place = effect_order(view, static_cast<std::uint8_t>(__builtin_ctzll(rest)));
    ascends = ascends && place >= last;
    last = place;
  }
  if (ascends) return;
  closing_order_.assign(most_steps_, std::uint8_t{0});
  for (std::uint64_t rest = view.steps.by_itself(); rest != 0; rest &= rest - 1) {
    const auto step = static_cast<std::uint8_t>(__builtin_ctzll(rest));
    for (std::uint64_t others = view.steps.by_itself(); others != 0; others &= others - 1) {
      const auto other = static_cast<std::uint8_t>(__builtin_ctzll(others));
      if (effect_order(view, other) < effect_order(view, step)) ++closing_order_[step];
    }
  }
}

namespace {

Archive::Usual usual_of(const KindLayout& kind) {
  if (kind.writes == 0) return Archive::Usual::ChangesNothing;
  const bool is_one = (kind.writes & (kind.writes - 1)) == 0;
  return is_one ? Archive::Usual::ChangesOneThing : Archive::Usual::ChangesMore;
}

// It only went forward to its end, once: at the end of the run all such executions are judged
// alike, of any kind.
bool is_straight(const ExecutionState& state) {
  const PartSet deviating_parts = state.in_doubt | state.no | state.aborted | state.aborted_there |
                                  state.decided_aborted | state.alone_committed |
                                  state.alone_aborted | state.forgot;
  const std::uint64_t turned_back = state.off | state.steps.late | state.steps.rolled_back() |
                                    state.steps.called_off() | state.steps.set(StepStatus::Lost);
  const bool was_once = state.again == 0 && !state.is_earlier && !state.is_left_open && !state.left;
  return deviating_parts == 0 && turned_back == 0 && was_once && !state.was_compensated &&
         !state.disagreed && !state.gave_up && !state.superseded;
}

}  // namespace

void Ledger::close(TransactionView& view, std::uint64_t effect, const Split& split) {
  TXSIM_ASSERT(view.open, "a view is closed twice");
  closing_branches_.clear();
  for (std::size_t i = 0; i < later_.size();) {
    if (later_[i].transaction != view.id) {
      ++i;
      continue;
    }
    closing_branches_.push_back(later_[i]);
    closing_branches_.back().transaction = 0;
    closing_branches_.back().said_again = false;
    later_.erase(later_.begin() + static_cast<std::ptrdiff_t>(i));
  }
  Blame blame = split.blame;
  const bool is_full = effect == layout_->kind(view.kind).writes;
  const bool is_usual = is_full && view.is_told(Reply::Done) && view.phase == Phase::Ended &&
                        closing_branches_.empty() && is_straight(view);
  closing_order_.clear();
  if (!is_usual) note_order(view);  // it can no longer be compensated
  const bool is_untrue =
      (view.is_told(Reply::Done) && !is_full) || (view.is_told(Reply::Failed) && effect != 0);
  if (is_untrue) blame.told = view.reply_event;
  archive_.put(view.id, view, closing_branches_, closing_order_, blame,
               is_usual ? usual_of(layout_->kind(view.kind)) : Archive::Usual::IsNot);
  free_.push_back(static_cast<std::uint32_t>(index_of(view)));
  places_.erase(view.id);
  last_id_ = kNobody;
  view.open = false;
}

// Its times and events are gone; its steps have survived all recoveries.
TransactionView* Ledger::bring_back(TransactionId id, std::uint16_t kind) {
  Blame blame;
  const Entry* entry = archive_.take(id, kind, blame);
  if (entry == nullptr) return nullptr;
  TransactionView& view = open(id, entry->state.kind);
  static_cast<ExecutionState&>(view) = entry->state;
  view.was_over = true;
  view.split_event = blame.event;
  view.split_sides = blame.sides;
  view.reply_event = blame.told;
  for (LaterBranch branch : entry->branches) {
    branch.transaction = id;
    later_.push_back(branch);
  }
  for (std::uint64_t rest = view.steps.by_itself(); rest != 0; rest &= rest - 1) {
    const auto step = static_cast<std::uint8_t>(__builtin_ctzll(rest));
    of_step(view, step).place = entry->order.empty() ? step : entry->order[step];
  }
  view.effects = static_cast<std::uint8_t>(most_steps_);
  for (int part = 0; part < layout_->kind(view.kind).parts; ++part) {
    if (recovered_[layout_->node_of(view.kind, part)] == 0) continue;
    view.steps.survived |= view.steps.ever & layout_->steps_of(view.kind, part);
  }
  return &view;
}

// Facts about locks do not carry the kind. Prefer a kind that locks this row by this step, and of
// these one without usual ends. Second: other kinds do so too.
std::pair<std::uint16_t, bool> Ledger::kind_of_lock(const TraceRecord& record) const {
  std::uint16_t found = Archive::kAnyKind;
  bool is_guess = false;
  for (std::uint16_t kind = 0; layout_->knows_kind(kind); ++kind) {
    if (!layout_->knows_step(kind, record.step)) continue;
    const StepLayout& step = layout_->step(kind, record.step);
    if (step.service != record.node || step.resource != record.value) continue;
    is_guess = found != Archive::kAnyKind;
    if (!is_guess || archive_.usual(found) == nullptr) found = kind;
  }
  return {found, is_guess};
}

// It ended in the usual way, and later only facts about its locks came.
void Ledger::correct_kind(TransactionView& view, std::uint16_t kind) {
  if (!layout_->knows_kind(kind)) return;
  view.is_guess = false;
  if (view.kind == kind) return;
  if (const Entry* entry = archive_.usual(kind)) {
    static_cast<ExecutionState&>(view) = entry->state;
  }
}

TransactionView* Ledger::executed_before(const TraceRecord& record) {
  if (static_cast<Phase>(record.value) != Phase::Begun) return nullptr;
  TransactionView* view = find(record.transaction);
  if (view == nullptr) {
    view = bring_back(record.transaction, static_cast<std::uint16_t>(record.extra));
  }
  // A coordinator begins again only what it no longer knows: it has ended it, or lost it in a
  // crash.
  const bool is_over =
      view != nullptr && view->begun && (view->phase == Phase::Ended || view->left);
  if (!is_over) return nullptr;
  view->is_earlier = true;
  return view;
}

void Ledger::execute_again(const TransactionView& before, const TraceRecord& record) {
  const TransactionView was = before;  // opening one may move it
  TransactionView& view = open(was.id, was.kind);
  view.again = static_cast<std::uint8_t>(std::min(was.again + 1, 255));
  view.result = was.result;
  view.locked = was.locked;
  view.waiting = was.waiting;
  for (std::uint64_t rest = view.locked | view.waiting; rest != 0; rest &= rest - 1) {
    of_step(view, static_cast<std::uint8_t>(__builtin_ctzll(rest))).lock_since = record.time;
  }
}

// ---- What is in flight

std::vector<TransactionView*> Ledger::open_views() {
  std::vector<TransactionView*> open;
  for (const std::uint64_t id : places_.sorted_keys()) open.push_back(find(id));
  return open;
}

TransactionView* Ledger::take_over() {
  while (!maybe_over_.empty()) {
    TransactionView& view = views_[maybe_over_.back()];
    maybe_over_.pop_back();
    if (view.open && is_over(view)) return &view;
  }
  return nullptr;
}

std::uint64_t Ledger::left_reserved(const TransactionView& view) const {
  std::uint64_t left = 0;
  for (std::uint8_t step = 0; step < layout_->kind(view.kind).steps; ++step) {
    if (reserved_of(view, step) > 0) left |= step_bit(step);
  }
  return left;
}

bool Ledger::is_open_at_a_node(const TransactionView& view) const {
  const std::uint64_t in_hand = view.steps.under_lock() | view.steps.reserved();
  const std::uint64_t locks = view.is_earlier ? 0 : view.locked | view.waiting;  // of the last one
  if ((in_hand | locks) != 0) return true;
  if (view.in_doubt != 0 || view.oblivious() != 0) return true;
  for (const LaterBranch& branch : later_) {
    if (branch.transaction != view.id) continue;
    if (branch.in_doubt || (branch.steps.under_lock() | branch.steps.reserved()) != 0) return true;
    if (branch.forgot && !branch.finished && view.is_committed()) return true;
  }
  return view.has_reserved && left_reserved(view) != 0;
}

// Some of its steps are in effect for good and others are not, and some participant has not
// announced the end of its part.
bool Ledger::is_half_done(const ExecutionState& state, std::uint64_t effect) const {
  const KindLayout& kind = layout_->kind(state.kind);
  if (effect == 0 || effect == kind.writes) return false;
  return !state.has_votes() || (kind.writers & ~(state.finished | state.read_only)) != 0;
}

// An execution whose id was executed again later.
bool Ledger::is_left_open(const Entry& entry) const {
  if (entry.is_open()) return true;
  const bool is_over = !entry.state.begun || entry.state.phase == Phase::Ended;
  return !is_over && is_half_done(entry.state, effect_of(entry));
}

// A coordinator that has crashed may have forgotten its transaction rightly, and then never
// announces its end; unless the transaction is half done.
bool Ledger::is_settled(const TransactionView& view) const {
  if (is_open_at_a_node(view)) return false;
  if (!view.begun || view.phase == Phase::Ended) return true;
  return view.left && !is_half_done(view, effect_of(view));
}

bool Ledger::is_ended(const TransactionView& view) const {
  const bool may_go_on =
      view.begun && view.phase != Phase::Ended && is_down(coordinator_of(view.kind));
  return is_settled(view) && !may_go_on;
}

// ---- What is in effect

std::uint64_t Ledger::effect_of(const TransactionView& view) const {
  std::uint64_t effect = view.steps.in_effect();
  for (const LaterBranch& branch : later_) {
    if (branch.transaction == view.id) effect |= branch.steps.in_effect();
  }
  return effect & layout_->kind(view.kind).writes;
}

std::uint64_t Ledger::effect_of(const Entry& entry) const {
  std::uint64_t effect = entry.state.steps.in_effect();
  for (const LaterBranch& branch : entry.branches) effect |= branch.steps.in_effect();
  return effect & layout_->kind(entry.state.kind).writes;
}

bool Ledger::is_split(const TransactionView& view, std::uint64_t effect) const {
  std::uint64_t rolled_back = view.steps.rolled_back();
  std::uint64_t for_good = view.steps.for_good();
  for (const LaterBranch& branch : later_) {
    if (branch.transaction != view.id) continue;
    rolled_back |= branch.steps.rolled_back();
    for_good |= branch.steps.for_good();
  }
  const bool is_full = effect == layout_->kind(view.kind).writes;
  return rolled_back != 0 && for_good != 0 && !is_full;
}

bool Ledger::is_split(const Entry& entry) const {
  std::uint64_t rolled_back = entry.state.steps.rolled_back();
  std::uint64_t for_good = entry.state.steps.for_good();
  for (const LaterBranch& branch : entry.branches) {
    rolled_back |= branch.steps.rolled_back();
    for_good |= branch.steps.for_good();
  }
  const bool is_full = effect_of(entry) == layout_->kind(entry.state.kind).writes;
  return rolled_back != 0 && for_good != 0 && !is_full;
}

std::uint64_t Ledger::last_event_of(const TransactionView& view, std::uint64_t steps) const {
  std::uint64_t last = 0;
  for (; steps != 0; steps &= steps - 1) {
    last = std::max(last, event_of(view, static_cast<std::uint8_t>(__builtin_ctzll(steps))));
  }
  return last;
}

// A step under lock is in effect for good once it is applied, a step without a lock once its
// transaction has ended: until then it may be compensated. A step that is not in effect stays so
// once it was called off or undone, any other once its transaction has ended. When both kinds
// exist, all-or-nothing has become impossible.
Split Ledger::split_of(const TransactionView& view, std::uint64_t effect) const {
  Split split;
  const std::uint64_t missing = layout_->kind(view.kind).writes & ~effect;
  if (effect == 0 || missing == 0) return split;
  const std::uint64_t never = std::numeric_limits<std::uint64_t>::max();
  const auto first_final = [&](std::uint64_t steps, std::uint64_t by_themselves) {
    std::uint64_t first = never;
    for (; steps != 0; steps &= steps - 1) {
      const auto step = static_cast<std::uint8_t>(__builtin_ctzll(steps));
      const std::uint64_t since = event_of(view, step);
      const bool waits = (by_themselves & step_bit(step)) != 0;
      if (waits && view.phase != Phase::Ended) continue;
      first = std::min(first, waits ? std::max(since, view.ended_event) : since);
    }
    return first;
  };
  std::uint64_t out = view.steps.called_off() | view.steps.set(StepStatus::Undone);
  PartSet aborted = view.aborted & ~view.committed;
  for (int part = 0; aborted != 0; aborted &= ~part_bit(part), ++part) {
    if ((aborted & part_bit(part)) != 0) out |= layout_->steps_of(view.kind, part);
  }
  out &= missing;
  const std::uint64_t in_since = first_final(effect, view.steps.by_itself());
  const std::uint64_t out_since = first_final(missing, missing & ~out);
  split.is_final = in_since != never && out != 0;
  const bool is_known = in_since != never && out_since != never;
  split.blame.event = is_known ? std::max(in_since, out_since)
                               : last_event_of(view, layout_->kind(view.kind).writes);
  if (split.blame.event == 0) split.blame.event = view.split_event;
  const auto side = [&](std::uint64_t steps, std::size_t which) {
    const std::uint64_t event = event_of(view, static_cast<std::uint8_t>(__builtin_ctzll(steps)));
    return event != 0 ? event : view.split_sides[which];
  };
  split.blame.sides = {side(effect, 0), side(missing, 1)};
  return split;
}

// ---- For the explorer

// Only the order of steps that may be compensated counts, and of their places only the relation.
void Ledger::digest_order(const TransactionView& view, Fingerprint& into) const {
  for (std::uint64_t rest = view.steps.by_itself(); rest != 0; rest &= rest - 1) {
    const std::uint8_t order = effect_order(view, static_cast<std::uint8_t>(__builtin_ctzll(rest)));
    std::uint64_t later = 0;
    for (std::uint64_t others = view.steps.by_itself(); others != 0; others &= others - 1) {
      const auto other = static_cast<std::uint8_t>(__builtin_ctzll(others));
      if (effect_order(view, other) > order) later |= step_bit(other);
    }
    into.add(later);
  }
}

void Ledger::digest_into(Fingerprint& into) const {
  into.add(is_calm_, archive_, resources_, recoveries_, down_, recalling_, settling_.size());
  if (!archive_.empty()) into.add(recovered_);  // what comes back has survived the recovery
  std::uint64_t sum = 0;
  places_.for_each([&](std::uint64_t, const std::uint32_t place) {
    const TransactionView& view = views_[place];
    Fingerprint one;
    one.add(view.id, static_cast<const ExecutionState&>(view), view.locked, view.waiting,
            view.said_again);
    digest_order(view, one);
    for (std::uint8_t step = 0; view.has_reserved && step < most_steps_; ++step) {
      one.add(reserved_of(view, step));
    }
    for (const LaterBranch& branch : later_) {
      if (branch.transaction == view.id) one.add(branch);
    }
    sum += one.value();
  });
  into.add(sum);
}

}  // namespace txsim
