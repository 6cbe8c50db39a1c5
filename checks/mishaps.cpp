#include "checks/mishaps.h"

namespace txsim {
namespace {

Part part_of(const Ledger& ledger, std::uint16_t kind, NodeId node) {
  const int part = ledger.layout().part(kind, node);
  if (part < 0) return Part::Other;
  return part == 0 ? Part::Coordinator : Part::Participant;
}

std::size_t phase_of(const TransactionView& view) {
  return view.begun ? static_cast<std::size_t>(view.phase) : 0;
}

}  // namespace

void Mishaps::met(const TraceRecord& record, Ledger& ledger) {
  switch (record.kind) {
    case EventKind::Crashed:
      met_node(Mishap::Crash, record.node, ledger);
      break;
    case EventKind::Paused:
      met_node(Mishap::Pause, record.node, ledger);
      break;
    case EventKind::Lost:
      met_message(Mishap::Lost, record, ledger);
      break;
    case EventKind::Duplicated:
      met_message(Mishap::Duplicated, record, ledger);
      break;
    case EventKind::Refused:
      met_message(Mishap::Refused, record, ledger);
      break;
    default:
      break;
  }
}

void Mishaps::met_node(Mishap mishap, NodeId node, Ledger& ledger) {
  std::array<bool, std::size_t{kPartKinds} * kPhases> seen{};
  bool any = false;
  ledger.for_each_open_view([&](const TransactionView& view) {
    const Part part = part_of(ledger, view.kind, node);
    const std::size_t phase = phase_of(view);
    bool& is_seen = seen[static_cast<std::size_t>(part) * kPhases + phase];
    if (!is_seen) ++counts_[cell(mishap, part, phase)];
    is_seen = any = true;
  });
  if (!any) ++counts_[cell(mishap, Part::Other, 0)];
}

void Mishaps::met_message(Mishap mishap, const TraceRecord& record, Ledger& ledger) {
  const TransactionView* view = ledger.view(record.transaction);
  if (view == nullptr) {
    ++counts_[cell(mishap, Part::Other, 0)];
  } else {
    ++counts_[cell(mishap, part_of(ledger, view->kind, record.peer), phase_of(*view))];
  }
}

std::vector<MishapCount> Mishaps::counts() const {
  std::vector<MishapCount> counts;
  for (std::size_t i = 0; i < kCells; ++i) {
    if (counts_[i] == 0) continue;
    counts.push_back({static_cast<Mishap>(i / kPhases / kPartKinds),
                      static_cast<Part>(i / kPhases % kPartKinds),
                      static_cast<std::uint8_t>(i % kPhases), counts_[i]});
  }
  return counts;
}

}  // namespace txsim
