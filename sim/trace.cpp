#include "sim/trace.h"

#include <algorithm>

namespace txsim {

std::string_view text(EventKind kind) {
  switch (kind) {
    case EventKind::Sent:
      return "sent";
    case EventKind::Delivered:
      return "delivered";
    case EventKind::Lost:
      return "lost";
    case EventKind::Duplicated:
      return "duplicated";
    case EventKind::Refused:
      return "refused";
    case EventKind::TimerSet:
      return "timer-set";
    case EventKind::TimerFired:
      return "timer-fired";
    case EventKind::TimerCancelled:
      return "timer-cancelled";
    case EventKind::Appended:
      return "appended";
    case EventKind::Forced:
      return "forced";
    case EventKind::Durable:
      return "durable";
    case EventKind::Announced:
      return "announced";
    case EventKind::Noted:
      return "noted";
    case EventKind::Crashed:
      return "crashed";
    case EventKind::Restarted:
      return "restarted";
    case EventKind::Paused:
      return "paused";
    case EventKind::Resumed:
      return "resumed";
    case EventKind::FaultBegan:
      return "fault-began";
    case EventKind::FaultEnded:
      return "fault-ended";
    case EventKind::Checkpointed:
      return "checkpointed";
  }
  return "?";
}

std::string_view text(LossReason reason) {
  switch (reason) {
    case LossReason::OnTheWay:
      return "lost on the way";
    case LossReason::Partition:
      return "partition";
    case LossReason::NodeDown:
      return "receiver is down";
  }
  return "?";
}

namespace {

bool same(const TraceRecord& a, const TraceRecord& b) {
  return a.sequence == b.sequence && a.time == b.time && a.transaction == b.transaction &&
         a.cause == b.cause && a.value == b.value && a.extra == b.extra && a.node == b.node &&
         a.peer == b.peer && a.what == b.what && a.kind == b.kind && a.step == b.step &&
         a.message_delays == b.message_delays && a.write_delays == b.write_delays;
}

}  // namespace

std::int64_t first_difference(const Trace& a, const Trace& b) {
  const std::size_t common = std::min(a.size(), b.size());
  for (std::size_t i = 0; i < common; ++i) {
    if (!same(a[i], b[i])) return static_cast<std::int64_t>(i);
  }
  return a.size() == b.size() ? -1 : static_cast<std::int64_t>(common);
}

}  // namespace txsim
