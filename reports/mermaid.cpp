#include "reports/mermaid.h"

#include <fmt/format.h>

#include <algorithm>

#include "reports/names.h"
#include "reports/narrate.h"

namespace txsim {
namespace {

// Names a font, so that the picture looks the same everywhere: without it, notes are measured in
// one font and drawn in another.
constexpr std::string_view kLook =
    "%%{init: {\"fontFamily\": \"sans-serif\", \"sequence\": {\"noteMargin\": 14, "
    "\"actorFontFamily\": \"sans-serif\", \"messageFontFamily\": \"sans-serif\", "
    "\"noteFontFamily\": \"sans-serif\"}}}%%\n";
constexpr std::size_t kTitlePerLifeline = 20;  // columns

// Mermaid ends a text at ';' and '#', and does not escape HTML: such characters become codes.
std::string escape(std::string_view text) {
  std::string result;
  for (const char c : printable(text)) {
    switch (c) {
      case '#':
        result += "#35;";
        break;
      case ';':
        result += "#59;";
        break;
      case '<':
        result += "#lt;";
        break;
      case '>':
        result += "#gt;";
        break;
      case '%':
        result += "#37;";
        break;
      default:
        result += c;
    }
  }
  return result;
}

struct Drawn {
  std::uint64_t at = 0;   // sequence of the record where it is drawn
  NodeId from = kNoNode;  // of an arrow; of a note: the node
  NodeId to = kNoNode;    // kNoNode: a note
  std::string text;
  std::string_view arrow = "->>";
  bool crash = false;  // a highlighted note
};

// Two notes of one node with nothing drawn in between become one.
bool may_join(const Drawn& above, const Drawn& note) {
  return above.to == kNoNode && note.to == kNoNode && above.from == note.from &&
         note.from != kNoNode && !above.crash && !note.crash &&
         columns(above.text) + columns(note.text) < 300;
}

class Artist {
 public:
  explicit Artist(const Report& report)
      : result_(*report.result),
        names_(result_),
        faults_(fault_texts(report)),
        index_(result_.trace),
        moments_(result_.scenario->plan.nodes.size()) {}

  std::string draw(std::size_t most) {
    note_events();
    for (const TraceRecord& record : result_.trace) {
      if (record.kind == EventKind::Sent) draw_message(record);
    }
    std::stable_sort(drawn_.begin(), drawn_.end(),
                     [](const Drawn& a, const Drawn& b) { return a.at < b.at; });
    return text(most);
  }

 private:
  // Draws the notes, and collects the moments at which something is drawn at each node.
  void note_events() {
    Recollection recollection;
    for (const TraceRecord& record : result_.trace) {
      if (recollection.is_recalled(record)) continue;
      const bool message = record.kind == EventKind::Sent || record.kind == EventKind::Delivered ||
                           record.kind == EventKind::Refused;
      if (!message && (!is_noted(record) || is_workload_clock(record, result_))) continue;
      if (record.node < moments_.size()) moments_[record.node].push_back(record.sequence);
      if (message) continue;
      std::string text = narrate(record, names_, faults_).text;
      const bool timed = record.kind == EventKind::TimerFired || record.kind >= EventKind::Crashed;
      if (timed) text += " (" + time_text(record.time) + ")";
      const bool lost = record.kind == EventKind::Forced && index_.fate(record).empty();
      if (lost) text += " (never durable)";
      const bool crash = record.kind == EventKind::Crashed;
      drawn_.push_back({record.sequence, record.node, kNoNode, std::move(text), "", crash});
    }
  }

  static bool is_noted(const TraceRecord& record) {
    switch (record.kind) {
      case EventKind::Forced:
      case EventKind::TimerFired:
      case EventKind::Crashed:
      case EventKind::Paused:
      case EventKind::Resumed:
      case EventKind::FaultBegan:
      case EventKind::FaultEnded:
        return true;
      case EventKind::Restarted:
        return record.value != 0;
      case EventKind::Announced:
        break;
      default:
        return false;
    }
    switch (static_cast<FactKind>(record.what.id)) {
      case FactKind::Submitted:
      case FactKind::Recovered:
      case FactKind::LockGranted:
      case FactKind::Resent:
      case FactKind::ReadDone:
      case FactKind::EventCommitted:  // the arrows show this
      case FactKind::EventHandled:
        return false;
      case FactKind::PhaseEntered:
        return record.value != static_cast<std::int64_t>(Phase::Begun) &&
               record.value != static_cast<std::int64_t>(Phase::Ended);
      default:
        return true;
    }
  }

  bool happens_between(NodeId node, std::uint64_t after, std::uint64_t before) const {
    if (node >= moments_.size()) return false;
    const auto& moments = moments_[node];
    const auto next = std::upper_bound(moments.begin(), moments.end(), after);
    return next != moments.end() && *next < before;
  }

  void draw_message(const TraceRecord& sent) {
    const std::string label = label_of(sent);
    const auto fate = index_.fate(sent);
    bool arrived = false;
    for (const TraceRecord* record : fate) {
      switch (record->kind) {
        case EventKind::Delivered:
          draw_arrival(sent, *record, arrived ? label + " once more" : label);
          arrived = true;
          break;
        case EventKind::Lost:
          drawn_.push_back(
              {record->sequence, sent.node, sent.peer,
               fmt::format("{} ({})", label, txsim::text(static_cast<LossReason>(record->value))),
               "-x"});
          break;
        case EventKind::Refused:
          drawn_.push_back({sent.sequence, sent.node, sent.peer, label + " (refused)", "-x"});
          break;
        default:
          break;
      }
    }
    if (fate.empty()) {
      drawn_.push_back(
          {sent.sequence, sent.node, sent.peer, label + " (under way at the end)", "-)"});
    }
  }

  void draw_arrival(const TraceRecord& sent, const TraceRecord& arrival, std::string label) {
    std::uint64_t at = sent.sequence;
    if (happens_between(sent.peer, sent.sequence, arrival.sequence)) {
      at = arrival.sequence;
      if (happens_after_its_moment(sent, arrival)) {
        label += fmt::format(" (sent {})", time_text(sent.time));
      }
    }
    drawn_.push_back({at, sent.node, sent.peer, std::move(label), "->>"});
  }

  // Whether the sender did something after the moment of sending and before the arrival.
  bool happens_after_its_moment(const TraceRecord& sent, const TraceRecord& arrival) const {
    if (sent.node >= moments_.size()) return false;
    const auto& moments = moments_[sent.node];
    for (auto next = std::upper_bound(moments.begin(), moments.end(), sent.sequence);
         next != moments.end() && *next < arrival.sequence; ++next) {
      const TraceRecord* record = index_.find(*next);
      if (record != nullptr && record->time != sent.time) return true;
    }
    return false;
  }

  std::string label_of(const TraceRecord& sent) const {
    const std::string what = message_text(sent, names_);
    const bool several = result_.verdicts.counters.submitted != 1 && sent.transaction != 0;
    return several ? what + " " + transaction_text(sent.transaction) : what;
  }

  std::string participants() const {
    const Scenario& scenario = *result_.scenario;
    std::vector<NodeId> order;
    if (scenario.client < scenario.plan.nodes.size()) order.push_back(scenario.client);
    for (NodeId node = 0; node < scenario.plan.nodes.size(); ++node) {
      if (node != scenario.client) order.push_back(node);
    }
    std::string text;
    for (const NodeId node : order) {
      const bool seen = std::any_of(drawn_.begin(), drawn_.end(), [&](const Drawn& drawn) {
        return drawn.from == node || drawn.to == node;
      });
      if (seen) {
        text += fmt::format("  participant n{} as {}\n", node, escape(names_.node(node)));
      }
    }
    return text;
  }

  // Mermaid cuts a title that is wider than the lifelines: a wide title becomes a note over them.
  std::string heading() const {
    const std::string title = escape(result_.scenario->title);
    const std::string who = participants();
    const auto lifelines = static_cast<std::size_t>(std::count(who.begin(), who.end(), '\n'));
    if (columns(result_.scenario->title) <= kTitlePerLifeline * lifelines) {
      return "  title " + title + "\n" + who;
    }
    return fmt::format("{}  Note over {}: wrap:{}\n", who, over_all(), title);
  }

  std::string over_all() const {
    const std::size_t count = result_.scenario->plan.nodes.size();
    const NodeId first = result_.scenario->client < count ? result_.scenario->client : 0;
    const auto last = static_cast<NodeId>(count - (first == count - 1 && count > 1 ? 2 : 1));
    return first == last ? fmt::format("n{}", first) : fmt::format("n{},n{}", first, last);
  }

  std::string text(std::size_t most) {
    std::string text = std::string(kLook) + "sequenceDiagram\n" + heading();
    for (std::size_t i = 0; i < drawn_.size(); ++i) {
      if (text.size() > most) {
        return text +
               fmt::format("  Note over {}: … {} more left out\n", over_all(), drawn_.size() - i);
      }
      Drawn item = drawn_[i];
      std::string label = escape(item.text);
      if (item.to == kNoNode) {
        while (i + 1 < drawn_.size() && may_join(item, drawn_[i + 1])) {
          item.text += drawn_[i + 1].text;
          label += "<br/>" + escape(drawn_[++i].text);
        }
        const std::string over = item.from == kNoNode ? over_all() : fmt::format("n{}", item.from);
        const std::string note = fmt::format("  Note over {}: {}\n", over, label);
        text += item.crash ? "  rect rgb(250, 205, 205)\n" + note + "  end\n" : note;
      } else {
        text += fmt::format("  n{}{}n{}: {}\n", item.from, item.arrow, item.to, label);
      }
    }
    return text;
  }

  const RunResult& result_;
  RunNames names_;
  std::vector<std::string> faults_;
  TraceIndex index_;
  std::vector<std::vector<std::uint64_t>> moments_;  // by node, ascending
  std::vector<Drawn> drawn_;
};

}  // namespace

std::string mermaid_diagram(const Report& report, std::size_t most) {
  return Artist(report).draw(most);
}

}  // namespace txsim
