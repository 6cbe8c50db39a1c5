#include "reports/state_machines.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>
#include <tuple>
#include <vector>

#include "reports/narrate.h"
#include "reports/time_space_strips.h"

namespace txsim {
namespace {

using time_space::Cap;
using time_space::State;
using time_space::Strip;
using time_space::StripKind;

constexpr const char* kDown = "down";

const char* role_of(State state) {
  switch (state) {
    case State::Waiting:
      return "client";
    case State::Begun:
    case State::Working:
    case State::Deciding:
    case State::Finishing:
    case State::Undoing:
      return "coordinator";
    case State::Updated:
    case State::Prepared:
    case State::Reserved:
    case State::Applied:
    case State::Compensated:
      break;
  }
  return "participant";
}

// A transaction's life at one node.
struct Life {
  struct Move {
    std::uint64_t event = 0;
    std::string to;
  };
  std::vector<Move> moves;
  const char* role = "participant";
};

class Reader {
 public:
  explicit Reader(const RunResult& result)
      : result_(result), names_(result), index_(result.trace), strips_(result, no_faults_) {
    for (const TraceRecord& record : result.trace) strips_.read(record);
    if (!result.trace.empty()) strips_.finish(result.trace.back().time);
    for (const Cap& cap : strips_.caps) {
      capped_.insert({cap.node, cap.transaction, cap.event});
      life(cap.node, cap.transaction).moves.push_back({cap.event, text(cap.outcome)});
    }
    for (const Strip& strip : strips_.strips) {
      if (strip.kind == StripKind::State) began_.insert(key(strip, strip.first_event));
    }
    for (const Strip& strip : strips_.strips) {
      if (strip.kind == StripKind::State) read(strip);
    }
  }

  template <class Take>
  void each_step(Take&& take) {
    for (auto& [part, life] : lives_) {
      std::sort(life.moves.begin(), life.moves.end(),
                [](const auto& a, const auto& b) { return a.event < b.event; });
      std::string from;
      for (const Life::Move& move : life.moves) {
        if (move.to == from) continue;
        take(life.role, from, move.to, cause_of(move.event));
        from = move.to;
      }
    }
  }

 private:
  using Key = std::tuple<NodeId, TransactionId, std::uint64_t>;
  static Key key(const Strip& strip, std::uint64_t event) {
    return {strip.node, strip.transaction, event};
  }
  Life& life(NodeId node, TransactionId transaction) { return lives_[{node, transaction}]; }

  void read(const Strip& strip) {
    Life& life = this->life(strip.node, strip.transaction);
    life.role = role_of(strip.state);
    life.moves.push_back({strip.first_event, text(strip.state)});
    const Key end = key(strip, strip.end_event);
    if (began_.contains(end) || capped_.contains(end)) return;
    const std::string left = left_for(index_.find(strip.end_event), strip);
    if (!left.empty()) life.moves.push_back({strip.end_event, left});
  }

  // Where a state led that no other follows: nowhere at the end of the run.
  static std::string left_for(const TraceRecord* record, const Strip& strip) {
    if (record == nullptr) return "";
    if (record->kind == EventKind::Crashed) return kDown;
    if (record->kind != EventKind::Announced) return "";
    switch (static_cast<FactKind>(record->what.id)) {
      case FactKind::Told:
        return fmt::format("told {}", text(static_cast<Reply>(record->value)));
      case FactKind::GaveUp:
        return "gave up";
      case FactKind::Undone:
        return "undone";
      case FactKind::Cancelled:
        return "cancelled";
      default:
        return strip.state == State::Waiting ? "told" : "";
    }
  }

  // What came to the node, or ran out there, and what it made durable before it moved on.
  std::string cause_of(std::uint64_t event) const {
    const TraceRecord* record = index_.find(event);
    if (record == nullptr) return "";
    if (record->kind == EventKind::Crashed) return "crash";
    std::string forced;
    record = index_.find(record->cause);
    while (record != nullptr && record->kind == EventKind::Forced) {
      if (!forced.empty()) forced.insert(0, ", ");
      forced.insert(0, names_.word(record->what));
      record = index_.find(record->cause);
    }
    std::string cause = record == nullptr ? "" : came(*record);
    if (!forced.empty()) cause += (cause.empty() ? "" : "; ") + ("forces " + forced);
    return cause;
  }
  std::string came(const TraceRecord& record) const {
    switch (record.kind) {
      case EventKind::Delivered:
        return message_text(record, names_);
      case EventKind::Refused:
        return names_.word(record.what) + " refused";
      case EventKind::TimerFired:
        if (is_workload_clock(record, result_)) return "an order is due";
        return names_.word(record.what) + " runs out";
      case EventKind::Restarted:
        return record.value == 0 ? "an order is due" : "restart";
      default:
        return "";
    }
  }

  const RunResult& result_;
  Names names_;
  std::vector<std::string> no_faults_;  // their texts are of no use here
  TraceIndex index_;
  time_space::StripReader strips_;
  std::map<std::pair<NodeId, TransactionId>, Life> lives_;
  std::set<Key> began_;  // where a state begins
  std::set<Key> capped_;
};

std::string quoted(std::string_view text) {
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
  if (state.empty()) return fmt::format("    {} [shape=point, label=\"\"];\n", quoted(prefix));
  const char* look = state == kDown ? ", style=\"rounded,dashed\"" : "";
  const char* frame = is_end(state) ? ", peripheries=2" : "";
  return fmt::format("    {} [label={}{}{}];\n", quoted(prefix + state), quoted(state), look,
                     frame);
}

// A line each, beside the edge.
std::string causes_text(const StateMachines::Causes& causes) {
  std::string text;
  for (const auto& [cause, count] : causes) {
    const std::string word = quoted(cause.empty() ? "?" : cause);
    text += " " + word.substr(1, word.size() - 2);
    text += (count > 1 ? fmt::format(" ({})", count) : "") + "\\l";
  }
  return text;
}

}  // namespace

void StateMachines::add(const RunResult& result) {
  const std::string protocol = text(result.scenario->protocol);
  Reader(result).each_step([&](const char* role, const std::string& from, const std::string& to,
                               const std::string& cause) {
    ++machines_[{protocol, role}][{from, to}][cause];
  });
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
                        quoted("cluster " + name), quoted(name));
    std::set<std::string> states;
    for (const auto& [step, causes] : steps) {
      states.insert(step.from);
      states.insert(step.to);
    }
    for (const std::string& state : states) text += state_line(prefix, state);
    for (const auto& [step, causes] : steps) {
      text += fmt::format("    {} -> {} [label=\"{}\"];\n", quoted(prefix + step.from),
                          quoted(prefix + step.to), causes_text(causes));
    }
    text += "  }\n";
  }
  return text + "}\n";
}

}  // namespace txsim
