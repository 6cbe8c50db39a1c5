#include "reports/matrix_text.h"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <string_view>

namespace txsim {
namespace {

using Json = nlohmann::ordered_json;

constexpr std::size_t kColumn = 9;

std::string sign_of(const MatrixWorst& worst) {
  switch (worst.state) {
    case CellState::NotApplicable:
      return "";
    case CellState::Proved:
      return "✓";
    case CellState::Violated:
      return std::to_string(worst.choices);
    case CellState::ViolatedAnyway:
      return fmt::format("({})", worst.choices);
    case CellState::NotExhausted:
      return "?";
  }
  return "";
}

Tone tone_of(CellState state) {
  switch (state) {
    case CellState::Proved:
      return Tone::Good;
    case CellState::Violated:
      return Tone::Bad;
    case CellState::NotExhausted:
      return Tone::Warning;
    default:
      return Tone::Faint;
  }
}

// "convergence 12, atomicity 15": the guarantees violated in a row, each with its shortest run.
std::vector<std::string> fallen(const MatrixReport& report, std::size_t row) {
  struct Fallen {
    std::size_t choices = 0;
    std::string_view name;
  };
  std::vector<Fallen> all;
  for (std::size_t i = 0; i < invariants().size(); ++i) {
    std::size_t least = 0;
    for (std::size_t fault = 0; fault < report.plan->faults.size(); ++fault) {
      if (report.result->cell(*report.plan, row, fault, i).state != CellState::Violated) continue;
      const std::size_t choices = choices_of(*report.result->example(*report.plan, row, fault, i));
      if (least == 0 || choices < least) least = choices;
    }
    if (least > 0) all.push_back({least, invariants()[i].name});
  }
  std::stable_sort(all.begin(), all.end(),
                   [](const Fallen& a, const Fallen& b) { return a.choices < b.choices; });
  std::vector<std::string> texts;
  for (const Fallen& one : all) texts.push_back(fmt::format("{} {}", one.name, one.choices));
  return texts;
}

std::string row_text(const MatrixReport& report, std::size_t row, std::size_t name_width,
                     std::size_t column, const Paint& paint) {
  const std::string name = row_name(*report.plan, row);
  std::string left = "  " + pad(name, name_width);
  for (std::size_t fault = 0; fault < report.plan->faults.size(); ++fault) {
    const MatrixWorst worst = worst_of(*report.plan, *report.result, row, fault);
    left += paint(tone_of(worst.state), pad_left(sign_of(worst), column));
  }
  const std::vector<std::string> names = fallen(report, row);
  std::string text;
  for (const std::string& line : wrap_items(names, 60)) {
    text += (text.empty() ? left
                          : std::string(2 + name_width, ' ') +
                                std::string(column * report.plan->faults.size(), ' ')) +
            "  " + paint(Tone::Faint, line) + "\n";
  }
  return text.empty() ? left + "\n" : text;
}

Json cell_json(const MatrixReport& report, std::size_t row, std::size_t fault,
               std::size_t invariant) {
  const MatrixPlan& plan = *report.plan;
  const MatrixCell& cell = report.result->cell(plan, row, fault, invariant);
  Json json;
  json["fault"] = plan.faults[fault].name;
  json["guarantee"] = invariants()[invariant].name;
  json["state"] = text(cell.state);
  json["run"] = nullptr;
  const Counterexample* example = report.result->example(plan, row, fault, invariant);
  if (example == nullptr) return json;
  const MatrixPlan::Try& tried = plan.tries[cell.in_try];
  Json run;
  run["choices"] = choices_of(*example);
  run["loop"] = example->loop;
  run["scenario"] = tried.scenario->name;
  run["settings"] = tried.settings;
  run["explanation"] = example->explanation;
  const MatrixFile* file = report.file(row, fault, invariant);
  run["schedule"] = nullptr;
  if (file != nullptr && !file->schedule.empty()) run["schedule"] = file->schedule;
  run["steps"] = Json::array();
  for (const Schedule::Step& step : example->schedule.steps) run["steps"].push_back(step.label);
  json["run"] = std::move(run);
  return json;
}

Json row_json(const MatrixReport& report, std::size_t row) {
  const MatrixPlan& plan = *report.plan;
  const Mechanism& mechanism = plan.rows[row].mechanism;
  Json json;
  json["protocol"] = plan.rows[row].protocol;
  json["off"] = nullptr;
  if (!mechanism.key.empty()) json["off"] = mechanism.key;
  json["says"] = mechanism.says;
  json["cells"] = Json::array();
  for (std::size_t fault = 0; fault < plan.faults.size(); ++fault) {
    for (std::size_t i = 0; i < invariants().size(); ++i) {
      if (report.result->cell(plan, row, fault, i).state == CellState::NotApplicable) continue;
      json["cells"].push_back(cell_json(report, row, fault, i));
    }
  }
  return json;
}

}  // namespace

const MatrixFile* MatrixReport::file(std::size_t row, std::size_t fault,
                                     std::size_t invariant) const {
  const auto found = std::find_if(files.begin(), files.end(), [&](const MatrixFile& of) {
    return of.row == row && of.fault == fault && of.invariant == invariant;
  });
  return found == files.end() ? nullptr : &*found;
}

std::size_t end_of_protocol(const MatrixPlan& plan, std::size_t first) {
  std::size_t end = first;
  while (end < plan.rows.size() && plan.rows[end].protocol == plan.rows[first].protocol) ++end;
  return end;
}

bool is_judged(const MatrixReport& report, std::size_t first, std::size_t last,
               std::size_t invariant) {
  for (std::size_t row = first; row < last; ++row) {
    for (std::size_t fault = 0; fault < report.plan->faults.size(); ++fault) {
      const CellState state = report.result->cell(*report.plan, row, fault, invariant).state;
      if (state != CellState::NotApplicable) return true;
    }
  }
  return false;
}

std::string row_name(const MatrixPlan& plan, std::size_t row) {
  const MatrixPlan::Row& of = plan.rows[row];
  if (!of.is_all_on()) return "without " + of.mechanism.key;
  const bool is_alone = end_of_protocol(plan, row) == row + 1;
  return is_alone ? "as it is" : "all mechanisms on";
}

MatrixTally tally(const MatrixPlan& plan, const MatrixResult& result) {
  MatrixTally all;
  all.searches = result.searches.size();
  for (const MatrixSearch& search : result.searches) {
    if (search.is_stopped) ++all.stopped;
    all.states += search.states;
    all.transitions += search.transitions;
  }
  for (const MatrixCell& cell : result.cells) {
    if (cell.state == CellState::Proved) ++all.proved;
    if (cell.state == CellState::Violated || cell.state == CellState::ViolatedAnyway) {
      ++all.violated;
    }
    if (cell.state == CellState::NotExhausted) ++all.not_exhausted;
  }
  all.unneeded = unneeded_mechanisms(plan, result).size();
  return all;
}

std::string text_matrix(const MatrixReport& report, const Paint& paint) {
  const MatrixPlan& plan = *report.plan;
  std::size_t name_width = 0;
  for (std::size_t row = 0; row < plan.rows.size(); ++row) {
    name_width = std::max(name_width, columns(row_name(plan, row)));
  }
  std::size_t column = kColumn;
  for (const MatrixFault& fault : plan.faults) column = std::max(column, columns(fault.name) + 2);
  std::string text;
  for (std::size_t first = 0; first < plan.rows.size();) {
    const std::size_t last = end_of_protocol(plan, first);
    text += paint(Tone::Strong, pad(plan.rows[first].protocol, 2 + name_width));
    for (const MatrixFault& fault : plan.faults) text += pad_left(fault.name, column);
    text += "\n";
    for (; first < last; ++first) text += row_text(report, first, name_width, column, paint);
    text += "\n";
  }
  const MatrixTally all = tally(plan, *report.result);
  text +=
      "✓: proved within the bounds. A number: violated, and the choices of a shortest such run; in "
      "brackets:\n"
      "violated with the mechanism, too. ?: not exhausted. Last: each violated guarantee with its "
      "shortest run.\n\n";
  text += fmt::format("{} searches, {} states, {} transitions\n", all.searches, all.states,
                      all.transitions);
  if (all.stopped > 0) {
    text += paint(Tone::Warning,
                  fmt::format("incomplete: {} of these searches were not finished", all.stopped)) +
            "\n";
  }
  const std::string_view where = all.stopped > 0 ? " in what was searched" : "";
  for (const std::string& key : unneeded_mechanisms(plan, *report.result)) {
    text +=
        paint(Tone::Warning, fmt::format("nothing is violated without {}{}", key, where)) + "\n";
  }
  return text;
}

std::string json_matrix(const MatrixReport& report) {
  const MatrixPlan& plan = *report.plan;
  const MatrixTally all = tally(plan, *report.result);
  Json json;
  json["format"] = "txsim-matrix";
  json["version"] = 1;
  json["as_it_should_be"] = is_as_it_should_be(plan, *report.result);
  json["bounds"] = {
      {"states", plan.bounds.states}, {"depth", plan.bounds.depth}, {"memory", plan.bounds.memory}};
  json["complete"] = all.stopped == 0;
  json["searches"] = all.searches;
  json["states"] = all.states;
  json["transitions"] = all.transitions;
  json["faults"] = Json::array();
  for (const MatrixFault& fault : plan.faults) {
    json["faults"].push_back({{"name", fault.name},
                              {"crashes", fault.budget.crashes},
                              {"losses", fault.budget.losses},
                              {"duplicates", fault.budget.duplicates},
                              {"timeouts", fault.budget.timeouts}});
  }
  json["scenarios"] = Json::array();
  for (const MatrixPlan::Try& tried : plan.tries) {
    if (!plan.rows[tried.row].is_all_on()) continue;
    json["scenarios"].push_back({{"file", tried.scenario->name},
                                 {"title", tried.scenario->title},
                                 {"protocol", plan.rows[tried.row].protocol},
                                 {"whole", tried.is_whole}});
  }
  json["rows"] = Json::array();
  for (std::size_t row = 0; row < plan.rows.size(); ++row) {
    json["rows"].push_back(row_json(report, row));
  }
  return json.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
}

}  // namespace txsim
