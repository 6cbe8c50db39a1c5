#include "reports/timeline.h"

#include <fmt/format.h>

#include <algorithm>

namespace txsim {
namespace {

struct MessageFate {
  bool arrives = true;
  std::string text;
};

MessageFate fate_of_message(const TraceRecord& sent, const TraceIndex& index) {
  MessageFate fate;
  std::size_t arrivals = 0;
  std::vector<std::string> parts;
  for (const TraceRecord* record : index.fate(sent)) {
    switch (record->kind) {
      case EventKind::Delivered:
        parts.push_back(
            fmt::format("{} {}", ++arrivals == 1 ? "arrives" : "again", time_text(record->time)));
        break;
      case EventKind::Lost: {
        const auto reason = text(static_cast<LossReason>(record->value));
        parts.push_back(record->time == sent.time
                            ? fmt::format("({})", reason)
                            : fmt::format("({}, {})", reason, time_text(record->time)));
        break;
      }
      case EventKind::Refused:
        parts.push_back(fmt::format("(refused, known {})", time_text(record->time)));
        break;
      default:
        break;
    }
  }
  fate.arrives = arrivals > 0 || parts.empty();
  fate.text = parts.empty() ? "(under way at the end)" : fmt::format("{}", fmt::join(parts, ", "));
  return fate;
}

bool is_fact(const TraceRecord& record, FactKind kind) {
  return record.kind == EventKind::Announced && record.what == fact_word(kind);
}

// Narrates a stretch of the trace.
class TimelineTeller {
 public:
  TimelineTeller(const RunResult& result, const TraceIndex& index,
                 const std::vector<std::string>& faults, std::size_t width)
      : result_(result),
        names_(result),
        trace_(result.trace),
        index_(index),
        faults_(faults),
        width_(width) {}

  std::vector<TimelineLine> tell(std::size_t from, std::size_t to) {
    find_forced(from, to);
    for (std::size_t i = from; i < to; ++i) {
      place_ = i;
      is_recalled_ = recollection_.is_recalled(trace_[i]);
      if (trace_[i].kind == EventKind::Sent) {
        tell_message(trace_[i]);
      } else if (!is_told_elsewhere(i, from)) {
        tell_event(trace_[i]);
      }
    }
    return std::move(lines_);
  }

 private:
  // Records appended at the moment of the force that makes them durable share its line.
  void find_forced(std::size_t from, std::size_t to) {
    from_ = from;
    forced_.assign(to - from, false);
    std::vector<Time> next_force;
    for (std::size_t i = to; i-- > from;) {
      const TraceRecord& record = trace_[i];
      if (record.node == kNoNode) continue;
      if (record.node >= next_force.size()) next_force.resize(record.node + 1, Time{-1});
      Time& next = next_force[record.node];
      if (record.kind == EventKind::Forced) next = record.time;
      if (record.kind == EventKind::Crashed) next = Time{-1};
      forced_[i - from] = record.kind == EventKind::Appended && record.time == next;
    }
  }

  bool is_told_elsewhere(std::size_t i, std::size_t from) {
    const TraceRecord& record = trace_[i];
    switch (record.kind) {
      case EventKind::Delivered:
      case EventKind::Lost:
      case EventKind::Duplicated:
      case EventKind::Refused:
      case EventKind::Durable:
      case EventKind::TimerSet:
      case EventKind::TimerCancelled:
      case EventKind::Checkpointed:
        return true;
      case EventKind::Restarted:
        return record.value == 0;
      case EventKind::TimerFired:
        return is_workload_clock(record, result_);
      case EventKind::Appended:
        if (!forced_[i - from_]) return false;
        appended_.push_back(&record);
        return true;
      case EventKind::Announced:
        return is_fact(record, FactKind::LockTaken) && i > from &&
               is_fact(trace_[i - 1], FactKind::LockGranted) &&
               trace_[i - 1].transaction == record.transaction;
      default:
        return false;
    }
  }

  void tell_message(const TraceRecord& sent) {
    const MessageFate fate = fate_of_message(sent, index_);
    const std::string receiver = names_.node(sent.peer);
    TimelineLine* last = lines_.empty() ? nullptr : &lines_.back();
    const bool same = last != nullptr && message_.time == sent.time && message_.node == sent.node &&
                      message_.what == sent.what && message_.transaction == sent.transaction &&
                      fate_ == fate.text;
    if (same && columns(receivers_) + columns(receiver) + columns(fate_) + 30 < width_) {
      receivers_ += ", " + receiver;
    } else {
      lines_.push_back({sent.time, sent.node, sent.transaction, {}, place_});
      last = &lines_.back();
      receivers_ = receiver;
    }
    message_ = sent;
    fate_ = fate.text;
    const Tone tone = fate.text.front() != '(' ? Tone::Plain
                      : fate.arrives           ? Tone::Warning
                                               : Tone::Bad;
    last->phrases = {
        {arrow_text(message_text(sent, names_), fate.arrives, receivers_) + "  ", tone},
        {fate.text, tone == Tone::Plain ? Tone::Faint : tone}};
    joinable_ = false;
  }

  void tell_event(const TraceRecord& record) {
    Phrase phrase = narrate(record, names_, faults_);
    if (record.kind == EventKind::Forced) tell_force(record, phrase);
    if (is_recalled_) phrase = {"remembers: " + phrase.text, Tone::Faint};
    if (record.kind == EventKind::Appended) phrase.text += ", not forced";
    const bool alone = record.kind >= EventKind::Crashed;
    std::size_t taken = columns(phrase.text);
    if (!lines_.empty()) {
      for (const Phrase& said : lines_.back().phrases) taken += columns(said.text) + 2;
    }
    const bool join = !alone && joinable_ && !lines_.empty() && lines_.back().time == record.time &&
                      lines_.back().node == record.node &&
                      lines_.back().transaction == record.transaction && taken <= width_;
    if (join) {
      lines_.back().phrases.back().text += "; ";
      lines_.back().phrases.push_back(std::move(phrase));
    } else {
      lines_.push_back({record.time, record.node, record.transaction, {std::move(phrase)}, place_});
    }
    joinable_ = !alone;
    message_ = {};
  }

  void tell_force(const TraceRecord& record, Phrase& phrase) {
    std::vector<std::string> records;
    const auto end = std::remove_if(appended_.begin(), appended_.end(), [&](const TraceRecord* r) {
      if (r->node != record.node || r->time != record.time) return false;
      records.push_back(names_.word(r->what));
      return true;
    });
    appended_.erase(end, appended_.end());
    if (!records.empty()) {
      phrase.text = fmt::format("forces {} to its log", fmt::join(records, ", "));
    }
    const std::vector<const TraceRecord*> fate = index_.fate(record);
    if (fate.empty()) {
      phrase.text += " (never durable)";
      phrase.tone = Tone::Bad;
    } else if (fate.front()->time != record.time) {
      phrase.text += fmt::format(" (durable {})", time_text(fate.front()->time));
    }
  }

  const RunResult& result_;
  RunNames names_;
  const Trace& trace_;
  const TraceIndex& index_;
  const std::vector<std::string>& faults_;
  std::size_t width_;
  std::vector<TimelineLine> lines_;
  std::size_t from_ = 0;
  std::size_t place_ = 0;  // of the current record
  Recollection recollection_;
  bool is_recalled_ = false;  // the current record
  std::vector<bool> forced_;
  std::vector<const TraceRecord*> appended_;
  bool joinable_ = false;
  // The message of the last line, if it has one; its receivers and its fate.
  TraceRecord message_;
  std::string receivers_;
  std::string fate_;
};

}  // namespace

std::vector<TimelineLine> timeline_lines(const RunResult& result, const TraceIndex& index,
                                         const std::vector<std::string>& faults, std::size_t from,
                                         std::size_t to, std::size_t width) {
  return TimelineTeller(result, index, faults, width).tell(from, to);
}

std::string lay_out(const std::vector<TimelineLine>& lines, const RunNames& names,
                    const Paint& paint, const std::vector<Interjection>& interjections) {
  std::size_t time_width = 0;
  std::size_t node_width = 0;
  std::size_t transaction_width = 0;
  for (const TimelineLine& line : lines) {
    time_width = std::max(time_width, time_text(line.time).size());
    node_width = std::max(node_width, columns(names.node(line.node)));
    transaction_width = std::max(transaction_width, transaction_text(line.transaction).size());
  }
  std::string text;
  const TimelineLine* above = nullptr;
  auto next = interjections.begin();
  const auto interject = [&](std::size_t place) {
    for (; next != interjections.end() && next->before <= place; ++next) {
      text += "  " + paint(Tone::Warning, next->text) + "\n";
      above = nullptr;
    }
  };
  for (const TimelineLine& line : lines) {
    interject(static_cast<std::size_t>(&line - lines.data()));
    const bool same_time = above != nullptr && above->time == line.time;
    const bool same_node = same_time && above->node == line.node;
    const bool same_transaction = same_node && above->transaction == line.transaction;
    text += "  " + paint(Tone::Faint, pad_left(same_time ? "" : time_text(line.time), time_width));
    text += "  " + paint(Tone::Strong, pad(same_node ? "" : names.node(line.node), node_width));
    const std::string of = same_transaction ? "" : transaction_text(line.transaction);
    if (transaction_width > 0) text += "  " + pad(of, transaction_width);
    text += "  ";
    for (const Phrase& phrase : line.phrases) text += paint(phrase.tone, phrase.text);
    text += "\n";
    above = &line;
  }
  interject(lines.size());
  return text;
}

}  // namespace txsim
