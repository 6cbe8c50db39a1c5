#include "runs/portions.h"

#include <fmt/format.h>

#include "scenarios/values.h"
#include "sim/assert.h"

namespace txsim {
namespace {

using Expected = Expectation::Kind;
using Compare = Expectation::Compare;
using Bound = PortionExpectation::Bound;

// __int128: a count times the whole may exceed 64 bits.
__extension__ using Wide = unsigned __int128;

Portion ended(const Counters& counters, std::string_view name) {
  Portion portion{0, counters.begun()};
  for (int i = 0; i < kEndings; ++i) {
    if (text(static_cast<Ending>(i)) == name) portion.count = counters.endings[i];
  }
  return portion;
}

Portion became(const Counters& counters, std::string_view name) {
  if (name == text(Fate::Begun)) return {counters.begun(), counters.submitted};
  if (name == text(Fate::Recognised)) return {counters.recognised, counters.submitted};
  return {counters.never_begun(), counters.submitted};
}

Portion told(const Counters& counters, std::string_view name, bool by_order) {
  if (by_order) {
    if (name == "done") return {counters.orders_told_done, counters.orders};
    if (name == "failed") return {counters.orders_told_failed, counters.orders};
    return {counters.orders_told_nothing(), counters.orders};
  }
  if (name == "done") return {counters.told_done, counters.submitted};
  if (name == "failed") return {counters.told_failed, counters.submitted};
  if (name == "busy") return {counters.told_busy, counters.submitted};
  return {counters.told_nothing(), counters.submitted};
}

// The answers that take at most this long, or less than this.
Portion answered(const Verdicts& verdicts, Duration within, bool or_just) {
  Portion portion;
  for (const TransactionSummary& transaction : verdicts.transactions) {
    if (!transaction.has_latency()) continue;
    ++portion.of;
    const Duration latency = transaction.latency();
    if (latency < within || (or_just && latency == within)) ++portion.count;
  }
  return portion;
}

}  // namespace

const char* text(Bound bound) {
  switch (bound) {
    case Bound::AtLeast:
      return "at least";
    case Bound::AtMost:
      return "at most";
    case Bound::Below:
      return "below";
  }
  return "?";
}

PortionExpectation portion_expectation(const Expectation& expected) {
  TXSIM_ASSERT(expected.is_over_runs(), "neither a share nor a percentile");
  PortionExpectation portion;
  portion.text = expected.text;
  portion.place = expected.place;
  portion.share = expected.share;
  const bool at_least = expected.compare == Compare::AtLeast;
  if (expected.kind == Expected::Percentile) {
    portion.of = "answers";
    portion.bound = at_least ? Bound::Below : Bound::AtLeast;
    portion.within = Duration{expected.value};
    return portion;
  }
  portion.bound = at_least ? Bound::AtLeast : Bound::AtMost;
  portion.of = expected.kind == Expected::Outcome ? "transactions"
               : expected.kind == Expected::Fate  ? "submissions"
               : expected.by_order                ? "orders"
                                                  : "clients";
  return portion;
}

Portion portion_of(const Expectation& expected, const Verdicts& verdicts) {
  switch (expected.kind) {
    case Expected::Outcome:
      return ended(verdicts.counters, expected.subject);
    case Expected::Fate:
      return became(verdicts.counters, expected.subject);
    case Expected::Told:
      return told(verdicts.counters, expected.subject, expected.by_order);
    case Expected::Percentile:
      return answered(verdicts, Duration{expected.value}, expected.compare == Compare::AtMost);
    case Expected::Verdict:
    case Expected::Counter:
    case Expected::Amount:
    case Expected::Strikes:
      break;
  }
  TXSIM_ASSERT(false, "not so many of so many: " + expected.text);
}

bool PortionExpectation::is_met(const Portion& portion) const {
  if (portion.of == 0) return false;
  const Wide counted = Wide{portion.count} * static_cast<std::uint64_t>(Expectation::kWhole);
  const Wide wanted = Wide{portion.of} * static_cast<std::uint64_t>(share);
  switch (bound) {
    case Bound::AtLeast:
      return counted >= wanted;
    case Bound::AtMost:
      return counted <= wanted;
    case Bound::Below:
      return counted < wanted;
  }
  return false;
}

// To hundredths of a percent, rounded down for "at least" and up otherwise, so that a share that
// just misses its bound does not look as if it met it.
std::string PortionExpectation::seen(const Portion& portion) const {
  if (portion.of == 0) return of == "transactions" ? "no transaction began" : "there are no " + of;
  const Wide up = bound == Bound::AtLeast ? 0 : Wide{portion.of} - 1;
  const auto hundredths =
      static_cast<std::uint64_t>((Wide{portion.count} * 10'000 + up) / portion.of);
  std::string share_text = fmt::format("{}.{:02}%, {} of {} {}", hundredths / 100, hundredths % 100,
                                       portion.count, portion.of, of);
  if (!is_percentile()) return share_text;
  return fmt::format("{} {} {}", share_text, bound == Bound::Below ? "below" : "within",
                     txsim::text(within));
}

std::vector<PortionExpectation> portion_expectations(const Scenario& scenario) {
  std::vector<PortionExpectation> all;
  for (const Expectation& expected : scenario.expectations) {
    if (expected.is_over_runs()) all.push_back(portion_expectation(expected));
  }
  return all;
}

std::vector<Portion> portions_of(const Scenario& scenario, const Verdicts& verdicts) {
  std::vector<Portion> all;
  for (const Expectation& expected : scenario.expectations) {
    if (expected.is_over_runs()) all.push_back(portion_of(expected, verdicts));
  }
  return all;
}

}  // namespace txsim
