#include "runs/expectations.h"

#include <fmt/format.h>

#include <algorithm>

#include "sim/assert.h"

namespace txsim {
namespace {

using Expected = Expectation::Kind;
using Compare = Expectation::Compare;

struct Counted {
  std::int64_t value = 0;
  std::int64_t of = 0;  // how many there are in all, for Compare::All
};

const Judgement& judgement_of(const RunResult& result, std::string_view invariant) {
  const auto& judgements = result.verdicts.judgements;
  const auto found = std::find_if(judgements.begin(), judgements.end(),
                                  [&](const Judgement& j) { return j.invariant == invariant; });
  TXSIM_ASSERT(found != judgements.end(), "no check gave a verdict: " + std::string(invariant));
  return *found;
}

Counted endings(const RunResult& result, std::string_view name) {
  Counted counted;
  for (int i = 0; i < kEndings; ++i) {
    const auto count = static_cast<std::int64_t>(result.verdicts.counters.endings[i]);
    counted.of += count;
    if (text(static_cast<Ending>(i)) == name) counted.value = count;
  }
  return counted;
}

Counted told(const RunResult& result, std::string_view reply) {
  Counted counted;
  for (const TransactionSummary& transaction : result.verdicts.transactions) {
    ++counted.of;
    const std::string_view had = transaction.told ? text(transaction.reply) : "nothing";
    if (had == reply) ++counted.value;
  }
  return counted;
}

std::uint64_t of_nodes(const RunResult& result, NodeId node, std::uint64_t NodeCounts::*count) {
  std::uint64_t sum = 0;
  for (NodeId i = 0; i < result.statistics.nodes.size(); ++i) {
    if (node == kNoNode || node == i) sum += result.statistics.nodes[i].*count;
  }
  return sum;
}

// The counters whose value is one number; averages are seen to by `hold_average`.
std::uint64_t counter(const RunResult& result, const Expectation& expected) {
  const Statistics& statistics = result.statistics;
  const Counters& counters = result.verdicts.counters;
  const std::string_view name =
      std::string_view(expected.subject).substr(0, expected.subject.find('.'));
  if (name == "messages") {
    return expected.message ? statistics.messages(expected.message) : statistics.sent;
  }
  if (name == "delivered") return statistics.delivered;
  if (name == "lost") return statistics.lost;
  if (name == "duplicated") return statistics.duplicated;
  if (name == "refused") return statistics.refused;
  if (name == "records") return of_nodes(result, expected.node, &NodeCounts::records);
  if (name == "forces") return of_nodes(result, expected.node, &NodeCounts::forces);
  if (name == "writes") return of_nodes(result, expected.node, &NodeCounts::writes);
  if (name == "retries") return counters.retries;
  if (name == "submitted") return counters.submitted;
  if (name == "dirty_uses") return counters.dirty_uses;
  if (name == "events") return statistics.events;
  if (name == "longest_latency") return static_cast<std::uint64_t>(counters.latency.most.ns);
  if (name == "longest_lock_hold") return static_cast<std::uint64_t>(counters.lock_hold.most.ns);
  if (name == "longest_lock_wait") return static_cast<std::uint64_t>(counters.lock_wait.most.ns);
  if (name == "longest_reservation") {
    return static_cast<std::uint64_t>(counters.reservation_hold.most.ns);
  }
  if (name == "longest_in_doubt") return static_cast<std::uint64_t>(counters.in_doubt.most.ns);
  TXSIM_ASSERT(name == "violations", "a counter that nobody counts: " + expected.subject);
  std::uint64_t violations = 0;
  for (const Judgement& judgement : result.verdicts.judgements) violations += judgement.violations;
  return violations;
}

bool compares(Compare compare, Counted counted, std::int64_t value) {
  switch (compare) {
    case Compare::Equal:
      return counted.value == value;
    case Compare::AtLeast:
      return counted.value >= value;
    case Compare::AtMost:
      return counted.value <= value;
    case Compare::All:
      return counted.value == counted.of;
  }
  return false;
}

Met hold_count(const Expectation& expected, Counted counted) {
  Met met{expected, compares(expected.compare, counted, expected.value), {}};
  met.seen = expected.compare == Compare::All ? fmt::format("{} of {}", counted.value, counted.of)
             : expected.is_duration           ? fmt::format("{} us", counted.value / 1000)
                                              : fmt::format("{}", counted.value);
  return met;
}

// Delays on the way from submission to answer, on average over the transactions that were answered.
Met hold_average(const Expectation& expected, std::uint64_t total, std::uint64_t count) {
  const auto wanted = expected.value * static_cast<std::int64_t>(count);
  const Counted sum{static_cast<std::int64_t>(total), 0};
  Met met{expected, count > 0 && compares(expected.compare, sum, wanted), "no answer"};
  if (count > 0) {
    met.seen = total % count == 0 ? fmt::format("{}", total / count)
                                  : fmt::format("{} in {} answers", total, count);
  }
  return met;
}

Met hold(const RunResult& result, const Expectation& expected) {
  switch (expected.kind) {
    case Expected::Verdict: {
      const std::string seen(text(judgement_of(result, expected.subject).verdict));
      return {expected, seen == expected.verdict, seen};
    }
    case Expected::Outcome:
      return hold_count(expected, endings(result, expected.subject));
    case Expected::Told:
      return hold_count(expected, told(result, expected.subject));
    case Expected::Amount: {
      const auto& [available, reserved] = result.verdicts.amounts[expected.resource];
      return hold_count(expected, {expected.reserved ? reserved : available, 0});
    }
    case Expected::Counter:
      break;
  }
  const Counters& counters = result.verdicts.counters;
  if (expected.subject == "message_delays") {
    return hold_average(expected, counters.path_message_delays, counters.path_count);
  }
  if (expected.subject == "write_delays") {
    return hold_average(expected, counters.path_write_delays, counters.path_count);
  }
  return hold_count(expected, {static_cast<std::int64_t>(counter(result, expected)), 0});
}

}  // namespace

std::vector<Met> hold_expectations(const RunResult& result) {
  std::vector<Met> met;
  std::vector<std::string_view> named;
  for (const Expectation& expected : result.scenario->expectations) {
    if (expected.kind == Expected::Verdict) named.emplace_back(expected.subject);
    met.push_back(hold(result, expected));
  }
  for (const Judgement& judgement : result.verdicts.judgements) {
    const bool is_named = std::find(named.begin(), named.end(), judgement.invariant) != named.end();
    if (is_named || judgement.verdict != Verdict::Violated) continue;
    Expectation unnamed;
    unnamed.subject = judgement.invariant;
    unnamed.verdict = "not violated";
    unnamed.text =
        fmt::format("{} is not violated (unless a scenario expects it)", judgement.invariant);
    unnamed.place = {result.scenario->name, 0};
    met.push_back({unnamed, false, "violated"});
  }
  return met;
}

}  // namespace txsim
