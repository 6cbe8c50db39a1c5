#include "runs/schedule.h"
#include "runs/rehearsal.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>

#include "transactions/transaction.h"

namespace txsim {
namespace {

using Kind = Choice::Kind;

constexpr std::string_view kForGood = " for good";
// By a crash of the scenario that comes at the same instant.
constexpr std::string_view kStruck = ", and crashes as planned";

std::string node_name(NodeId node, const WorldSpec& spec) {
  return node < spec.nodes.size() ? spec.nodes[node].name : "-";
}

std::string order_name(TransactionId id) {
  if (id == 0) return "";
  if (submission_of(id) == 0) return fmt::format(", order {}", order_of(id));
  return fmt::format(", order {}, submission {}", order_of(id), submission_of(id) + 1);
}

std::string choice_label(const Choice& choice, const WorldSpec& spec) {
  const std::string node = node_name(choice.node, spec);
  const std::string peer = node_name(choice.peer, spec);
  const std::string_view what = spec.dictionary.text(choice.what);
  const std::string order = order_name(choice.transaction);
  const std::string step = choice.step == 0 ? "" : fmt::format(", step {}", choice.step);
  switch (choice.kind) {
    case Kind::Message:
      return fmt::format("{} receives {} from {}{}{}", node, what, peer, order, step);
    case Kind::Refusal:
      return fmt::format("{} learns that {} refused {}{}{}", node, peer, what, order, step);
    case Kind::Timer:
      return fmt::format("{} times out: {}{}", node, what, order);
    case Kind::Write:
      return fmt::format("{} completes a write", node);
    case Kind::Boot:
      return fmt::format("{} boots", node);
    case Kind::Restart:
      return fmt::format("{} restarts", node);
    case Kind::Resume:
      return fmt::format("{} resumes", node);
    case Kind::FaultBegins:
      return fmt::format("fault {} begins", choice.value + 1);
    case Kind::FaultEnds:
      return fmt::format("fault {} ends", choice.value + 1);
    case Kind::RandomFault:
      break;
  }
  return "a random fault";
}

}  // namespace

std::string label_of(const Move& move, const WorldSpec& spec) {
  const Choice& choice = move.choice;
  const std::string_view how_long = move.for_good ? kForGood : "";
  switch (move.kind) {
    case Move::Kind::Crash:
      return fmt::format("{} crashes{}", node_name(choice.node, spec), how_long);
    case Move::Kind::Lose:
      return fmt::format("{} does not receive {} from {}{}: lost", node_name(choice.node, spec),
                         spec.dictionary.text(choice.what), node_name(choice.peer, spec),
                         order_name(choice.transaction));
    case Move::Kind::Duplicate:
      return choice_label(choice, spec) + ", and will receive it again";
    case Move::Kind::Happen:
      break;
  }
  std::string label = choice_label(choice, spec);
  if (move.struck_by) {
    label += kStruck;
    return move.crash_after == 0 ? label
                                 : fmt::format("{} after event {} of it", label, move.crash_after);
  }
  if (move.crash_after == 0) return label;
  return fmt::format("{}, and crashes{} after event {} of it", label, how_long, move.crash_after);
}

std::string event_line(const TraceRecord& record, const WorldSpec& spec) {
  std::string line =
      fmt::format("{}ns {} {}", record.time.ns, node_name(record.node, spec), text(record.kind));
  if (record.what) line += fmt::format(" {}", spec.dictionary.text(record.what));
  if (record.peer < spec.nodes.size()) line += fmt::format(" ({})", node_name(record.peer, spec));
  line += order_name(record.transaction);
  if (record.value != 0 || record.extra != 0) {
    line += fmt::format(", value {} {}", record.value, record.extra);
  }
  if (record.step != 0) line += fmt::format(", step {}", record.step);
  return line;
}

// ---- Leading a world

void Rehearsal::set_times_of(const Schedule& schedule) {
  set_times_by([&](Rehearsal& first) {
    Schedule::Step done;
    for (const Schedule::Step& step : schedule.steps) {
      if (!first.take(step, done)) break;
    }
  });
}

// Returns what WorldModel::perform returns.
NodeId Rehearsal::perform(WorldModel::Option option, Schedule::Step& named) {
  if (taken_ < times_.size()) option.move.at = Time{0} + times_[taken_];
  ++taken_;
  const std::size_t before = state_.world.trace().size();
  const NodeId completing = model_->perform(state_, option);
  const Trace& trace = state_.world.trace();
  for (std::size_t i = before; i < trace.size(); ++i) {
    named.events.push_back(event_line(trace[i], state_.world.spec()));
  }
  return completing;
}

Schedule::Step Rehearsal::named(const WorldModel::Option& chosen) const {
  const WorldSpec& spec = state_.world.spec();
  Schedule::Step named;
  named.label = label_of(chosen.move, spec);
  named.answers = chosen.move.answers;
  for (const WorldModel::Option& option : model_->options(state_)) {
    const bool is_it = option.move.kind == chosen.move.kind &&
                       option.move.choice.key == chosen.move.choice.key &&
                       option.move.struck_by == chosen.move.struck_by;
    if (is_it && (chosen.move.crash_after > 0 || option.move.for_good == chosen.move.for_good)) {
      break;
    }
    Move like = option.move;
    like.crash_after = chosen.move.crash_after;
    if (chosen.move.crash_after > 0) like.for_good = chosen.move.for_good;
    if (label_of(like, spec) == named.label) ++named.nth;
  }
  return named;
}

void Rehearsal::take(Visited::Step step, std::vector<Schedule::Step>& done) {
  std::optional<WorldModel::Option> chosen = model_->option(state_, step);
  while (chosen) {
    done.push_back(named(*chosen));
    const NodeId completing = perform(*chosen, done.back());
    chosen = model_->follower(state_, completing);
  }
}

std::vector<std::string> Rehearsal::labels() const {
  std::vector<std::string> labels;
  for (const WorldModel::Option& option : model_->options(state_)) {
    labels.push_back(label_of(option.move, state_.world.spec()));
  }
  return labels;
}

bool Rehearsal::take(const Schedule::Step& step, Schedule::Step& done) {
  std::string label = step.label;
  std::uint32_t after = 0;
  bool for_good = false;
  constexpr std::string_view kCrash = ", and crashes";
  constexpr std::string_view kAfter = " after event ";
  if (const std::size_t at = label.find(kCrash); at != std::string::npos) {
    const bool is_struck = std::string_view(label).substr(at).starts_with(kStruck);
    const std::size_t end = at + (is_struck ? kStruck.size() : kCrash.size());
    std::string_view rest = std::string_view(label).substr(end);
    for_good = rest.starts_with(kForGood);
    if (for_good) rest.remove_prefix(kForGood.size());
    if (rest.starts_with(kAfter)) rest.remove_prefix(kAfter.size());
    for (std::size_t i = 0; i < rest.size() && rest[i] >= '0' && rest[i] <= '9'; ++i) {
      after = std::min<std::uint32_t>(after * 10 + static_cast<std::uint32_t>(rest[i] - '0'),
                                      1'000'000);
    }
    label.resize(is_struck ? end : at);
  }
  std::uint32_t nth = 0;
  for (const WorldModel::Option& offered : model_->options(state_)) {
    if (label_of(offered.move, state_.world.spec()) != label || ++nth != step.nth) continue;
    WorldModel::Option option = offered;
    if (after > 0) option = WorldModel::with_crash(option, after, for_good);
    option.move.answers = step.answers;
    done = {step.label, step.nth, step.answers, {}};
    perform(option, done);
    return true;
  }
  return false;
}

// By the clock the steps are taken twice: only the whole tells the times.
Replay replay(const Schedule& schedule, Rehearsal& rehearsal) {
  rehearsal.set_times_of(schedule);
  Replay result;
  for (const Schedule::Step& step : schedule.steps) {
    const auto differs = [&](std::string recorded, std::string now) {
      result.differs = true;
      result.difference = {result.steps + 1, step.label, std::move(recorded), std::move(now)};
      return result;
    };
    Schedule::Step done;
    if (!rehearsal.take(step, done)) {
      std::string there;
      for (const std::string& label : rehearsal.labels()) {
        there += (there.empty() ? "" : "; ") + label;
      }
      return differs(step.label, there.empty() ? "nothing can happen" : "possible is: " + there);
    }
    const std::size_t longer = std::max(step.events.size(), done.events.size());
    for (std::size_t i = 0; i < longer && !step.events.empty(); ++i) {
      const std::string recorded = i < step.events.size() ? step.events[i] : "";
      const std::string now = i < done.events.size() ? done.events[i] : "";
      if (recorded != now) return differs(recorded, now);
      ++result.events;
    }
    ++result.steps;
  }
  return result;
}

}  // namespace txsim
