// Schedules as text: a line a setting, a choice, an event.
#include <fmt/format.h>

#include <array>
#include <charconv>
#include <string_view>
#include <utility>

#include "runs/schedule.h"

namespace txsim {
namespace {

constexpr std::string_view kClock = "clock";
constexpr std::string_view kAnswers = " (its time has come:";
constexpr std::string_view kFirstLine = "txsim schedule 1";

using Field = std::pair<std::string_view, std::uint8_t FaultBudget::*>;
constexpr std::array<Field, 5> kBudget = {{{"crashes", &FaultBudget::crashes},
                                           {"crash-stops", &FaultBudget::crash_stops},
                                           {"losses", &FaultBudget::losses},
                                           {"duplicates", &FaultBudget::duplicates},
                                           {"timeouts", &FaultBudget::timeouts}}};

template <class Number>
bool read_number(std::string_view text, Number& number) {
  const char* end = text.data() + text.size();
  const auto [rest, error] = std::from_chars(text.data(), end, number);
  return error == std::errc{} && rest == end && !text.empty();
}

std::string answers_text(const Schedule::Step& step) {
  if (step.answers.size() == 0) return "";
  std::string text;
  for (std::uint32_t i = 0; i < step.answers.size(); ++i) {
    text += step.answers.at(i) ? " yes" : " no";
  }
  return fmt::format("{}{})", kAnswers, text);
}

bool read_answers(std::string_view text, Schedule::Step& step) {
  while (!text.empty()) {
    const bool is_yes = text.starts_with(" yes");
    if (!is_yes && !text.starts_with(" no")) return false;
    if (step.answers.size() == Answers::kMost) return false;
    step.answers.push(is_yes);
    text.remove_prefix(is_yes ? 4 : 3);
  }
  return true;
}

// "3. label", "3. label (its time has come: yes no)" or "3. label (like it: 2)".
bool read_step(std::string_view text, Schedule::Step& step) {
  const std::size_t dot = text.find(". ");
  if (dot == std::string_view::npos) return false;
  std::string_view label = text.substr(dot + 2);
  constexpr std::string_view kNth = " (like it: ";
  if (const std::size_t at = label.find(kNth); at != std::string_view::npos) {
    std::string_view nth = label.substr(at + kNth.size());
    if (nth.empty() || nth.back() != ')') return false;
    nth.remove_suffix(1);
    if (!read_number(nth, step.nth) || step.nth == 0) return false;
    label = label.substr(0, at);
  }
  if (const std::size_t at = label.find(kAnswers); at != std::string_view::npos) {
    std::string_view answers = label.substr(at + kAnswers.size());
    if (answers.empty() || answers.back() != ')') return false;
    answers.remove_suffix(1);
    if (!read_answers(answers, step)) return false;
    label = label.substr(0, at);
  }
  step.label = std::string(label);
  return !label.empty();
}

// What is wrong with the line; empty: nothing.
std::string read_line(std::string_view line, Schedule& schedule) {
  const std::size_t space = line.find(' ');
  const std::string_view key = line.substr(0, space);
  const std::string_view value =
      space == std::string_view::npos ? std::string_view{} : line.substr(space + 1);
  for (const auto& [name, member] : kBudget) {
    if (key != name) continue;
    return read_number(value, schedule.budget.*member)
               ? ""
               : fmt::format("'{}' is not a number from 0 to 255", value);
  }
  if (key == "scenario") {
    schedule.scenario = std::string(value);
  } else if (key == "set") {
    schedule.settings.emplace_back(value);
  } else if (key == "timing") {
    if (value != kClock) return fmt::format("the timing is '{}' or is left out", kClock);
    schedule.timing = Timing::Clock;
  } else if (key == "violated") {
    schedule.violated = std::string(value);
  } else if (key == "step") {
    if (!read_step(value, schedule.steps.emplace_back())) {
      return "a step is written: step 1. what happens";
    }
  } else if (key == "event") {
    if (schedule.steps.empty()) return "an event before the first step";
    schedule.steps.back().events.emplace_back(value);
  } else {
    return fmt::format(
        "'{}' is not scenario, set, crashes, crash-stops, losses, duplicates, timeouts, timing, "
        "violated, step or event",
        key);
  }
  return "";
}

}  // namespace

std::string schedule_text(const Schedule& schedule) {
  std::string text = fmt::format("{}\nscenario {}\n", kFirstLine, schedule.scenario);
  for (const std::string& setting : schedule.settings) text += fmt::format("set {}\n", setting);
  for (const auto& [name, member] : kBudget) {
    text += fmt::format("{} {}\n", name, schedule.budget.*member);
  }
  if (schedule.timing == Timing::Clock) text += fmt::format("timing {}\n", kClock);
  if (!schedule.violated.empty()) text += fmt::format("violated {}\n", schedule.violated);
  std::size_t number = 0;
  for (const Schedule::Step& step : schedule.steps) {
    const std::string nth = step.nth == 1 ? "" : fmt::format(" (like it: {})", step.nth);
    text += fmt::format("\nstep {}. {}{}{}\n", ++number, step.label, answers_text(step), nth);
    for (const std::string& event : step.events) text += fmt::format("event {}\n", event);
  }
  return text;
}

ParsedSchedule parse_schedule(const std::string& text) {
  ParsedSchedule parsed;
  std::string_view rest = text;
  while (!rest.empty() && parsed.error.empty()) {
    const std::size_t end = rest.find('\n');
    std::string_view line = rest.substr(0, end);
    rest = end == std::string_view::npos ? std::string_view{} : rest.substr(end + 1);
    if (!line.empty() && line.back() == '\r') line.remove_suffix(1);
    if (++parsed.line == 1) {
      if (line != kFirstLine) parsed.error = fmt::format("does not begin with '{}'", kFirstLine);
    } else if (!line.empty() && line.front() != '#') {
      parsed.error = read_line(line, parsed.schedule);
    }
  }
  if (parsed.error.empty() && parsed.line == 0) parsed.error = "is empty";
  if (parsed.error.empty() && parsed.schedule.scenario.empty()) parsed.error = "names no scenario";
  return parsed;
}

}  // namespace txsim
