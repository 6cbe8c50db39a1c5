// What every check is made of. A check is a copyable value with
//   kInfo         its description for `txsim describe`,
//   kReads        the facts it receives,
//   on            takes one fact as the ledger understood it (m.view is null if the ledger knows no
//                 execution),
//   judgement     returns the verdict at the end of the run,
//   is_violated   returns whether it found a violation that later facts cannot heal,
// and, if it needs them,
//   digest_into   what else later findings depend on (sim/fingerprint.h),
//   closed        an execution is over, or the run is; called again if it was over before and has
//                 come back since (`view.was_over`),
//   settled       what a crash left, or what a node recovered with,
//   over          the run is over and all executions are closed; those that had been over before
//                 are in the ledger's archive.
//
// What later facts may still heal is judged at the end (`violated_in_the_end`). If only another
// broken promise could heal it, `is_violated` may report it earlier, to the explorer.
#pragma once

#include <fmt/format.h>

#include <cstdint>
#include <initializer_list>
#include <string>
#include <utility>
#include <vector>

#include "checks/judge.h"
#include "checks/ledger.h"
#include "checks/verdict.h"
#include "sim/fingerprint.h"

namespace txsim {

// A set of facts, one bit each.
using FactSet = std::uint64_t;
constexpr FactSet facts(std::initializer_list<FactKind> kinds) {
  FactSet set = 0;
  for (const FactKind kind : kinds) set |= FactSet{1} << static_cast<unsigned>(kind);
  return set;
}

// The first violation, and the number of violations. Texts are made only for the first one and for
// those that are found in the end.
class Finding {
 public:
  Finding() = default;
  Finding(const Finding&) = default;
  Finding(Finding&&) noexcept = default;
  Finding& operator=(Finding&&) noexcept = default;
  Finding& operator=(const Finding& other) {
    if (violations_ == 0 && other.violations_ == 0) return *this;  // as in most worlds
    Finding copy(other);
    return *this = std::move(copy);
  }
  ~Finding() = default;

  // `sides`: the two contradictory events, if the violation has two.
  template <class Explain>
  [[gnu::cold, gnu::noinline]] void violated(std::uint64_t event, TransactionId transaction,
                                             Explain&& explain, const Sides& sides = {}) {
    const bool is_first = violations_ == open_ends_.size();
    ++violations_;
    if (is_first) keep(event, transaction, sides, std::forward<Explain>(explain)());
  }
  // A violation that only the end of the run reveals: the one with the earliest event is reported.
  // `open_end` names the open transaction if that is another one.
  template <class Explain>
  [[gnu::cold, gnu::noinline]] void violated_in_the_end(std::uint64_t event,
                                                        TransactionId transaction,
                                                        Explain&& explain, const Sides& sides = {},
                                                        TransactionId open_end = 0) {
    ++violations_;
    open_ends_.push_back({open_end != 0 ? open_end : transaction, transaction, event, sides,
                          std::forward<Explain>(explain)()});
  }
  bool any() const { return violations_ > 0; }
  std::uint64_t count() const { return violations_; }

  // Violated if a violation was found, else the given verdict.
  Judgement judgement(std::string_view invariant, Verdict otherwise, std::string why = {}) const {
    Judgement judgement;
    judgement.invariant = invariant;
    judgement.verdict = any() ? Verdict::Violated : otherwise;
    if (any()) why = explanation_;
    judgement.explanation = std::move(why);
    judgement.violations = violations_;
    judgement.event = event_;
    judgement.transaction = transaction_;
    judgement.sides = sides_;
    judgement.open_ends = open_ends_;
    judgement.tell_open_end();
    return judgement;
  }

 private:
  void keep(std::uint64_t event, TransactionId transaction, const Sides& sides,
            std::string explanation) {
    event_ = event;
    transaction_ = transaction;
    sides_ = sides;
    explanation_ = std::move(explanation);
  }

  std::uint64_t violations_ = 0;
  std::uint64_t event_ = 0;
  TransactionId transaction_ = 0;
  Sides sides_{};
  std::string explanation_;
  std::vector<OpenEnd> open_ends_;
};

struct Closing {
  const TransactionView& view;
  const KindLayout& kind;
  const EndOfRun* end = nullptr;  // null: the execution is over, and the run is not
  std::uint64_t effect = 0;       // steps in effect, but for those that only read
  bool is_settled = false;        // it has ended at every node that took part
  bool is_ended = false;          // and its coordinator, if it crashed and left it, is up
  bool is_split = false;          // all-or-nothing has become impossible
  const Split& split;             // where it is partly in effect
  PartSet gone = 0;               // parts whose nodes are down for good when the run ends

  bool at_end() const { return end != nullptr; }
  bool disturbed() const { return end != nullptr && end->disturbed; }
  bool is_full() const { return effect == kind.writes; }
  bool is_partial() const { return effect != 0 && effect != kind.writes; }
  // An open fault keeps it from ending, and it may yet come right.
  bool is_held_up() const { return disturbed() && !is_ended && !is_split; }
};

inline int lowest_part(PartSet parts) {
  for (int part = 0; part < kMostParts; ++part) {
    if ((parts & part_bit(part)) != 0) return part;
  }
  return -1;
}

inline std::string name_of_part(const Ledger& ledger, const TransactionView& view, int part) {
  if (part < 0) return "nobody";
  return ledger.layout().node(ledger.layout().node_of(view.kind, part));
}

// "take of stock of product"
inline std::string name_of_step(const Ledger& ledger, std::uint16_t kind, std::uint64_t steps) {
  const auto lowest = static_cast<std::uint8_t>(steps == 0 ? 255 : __builtin_ctzll(steps));
  if (!ledger.layout().knows_step(kind, lowest)) return "no step";
  const Step& step = ledger.layout().plan().kinds[kind].steps[lowest];
  return fmt::format("{} of {}", text(step.action), ledger.layout().resource(step.resource));
}

}  // namespace txsim
