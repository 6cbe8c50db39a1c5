#include "runs/expectations.h"

#include <fmt/format.h>

#include <algorithm>

#include "runs/portions.h"
#include "runs/promises.h"
#include "scenarios/values.h"
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

Counted so_many(const Portion& portion) {
  return {static_cast<std::int64_t>(portion.count), static_cast<std::int64_t>(portion.of)};
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
      return counted.value == counted.of && counted.of > 0;
  }
  return false;
}

// An old word for any of three fates.
Met hold_unknown(const Counters& counters, const Expectation& expected) {
  const std::uint64_t unfinished = counters.endings[static_cast<int>(Ending::Unfinished)];
  const Counted counted =
      so_many({counters.never_begun() + counters.recognised + unfinished, counters.submitted});
  return {expected, compares(expected.compare, counted, expected.value),
          fmt::format("{} (submissions: {} never begun, {} recognised; transactions: {} "
                      "unfinished; say which)",
                      counted.value, counters.never_begun(), counters.recognised, unfinished)};
}

// By nearest rank.
Duration latency_at(const Verdicts& verdicts, std::int64_t share) {
  std::vector<std::int64_t> latencies;
  for (const TransactionSummary& transaction : verdicts.transactions) {
    if (transaction.has_latency()) latencies.push_back(transaction.latency().ns);
  }
  if (latencies.empty()) return {};
  __extension__ using Rank = unsigned __int128;
  const Rank whole = static_cast<std::uint64_t>(Expectation::kWhole);
  const Rank rank =
      (Rank{latencies.size()} * static_cast<std::uint64_t>(share) + whole - 1) / whole;
  const auto nth = latencies.begin() + static_cast<std::ptrdiff_t>(rank) - 1;
  std::nth_element(latencies.begin(), nth, latencies.end());
  return Duration{*nth};
}

Met hold_portion(const RunResult& result, const Expectation& expected) {
  const PortionExpectation wanted = portion_expectation(expected);
  const Portion portion = portion_of(expected, result.verdicts);
  Met met{expected, wanted.is_met(portion), wanted.seen(portion)};
  if (expected.kind == Expected::Percentile && portion.of > 0) {
    met.seen = fmt::format("{} ({})", text(latency_at(result.verdicts, expected.share)), met.seen);
  }
  return met;
}

std::uint64_t of_nodes(const RunResult& result, NodeId node, std::uint64_t NodeCounts::*count) {
  std::uint64_t sum = 0;
  for (NodeId i = 0; i < result.statistics.nodes.size(); ++i) {
    if (node == kNoNode || node == i) sum += result.statistics.nodes[i].*count;
  }
  return sum;
}

// The counters whose value is one number; `hold_average` handles the averages.
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
  if (name == "dirty_reads") return counters.dirty_reads;
  if (name == "lost_updates") return counters.lost_updates;
  if (name == "write_skews") return counters.write_skews;
  if (name == "events") return statistics.events;
  if (name == "longest_latency") return static_cast<std::uint64_t>(counters.latency.most.ns);
  if (name == "longest_lock_hold") return static_cast<std::uint64_t>(counters.lock_hold.most.ns);
  if (name == "longest_lock_wait") return static_cast<std::uint64_t>(counters.lock_wait.most.ns);
  if (name == "longest_reservation") {
    return static_cast<std::uint64_t>(counters.reservation_hold.most.ns);
  }
  if (name == "longest_in_doubt") return static_cast<std::uint64_t>(counters.in_doubt.most.ns);
  TXSIM_ASSERT(name == "violations", "a counter that nothing counts: " + expected.subject);
  std::uint64_t violations = 0;
  for (const Judgement& judgement : result.verdicts.judgements) violations += judgement.violations;
  return violations;
}

Met hold_count(const Expectation& expected, Counted counted) {
  Met met{expected, compares(expected.compare, counted, expected.value), {}};
  met.seen = expected.compare == Compare::All ? fmt::format("{} of {}", counted.value, counted.of)
             : expected.is_duration           ? fmt::format("{} us", counted.value / 1000)
                                              : fmt::format("{}", counted.value);
  return met;
}

// Delays on the way from submission to the answer done or failed, on average over those answers.
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

// Of order records: how many there are, or how many are completed.
Met hold_amount(const RunResult& result, const Expectation& expected) {
  const auto& [available, reserved] = result.verdicts.amounts[expected.resource];
  if (expected.reserved) return hold_count(expected, {reserved, 0});
  const bool is_records = result.scenario->plan.resources[expected.resource].is_records;
  if (!is_records || expected.completed) return hold_count(expected, {available, 0});
  const std::int64_t records = result.verdicts.records[expected.resource];
  Met met = hold_count(expected, {records, 0});
  if (records != available) met.seen += fmt::format(" ({} completed)", available);
  return met;
}

Met hold_strikes(const RunResult& result, const Expectation& expected) {
  if (result.fates.empty()) return {expected, false, "no fault is placed"};
  const std::vector<std::size_t> places = never_struck(result);
  std::string seen;
  for (const std::size_t place : places) {
    seen += fmt::format("{}'{}' never struck: {}", seen.empty() ? "" : "; ",
                        result.scenario->fault_texts[place], why_never_struck(result, place));
  }
  if (places.empty()) seen = fmt::format("each of {} struck", result.fates.size());
  return {expected, places.empty(), seen};
}

Met hold(const RunResult& result, const Expectation& expected) {
  if (expected.is_over_runs()) return hold_portion(result, expected);
  switch (expected.kind) {
    case Expected::Verdict: {
      const std::string seen(text(judgement_of(result, expected.subject).verdict));
      return {expected, seen == expected.verdict, seen};
    }
    case Expected::Outcome:
      if (expected.subject == "unknown") return hold_unknown(result.verdicts.counters, expected);
      [[fallthrough]];
    case Expected::Fate:
    case Expected::Told:
      return hold_count(expected, so_many(portion_of(expected, result.verdicts)));
    case Expected::Amount:
      return hold_amount(result, expected);
    case Expected::Percentile:
      break;
    case Expected::Strikes:
      return hold_strikes(result, expected);
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

bool is_named(const RunResult& result, std::string_view invariant) {
  const std::vector<Expectation>& all = result.scenario->expectations;
  return std::any_of(all.begin(), all.end(), [&](const Expectation& expected) {
    return expected.kind == Expected::Verdict && expected.subject == invariant;
  });
}

}  // namespace

bool is_told_only(const RunResult& result, std::string_view invariant) {
  return !is_named(result, invariant) &&
         !counts_unnamed(result.scenario->protocol_name(), invariant);
}

std::vector<Met> hold_expectations(const RunResult& result) {
  std::vector<Met> met;
  for (const Expectation& expected : result.scenario->expectations) {
    met.push_back(hold(result, expected));
  }
  if (result.standstill) {
    Expectation moves_on;
    moves_on.subject = "convergence";
    moves_on.verdict = "not violated";
    moves_on.text = "virtual time moves on";
    moves_on.place = {result.scenario->name, 0};
    met.push_back({moves_on, false,
                   fmt::format("a livelock at {}: {}, again and again", text(result.standstill->at),
                               fmt::join(result.standstill->loop, "; "))});
  }
  for (const Judgement& judgement : result.verdicts.judgements) {
    if (judgement.verdict != Verdict::Violated || is_named(result, judgement.invariant)) continue;
    if (is_told_only(result, judgement.invariant)) continue;
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
