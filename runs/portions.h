// Shares and percentiles that a scenario expects. Each run gives a count and a whole. Both add up
// exactly over the runs of a sweep, in any order and over any shards.
//
// A percentile is by nearest rank: the p99 of n answers is the ceil(99/100 n)-th by latency. So it
// is at most 2s if and only if at least 99% of the answers take at most 2s, and at least 2s if and
// only if less than 99% of them take less than 2s. Both are shares, and exact.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "checks/verdict.h"
#include "scenarios/scenario.h"

namespace txsim {

struct Portion {
  std::uint64_t count = 0;
  std::uint64_t of = 0;

  void add(const Portion& portion) {
    count += portion.count;
    of += portion.of;
  }
  friend bool operator==(const Portion&, const Portion&) = default;
};

// The bound.
struct PortionExpectation {
  enum class Bound : std::uint8_t { AtLeast, AtMost, Below };

  std::string text;  // as written
  Place place;
  std::string of;  // "transactions", "submissions", "clients", "orders"; of a percentile "answers"
  Bound bound = Bound::AtLeast;
  std::int64_t share = 0;  // of Expectation::kWhole
  Duration within;         // of a percentile: the latency that counts

  bool is_percentile() const { return of == "answers"; }
  // A share of zero items does not meet any expectation.
  bool is_met(const Portion& portion) const;
  // "98.96%, 4948 of 5000 transactions".
  std::string seen(const Portion& portion) const;

  friend bool operator==(const PortionExpectation& a, const PortionExpectation& b) {
    return a.text == b.text && a.of == b.of && a.bound == b.bound && a.share == b.share &&
           a.within == b.within && a.place.file == b.place.file && a.place.line == b.place.line;
  }
};
const char* text(PortionExpectation::Bound bound);  // "at least", "at most", "below"

// Requires an expectation on a share or a percentile.
PortionExpectation portion_expectation(const Expectation& expected);
// Of one run. For a percentile its transactions must have been kept.
Portion portion_of(const Expectation& expected, const Verdicts& verdicts);

// Of a scenario, in the order of its expectations.
std::vector<PortionExpectation> portion_expectations(const Scenario& scenario);
std::vector<Portion> portions_of(const Scenario& scenario, const Verdicts& verdicts);

}  // namespace txsim
