#include "reports/state_machines.h"

#include <fmt/format.h>

#include <set>

#include "reports/state_lives.h"

namespace txsim {
namespace {

std::string in_quotes(std::string_view text) {
  std::string result = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') result += '\\';
    result += c;
  }
  return result + "\"";
}

// Where a transaction's life at a node can end.
bool is_end(const std::string& state) {
  return state == text(Outcome::Committed) || state == text(Outcome::Aborted) ||
         state == text(Outcome::Mixed) || state == text(Outcome::Unknown) ||
         state.starts_with("told") || state == "gave up";
}

std::string state_line(const std::string& prefix, const std::string& state) {
  if (state.empty()) return fmt::format("    {} [shape=point, label=\"\"];\n", in_quotes(prefix));
  const char* look = state == kStateDown ? ", style=\"rounded,dashed\"" : "";
  const char* frame = is_end(state) ? ", peripheries=2" : "";
  return fmt::format("    {} [label={}{}{}];\n", in_quotes(prefix + state), in_quotes(state), look,
                     frame);
}

// One line each, beside the edge.
std::string causes_text(const StateMachines::Causes& causes) {
  std::string text;
  for (const auto& [cause, count] : causes) {
    const std::string word = in_quotes(cause.empty() ? "?" : cause);
    text += " " + word.substr(1, word.size() - 2);
    text += (count > 1 ? fmt::format(" ({})", count) : "") + "\\l";
  }
  return text;
}

}  // namespace

void StateMachines::add(const RunResult& result) {
  const std::string protocol(result.scenario->protocol_name());
  const StateLives lives(result);
  for (const auto& [place, life] : lives.all()) {
    std::string from;
    for (const StateLife::Move& move : life.moves) {
      if (move.to == from) continue;
      ++machines_[{protocol, life.role}][{from, move.to}][lives.cause_of(move.event)];
      from = move.to;
    }
  }
}

std::string StateMachines::dot() const {
  std::string text =
      "// States and what led from one to the next, as runs of txsim showed them; in brackets how\n"
      "// often. dot -Tsvg FILE draws it.\n"
      "digraph \"state machines\" {\n"
      "  graph [fontname=\"sans-serif\", fontsize=14, nodesep=0.5, ranksep=0.6];\n"
      "  node [shape=box, style=rounded, fontname=\"sans-serif\", fontsize=12];\n"
      "  edge [fontname=\"sans-serif\", fontsize=9, arrowsize=0.7];\n";
  for (const auto& [machine, steps] : machines_) {
    const std::string name = machine.protocol + ": " + machine.role;
    const std::string prefix = name + ": ";
    text += fmt::format("  subgraph {} {{\n    label={};\n    color=gray;\n",
                        in_quotes("cluster " + name), in_quotes(name));
    std::set<std::string> states;
    for (const auto& [step, causes] : steps) {
      states.insert(step.from);
      states.insert(step.to);
    }
    for (const std::string& state : states) text += state_line(prefix, state);
    for (const auto& [step, causes] : steps) {
      text += fmt::format("    {} -> {} [label=\"{}\"];\n", in_quotes(prefix + step.from),
                          in_quotes(prefix + step.to), causes_text(causes));
    }
    text += "  }\n";
  }
  return text + "}\n";
}

}  // namespace txsim
