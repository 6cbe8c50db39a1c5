#include "reports/sweep_charts.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <functional>
#include <nlohmann/json.hpp>

#include "reports/sweep_chart_specs.h"
#include "reports/sweep_figures.h"

namespace txsim {
namespace {

using Json = nlohmann::ordered_json;

// Rounded, so that the text is the same on every machine; precise enough for a drawing.
double rounded_number(double value) { return std::round(value * 1e6) / 1e6; }
double milliseconds(Duration duration) {
  return rounded_number(static_cast<double>(duration.ns) / 1e6);
}
double mean_milliseconds(const Spread& spread) {
  return rounded_number(static_cast<double>(spread.total.ns) / 1e6 /
                        static_cast<double>(spread.count));
}
double ratio(std::uint64_t count, std::uint64_t of) {
  return of == 0 ? 0 : rounded_number(static_cast<double>(count) / static_cast<double>(of));
}

class Charts {
 public:
  explicit Charts(const SweepSummary& summary) : groups_(summary) {}

  std::vector<Chart> make() {
    if (groups_.keys().empty()) outcomes(nullptr);
    for (const VariedKey& key : groups_.keys()) outcomes(&key);
    violations();
    latencies();
    if (groups_.keys().empty()) waits(nullptr);
    for (const VariedKey& key : groups_.keys()) waits(&key);
    costs();
    return std::move(charts_);
  }

 private:
  bool several() const { return groups_.series().size() > 1; }
  const std::string& series(const Pool& pool) const { return groups_.series()[pool.series]; }

  // The axis of charts that are not about one varied key: the series, or the values of the first
  // key if there is only one series.
  const VariedKey* axis_key() const {
    return several() || groups_.keys().empty() ? nullptr : &groups_.keys().front();
  }
  std::vector<Pool> axis_pools() const {
    return axis_key() == nullptr ? groups_.pools() : groups_.pools(*axis_key());
  }
  std::string axis_title() const {
    return axis_key() == nullptr ? groups_.compared() : axis_key()->name;
  }
  std::string axis_name(const Pool& pool) const {
    if (axis_key() != nullptr) return axis_key()->values[pool.value];
    return several() ? series(pool) : "all runs";
  }

  void add(const std::string& title, const std::string& says, Json spec, HtmlTable table) {
    Json whole = {{"$schema", "https://vega.github.io/schema/vega-lite/v6.json"},
                  {"description", title + ". " + says}};
    whole.update(spec);
    Chart chart;
    chart.id = fmt::format("chart-{}", charts_.size());
    chart.title = title;
    chart.says = says;
    chart.spec = whole.dump(-1, ' ', false, Json::error_handler_t::replace);
    chart.table = std::move(table);
    for (std::string& head : chart.table.head) head = printable(head);
    charts_.push_back(std::move(chart));
  }

  // The columns of a table that name the pool of a row.
  void begin_table(HtmlTable& table, const VariedKey* key) const {
    if (several()) table.head.push_back(groups_.compared());
    if (key != nullptr) table.head.push_back(key->name);
    table.numbers.resize(table.head.size(), false);
  }
  std::vector<std::string> begin_row(const Pool& pool, const VariedKey* key) const {
    std::vector<std::string> row;
    if (several()) row.push_back(escape_html(series(pool)));
    if (key != nullptr) row.push_back(escape_html(key->values[pool.value]));
    return row;
  }
  static void add_number(HtmlTable& table, std::string head) {
    table.head.push_back(std::move(head));
    table.numbers.push_back(true);
  }

  // ---- Outcomes

  // Parts of a whole, each with its count in a pool.
  struct Division {
    std::string title;
    std::string says;
    std::string of;  // "transactions"
    std::vector<ColoredPart> parts;
    std::function<std::uint64_t(const SweepTotals&)> all;
    std::function<std::uint64_t(const SweepTotals&, std::size_t part)> count;
  };

  void outcomes(const VariedKey* key) {
    Division ended{"How transactions ended",
                   "The share of the transactions that began, by how they ended.",
                   "transactions",
                   {},
                   [](const SweepTotals& totals) { return totals.transactions(); },
                   [](const SweepTotals& totals, std::size_t i) { return totals.endings[i]; }};
    for (int i = 0; i < kEndings; ++i) ended.parts.push_back(colored(static_cast<Ending>(i)));
    divide(ended, key);
    const Division told{
        "What clients were told",
        "The share of orders whose client was told done, else failed, else "
        "nothing, with all submissions of the order.",
        "orders",
        {{"told done", "#3f9b5f"}, {"told failed", "#9aa0a6"}, {"told nothing", "#e07b39"}},
        [](const SweepTotals& totals) { return totals.orders; },
        [](const SweepTotals& totals, std::size_t i) {
          return i == 0   ? totals.orders_told_done
                 : i == 1 ? totals.orders_told_failed
                          : totals.orders_told_nothing();
        }};
    divide(told, key);
  }

  void divide(const Division& division, const VariedKey* key) {
    const std::vector<Pool> pools = key == nullptr ? groups_.pools() : groups_.pools(*key);
    std::vector<std::size_t> met;  // parts that occur
    std::vector<ColoredPart> parts;
    for (std::size_t i = 0; i < division.parts.size(); ++i) {
      const auto has = [&](const Pool& pool) { return division.count(pool.totals, i) > 0; };
      if (std::none_of(pools.begin(), pools.end(), has)) continue;
      met.push_back(i);
      parts.push_back(division.parts[i]);
    }
    if (met.empty()) return;
    HtmlTable table;
    begin_table(table, key);
    add_number(table, division.of);
    for (const ColoredPart& part : parts) add_number(table, part.name);
    Json values = Json::array();
    for (const Pool& pool : pools) {
      const std::uint64_t all = division.all(pool.totals);
      std::vector<std::string> row = begin_row(pool, key);
      row.push_back(std::to_string(all));
      for (const std::size_t i : met) {
        const std::uint64_t count = division.count(pool.totals, i);
        row.push_back(percent(share_of(count, all).share));
        values.push_back({{"series", several() ? series(pool) : "all runs"},
                          {"x", key == nullptr ? Json() : Json(key->values[pool.value])},
                          {"ending", division.parts[i].name},
                          {"order", i},
                          {"count", count},
                          {"share", ratio(count, all)}});
      }
      table.rows.push_back(std::move(row));
    }
    add(key == nullptr ? division.title : division.title + ", by " + key->name, division.says,
        outcomes_spec(std::move(values), parts, division.of, key), std::move(table));
  }

  // ---- Violations

  void violations() {
    const std::vector<Pool> pools = axis_pools();
    std::vector<std::size_t> met;  // invariants that could be violated in some run
    std::uint64_t violated = 0;
    for (std::size_t i = 0; i < invariants().size(); ++i) {
      std::uint64_t sum = 0;
      for (const Pool& pool : pools) {
        sum += count(pool, i, Verdict::Holds) + count(pool, i, Verdict::Violated);
        violated += count(pool, i, Verdict::Violated);
      }
      if (sum > 0) met.push_back(i);
    }
    if (violated == 0) return;
    HtmlTable table;
    table.head.emplace_back("invariant");
    table.numbers.push_back(false);
    std::vector<std::string> columns;
    for (const Pool& pool : pools) {
      columns.push_back(axis_name(pool));
      add_number(table, columns.back());
    }
    Json values = Json::array();
    double most = 0;
    for (const std::size_t i : met) {
      std::vector<std::string> row = {std::string(invariants()[i].name)};
      for (const Pool& pool : pools) {
        const std::uint64_t bad = count(pool, i, Verdict::Violated);
        const std::uint64_t all = bad + count(pool, i, Verdict::Holds);
        const double share = ratio(bad, all);
        most = std::max(most, share);
        row.push_back(all == 0 ? "" : fmt::format("{} of {}", bad, all));
        if (all == 0) continue;
        values.push_back({{"x", axis_name(pool)},
                          {"invariant", invariants()[i].name},
                          {"share", share},
                          {"label", bad == 0 ? "0" : percent(share_of(bad, all).share)},
                          {"violated", bad},
                          {"runs", all}});
      }
      table.rows.push_back(std::move(row));
    }
    add("Violations",
        "The share of runs that violated the invariant, among the runs that could have violated "
        "it.",
        violations_spec(std::move(values), most, columns, axis_title()), std::move(table));
  }

  static std::uint64_t count(const Pool& pool, std::size_t invariant, Verdict verdict) {
    if (invariant >= pool.totals.verdicts.size()) return 0;
    return pool.totals.verdicts[invariant][static_cast<std::size_t>(verdict)];
  }

  // ---- Latency

  void latencies() {
    HtmlTable table;
    table.head.push_back(axis_title().empty() ? "" : axis_title());
    table.numbers.push_back(false);
    for (const char* head : {"answered", "p50", "p90", "p99", "most"}) add_number(table, head);
    Json values = Json::array();
    std::vector<std::string> names;
    for (const Pool& pool : axis_pools()) {
      const SweepTotals& totals = pool.totals;
      if (totals.latencies.empty()) continue;
      names.push_back(axis_name(pool));
      std::uint64_t all = 0;
      for (const auto& [duration_class, times] : totals.latencies) all += times;
      std::uint64_t seen = 0;
      values.push_back(latency_point(names.back(), totals, totals.latencies.begin()->first, 0));
      for (const auto& [duration_class, times] : totals.latencies) {
        seen += times;
        const double share = ratio(seen, all);
        values.push_back(latency_point(names.back(), totals, duration_class, share));
      }
      table.rows.push_back({escape_html(names.back()), std::to_string(all),
                            duration_text(rounded(totals.latency_of(500))),
                            duration_text(rounded(totals.latency_of(900))),
                            duration_text(rounded(totals.latency_of(990))),
                            duration_text(rounded(totals.latency.most))});
    }
    if (names.empty()) return;
    const std::string title = axis_title().empty() ? "Latency" : "Latency, by " + axis_title();
    add(title,
        "The share of answers (done or failed) that arrived within a given time after the "
        "submission.",
        latencies_spec(std::move(values), axis_title(), names), std::move(table));
  }

  // No 0, because it has no logarithm.
  static Json latency_point(const std::string& name, const SweepTotals& totals,
                            std::uint32_t duration_class, double share) {
    const Duration longest = std::min(longest_of_class(duration_class), totals.latency.most);
    return {{"series", name}, {"ms", std::max(milliseconds(longest), 0.001)}, {"share", share}};
  }

  // ---- How long things last

  void waits(const VariedKey* key) {
    const std::vector<Pool> pools = key == nullptr ? groups_.pools() : groups_.pools(*key);
    HtmlTable table;
    begin_table(table, key);
    Json values = Json::array();
    std::vector<std::vector<std::string>> rows;
    rows.reserve(pools.size());
    for (const Pool& pool : pools) rows.push_back(begin_row(pool, key));
    for (const auto& [name, spread] :
         {std::pair{"lock held", &SweepTotals::lock_hold},
          std::pair{"reservation held", &SweepTotals::reservation_hold},
          std::pair{"in doubt", &SweepTotals::in_doubt},
          std::pair{"waited for a lock", &SweepTotals::lock_wait}}) {
      const auto has = [spread = spread](const Pool& pool) {
        return (pool.totals.*spread).count > 0;
      };
      if (std::none_of(pools.begin(), pools.end(), has)) continue;
      add_number(table, std::string(name) + ", mean");
      add_number(table, "most");
      for (std::size_t i = 0; i < pools.size(); ++i) {
        const Spread& of = pools[i].totals.*spread;
        rows[i].push_back(mean(of));
        rows[i].push_back(of.count == 0 ? "-" : duration_text(rounded(of.most)));
        if (of.count == 0) continue;
        Json entry = {{"series", several() ? series(pools[i]) : "all runs"},
                      {"measure", name},
                      {"value", mean_milliseconds(of)},
                      {"most", milliseconds(of.most)}};
        if (key != nullptr) entry["x"] = x_of(*key, pools[i].value);
        values.push_back(std::move(entry));
      }
    }
    if (values.empty()) return;
    table.rows = std::move(rows);
    const std::string title =
        "Locks, reservations, doubt" + (key == nullptr ? "" : ", by " + key->name);
    add(title,
        "The mean time, in milliseconds, that a row lock or a reservation is held, that a prepared "
        "participant is in doubt, and that a transaction waits for a lock.",
        key == nullptr ? bars_spec(std::move(values), "ms")
                       : lines_spec(std::move(values), *key, groups_.compared(), colored_series()),
        std::move(table));
  }

  static Json x_of(const VariedKey& key, std::size_t value) {
    return key.numbers.empty() ? Json(key.values[value]) : Json(key.numbers[value]);
  }

  std::vector<std::string> colored_series() const {
    return several() ? groups_.series() : std::vector<std::string>{"all runs"};
  }

  // ---- Costs

  void costs() {
    HtmlTable table;
    table.head.push_back(axis_title());
    table.numbers.push_back(false);
    for (const char* head : {"messages", "forced writes", "retries", "dirty uses"}) {
      add_number(table, head);
    }
    Json values = Json::array();
    const std::vector<Pool> pools = axis_pools();
    const bool has_dirty_uses = std::any_of(
        pools.begin(), pools.end(), [](const Pool& pool) { return pool.totals.dirty_uses > 0; });
    for (const Pool& pool : pools) {
      const SweepTotals& totals = pool.totals;
      const std::uint64_t all = totals.transactions();
      if (all == 0) continue;
      for (const auto& [name, sum] :
           {std::pair{"messages", totals.messages}, std::pair{"forced writes", totals.forced},
            std::pair{"dirty uses", totals.dirty_uses}}) {
        if (!has_dirty_uses && name == std::string_view("dirty uses")) continue;
        values.push_back(
            {{"series", axis_name(pool)}, {"measure", name}, {"value", ratio(sum, all)}});
      }
      table.rows.push_back({escape_html(axis_name(pool)), each(totals.messages, all),
                            each(totals.forced, all), each(totals.retries, all),
                            std::to_string(totals.dirty_uses)});
    }
    if (values.empty()) return;
    add("Cost of a transaction",
        "Messages, forced writes and dirty uses for each transaction, on average.",
        bars_spec(std::move(values), "for each transaction"), std::move(table));
  }

  SweepGroups groups_;
  std::vector<Chart> charts_;
};

}  // namespace

std::vector<Chart> sweep_charts(const SweepSummary& summary) { return Charts(summary).make(); }

}  // namespace txsim
