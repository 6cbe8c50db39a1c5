#include "reports/counter_rows.h"

#include <fmt/format.h>

#include <algorithm>

#include "reports/names.h"

namespace txsim {
namespace {

// Up to this many are listed one by one, each with its client's answer.
constexpr std::uint64_t kFewTransactions = 12;

std::string spread_text(const Spread& spread) {
  if (spread.count == 0) return "";
  const Duration mean{spread.total.ns / static_cast<std::int64_t>(spread.count)};
  if (spread.count == 1) return duration_text(spread.most);
  if (mean == spread.most) {
    return fmt::format("{} ({} times)", duration_text(mean), spread.count);
  }
  return fmt::format("{} on average, {} at most ({} times)", duration_text(mean),
                     duration_text(spread.most), spread.count);
}

// A mean with two decimals, without zeros at its end.
std::string mean_text(std::uint64_t total, std::uint64_t count) {
  const std::uint64_t hundredths = (total * 100 + count / 2) / count;
  if (hundredths % 100 == 0) return fmt::format("{}", hundredths / 100);
  return fmt::format("{}.{:02}", hundredths / 100, hundredths % 100);
}

CounterRow messages_row(const RunResult& result) {
  const Statistics& counts = result.statistics;
  CounterRow row{
      "messages", fmt::format("{} sent, {} delivered", counts.sent, counts.delivered), {}};
  if (counts.lost > 0) row.value += fmt::format(", {} lost", counts.lost);
  if (counts.duplicated > 0) row.value += fmt::format(", {} duplicated", counts.duplicated);
  if (counts.refused > 0) row.value += fmt::format(", {} refused", counts.refused);
  for (const auto& [type, count] : counts.messages()) {
    row.parts.push_back(fmt::format("{} {}", result.spec->dictionary.text(type), count));
  }
  std::sort(row.parts.begin(), row.parts.end());
  return row;
}

CounterRow log_row(const RunResult& result) {
  NodeCounts all;
  CounterRow row{"log", "", {}};
  const RunNames names(result);
  for (NodeId node = 0; node < result.statistics.nodes.size(); ++node) {
    const NodeCounts& counts = result.statistics.nodes[node];
    if (counts.records == 0 && counts.forces == 0) continue;
    all.records += counts.records;
    all.forces += counts.forces;
    all.writes += counts.writes;
    row.parts.push_back(fmt::format("{} {}/{}", names.node(node), counts.records, counts.forces));
  }
  if (row.parts.empty()) return row;
  row.value =
      fmt::format("{} records, {} forced, {} disk writes", all.records, all.forces, all.writes);
  if (row.parts.size() == 1 || row.parts.size() > 12) row.parts.clear();
  return row;
}

// "done 97, failed 2, busy 1, nothing 3": those that are not 0.
std::string told_text(const Counters& counters) {
  std::vector<std::string> parts;
  for (const auto& [reply, count] :
       {std::pair{"done", counters.told_done}, std::pair{"failed", counters.told_failed},
        std::pair{"busy", counters.told_busy}, std::pair{"nothing", counters.told_nothing()}}) {
    if (count > 0) parts.push_back(fmt::format("{} {}", reply, count));
  }
  return fmt::format("{}", fmt::join(parts, ", "));
}

// If each order was submitted once and begun, the transactions say everything.
std::string submissions_text(const Counters& counters) {
  if (counters.submitted == counters.orders && counters.submitted == counters.begun()) return "";
  std::string text = fmt::format("{} of {} orders, {} begun", counters.submitted, counters.orders,
                                 counters.begun());
  if (counters.recognised > 0) text += fmt::format(", {} recognised", counters.recognised);
  if (counters.never_begun() > 0) text += fmt::format(", {} never begun", counters.never_begun());
  return text;
}

}  // namespace

std::vector<CounterRow> counter_rows(const RunResult& result) {
  const Counters& counters = result.verdicts.counters;
  std::vector<CounterRow> rows = {messages_row(result), log_row(result)};
  const auto add = [&](const char* label, std::string value) {
    rows.push_back({label, std::move(value), {}});
  };
  add("submissions", submissions_text(counters));
  if (counters.submitted > kFewTransactions) add("clients told", told_text(counters));
  if (counters.path_count > 0) {
    add("critical path", fmt::format("{} message delays, {} write delays",
                                     mean_text(counters.path_message_delays, counters.path_count),
                                     mean_text(counters.path_write_delays, counters.path_count)));
  }
  add("latency", spread_text(counters.latency));
  add("lock hold", spread_text(counters.lock_hold));
  add("lock wait", spread_text(counters.lock_wait));
  add("reserved for", spread_text(counters.reservation_hold));
  add("in doubt", spread_text(counters.in_doubt));
  if (counters.dirty_reads > 0) add("dirty reads", fmt::format("{}", counters.dirty_reads));
  if (counters.lost_updates > 0) add("lost updates", fmt::format("{}", counters.lost_updates));
  if (counters.write_skews > 0) add("write skews", fmt::format("{}", counters.write_skews));
  if (counters.dirty_uses > 0) add("dirty uses", fmt::format("{}", counters.dirty_uses));
  if (counters.retries > 0) add("retries", fmt::format("{}", counters.retries));
  add("events",
      fmt::format(
          "{}, the last at {}; {}", result.statistics.events, time_text(result.end),
          result.idle
              ? "nothing was pending any more"
              : fmt::format("the horizon cut the run off, with {} message{} and "
                            "{} timer{} under way",
                            result.messages_under_way, result.messages_under_way == 1 ? "" : "s",
                            result.timers_under_way, result.timers_under_way == 1 ? "" : "s")));
  const auto is_empty = [](const CounterRow& row) { return row.value.empty(); };
  rows.erase(std::remove_if(rows.begin(), rows.end(), is_empty), rows.end());
  return rows;
}

}  // namespace txsim
