#include "reports/shrink_story.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "reports/names.h"
#include "reports/narrate.h"

namespace txsim {
namespace {

// The object of a step: "2 stock", "the orders record".
std::string thing(const Step& step, const RunNames& names) {
  const std::string resource = names.resource(step.resource);
  const bool is_record = step.action == Action::Create || step.action == Action::Complete;
  if (is_record) return fmt::format("the {} record", resource);
  return step.amount == 0 ? resource : fmt::format("{} {}", step.amount, resource);
}

std::string_view verb(const Step& step) {
  switch (step.action) {
    case Action::Take:
      return "takes";
    case Action::Give:
      return "gives";
    case Action::Read:
      return "reads";
    case Action::Create:
      return "creates";
    case Action::Complete:
      return "completes";
  }
  return "?";
}

// " (98 left)", if a step has changed an amount.
std::string left(const TraceRecord& record, const Step& step) {
  const bool moves = step.action == Action::Take || step.action == Action::Give;
  return moves ? fmt::format(" ({} left)", amount_of(record.extra)) : std::string();
}

std::string tell_step(const TraceRecord& record, const Step& step, const RunNames& names) {
  const std::string does = fmt::format("{} {}", verb(step), thing(step, names));
  switch (static_cast<FactKind>(record.what.id)) {
    case FactKind::Updated:
      return does + left(record, step) + ", not yet for good";
    case FactKind::Undone:
      return fmt::format("undoes the step on {}{}", names.resource(step.resource),
                         left(record, step));
    case FactKind::Applied:
      if (record.value == 0 && step.delta() != 0) {
        return fmt::format("makes the step on {} permanent", names.resource(step.resource));
      }
      return does + left(record, step);
    case FactKind::Reserved:
      return fmt::format("reserves {}{}", thing(step, names), left(record, step));
    case FactKind::Confirmed:
      return "confirms " + thing(step, names);
    case FactKind::Cancelled:
      return fmt::format("cancels {}{}", thing(step, names), left(record, step));
    case FactKind::Compensated:
      if (record.value == 0 && step.delta() != 0) return "calls off " + thing(step, names);
      return fmt::format("takes back the step on {}{}", names.resource(step.resource),
                         left(record, step));
    case FactKind::Rejected:
      return fmt::format("refuses the step on {}", names.resource(step.resource));
    case FactKind::ReadDone:
      return does;
    default:
      return {};
  }
}

bool is_of_step(FactKind kind) {
  switch (kind) {
    case FactKind::Updated:
    case FactKind::Undone:
    case FactKind::Applied:
    case FactKind::Reserved:
    case FactKind::Confirmed:
    case FactKind::Cancelled:
    case FactKind::Compensated:
    case FactKind::Rejected:
    case FactKind::ReadDone:
      return true;
    default:
      return false;
  }
}

std::string tell_fact(const TraceRecord& record, const RunNames& names) {
  const auto kind = static_cast<FactKind>(record.what.id);
  switch (kind) {
    case FactKind::PhaseEntered:
    case FactKind::Recovered:
    case FactKind::Resent:
    case FactKind::LockTaken:
    case FactKind::LockReleased:
    case FactKind::EventCommitted:
      return {};
    case FactKind::Decided:
      return fmt::format("decides that it is {}", text(static_cast<Outcome>(record.value)));
    case FactKind::Finished:
      return fmt::format("ends its part as {}", text(static_cast<Outcome>(record.value)));
    default:
      break;
  }
  const Step* step = names.step(kind_of(record.extra), record.step);
  if (is_of_step(kind) && step != nullptr) return tell_step(record, *step, names);
  return narrate(record, names, {}).text;
}

std::string tell_duration(std::int64_t ns) {
  return ns < 0 ? "forever" : "for " + duration_text(Duration{ns});
}

// What happened at the record's node; empty if it is not worth a sentence.
std::string tell(const TraceRecord& record, const RunNames& names,
                 const std::vector<std::string>& faults) {
  const std::string what = names.word(record.what);
  switch (record.kind) {
    case EventKind::Sent:
      if (record.node == record.peer) return {};
      return fmt::format("sends {} to {}", message_text(record, names), names.node(record.peer));
    case EventKind::Duplicated:
      return fmt::format("has its {} to {} arrive twice", message_text(record, names),
                         names.node(record.peer));
    case EventKind::Refused:
      return fmt::format("has its {} refused by {}", message_text(record, names),
                         names.node(record.peer));
    case EventKind::TimerFired:
      return fmt::format("runs out of patience ({})", what);
    case EventKind::Durable:
      return fmt::format("has {} on its disk", what);
    case EventKind::Announced:
      return tell_fact(record, names);
    case EventKind::Crashed:
      return "CRASHES " + tell_duration(record.value);
    case EventKind::Restarted:
      return record.value == 0 ? "" : "RESTARTS";
    case EventKind::Paused:
      return "PAUSES " + tell_duration(record.value);
    case EventKind::Resumed:
      return "RESUMES";
    case EventKind::FaultBegan:
    case EventKind::FaultEnded: {
      const auto number = static_cast<std::uint64_t>(record.value);
      const std::string fault = number < faults.size() ? faults[number] : "a fault";
      return fmt::format(
          "{} \"{}\"", record.kind == EventKind::FaultBegan ? "meets the fault" : "is past", fault);
    }
    default:
      return {};
  }
}

// "a, b and c".
std::string joined(const std::vector<std::string>& parts) {
  std::string text;
  for (std::size_t i = 0; i < parts.size(); ++i) {
    if (i > 0) text += i + 1 == parts.size() ? " and " : ", ";
    text += parts[i];
  }
  return text;
}

void cut(std::vector<StoryLine>& story, std::size_t most) {
  if (story.size() <= most) return;
  const std::size_t first = most / 3;
  const std::size_t gone = story.size() - most;
  const auto begin = story.begin() + static_cast<std::ptrdiff_t>(first);
  story.erase(begin, begin + static_cast<std::ptrdiff_t>(gone));
  StoryLine& after = story[first];
  after.text = fmt::format("({} sentences are left out.) {}", gone, after.text);
}

// Joins what a node does at one moment into one sentence.
class StoryTeller {
 public:
  StoryTeller(const RunNames& names, const std::vector<std::string>& faults)
      : names_(names), faults_(faults) {}

  void hear(const TraceRecord& record) {
    if (record.kind == EventKind::Lost) {
      lose(record);
      return;
    }
    std::string part = tell(record, names_, faults_);
    if (part.empty()) return;
    if (record.kind == EventKind::Sent && extend(record)) return;
    begin(record);
    if (!parts_.empty() && parts_.back() == part) return;
    parts_.push_back(std::move(part));
    sent_ = record.kind == EventKind::Sent ? &record : nullptr;
  }

  std::vector<StoryLine> finish() {
    end();
    return std::move(story_);
  }

 private:
  void begin(const TraceRecord& record) {
    if (first_ != nullptr && (first_->node != record.node || first_->time != record.time)) end();
    if (first_ == nullptr) first_ = &record;
    last_ = record.sequence;
  }

  void end() {
    if (!parts_.empty()) {
      const std::string who = first_->node == kNoNode ? "the run" : names_.node(first_->node);
      say(fmt::format("{} {}", who, joined(parts_)), *first_);
    }
    parts_.clear();
    first_ = nullptr;
    sent_ = nullptr;
  }

  void say(const std::string& what, const TraceRecord& record) {
    story_.push_back({fmt::format("At {} {}.", duration_text(Duration{record.time.ns}), what),
                      record.sequence, std::max(last_, record.sequence)});
  }

  // "sends Prepare to product and to point".
  bool extend(const TraceRecord& record) {
    const bool is_alike = sent_ != nullptr && sent_->what == record.what &&
                          sent_->node == record.node && sent_->time == record.time &&
                          message_text(*sent_, names_) == message_text(record, names_);
    if (!is_alike || sent_->peer == record.peer) return false;
    parts_.back() += " and to " + names_.node(record.peer);
    sent_ = &record;
    last_ = record.sequence;
    return true;
  }

  void lose(const TraceRecord& record) {
    const auto reason = static_cast<LossReason>(record.value);
    const std::string why = reason == LossReason::OnTheWay ? "" : fmt::format(": {}", text(reason));
    if (sent_ != nullptr && record.cause == sent_->sequence) {
      parts_.back() += fmt::format(" (lost{})", why);
      sent_ = nullptr;
      last_ = record.sequence;
      return;
    }
    if (!sends_in_vain(record, why)) {
      end();
      say(fmt::format("{} from {} to {} is lost{}", message_text(record, names_),
                      names_.node(record.node), names_.node(record.peer), why),
          record);
    }
  }

  // A fault that strikes when a message is sent comes before the message is lost.
  bool sends_in_vain(const TraceRecord& record, std::string_view why) {
    if (first_ == nullptr || first_->node != record.node || first_->time != record.time) {
      return false;
    }
    const std::string sends =
        fmt::format("sends {} to {}", message_text(record, names_), names_.node(record.peer));
    for (std::string& part : parts_) {
      if (part != sends) continue;
      part += fmt::format(" (lost{})", why);
      last_ = record.sequence;
      return true;
    }
    return false;
  }

  const RunNames& names_;
  const std::vector<std::string>& faults_;
  std::vector<StoryLine> story_;
  std::vector<std::string> parts_;
  const TraceRecord* first_ = nullptr;  // of the current sentence
  const TraceRecord* sent_ = nullptr;   // the part that was added last
  std::uint64_t last_ = 0;
};

}  // namespace

std::vector<StoryLine> tell_story(const RunResult& run, std::uint64_t event, std::size_t most) {
  const RunNames names(run);
  StoryTeller teller(names, run.scenario->fault_texts);
  Recollection recollection;
  for (const TraceRecord& record : run.trace) {
    if (event != 0 && record.sequence > event) break;
    if (recollection.is_recalled(record) || is_workload_clock(record, run)) continue;
    teller.hear(record);
  }
  std::vector<StoryLine> story = teller.finish();
  cut(story, most);
  return story;
}

}  // namespace txsim
