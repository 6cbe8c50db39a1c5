#include "reports/shrink_text.h"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "reports/names.h"
#include "reports/shrink_story.h"
#include "sim/program_name.h"

namespace txsim {
namespace {

using Json = nlohmann::ordered_json;

constexpr std::size_t kMostSentences = 60;
constexpr std::size_t kStoryWidth = 96;
constexpr std::string_view kMark = " (The point of no return.)";

const Judgement& judgement_of(const ShrinkResult& result) {
  const auto& all = result.run.verdicts.judgements;
  return *std::find_if(all.begin(), all.end(), [&](const Judgement& judgement) {
    return judgement.invariant == result.invariant;
  });
}

std::vector<StoryLine> story_lines(const ShrinkReport& report) {
  const std::uint64_t event = judgement_of(*report.result).event;
  return tell_story(report.result->run, event, kMostSentences);
}

std::string fault_line(const ShrinkReport& report, std::size_t fault) {
  return report.result->run.scenario->fault_texts[fault];
}

// The point of no return, in sentences.
std::string turning_text(const ShrinkReport& report) {
  const TurningPoint& point = report.turning_point;
  const std::string& invariant = report.result->invariant;
  switch (point.kind) {
    case TurningPoint::Kind::Random:
      return "Unknown: the run draws faults at random, and any may still come.";
    case TurningPoint::Kind::Start:
      if (point.is_bounded) {
        return fmt::format(
            "None was found: of {} states that may follow the start, none ends well.",
            point.states);
      }
      return fmt::format(
          "There is none: {} is violated in the end whatever the order of events, even if "
          "no fault strikes (all {} states were examined).",
          invariant, point.states);
    case TurningPoint::Kind::None:
      return fmt::format(
          "There is none: even after the last event the run may continue so that {} holds in the "
          "end. It only lacked time.",
          invariant);
    case TurningPoint::Kind::Step:
      break;
  }
  const Time at = report.result->run.trace[point.first_event - 1].time;
  const std::string what =
      point.fault ? fmt::format("the fault \"{}\"", fault_line(report, *point.fault)) : point.label;
  const std::string after =
      point.is_bounded
          ? fmt::format(
                "none of {} states that may follow ends well, even if no further fault strikes; "
                "more were not examined.",
                point.states)
          : "it cannot, even if no further fault strikes: " +
                (point.states == 1
                     ? std::string("the only state that may follow does not end well.")
                     : fmt::format("none of the {} states that may follow ends well.",
                                   point.states));
  return fmt::format(
      "Step {} of {}, at {}: {}. Before it the run could still end well; after it, {}", point.step,
      point.steps, duration_text(Duration{at.ns}), what, after);
}

std::string change_text(const SavingChange& change) {
  if (change.kind == SavingChange::Kind::NoFault) {
    return fmt::format("without the fault \"{}\"", change.what);
  }
  return change.value == "on" ? fmt::format("with {} on", change.what)
                              : fmt::format("with {} = {}, the default", change.what, change.value);
}

std::string outcome_text(const SavingChange& change, const std::string& invariant) {
  if (change.violated.empty()) return "nothing is violated";
  const std::string others = fmt::format("{}", fmt::join(change.violated, ", "));
  if (change.helps) {
    return fmt::format("{} holds, but {} {} violated", invariant, others,
                       change.violated.size() == 1 ? "is" : "are");
  }
  return fmt::format("{} is still violated", invariant);
}

std::vector<std::string> changes_text(const ShrinkReport& report) {
  std::vector<std::string> lines;
  for (const SavingChange& change : report.changes) {
    lines.push_back(change_text(change) + ": " + outcome_text(change, report.result->invariant));
  }
  return lines;
}

std::string seed_text(const ShrinkResult& result) {
  if (!result.draws) {
    return fmt::format(
        "It does not depend on the seed: nothing is drawn at random any more (of {} other seeds "
        "that were tried, {} violate it).",
        result.seeds_tried, result.seeds_violated);
  }
  if (result.is_independent_of_seed()) {
    return fmt::format(
        "Delays are still drawn at random, but all {} other seeds that were tried violate it.",
        result.seeds_tried);
  }
  return fmt::format("It depends on the seed: of {} others, {} violate it.", result.seeds_tried,
                     result.seeds_violated);
}

std::string wrapped(const std::string& text, std::size_t width, std::string_view indent) {
  std::string lines;
  for (const std::string& line : wrap_words(printable(text), width - indent.size())) {
    lines += std::string(indent) + line + "\n";
  }
  return lines;
}

std::string size_line(std::string_view name, std::uint64_t after, std::uint64_t before) {
  return fmt::format("  {:<13}{:>6} of {}\n", name, after, before);
}

std::string sizes(const ShrinkResult& result) {
  const ShrinkSize& after = result.after;
  const ShrinkSize& before = result.before;
  return size_line("faults", after.faults, before.faults) +
         size_line("transactions", after.transactions, before.transactions) +
         size_line("participants", after.participants, before.participants) +
         size_line("steps", after.steps, before.steps) +
         size_line("settings", after.settings, before.settings) +
         size_line("events", after.events, before.events);
}

// What happened, as one text, with the turning point in its place.
std::string what_happened(const ShrinkReport& report) {
  const TurningPoint& point = report.turning_point;
  const bool is_marked = point.kind == TurningPoint::Kind::Step;
  std::string text;
  bool is_told = false;
  for (const StoryLine& line : story_lines(report)) {
    if (is_marked && !is_told && line.first_event > point.last_event) {
      text += kMark;
      is_told = true;
    }
    text += (text.empty() ? "" : " ") + line.text;
  }
  if (is_marked && !is_told) text += kMark;
  const std::string& why = judgement_of(*report.result).explanation;
  return fmt::format("{} So {} is violated: {}{}", text, report.result->invariant, why,
                     why.ends_with('.') ? "" : ".");
}

nlohmann::ordered_json size_json(const ShrinkSize& size) {
  return {{"faults", size.faults},
          {"transactions", size.transactions},
          {"participants", size.participants},
          {"steps", size.steps},
          {"settings", size.settings},
          {"events", size.events}};
}

std::string_view kind_text(TurningPoint::Kind kind) {
  switch (kind) {
    case TurningPoint::Kind::Step:
      return "step";
    case TurningPoint::Kind::Start:
      return "start";
    case TurningPoint::Kind::None:
      return "none";
    case TurningPoint::Kind::Random:
      return "random";
  }
  return "?";
}

nlohmann::ordered_json turning_json(const ShrinkReport& report) {
  const TurningPoint& point = report.turning_point;
  const bool is_step = point.kind == TurningPoint::Kind::Step;
  Json json;
  json["kind"] = kind_text(point.kind);
  json["step"] = is_step ? Json(point.step) : Json();
  json["steps"] = point.steps;
  json["what"] = is_step ? Json(point.label) : Json();
  json["event"] = is_step ? Json(point.first_event) : Json();
  json["fault"] = point.fault ? Json(fault_line(report, *point.fault)) : Json();
  json["states"] = point.states;
  json["bounded"] = point.is_bounded;
  return json;
}

}  // namespace

std::string text_shrink(const ShrinkReport& report, const Paint& paint, std::size_t width) {
  const ShrinkResult& result = *report.result;
  const auto heading = [&](std::string_view title) {
    return "\n" + paint(Tone::Strong, title) + "\n";
  };
  std::string text = paint(Tone::Strong, printable(report.from)) + "\n";
  text += fmt::format("{}: {} is violated, and {}\n", paint(Tone::Bad, "shrunk"), result.invariant,
                      result.is_least ? "nothing more can be left out"
                                      : "--tries stopped the search: more may be left out");
  text += sizes(result) + fmt::format("  {:<13}{:>6}\n", "runs tried", result.tries);
  text += wrapped(seed_text(result), width, "");
  text += heading("What happened") + wrapped(what_happened(report), width, "  ");
  text += heading("Point of no return") + wrapped(turning_text(report), width, "  ");
  if (!report.changes.empty()) text += heading("What would have saved it");
  for (const std::string& line : changes_text(report)) text += wrapped(line, width, "  ");
  return text;
}

std::string story_of(const ShrinkReport& report) {
  const ShrinkResult& result = *report.result;
  std::string text =
      wrapped(fmt::format("The least run that violates {}, found by {} shrink from {}.",
                          result.invariant, program_name(), report.from),
              kStoryWidth, "");
  text += "\n" + wrapped(what_happened(report), kStoryWidth, "");
  text += "\n" + wrapped("Point of no return: " + turning_text(report), kStoryWidth, "");
  if (!report.changes.empty()) text += "\nWhat would have saved it:\n";
  for (const std::string& line : changes_text(report)) text += wrapped(line, kStoryWidth, "  ");
  if (!text.empty()) text.pop_back();
  return text;
}

std::string json_shrink(const ShrinkReport& report, const std::string& scenario) {
  const ShrinkResult& result = *report.result;
  Json json;
  json["format"] = "txsim-shrink";
  json["version"] = 2;
  json["from"] = report.from;
  json["seed"] = std::to_string(result.seed);
  json["invariant"] = result.invariant;
  json["explanation"] = judgement_of(result).explanation;
  json["before"] = size_json(result.before);
  json["after"] = size_json(result.after);
  json["tries"] = result.tries;
  json["least"] = result.is_least;
  json["draws"] = result.draws;
  json["seeds_tried"] = result.seeds_tried;
  json["seeds_violated"] = result.seeds_violated;
  json["independent_of_seed"] = result.is_independent_of_seed();
  json["what_happened"] = Json::array();
  for (const StoryLine& line : story_lines(report)) json["what_happened"].push_back(line.text);
  json["point_of_no_return"] = turning_json(report);
  json["single_changes"] = Json::array();
  for (const SavingChange& change : report.changes) {
    const bool is_fault = change.kind == SavingChange::Kind::NoFault;
    const Json value = is_fault ? Json() : Json(change.value);
    json["single_changes"].push_back({{"change", is_fault ? "without fault" : "with setting"},
                                      {"what", change.what},
                                      {"value", value},
                                      {"helps", change.helps},
                                      {"violated", change.violated}});
  }
  json["scenario"] = scenario;
  return json.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
}

}  // namespace txsim
