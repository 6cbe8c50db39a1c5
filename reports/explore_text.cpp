#include "reports/explore_text.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>
#include <string_view>

#include "reports/names.h"
#include "sim/program_name.h"

namespace txsim {
namespace {

using Json = nlohmann::ordered_json;

// "1,234,567".
std::string grouped(std::uint64_t number) {
  std::string text = std::to_string(number);
  for (std::size_t i = text.size(); i > 3; i -= 3) text.insert(i - 3, ",");
  return text;
}

std::string count(std::uint64_t number, std::string_view one, std::string_view many) {
  return fmt::format("{} {}", grouped(number), number == 1 ? one : many);
}

// "order, timers".
std::string reductions_text(const Reductions& reductions) {
  std::string text;
  for (const ReductionInfo& info : kReductions) {
    if (!(reductions.*info.on)) continue;
    if (!text.empty()) text += ", ";
    text += info.name;
  }
  return text;
}

std::string_view end_name(SearchEnd end) {
  switch (end) {
    case SearchEnd::Exhausted:
      return "exhausted";
    case SearchEnd::Violated:
      return "violated";
    case SearchEnd::DepthReached:
      return "depth reached";
    case SearchEnd::MemoryFull:
      return "memory full";
    case SearchEnd::StatesReached:
      return "states reached";
    case SearchEnd::TimeReached:
      return "time reached";
    case SearchEnd::Interrupted:
      return "interrupted";
  }
  return "?";
}

// Among n states, two have the same 64-bit fingerprint with a probability of at most
// n (n - 1) / 2^65.
double chance_of_collision(std::uint64_t states) {
  const auto n = static_cast<double>(states);
  return n < 2 ? 0 : n * (n - 1) / 36893488147419103232.0;
}

std::string headline(const ExploreReport& report, const Paint& paint) {
  const ExploreResult& result = *report.result;
  if (result.counterexample) {
    const Counterexample& found = *result.counterexample;
    std::string text = fmt::format("{}: {}", paint(Tone::Bad, "violated"), found.schedule.violated);
    const std::size_t steps = found.schedule.steps.size() - found.loop;
    if (found.loop > 0) {
      text +=
          fmt::format(", by a loop of {} that is reached after {}: the loop never ends",
                      count(found.loop, "choice", "choices"), count(steps, "choice", "choices"));
    } else {
      text += fmt::format(
          " {} {}; {}", found.is_at_end ? "in the end, after" : "after",
          count(steps, "choice", "choices"),
          result.is_shortest ? "no shorter run violates anything" : "there may be a shorter run");
    }
    if (!found.explanation.empty()) text += "\n  " + found.explanation;
    if (result.is_as_expected) text += "\n  as the scenario expects";
    return text + "\n";
  }
  if (result.search.end == SearchEnd::Exhausted) {
    const std::string tone(result.is_as_expected ? "exhausted" : "exhausted, not as expected");
    return fmt::format("{}: no invariant is violated in any state{}\n",
                       paint(result.is_as_expected ? Tone::Good : Tone::Bad, tone),
                       result.is_as_expected ? "" : ", and the scenario expects one to be");
  }
  return fmt::format(
      "{}: {} stopped the search; no invariant is violated in what was searched, and\n  "
      "the successors of {} were not searched\n{}",
      paint(Tone::Warning, "not exhausted"), bound_text(report),
      count(result.search.unexpanded, "state", "states"),
      report.resume.empty() ? "" : fmt::format("  to go on: {}\n", report.resume));
}

std::string line(std::string_view name, const std::string& value) {
  return fmt::format("  {:<13}{}\n", name, value);
}

std::string numbers(const ExploreReport& report) {
  const SearchResult& search = report.result->search;
  const std::uint64_t ms = report.elapsed_ms;
  std::string text;
  const Reductions& reductions = report.settings.reductions;
  text += line("states", grouped(search.states));
  if (reductions.any()) text += line("reduced by", reductions_text(reductions));
  if (const auto& most = report.result->joins_copies) {
    text += line("joined", fmt::format("more than {} under way count as one or more",
                                       count(*most, "equal message", "equal messages")));
  }
  text += line("ends", fmt::format("{}: states in which nothing is pending", grouped(search.ends)));
  text += line("transitions", grouped(search.transitions));
  text += line("depth", count(search.depth, "choice", "choices"));
  text += line("time", ms < 10 ? fmt::format("{} ms", ms)
                               : fmt::format("{}.{:03} s, {} transitions a second", ms / 1000,
                                             ms % 1000, grouped(search.transitions * 1000 / ms)));
  text += line("memory", fmt::format("{:.1f} MiB, {} bytes a state",
                                     static_cast<double>(search.most_bytes) / 1048576,
                                     search.most_bytes / (search.states == 0 ? 1 : search.states)));
  text +=
      line("collision", fmt::format("at most {:.1e}: the chance that two states were taken for one",
                                    chance_of_collision(search.states)));
  return text;
}

// What the clock says about a violation that was found untimed.
std::string by_clock_text(const CheckedByClock& checked) {
  switch (checked.answer) {
    case CheckedByClock::Answer::Possible:
      return "possible: with the times of this run";
    case CheckedByClock::Answer::Impossible:
      return "only if timers run at other speeds than the scenario says:\n" + std::string(15, ' ') +
             checked.obstacle;
    case CheckedByClock::Answer::Unknown:
      break;
  }
  return "unknown: " + checked.why;
}

std::string search_by_clock_text(const ExploreResult& result) {
  const std::string states = count(result.search.states, "state", "states");
  if (result.counterexample) {
    return fmt::format("{} is violated in another run, which --clock shows",
                       result.counterexample->schedule.violated);
  }
  if (!result.lost.empty()) return "not possible: " + result.lost;
  if (result.search.end == SearchEnd::Exhausted) {
    return "no invariant is violated by the clock, in any of " + states;
  }
  return fmt::format("not exhausted: a bound or a signal stopped the search by the clock at {}",
                     states);
}

std::string_view answer_name(CheckedByClock::Answer answer) {
  switch (answer) {
    case CheckedByClock::Answer::Possible:
      return "possible";
    case CheckedByClock::Answer::Impossible:
      return "impossible";
    case CheckedByClock::Answer::Unknown:
      break;
  }
  return "unknown";
}

// Null: the violation was found by the clock, or there is none.
Json by_clock_json(const ExploreResult& result) {
  if (!result.by_clock) return {};
  Json json;
  json["answer"] = answer_name(result.by_clock->answer);
  json["obstacle"] = result.by_clock->obstacle;
  json["why"] = result.by_clock->why;
  json["end"] = nullptr;
  json["violated"] = nullptr;
  if (result.search_by_clock) {
    json["end"] = end_name(result.search_by_clock->search.end);
    const auto& found = result.search_by_clock->counterexample;
    if (found) json["violated"] = found->schedule.violated;
  }
  return json;
}

std::string choices(const Counterexample& found, const Paint& paint) {
  std::string text = "\nChoices\n";
  const std::size_t steps = found.schedule.steps.size();
  for (std::size_t i = 0; i < steps; ++i) {
    if (found.loop > 0 && i == steps - found.loop)
      text += "       from here on, repeated forever:\n";
    const std::string& label = found.schedule.steps[i].label;
    const bool is_fault = label.find("crash") != std::string::npos ||
                          label.find(": lost") != std::string::npos ||
                          label.find("again") != std::string::npos;
    text += fmt::format("  {:>4}  {}\n", i + 1, is_fault ? paint(Tone::Warning, label) : label);
  }
  return text;
}

// The violating run: its length, its choices in words, and how txsim replay shows it.
Json counterexample_json(const ExploreReport& report) {
  const Counterexample& found = *report.result->counterexample;
  Json json;
  json["invariant"] = found.schedule.violated;
  json["explanation"] = found.explanation;
  json["at_end"] = found.is_at_end;
  json["length"] = found.schedule.steps.size();
  json["loop"] = found.loop;
  json["shortest"] = report.result->is_shortest;
  json["digest"] = digest_text(found.run.digest);
  json["choices"] = Json::array();
  for (const Schedule::Step& step : found.schedule.steps) json["choices"].push_back(step.label);
  json["schedule"] = schedule_text(found.schedule);
  const bool is_written = !report.written_to.empty() && report.written_to != "-";
  json["run"] =
      is_written ? Json(program_name() + " replay " + shell_word(report.written_to)) : Json();
  return json;
}

}  // namespace

std::string bound_text(const ExploreReport& report) {
  const SearchBounds& bounds = report.settings.bounds;
  switch (report.result->search.end) {
    case SearchEnd::DepthReached:
      return fmt::format("--depth {}", bounds.depth);
    case SearchEnd::MemoryFull:
      return bounds.memory >> 20 == 0 ? fmt::format("--memory {}", bounds.memory)
                                      : fmt::format("--memory {}MiB", bounds.memory >> 20);
    case SearchEnd::TimeReached:
      return "--time " + report.time;
    case SearchEnd::Interrupted:
      return "a signal";
    default:
      return count(bounds.states, "state", "states");
  }
}

std::string budget_text(const FaultBudget& budget) {
  std::string text;
  const auto add = [&](std::uint8_t number, std::string_view one, std::string_view many) {
    if (number > 0) text += (text.empty() ? "" : ", ") + count(number, one, many);
  };
  add(budget.crashes, "crash", "crashes");
  add(budget.crash_stops, "crash for good", "crashes for good");
  add(budget.losses, "loss", "losses");
  add(budget.duplicates, "duplicate", "duplicates");
  add(budget.timeouts, "timer too early", "timers too early");
  return text.empty() ? "no fault but the scenario's own" : "up to " + text;
}

std::string text_exploration(const ExploreReport& report, const Paint& paint) {
  const ExploreResult& result = *report.result;
  std::string text = fmt::format("{}  {}\n", paint(Tone::Strong, printable(report.scenario->title)),
                                 paint(Tone::Faint, printable(report.scenario->name)));
  const bool is_timed = report.settings.timing == Timing::Clock;
  text += fmt::format("{} of messages, writes and timers, with {}\n\n",
                      is_timed ? "every order that some timing allows" : "every order",
                      budget_text(report.settings.budget));
  text += headline(report, paint) + numbers(report);
  const std::vector<NotHonoured> unheard =
      is_timed ? std::vector<NotHonoured>{} : not_honoured(*report.scenario);
  for (const NotHonoured& fault : unheard) {
    text += line("not honoured",
                 fmt::format("fault = {}: {}", fault.fault, paint(Tone::Warning, fault.why)));
  }
  if (result.by_clock) text += line("by the clock", by_clock_text(*result.by_clock));
  if (result.search_by_clock)
    text += line("searched", search_by_clock_text(*result.search_by_clock));
  if (result.counterexample) text += choices(*result.counterexample, paint);
  return text;
}

std::string json_exploration(const ExploreReport& report) {
  const ExploreResult& result = *report.result;
  const SearchResult& search = result.search;
  Json json;
  json["format"] = "txsim-explore";
  json["version"] = 1;
  json["scenario"] = report.scenario->name;
  json["title"] = report.scenario->title;
  json["protocol"] = report.scenario->protocol_name();
  json["settings"] = report.settings_over;
  json["end"] = end_name(search.end);
  json["as_expected"] = result.passes();
  json["timing"] = report.settings.timing == Timing::Clock ? "clock" : "untimed";
  const FaultBudget& budget = report.settings.budget;
  json["crashes"] = budget.crashes;
  json["crash_stops"] = budget.crash_stops;
  json["losses"] = budget.losses;
  json["duplicates"] = budget.duplicates;
  json["timeouts"] = budget.timeouts;
  const auto& most_copies = result.joins_copies;
  json["joins_copies"] = most_copies ? Json(*most_copies) : Json();
  json["reduced_by"] = reductions_text(report.settings.reductions);
  json["states"] = search.states;
  json["transitions"] = search.transitions;
  json["ends"] = search.ends;
  json["unexpanded"] = search.unexpanded;
  json["depth"] = search.depth;
  json["bytes"] = search.most_bytes;
  json["elapsed_ms"] = report.elapsed_ms;
  json["collision"] = chance_of_collision(search.states);
  json["faults_not_honoured"] = nlohmann::ordered_json::array();
  const bool is_timed = report.settings.timing == Timing::Clock;
  const std::vector<NotHonoured> unheard =
      is_timed ? std::vector<NotHonoured>{} : not_honoured(*report.scenario);
  for (const NotHonoured& fault : unheard) {
    json["faults_not_honoured"].push_back({{"fault", fault.fault}, {"why", fault.why}});
  }
  json["violated"] = nullptr;
  json["counterexample"] = nullptr;
  if (result.counterexample) {
    json["violated"] = result.counterexample->schedule.violated;
    json["counterexample"] = counterexample_json(report);
  }
  json["by_clock"] = by_clock_json(result);
  json["again"] = report.again;
  json["resume"] = report.resume.empty() ? Json() : Json(report.resume);
  return json.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
}

}  // namespace txsim
