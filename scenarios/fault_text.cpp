// Faults as sentences that are parsed to the same faults.
#include <fmt/format.h>

#include <algorithm>

#include "scenarios/grammar.h"
#include "scenarios/values.h"
#include "sim/assert.h"

namespace txsim {
namespace {

struct Teller {
  const std::vector<std::string>& names;
  const Dictionary& dictionary;

  std::string nodes(const std::vector<NodeId>& set, std::string_view none) const {
    if (set.empty()) return std::string(none);
    std::string text;
    for (const NodeId node : set) text += (text.empty() ? "" : " ") + names[node];
    return text;
  }

  std::string word(Word word) const {
    return word ? std::string(dictionary.text(word)) : std::string("any");
  }

  std::string event(const EventPattern& event) const;
  std::string announced(const EventPattern& event) const;
  std::string begin(const Fault& fault) const;
  std::string window(const Fault& fault) const;
  std::string partition(const Fault& fault) const;
  std::string skew(const Fault& fault) const;
  std::string message(const Fault& fault) const;
};

std::string Teller::announced(const EventPattern& event) const {
  const std::string who = nodes(event.nodes, "any");
  if (!event.value) return fmt::format("{} announces {}", who, word(event.what));
  const std::string value = fact_value_text(event.what, *event.value);
  if (value.empty()) {
    return fmt::format("{} announces {} with {}", who, word(event.what), *event.value);
  }
  if (event.what != fact_word(FactKind::PhaseEntered)) {
    return fmt::format("{} announces {} {}", who, word(event.what), value);
  }
  if (event.nodes.empty()) return fmt::format("phase {}", value);
  return fmt::format("{} enters {}", who, value);
}

std::string Teller::event(const EventPattern& event) const {
  const std::string who = nodes(event.nodes, "any");
  const std::string what = word(event.what);
  const auto peer = [&](std::string_view preposition) {
    if (event.peers.empty()) return std::string();
    return fmt::format(" {} {}", preposition, nodes(event.peers, "any"));
  };
  switch (event.kind) {
    case EventKind::Sent:
      return fmt::format("{} sends {}{}", who, what, peer("to"));
    case EventKind::Delivered:
      return fmt::format("{} receives {}{}", who, what, peer("from"));
    case EventKind::Appended:
      return fmt::format("{} appends {}", who, what);
    case EventKind::Forced:
      return fmt::format("{} forces {}", who, what);
    case EventKind::Durable:
      return fmt::format("{} has forced {}", who, what);
    case EventKind::Announced:
      return announced(event);
    case EventKind::TimerFired:
      return fmt::format("{} fires {}", who, what);
    case EventKind::Crashed:
      return fmt::format("{} crashes", who);
    case EventKind::Restarted:
      return fmt::format("{} restarts", who);
    default:
      break;
  }
  fail_assertion("event.kind", __FILE__, __LINE__, "an event without a sentence");
}

// " at 5ms", " when ... 2nd", " at event 7", with the duration.
std::string Teller::begin(const Fault& fault) const {
  std::string told;
  switch (fault.placed) {
    case PlacedBy::Time:
      told = " at " + text(fault.at);
      break;
    case PlacedBy::Event:
      told = fmt::format(" when {} {}", event(fault.when), ordinal_text(fault.nth));
      break;
    case PlacedBy::Sequence:
      told = fmt::format(" at event {}", fault.nth);
      break;
  }
  if (fault.duration) told += " for " + text(*fault.duration);
  return told;
}

std::string Teller::window(const Fault& fault) const {
  if (!fault.is_message_fault() && fault.placed != PlacedBy::Time) return begin(fault);
  if (fault.at.ns == 0 && !fault.duration) return {};
  std::string told = " from " + text(fault.at);
  if (!fault.duration) return told;
  const bool within_time = fault.duration->ns > 0 && *fault.duration <= kEndOfTime - fault.at;
  return told + (within_time ? " to " + text(fault.at + *fault.duration)
                             : " for " + text(*fault.duration));
}

std::string Teller::partition(const Fault& fault) const {
  const bool disjoint = std::none_of(fault.nodes.begin(), fault.nodes.end(), [&](NodeId node) {
    return std::binary_search(fault.peers.begin(), fault.peers.end(), node);
  });
  const bool is_rest =
      disjoint && fault.nodes.size() + fault.peers.size() == names.size() && fault.peers.size() > 1;
  return fmt::format("partition {} {} {}{}", nodes(fault.nodes, "it"), fault.one_way ? "->" : "|",
                     is_rest ? "rest" : nodes(fault.peers, "rest"), window(fault));
}

std::string Teller::skew(const Fault& fault) const {
  std::string by;
  if (fault.rate_permille != 1000) {
    const std::int64_t change = fault.rate_permille - 1000;
    const std::int64_t size = change < 0 ? -change : change;
    by = fmt::format("{}{}", change < 0 ? "-" : "", size / 10);
    if (size % 10 != 0) by += fmt::format(".{}", size % 10);
    by += '%';
  }
  if (fault.delay.ns != 0 || by.empty()) {
    const bool behind = fault.delay.ns < 0;
    const Duration size{behind ? -fault.delay.ns : fault.delay.ns};
    by = fmt::format("{}{}{}{}", behind ? "-" : "", text(size), by.empty() ? "" : " and ", by);
  }
  return fmt::format("skew {} by {}{}", nodes(fault.nodes, "it"), by, window(fault));
}

std::string Teller::message(const Fault& fault) const {
  std::string told = fault.kind == FaultKind::Drop   ? "drop "
                     : fault.kind == FaultKind::Slow ? "slow "
                                                     : "duplicate ";
  if (fault.placed == PlacedBy::Sequence) {
    told += fmt::format("event {}", fault.nth);
  } else {
    told += fmt::format("{} {} -> {}", word(fault.when.what), nodes(fault.when.nodes, "any"),
                        nodes(fault.when.peers, "any"));
    if (fault.nth != 0) told += " " + ordinal_text(fault.nth);
  }
  if (fault.kind == FaultKind::Slow) told += " by " + text(fault.delay);
  if (fault.kind == FaultKind::Duplicate && fault.delay.ns != 0) {
    told += " after " + text(fault.delay);
  }
  const bool every_one = fault.placed != PlacedBy::Sequence && fault.nth == 0;
  return every_one ? told + window(fault) : told;
}

}  // namespace

std::string fault_text(const Fault& fault, const Scenario& scenario, const Dictionary& dictionary) {
  const Teller tell{scenario.plan.nodes, dictionary};
  switch (fault.kind) {
    case FaultKind::Crash:
      return "crash " + tell.nodes(fault.nodes, "it") + tell.begin(fault);
    case FaultKind::Pause:
      return "pause " + tell.nodes(fault.nodes, "it") + tell.begin(fault);
    case FaultKind::Partition:
      return tell.partition(fault);
    case FaultKind::Refuse:
      return "refuse " + tell.nodes(fault.nodes, "it") + tell.window(fault);
    case FaultKind::SlowDisk:
      return fmt::format("slow disk at {} by {}{}", tell.nodes(fault.nodes, "it"),
                         text(fault.delay), tell.window(fault));
    case FaultKind::SkewClock:
      return tell.skew(fault);
    case FaultKind::Drop:
    case FaultKind::Slow:
    case FaultKind::Duplicate:
      return tell.message(fault);
  }
  return {};
}

}  // namespace txsim
