#include "tests/judge/under_way.h"

namespace txsim::reference {

void UnderWay::see(const TraceRecord& record) {
  const bool is_before = record.sequence <= cut_;
  switch (record.kind) {
    case EventKind::Sent:
      if (is_before) messages_[record.sequence] = 1;
      break;
    case EventKind::Duplicated:
      if (is_before) ++messages_[record.cause];
      break;
    case EventKind::Delivered:
    case EventKind::Lost:
    case EventKind::Refused:
      if (const auto found = messages_.find(record.cause);
          found != messages_.end() && --found->second == 0) {
        messages_.erase(found);
      }
      break;
    case EventKind::TimerSet:
      if (is_before) timers_[record.sequence] = record.node;
      break;
    case EventKind::TimerFired:
    case EventKind::TimerCancelled:
      timers_.erase(record.cause);
      break;
    case EventKind::Crashed:
      std::erase_if(timers_, [&](const auto& timer) { return timer.second == record.node; });
      break;
    default:
      break;
  }
}

}  // namespace txsim::reference
