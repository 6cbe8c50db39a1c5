// What every check is made of. A check is a copyable value with
//   kInfo         what `txsim describe` tells of it,
//   kReads        the facts it is fed,
//   on            one fact as the ledger understood it (m.view is null where it knows no
//   execution), judgement     what it says of the run in the end, is_violated   something was found
//   that nothing later makes good,
// and where it has a use for them
//   digest_into   what else later findings depend on (sim/fingerprint.h),
//   closed        an execution is over, or the run is; once more if it was over before and has come
//                 back since (`view.was_over`),
//   settled       what came out of a crash, or once a node had recovered,
//   over          the run is, all executions are closed; those that had been over before are in the
//                 ledger's archive.
//
// What later facts can still make right is judged in the end (`violated_in_the_end`). Where nothing
// but one more broken promise could make it right, `is_violated` may say so earlier, to the
// explorer.
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

// The first violation, and how many there were. Text is made for the first one, and for those that
// are found in the end.
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

  // `sides`: the events of the two that do not go together, if it is of two.
  template <class Explain>
  [[gnu::cold, gnu::noinline]] void violated(std::uint64_t event, TransactionId transaction,
                                             Explain&& explain, const Sides& sides = {}) {
    const bool is_first = violations_ == open_ends_.size();
    ++violations_;
    if (is_first) keep(event, transaction, sides, std::forward<Explain>(explain)());
  }
  // Found in the end and no earlier: of these the one with the earliest event is told. `open_end`
  // stands for it where that is not the transaction.
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

  // Violated if anything was found, else what is said here.
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
  bool is_settled = false;        // it has come to its end at every node that took part in it
  bool is_ended = false;          // and its coordinator, if it has left it, is up
  bool is_split = false;          // neither all nor nothing can come of it
  const Split& split;             // where it is partly in effect
  PartSet gone = 0;               // parts whose nodes are down for good when the run ends

  bool at_end() const { return end != nullptr; }
  bool disturbed() const { return end != nullptr && end->disturbed; }
  bool is_full() const { return effect == kind.writes; }
  bool is_partial() const { return effect != 0 && effect != kind.writes; }
  // A fault that has not healed keeps it from ending, and it may yet come right.
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
