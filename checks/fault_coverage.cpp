#include "checks/fault_coverage.h"

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

void FaultCoverage::met(const TraceRecord& record, Ledger& ledger) {
  switch (record.kind) {
    case EventKind::Crashed:
      met_node(FaultEffect::Crash, record.node, ledger);
      break;
    case EventKind::Paused:
      met_node(FaultEffect::Pause, record.node, ledger);
      break;
    case EventKind::Lost:
      met_message(FaultEffect::Lost, record, ledger);
      break;
    case EventKind::Duplicated:
      met_message(FaultEffect::Duplicated, record, ledger);
      break;
    case EventKind::Refused:
      met_message(FaultEffect::Refused, record, ledger);
      break;
    default:
      break;
  }
}

void FaultCoverage::met_node(FaultEffect fault, NodeId node, Ledger& ledger) {
  std::array<bool, std::size_t{kPartKinds} * kPhases> seen{};
  bool any = false;
  ledger.for_each_open_view([&](const TransactionView& view) {
    const Part part = part_of(ledger, view.kind, node);
    const std::size_t phase = phase_of(view);
    bool& is_seen = seen[static_cast<std::size_t>(part) * kPhases + phase];
    if (!is_seen) ++counts_[cell(fault, part, phase)];
    is_seen = any = true;
  });
  if (!any) ++counts_[cell(fault, Part::Other, 0)];
}

void FaultCoverage::met_message(FaultEffect fault, const TraceRecord& record, Ledger& ledger) {
  const TransactionView* view = ledger.view(record.transaction);
  if (view == nullptr) {
    ++counts_[cell(fault, Part::Other, 0)];
  } else {
    ++counts_[cell(fault, part_of(ledger, view->kind, record.peer), phase_of(*view))];
  }
}

std::vector<FaultCount> FaultCoverage::counts() const {
  std::vector<FaultCount> counts;
  for (std::size_t i = 0; i < kCells; ++i) {
    if (counts_[i] == 0) continue;
    counts.push_back({static_cast<FaultEffect>(i / kPhases / kPartKinds),
                      static_cast<Part>(i / kPhases % kPartKinds),
                      static_cast<std::uint8_t>(i % kPhases), counts_[i]});
  }
  return counts;
}

}  // namespace txsim
