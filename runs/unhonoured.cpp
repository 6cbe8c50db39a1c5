// Which parts of a scenario's own faults an exploration does not honour, because durations are
// unknown there.
#include <fmt/format.h>

#include "runs/explore.h"
#include "scenarios/values.h"

namespace txsim {
namespace {

std::string why_not_honoured(const Fault& fault) {
  switch (fault.kind) {
    case FaultKind::Slow:
      return "has no effect: any message may be late";
    case FaultKind::SlowDisk:
      return "has no effect: any write may be late";
    case FaultKind::SkewClock:
      if (fault.rate_permille != 1000) {
        return "makes no timer longer or shorter: they fire in any order";
      }
      break;
    case FaultKind::Duplicate:
      if (fault.delay.ns > 0) return "the copy may come at any moment";
      break;
    case FaultKind::Drop:
    case FaultKind::Crash:
    case FaultKind::Pause:
    case FaultKind::Partition:
    case FaultKind::Refuse:
      break;
  }
  if (fault.is_message_fault()) {
    const bool has_window = fault.nth == 0 && (fault.at.ns > 0 || fault.duration);
    return has_window ? "messages take no time by the clock, which moves with timers alone" : "";
  }
  const bool by_time = fault.placed == PlacedBy::Time && fault.at.ns > 0;
  if (by_time && fault.duration) return "begins and ends at any moment";
  if (by_time) return "begins at any moment";
  return fault.duration ? fmt::format("ends at any moment, not after {}", text(*fault.duration))
                        : "";
}

}  // namespace

std::string why_not_by_clock(const Scenario& scenario) {
  if (scenario.network.fifo) return "links that keep an order (order = fifo in [network])";
  for (const LinkSpec& link : scenario.links) {
    if (link.link.fifo) return "links that keep an order (order = fifo in a [link] section)";
  }
  for (std::size_t i = 0; i < scenario.faults.size(); ++i) {
    const Fault& fault = scenario.faults[i];
    if (fault.kind == FaultKind::SkewClock && fault.delay.ns != 0) {
      return "a clock that is set: fault = " + scenario.fault_texts[i];
    }
    if (fault.placed == PlacedBy::Sequence) {
      return "a fault at an event's number, which differs from run to run: fault = " +
             scenario.fault_texts[i];
    }
  }
  return "";
}

std::vector<NotHonoured> not_honoured(const Scenario& scenario) {
  std::vector<NotHonoured> all;
  for (std::size_t i = 0; i < scenario.faults.size(); ++i) {
    std::string why = why_not_honoured(scenario.faults[i]);
    if (!why.empty()) all.push_back({scenario.fault_texts[i], std::move(why)});
  }
  return all;
}

}  // namespace txsim
