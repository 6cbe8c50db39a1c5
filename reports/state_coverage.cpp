#include "reports/state_coverage.h"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <optional>

#include "reports/state_lives.h"

namespace txsim {
namespace {

using Json = nlohmann::ordered_json;
using Machine = StateCoverage::Machine;
using Spot = StateCoverage::Spot;
using Counts = StateCoverage::Counts;
using Spots = StateCoverage::Spots;

// How a message can meet a state; a timer and a crash have one way each.
constexpr Meeting kOfMessages[] = {Meeting::Arrives, Meeting::Again, Meeting::Lost,
                                   Meeting::Refused};

std::size_t place(Meeting meeting) { return static_cast<std::size_t>(meeting); }

// Adds one run to the machines.
class Walk {
 public:
  Walk(const RunResult& result, std::map<Machine, Spots>& machines)
      : protocol_(result.scenario->protocol_name()),
        result_(result),
        names_(result),
        lives_(result),
        machines_(machines) {}

  void go() {
    for (const TraceRecord& record : result_.trace) read(record);
  }

 private:
  void read(const TraceRecord& record) {
    switch (record.kind) {
      case EventKind::Delivered:
        if (record.node == record.peer) return;
        met(record.node, record, message_text(record, names_),
            arrived_.insert(record.cause).second ? Meeting::Arrives : Meeting::Again);
        return;
      case EventKind::Lost:
        met(record.peer, record, message_text(record, names_), Meeting::Lost);
        return;
      case EventKind::Refused:
        met(record.peer, record, message_text(record, names_), Meeting::Refused);
        return;
      case EventKind::TimerFired:
        if (is_workload_clock(record, result_)) return;
        met(record.node, record, names_.word(record.what), Meeting::Fires);
        return;
      case EventKind::Crashed:
        for (const auto& [where, life] : lives_.all()) {
          if (where.first == record.node) note(life, record.sequence, "", Meeting::Crashes);
        }
        return;
      default:
        return;
    }
  }

  // Nodes that take no part in transactions are recognised by their kind.
  void met(NodeId node, const TraceRecord& record, const std::string& what, Meeting meeting) {
    if (record.transaction == 0) return;
    const auto life = lives_.all().find({node, record.transaction});
    if (life != lives_.all().end()) {
      note(life->second, record.sequence, what, meeting);
    } else {
      const NodeId sender = record.node == node ? record.peer : record.node;
      ++machines_[{protocol_, role_of(node, sender)}][{"", what}][place(meeting)];
    }
  }
  std::string role_of(NodeId node, NodeId sender) const {
    const Scenario& scenario = *result_.scenario;
    if (node == scenario.client) return "client";
    if (node == scenario.broker) return "broker";
    if (node == scenario.lock_service) return "lock service";
    return sender == scenario.client ? "coordinator" : "participant";
  }
  void note(const StateLife& life, std::uint64_t event, const std::string& what, Meeting meeting) {
    const std::string& state = life.before(event);
    if (meeting == Meeting::Crashes && (state.empty() || state == kStateDown)) return;
    ++machines_[{protocol_, life.role}][{state, what}][place(meeting)];
  }

  std::string protocol_;
  const RunResult& result_;
  RunNames names_;
  StateLives lives_;
  std::map<Machine, Spots>& machines_;
  std::set<std::uint64_t> arrived_;  // by the event that sent it
};

bool is_any(const Counts& counts) {
  return std::any_of(counts.begin(), counts.end(), [](std::uint64_t count) { return count > 0; });
}

struct Axes {
  std::vector<std::string> states;
  std::vector<std::string> messages;
  std::vector<std::string> timers;
};

void add_name(std::vector<std::string>& names, const std::string& name) {
  if (std::find(names.begin(), names.end(), name) == names.end()) names.push_back(name);
}

// One machine's cells: those that were met, and those that are possible.
class Sheet {
 public:
  Sheet(const CoverageReport& report, const Machine& machine)
      : met_(spots_of(report.met, machine)),
        possible_(spots_of(report.possible, machine)),
        is_known_(report.possible != nullptr) {
    for (const Spots* spots : {met_, possible_}) {
      if (spots == nullptr) continue;
      for (const auto& [spot, counts] : *spots) {
        add_name(axes_.states, spot.state);
        if (spot.what.empty()) continue;
        add_name(counts[place(Meeting::Fires)] > 0 ? axes_.timers : axes_.messages, spot.what);
      }
    }
    std::sort(axes_.states.begin(), axes_.states.end());
    std::sort(axes_.messages.begin(), axes_.messages.end());
    std::sort(axes_.timers.begin(), axes_.timers.end());
  }

  const Axes& axes() const { return axes_; }
  std::uint64_t count(const Spot& spot, Meeting meeting) const {
    return count_in(met_, spot, meeting);
  }
  // If the possible cells are not known, all but the plainly impossible ones count as possible.
  bool is_possible(const Spot& spot, Meeting meeting) const {
    if (count(spot, meeting) > 0) return true;
    if (is_known_) return count_in(possible_, spot, meeting) > 0;
    // A message that never arrives in a state cannot arrive there again. A timer belongs to its
    // states.
    if (meeting == Meeting::Fires) return false;
    if (meeting == Meeting::Crashes) return !spot.state.empty() && spot.state != kStateDown;
    return meeting == Meeting::Arrives || meets_at_all(spot);
  }

  // Visits each spot and meeting that is possible.
  template <class Visit>
  void each(Visit&& visit) const {
    for (const std::string& state : axes_.states) {
      for (const std::string& message : axes_.messages) {
        for (const Meeting meeting : kOfMessages) offer({state, message}, meeting, visit);
      }
      for (const std::string& timer : axes_.timers) offer({state, timer}, Meeting::Fires, visit);
      offer({state, ""}, Meeting::Crashes, visit);
    }
  }

 private:
  static const Spots* spots_of(const StateCoverage* coverage, const Machine& machine) {
    if (coverage == nullptr) return nullptr;
    const auto found = coverage->machines().find(machine);
    return found == coverage->machines().end() ? nullptr : &found->second;
  }
  static std::uint64_t count_in(const Spots* spots, const Spot& spot, Meeting meeting) {
    if (spots == nullptr) return 0;
    const auto found = spots->find(spot);
    return found == spots->end() ? 0 : found->second[place(meeting)];
  }
  bool meets_at_all(const Spot& spot) const {
    const auto found = met_ == nullptr ? Spots::const_iterator{} : met_->find(spot);
    return met_ != nullptr && found != met_->end() && is_any(found->second);
  }
  template <class Visit>
  void offer(const Spot& spot, Meeting meeting, Visit&& visit) const {
    if (is_possible(spot, meeting)) visit(spot, meeting, count(spot, meeting));
  }

  const Spots* met_;
  const Spots* possible_;
  bool is_known_;
  Axes axes_;
};

std::set<Machine> machines_of(const CoverageReport& report) {
  std::set<Machine> machines;
  for (const StateCoverage* coverage : {report.met, report.possible}) {
    if (coverage == nullptr) continue;
    for (const auto& [machine, spots] : coverage->machines()) machines.insert(machine);
  }
  return machines;
}

CoverageTally tally_of(const Sheet& sheet) {
  CoverageTally all;
  sheet.each([&](const Spot&, Meeting, std::uint64_t count) {
    ++all.of;
    if (count > 0) ++all.met;
  });
  return all;
}

std::string share(const CoverageTally& tally) {
  return fmt::format("{} of {}", tally.met, tally.of);
}

std::string state_name(const std::string& state) { return state.empty() ? "not begun" : state; }

// A cell as signs: a arrives, 2 again, l lost, r refused; a dot if it was not met, a blank if it is
// not possible.
std::string signs(const Sheet& sheet, const Spot& spot) {
  std::string text;
  for (const auto& [meeting, sign] :
       {std::pair{Meeting::Arrives, 'a'}, std::pair{Meeting::Again, '2'},
        std::pair{Meeting::Lost, 'l'}, std::pair{Meeting::Refused, 'r'}}) {
    const bool is_met = sheet.count(spot, meeting) > 0;
    text += is_met ? sign : sheet.is_possible(spot, meeting) ? '.' : ' ';
  }
  return text;
}

std::string sheet_text(const Sheet& sheet, const Paint& paint) {
  std::size_t width = 9;
  for (const std::string& message : sheet.axes().messages) {
    width = std::max(width, columns(message));
  }
  for (const std::string& timer : sheet.axes().timers) width = std::max(width, columns(timer));
  std::string text = "  " + pad("", width);
  for (const std::string& state : sheet.axes().states) {
    text += "  " + pad(state_name(state), std::max<std::size_t>(5, columns(state_name(state))));
  }
  text += "\n";
  const auto row = [&](const std::string& name, auto&& sign) {
    text += "  " + pad(name, width);
    for (const std::string& state : sheet.axes().states) {
      const std::size_t column = std::max<std::size_t>(5, columns(state_name(state)));
      const std::string signs = sign(state);
      const bool is_hole = signs.find('.') != std::string::npos;
      text += "  " + (is_hole ? paint(Tone::Warning, pad(signs, column)) : pad(signs, column));
    }
    while (text.ends_with(' ')) text.pop_back();
    text += "\n";
  };
  for (const std::string& message : sheet.axes().messages) {
    row(message, [&](const std::string& state) { return signs(sheet, {state, message}); });
  }
  const auto one = [&](const Spot& spot, Meeting meeting, const char* sign) -> std::string {
    if (sheet.count(spot, meeting) > 0) return sign;
    return sheet.is_possible(spot, meeting) ? "." : "";
  };
  for (const std::string& timer : sheet.axes().timers) {
    row(timer, [&](const std::string& state) { return one({state, timer}, Meeting::Fires, "t"); });
  }
  row("a crash", [&](const std::string& state) { return one({state, ""}, Meeting::Crashes, "c"); });
  return text;
}

}  // namespace

const char* text(Meeting meeting) {
  switch (meeting) {
    case Meeting::Arrives:
      return "arrives";
    case Meeting::Again:
      return "arrives again";
    case Meeting::Lost:
      return "is lost";
    case Meeting::Refused:
      return "is refused";
    case Meeting::Fires:
      return "runs out";
    case Meeting::Crashes:
      return "crashes";
  }
  return "?";
}

void StateCoverage::add(const RunResult& result) {
  ++runs_;
  Walk(result, machines_).go();
}

CoverageTally tally(const CoverageReport& report) {
  CoverageTally all;
  for (const Machine& machine : machines_of(report)) {
    const CoverageTally one = tally_of(Sheet(report, machine));
    all.met += one.met;
    all.of += one.of;
  }
  return all;
}

std::string text_coverage(const CoverageReport& report, const Paint& paint) {
  const bool is_known = report.possible != nullptr;
  std::string text = paint(Tone::Strong, report.what) + "\n";
  if (is_known) text += "compared with " + report.possible_what + "\n";
  const char* says = is_known ? "cells that can be met were"
                     : report.is_complete
                         ? "cells were met: within these bounds no run can meet others"
                         : "cells were met; some of the others may be impossible";
  text += fmt::format("\n{} {}\n", share(tally(report)), says);
  for (const Machine& machine : machines_of(report)) {
    const Sheet sheet(report, machine);
    text += fmt::format("\n{}  {}\n", paint(Tone::Strong, machine.protocol + ", " + machine.role),
                        paint(Tone::Faint, share(tally_of(sheet))));
    text += sheet_text(sheet, paint);
  }
  return text +
         "\na arrives, 2 arrives again, l is lost, r is refused, t fires, c crashes: in that "
         "state of its\nreceiver; . was not met\n";
}

std::string json_coverage(const CoverageReport& report) {
  const CoverageTally all = tally(report);
  Json json;
  json["format"] = "txsim-coverage";
  json["version"] = 1;
  json["what"] = report.what;
  json["runs"] = report.met->runs();
  json["against"] = nullptr;
  if (report.possible != nullptr) json["against"] = report.possible_what;
  json["met"] = all.met;
  json["of"] = all.of;
  json["machines"] = Json::array();
  for (const Machine& machine : machines_of(report)) {
    const Sheet sheet(report, machine);
    Json one;
    one["protocol"] = machine.protocol;
    one["role"] = machine.role;
    one["cells"] = Json::array();
    sheet.each([&](const Spot& spot, Meeting meeting, std::uint64_t count) {
      one["cells"].push_back({{"state", state_name(spot.state)},
                              {"what", spot.what.empty() ? "a crash" : spot.what},
                              {"meeting", text(meeting)},
                              {"count", count}});
    });
    json["machines"].push_back(one);
  }
  return json.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
}

}  // namespace txsim
