#include "reports/time_space_story.h"

#include <fmt/format.h>

#include <algorithm>

#include "reports/time_space_strips.h"

namespace txsim::time_space {
namespace {

struct Window {
  std::size_t from = 0;  // places in the trace
  std::size_t to = 0;
};

// All of a short run; of a long one the part around the first violation, or else its beginning.
Window choose(const RunResult& result, std::size_t most) {
  const std::size_t count = result.trace.size();
  if (count <= most) return {0, count};
  std::uint64_t first = 0;
  for (const Judgement& judgement : result.verdicts.judgements) {
    if (judgement.verdict != Verdict::Violated || judgement.event == 0) continue;
    if (first == 0 || judgement.event < first) first = judgement.event;
  }
  const std::uint64_t begin = result.trace.front().sequence;
  const std::size_t place = first > begin ? static_cast<std::size_t>(first - begin) : 0;
  const std::size_t before = most - most / 4;
  const std::size_t from = std::min(place > before ? place - before : 0, count - most);
  return {from, from + most};
}

bool moves_an_amount(const TraceRecord& record, const RunNames& names) {
  const Step* step = names.step(kind_of(record.extra), record.step);
  return step != nullptr && (step->action == Action::Take || step->action == Action::Give);
}

bool is_told(const TraceRecord& record, const RunNames& names) {
  switch (static_cast<FactKind>(record.what.id)) {
    case FactKind::Told:
    case FactKind::GaveUp:
    case FactKind::Recognised:
    case FactKind::Decided:
    case FactKind::HeuristicReported:
    case FactKind::Voted:
    case FactKind::InDoubt:
    case FactKind::DecidedAlone:
    case FactKind::Rejected:
    case FactKind::LockTimedOut:
      return true;
    case FactKind::Updated:
    case FactKind::Undone:
    case FactKind::Reserved:
    case FactKind::Cancelled:
    case FactKind::Compensated:
      return moves_an_amount(record, names);
    case FactKind::Applied:
      return record.value != 0 && moves_an_amount(record, names);
    case FactKind::OrderUnlocked:
      return record.extra != 0;
    default:
      return false;
  }
}

class Reader {
 public:
  Reader(const Report& report, std::size_t most)
      : result_(*report.result),
        names_(result_),
        faults_(fault_texts(report)),
        index_(result_.trace),
        window_(choose(result_, most)) {}

  Story read() {
    const Trace& trace = result_.trace;
    story_.several = result_.verdicts.counters.submitted != 1;
    if (trace.empty()) return std::move(story_);
    story_.left_out_before = window_.from;
    story_.left_out_behind = trace.size() - window_.to;
    story_.first = trace[window_.from].time;
    story_.last = trace[window_.to - 1].time;
    for (std::size_t i = window_.from; i < window_.to; ++i) read_record(trace[i]);
    for (std::size_t node = 0; node < appended_.size(); ++node) leave_unforced(node);
    read_strips();
    read_violations();
    return std::move(story_);
  }

 private:
  void read_record(const TraceRecord& record) {
    const bool is_recalled = recollection_.is_recalled(record);
    switch (record.kind) {
      case EventKind::Sent:
        return read_message(record);
      case EventKind::Delivered:
      case EventKind::Lost:
      case EventKind::Refused: {
        const TraceRecord* sent = index_.find(record.cause);
        const bool is_before = sent != nullptr && sent->sequence < trace_at(window_.from).sequence;
        if (is_before) read_fate(*sent, record, false);
        return;
      }
      case EventKind::Appended:
        return read_appended(record);
      case EventKind::Forced:
        return read_forced(record);
      case EventKind::Crashed:
        leave_unforced(record.node);
        return tell(record);
      case EventKind::TimerFired:
        if (!is_workload_clock(record, result_)) tell(record);
        return;
      case EventKind::Restarted:
        if (record.value != 0) tell(record);
        return;
      case EventKind::Paused:
        return tell(record);
      case EventKind::Announced:
        if (is_recalled) return;  // drawn before the restart
        if (is_told(record, names_)) return tell(record);
        if (record.what == fact_word(FactKind::Finished)) read_end(record);
        if (record.what == fact_word(FactKind::PhaseEntered)) {
          coordinated_.emplace_back(record.node, record.transaction);
        }
        return;
      default:
        return;
    }
  }

  const TraceRecord& trace_at(std::size_t place) const { return result_.trace[place]; }

  std::string named(TransactionId transaction, std::string text) const {
    if (!story_.several || transaction == 0) return text;
    return transaction_text(transaction) + " " + text;
  }

  // ---- Notes

  void tell(const TraceRecord& record) {
    Phrase phrase = narrate(record, names_, faults_);
    if (says_that_time_ran_out(record)) {
      Note* last = last_note(record.node);
      if (last != nullptr && last->at == record.time && timer_ == record.cause) {
        last->lines.pop_back();
      }
    }
    timer_ = record.kind == EventKind::TimerFired ? record.sequence : 0;
    tell(record, named(record.transaction, std::move(phrase.text)), phrase.tone);
  }

  // So that the timer gets no note of its own.
  static bool says_that_time_ran_out(const TraceRecord& record) {
    return record.what == fact_word(FactKind::InDoubt) ||
           record.what == fact_word(FactKind::LockTimedOut) ||
           record.what == fact_word(FactKind::GaveUp);
  }

  void tell(const TraceRecord& record, std::string text, Tone tone) {
    if (record.node >= result_.scenario->plan.nodes.size()) return;
    Note* last = last_note(record.node);
    if (last == nullptr || last->at != record.time) {
      story_.notes.push_back({record.node, record.time, record.transaction, {}});
      last_notes_[record.node] = story_.notes.size();
      last = &story_.notes.back();
    }
    if (last->transaction != record.transaction) last->transaction = 0;
    last->lines.push_back({std::move(text), tone});
  }

  Note* last_note(NodeId node) {
    if (node >= last_notes_.size()) last_notes_.resize(node + 1, 0);
    return last_notes_[node] == 0 ? nullptr : &story_.notes[last_notes_[node] - 1];
  }

  // The end of a participant's part. For a coordinator the decision is drawn instead.
  void read_end(const TraceRecord& record) {
    const std::pair part{record.node, record.transaction};
    const bool coordinates =
        std::find(coordinated_.begin(), coordinated_.end(), part) != coordinated_.end();
    if (coordinates) return;
    const auto outcome = static_cast<Outcome>(record.value);
    tell(record, named(record.transaction, txsim::text(outcome)),
         outcome == Outcome::Committed ? Tone::Good : Tone::Warning);
  }

  // ---- The log

  void read_appended(const TraceRecord& record) {
    if (record.node >= appended_.size()) appended_.resize(record.node + 1);
    appended_[record.node].push_back(&record);
  }

  // This force makes all earlier records durable. Only records appended at the same moment are
  // drawn as forced.
  void read_forced(const TraceRecord& record) {
    if (record.node >= appended_.size()) appended_.resize(record.node + 1);
    std::vector<const TraceRecord*> earlier = std::move(appended_[record.node]);
    appended_[record.node].clear();
    std::vector<std::string> words;
    for (const TraceRecord* appended : earlier) {
      if (appended->time != record.time) {
        appended_[record.node].push_back(appended);
        continue;
      }
      std::string word = named(appended->transaction, names_.word(appended->what));
      if (std::find(words.begin(), words.end(), word) == words.end()) words.push_back(word);
    }
    leave_unforced(record.node);
    if (words.empty()) words.push_back(named(record.transaction, names_.word(record.what)));
    Write write{record.node, record.time, record.time, true, true, ""};
    write.text = fmt::format("{}", fmt::join(words, ", "));
    const auto fate = index_.fate(record);
    write.is_durable = !fate.empty();
    write.to = fate.empty() ? end_of_hope(record) : std::min(fate.front()->time, story_.last);
    if (!write.is_durable) write.text += " (never durable)";
    Write* last = story_.writes.empty() ? nullptr : &story_.writes.back();
    const bool is_same = last != nullptr && last->forced && last->node == write.node &&
                         last->from == write.from && last->to == write.to;
    if (is_same) {
      last->text += ", " + write.text;
    } else {
      story_.writes.push_back(std::move(write));
    }
  }

  // When the node crashes before the force is complete.
  Time end_of_hope(const TraceRecord& forced) const {
    const std::uint64_t begin = result_.trace.front().sequence;
    for (std::size_t i = forced.sequence - begin; i < window_.to; ++i) {
      const TraceRecord& record = trace_at(i);
      if (record.kind == EventKind::Crashed && record.node == forced.node) return record.time;
    }
    return story_.last;
  }

  void leave_unforced(std::size_t node) {
    if (node >= appended_.size()) return;
    for (const TraceRecord* record : appended_[node]) {
      const std::string word = named(record->transaction, names_.word(record->what));
      Write* last = story_.writes.empty() ? nullptr : &story_.writes.back();
      if (last != nullptr && !last->forced && last->node == node && last->from == record->time) {
        last->text.insert(last->text.rfind(", not forced"), ", " + word);
        continue;
      }
      story_.writes.push_back({static_cast<NodeId>(node), record->time, record->time, false, false,
                               word + ", not forced"});
    }
    appended_[node].clear();
  }

  // ---- Messages

  void read_message(const TraceRecord& sent) {
    bool arrived = false;
    const auto fate = index_.fate(sent);
    for (const TraceRecord* record : fate) {
      if (record->kind == EventKind::Duplicated || record->kind == EventKind::Durable) continue;
      read_fate(sent, *record, arrived);
      arrived = arrived || record->kind == EventKind::Delivered;
    }
    if (!fate.empty()) return;
    Arrow arrow = arrow_of(sent);
    arrow.fate = Fate::UnderWay;
    arrow.ended = story_.last;
    arrow.text += " (under way at the end)";
    story_.arrows.push_back(std::move(arrow));
  }

  void read_fate(const TraceRecord& sent, const TraceRecord& record, bool again) {
    Arrow arrow = arrow_of(sent);
    arrow.ended = record.time;
    arrow.end = record.sequence;
    const char* end = "arrives";
    if (record.kind == EventKind::Lost) {
      const auto reason = static_cast<LossReason>(record.value);
      arrow.fate = Fate::Lost;
      arrow.gets_there = reason == LossReason::NodeDown;
      arrow.text += fmt::format(" ({})", text(reason));
      end = "lost";
    } else if (record.kind == EventKind::Refused) {
      arrow.fate = Fate::Refused;
      arrow.text += " (refused)";
      end = "known to be refused";
    } else if (again) {
      arrow.fate = Fate::ArrivesAgain;
      arrow.text += " once more";
    }
    if (record.time > story_.last) {  // outside the part that is drawn
      arrow.fate = Fate::UnderWay;
      arrow.ended = story_.last;
    }
    if (sent.time < story_.first) {
      arrow.text += fmt::format(" (sent {})", moment_text(sent.time));
    }
    arrow.hover += fmt::format(", {} {}", end, moment_text(record.time));
    if (arrow.to < result_.scenario->plan.nodes.size()) story_.arrows.push_back(std::move(arrow));
  }

  Arrow arrow_of(const TraceRecord& sent) const {
    Arrow arrow;
    arrow.from = sent.node;
    arrow.to = sent.peer;
    arrow.sent = std::max(sent.time, story_.first);
    arrow.transaction = sent.transaction;
    arrow.event = sent.sequence;
    arrow.text = message_text(sent, names_);
    if (story_.several && sent.transaction != 0) {
      arrow.text += " " + transaction_text(sent.transaction);
    }
    arrow.hover = fmt::format("{}: {} to {}, sent {}", arrow.text, names_.node(sent.node),
                              names_.node(sent.peer), moment_text(sent.time));
    return arrow;
  }

  // ---- Strips and violations

  void read_strips() {
    StripReader reader(result_, faults_);
    for (const TraceRecord& record : result_.trace) reader.read(record);
    reader.finish(result_.trace.back().time);
    for (Strip& strip : reader.strips) {
      const bool lasts = strip.from < strip.to;
      if (!lasts || strip.to <= story_.first || strip.from >= story_.last) continue;
      strip.goes_on = strip.goes_on || strip.to > story_.last;
      strip.from = std::max(strip.from, story_.first);
      strip.to = std::min(strip.to, story_.last);
      story_.strips.push_back(std::move(strip));
    }
    std::stable_sort(story_.strips.begin(), story_.strips.end(),
                     [](const Strip& a, const Strip& b) { return a.from < b.from; });
    for (const Cap& cap : reader.caps) {
      if (cap.at >= story_.first && cap.at <= story_.last) story_.caps.push_back(cap);
    }
  }

  void read_violations() {
    for (const Judgement& judgement : result_.verdicts.judgements) {
      if (judgement.verdict != Verdict::Violated) continue;
      const std::string name(judgement.invariant);
      for (const std::uint64_t side : judgement.sides) {
        if (side == judgement.event) continue;
        add_violation(
            side, {.text = name + ", one side", .hover = judgement.explanation, .is_side = true});
      }
      const Violation violation{.text = name + " violated", .hover = judgement.explanation};
      if (add_violation(judgement.event, violation)) continue;
      story_.violated_at_end.push_back(violation.text + ": " + violation.hover);
    }
  }

  // False: the event is not at a node.
  bool add_violation(std::uint64_t event, Violation violation) {
    const TraceRecord* record = event == 0 ? nullptr : index_.find(event);
    if (record == nullptr || record->node >= result_.scenario->plan.nodes.size()) return false;
    const auto place = static_cast<std::size_t>(record->sequence - result_.trace.front().sequence);
    if (place < window_.from || place >= window_.to) return true;
    violation.node = record->node;
    violation.at = record->time;
    violation.event = event;
    story_.violations.push_back(std::move(violation));
    return true;
  }

  const RunResult& result_;
  RunNames names_;
  std::vector<std::string> faults_;
  TraceIndex index_;
  Window window_;
  Story story_;
  std::uint64_t timer_ = 0;              // the last one with a note, if no note followed
  std::vector<std::size_t> last_notes_;  // by node: place in story_.notes plus one; 0: none
  Recollection recollection_;
  std::vector<std::vector<const TraceRecord*>> appended_;  // by node: not yet forced
  std::vector<std::pair<NodeId, TransactionId>> coordinated_;
};

}  // namespace

std::string moment_text(Time time) {
  std::string text = time_text(time);
  text.erase(text.size() - 2);  // the unit
  while (text.back() == '0') text.pop_back();
  if (text.back() == '.') text.pop_back();
  return text + "ms";
}

Story read_story(const Report& report, std::size_t most_events) {
  return Reader(report, most_events).read();
}

}  // namespace txsim::time_space
