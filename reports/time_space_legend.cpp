#include "reports/time_space_legend.h"

#include <fmt/format.h>

#include <algorithm>
#include <functional>

#include "reports/names.h"
#include "reports/paint.h"
#include "reports/time_space_style.h"

namespace txsim::time_space {
namespace {

constexpr int kLegendMargin = 16;
constexpr std::size_t kMostTransactionsTold = 3;
constexpr std::size_t kMostFaultsTold = 4;

int draw_lines(Svg& svg, std::string_view text, int width, int y, Font font,
               std::string_view fill) {
  const auto most = static_cast<std::size_t>((width - 2 * kLegendMargin) * 10 / (font.size * 6));
  for (const std::string& line : wrap_words(printable(text), std::max<std::size_t>(most, 20))) {
    y += font.size + 5;
    svg.text({kLegendMargin, y}, line, {.font = font, .fill = fill});
  }
  return y;
}

std::string violated_text(const RunResult& result, bool expected) {
  std::vector<std::string> names;
  for (const Judgement& judgement : result.verdicts.judgements) {
    if (judgement.verdict != Verdict::Violated) continue;
    if (is_expected_violation(result, judgement.invariant) == expected) {
      names.emplace_back(judgement.invariant);
    }
  }
  return fmt::format("{}", fmt::join(names, ", "));
}

bool is_violated(const RunResult& result) {
  const auto& judgements = result.verdicts.judgements;
  return std::any_of(judgements.begin(), judgements.end(),
                     [](const Judgement& j) { return j.verdict == Verdict::Violated; });
}

// One sample and what it means.
struct Entry {
  std::string text;
  std::function<void(Svg&, Point)> draw;  // around the point, 28 pixels wide
};

Entry strip_entry(std::string text, const Strip& strip) {
  return {std::move(text), [strip](Svg& svg, Point at) {
            svg.box({at.x - 12, at.y - 7, at.x + 12, at.y + 7}, strip_look(strip));
          }};
}

Entry arrow_entry(std::string text, Fate fate) {
  return {std::move(text), [fate](Svg& svg, Point at) {
            Arrow arrow;
            arrow.fate = fate;
            arrow.gets_there = false;
            PlacedArrow placed;
            placed.arrow = &arrow;
            placed.from = {at.x - 14, at.y - 5};
            placed.to = {at.x + 9, fate == Fate::Refused ? at.y : at.y + 5};
            placed.back = {at.x - 14, at.y + 6};
            draw_message(svg, placed, kInk);
          }};
}

class Legend {
 public:
  Legend(const Story& story, const Page& page) : story_(story), page_(page) {}

  std::vector<Entry> entries() {
    add_states();
    add_strips();
    add_caps();
    add_writes();
    add_arrows();
    add_rings();
    const auto is_broken = [](const Row& row) { return row.is_broken; };
    if (std::any_of(page_.rows.begin(), page_.rows.end(), is_broken)) {
      entries_.push_back({"time left out",
                          [](Svg& svg, Point at) { draw_break(svg, at.y, at.x - 14, at.x + 14); }});
    }
    return std::move(entries_);
  }

 private:
  void add_states() {
    for (const State state :
         {State::Waiting, State::Working, State::Deciding, State::Finishing, State::Undoing}) {
      const auto means = [state](const Strip& strip) {
        return strip.kind == StripKind::State && group_of(strip.state) == group_of(state);
      };
      if (!std::any_of(story_.strips.begin(), story_.strips.end(), means)) continue;
      Strip sample;
      sample.state = state;
      entries_.push_back(strip_entry(text(group_of(state)), sample));
    }
  }

  void add_strips() {
    const std::pair<StripKind, const char*> kinds[] = {
        {StripKind::Lock, "lock held"},
        {StripKind::LockWait, "waits for a lock"},
        {StripKind::OrderLock, "lock of an order"},
        {StripKind::Reservation, "reservation"},
        {StripKind::InDoubt, "in doubt: voted yes, not told the decision"},
        {StripKind::Down, "crashed"},
        {StripKind::Paused, "pause"},
        {StripKind::Fault, "fault"}};
    const auto is_seen = [&](StripKind kind) {
      return std::any_of(story_.strips.begin(), story_.strips.end(),
                         [kind](const Strip& strip) { return strip.kind == kind; });
    };
    const bool both_locks = is_seen(StripKind::Lock) && is_seen(StripKind::OrderLock);
    for (const auto& [kind, text] : kinds) {
      if (!is_seen(kind) || (both_locks && kind == StripKind::OrderLock)) continue;
      const bool is_both = both_locks && kind == StripKind::Lock;
      Strip sample;
      sample.kind = kind;
      entries_.push_back(strip_entry(is_both ? "lock held, of a row or an order" : text, sample));
    }
  }

  void add_caps() {
    const std::pair<Outcome, const char*> outcomes[] = {{Outcome::Committed, "committed"},
                                                        {Outcome::Aborted, "aborted"},
                                                        {Outcome::Mixed, "mixed"},
                                                        {Outcome::Unknown, "ended"}};
    for (const auto& [outcome, text] : outcomes) {
      const auto is_so = [outcome = outcome](const Cap& cap) { return cap.outcome == outcome; };
      if (!std::any_of(story_.caps.begin(), story_.caps.end(), is_so)) continue;
      entries_.push_back(
          {text, [outcome = outcome](Svg& svg, Point at) { draw_cap(svg, at, outcome); }});
    }
  }

  void add_writes() {
    const auto entry = [&](const char* text, bool forced, bool is_durable) {
      const auto is_so = [&](const Write& write) {
        return write.forced == forced && (!forced || write.is_durable == is_durable);
      };
      if (!std::any_of(story_.writes.begin(), story_.writes.end(), is_so)) return;
      entries_.push_back(
          {text, [forced, is_durable](Svg& svg, Point at) {
             const int half = forced ? 7 : 3;
             draw_write(svg, {at.x - 2, at.y - half, at.x + 2, at.y + half}, forced, is_durable);
           }});
    };
    entry("log record forced, until it is durable", true, true);
    entry("force cut short", true, false);
    entry("log record not forced", false, false);
  }

  void add_arrows() {
    const std::pair<Fate, const char*> fates[] = {{Fate::Lost, "message lost"},
                                                  {Fate::Refused, "message refused"},
                                                  {Fate::ArrivesAgain, "message duplicated"},
                                                  {Fate::UnderWay, "under way at the end"}};
    for (const auto& [fate, text] : fates) {
      const auto is_so = [fate = fate](const Arrow& arrow) { return arrow.fate == fate; };
      if (!std::any_of(story_.arrows.begin(), story_.arrows.end(), is_so)) continue;
      entries_.push_back(arrow_entry(text, fate));
    }
  }

  void add_rings() {
    const auto entry = [&](const char* text, bool is_side, std::string_view dashes) {
      const auto is_so = [is_side](const EventRing& ring) { return ring.is_side == is_side; };
      if (!std::any_of(page_.rings.begin(), page_.rings.end(), is_so)) return;
      entries_.push_back({text, [dashes](Svg& svg, Point at) {
                            svg.circle(at, 7,
                                       {.stroke = kBad, .stroke_tenths = 25, .dashes = dashes});
                          }});
    };
    entry("event that broke an invariant", false, "");
    entry("one side of a contradiction", true, "4 3");
  }

  const Story& story_;
  const Page& page_;
  std::vector<Entry> entries_;
};

}  // namespace

std::string left_out_text(const Story& story) {
  const std::size_t before = story.left_out_before;
  const std::size_t behind = story.left_out_behind;
  if (before == 0 && behind == 0) return "";
  if (before == 0)
    return fmt::format("The beginning of the run: {} events after it are left out", behind);
  return fmt::format("Part of the run: {} events before it and {} after it are left out", before,
                     behind);
}

std::string outcome_sentence(const RunResult& result) {
  const auto& transactions = result.verdicts.transactions;
  std::vector<std::string> parts;
  if (!transactions.empty() && transactions.size() <= kMostTransactionsTold) {
    for (const TransactionSummary& transaction : transactions) {
      const std::string told = transaction.told
                                   ? fmt::format("told {} after {}", text(transaction.reply),
                                                 duration_text(transaction.latency()))
                                   : "told nothing";
      parts.push_back(fmt::format("{} {}, client {}", transaction_text(transaction.id),
                                  outcome_text(transaction), told));
    }
  } else {
    for (int i = 0; i < kEndings; ++i) {
      const std::uint64_t count = result.verdicts.counters.endings[i];
      if (count > 0) parts.push_back(fmt::format("{} {}", count, text(static_cast<Ending>(i))));
    }
    const Counters& counters = result.verdicts.counters;
    if (counters.recognised > 0) parts.push_back(fmt::format("{} recognised", counters.recognised));
    if (counters.never_begun() > 0) {
      parts.push_back(fmt::format("{} never begun", counters.never_begun()));
    }
  }
  return parts.empty() ? "No transaction" : fmt::format("{}", fmt::join(parts, "; "));
}

int draw_heading(Svg& svg, const Report& report, const Story& story, int width, int y) {
  const RunResult& result = *report.result;
  const Scenario& scenario = *result.scenario;
  y = draw_lines(svg, scenario.title, width, y + 8, {17, true}, kInk);
  y = draw_lines(svg, outcome_sentence(result), width, y + 2, {12, false}, kInk);
  const std::string unexpected = violated_text(result, false);
  const std::string expected = violated_text(result, true);
  if (!unexpected.empty()) {
    y = draw_lines(svg, "Violated: " + unexpected, width, y, {12, true}, kBad);
  }
  if (!expected.empty()) {
    y = draw_lines(svg, "Violated, as expected: " + expected, width, y, {12, true}, kBad);
  }
  if (!is_violated(result)) {
    y = draw_lines(svg, "No invariant is violated", width, y, {12, false}, color_of(Tone::Good));
  }
  const std::string where =
      fmt::format("{}, {}, seed {}", scenario.name, scenario.protocol_name(), scenario.seed);
  y = draw_lines(svg, where, width, y, {10, false}, kGrey);
  return draw_lines(svg, left_out_text(story), width, y, {12, true}, kInk) + 14;
}

int draw_remarks(Svg& svg, const Story& story, const Page& page, int y) {
  std::vector<std::string> faults;
  for (const Strip& strip : story.strips) {
    if (strip.kind != StripKind::Fault || faults.size() > kMostFaultsTold) continue;
    if (std::find(faults.begin(), faults.end(), strip.text) == faults.end()) {
      faults.push_back(strip.text);
    }
  }
  if (faults.size() > kMostFaultsTold) faults.back() = "...";
  if (!faults.empty()) {
    y = draw_lines(svg, fmt::format("Faults: {}", fmt::join(faults, "; ")), page.width, y,
                   {11, false}, kInk);
  }
  for (const std::string& text : story.violated_at_end) {
    y = draw_lines(svg, "At the end of the run, " + text, page.width, y, {12, true}, kBad);
  }
  if (page.strips_left_out > 0) {
    y = draw_lines(
        svg,
        fmt::format("{} bars beside the lifelines are left out, because there is no room",
                    page.strips_left_out),
        page.width, y, {11, false}, kGrey);
  }
  return y + 6;
}

int draw_legend(Svg& svg, const Story& story, const Page& page, int y) {
  int x = kLegendMargin;
  y += 14;
  for (const Entry& entry : Legend(story, page).entries()) {
    const int width = 34 + text_width(entry.text, kLabelFont) + 16;
    if (x > kLegendMargin && x + width > page.width - kLegendMargin) {
      x = kLegendMargin;
      y += 22;
    }
    entry.draw(svg, {x + 14, y});
    svg.text({x + 34, y + 4}, entry.text, {.font = kLabelFont, .fill = kInk});
    svg.raw("\n");
    x += width;
  }
  return y + 18;
}

std::vector<MarkedDiagram::Sample> legend_samples(const Story& story, const Page& page) {
  std::vector<MarkedDiagram::Sample> samples;
  for (const Entry& entry : Legend(story, page).entries()) {
    Svg svg;
    entry.draw(svg, {0, 0});
    samples.push_back(
        {"<svg width=\"32\" height=\"24\" viewBox=\"-16 -12 32 24\" "
         "aria-hidden=\"true\">" +
             svg.take() + "</svg>",
         entry.text});
  }
  return samples;
}

}  // namespace txsim::time_space
