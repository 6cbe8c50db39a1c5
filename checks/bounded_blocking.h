// Bounded-blocking: no transaction waits for a lock longer than the scenario allows.
#pragma once

#include <optional>

#include "checks/check.h"
#include "sim/fingerprint.h"

namespace txsim {

class BoundedBlocking {
 public:
  static constexpr InvariantInfo kInfo{
      "bounded-blocking", "No transaction waits for a row lock longer than the scenario allows.",
      "lock-waited, lock-granted, lock-timed-out",
      "Vacuous if no transaction waited for a lock; not applicable if the scenario sets no bound.",
      "Skeen, Nonblocking Commit Protocols, 1981"};
  static constexpr FactSet kReads =
      facts({FactKind::LockWaited, FactKind::LockGranted, FactKind::LockTimedOut});

  void set_bound(std::optional<Duration> bound) { bound_ = bound; }

  void on(const Moment& m, const Ledger& ledger) {
    if (!bound_) return;
    waited_ = true;
    if (m.measured && m.lasted > *bound_) {
      report(m.record->sequence, m.record->transaction, m.record->node, m.lasted, ledger);
    }
  }

  void closed(const Closing& closing, const Ledger& ledger) {
    if (!closing.at_end() || !bound_) return;
    const TransactionView& view = closing.view;
    for (std::uint64_t rest = view.waiting; rest != 0; rest &= rest - 1) {
      const auto step = static_cast<std::uint8_t>(__builtin_ctzll(rest));
      const Duration waited = closing.end->time - ledger.lock_since(view, step);
      if (waited <= *bound_ || !ledger.layout().knows_step(view.kind, step)) continue;
      report(0, view.id, ledger.layout().step(view.kind, step).service, waited, ledger);
    }
  }

  void settled(const Settled& settled, const Ledger& ledger) {
    if (settled.kind != Settled::Kind::WaitCut || !bound_ || settled.lasted <= *bound_) return;
    report(settled.event, settled.transaction, settled.node, settled.lasted, ledger);
  }

  Judgement judgement(const EndOfRun&, const Ledger&) const {
    if (!bound_) return finding_.judgement(kInfo.name, Verdict::NotApplicable);
    return finding_.judgement(kInfo.name, waited_ ? Verdict::Holds : Verdict::Vacuous);
  }

  bool is_violated() const { return finding_.any(); }

 private:
  void report(std::uint64_t event, TransactionId id, NodeId node, Duration waited,
              const Ledger& ledger) {
    finding_.violated(event, id, [&] {
      return fmt::format("{} waited {} ms for a lock at {}, longer than {} ms",
                         ledger.layout().name(id), waited.ns / 1'000'000,
                         ledger.layout().node(node), bound_->ns / 1'000'000);
    });
  }

  Finding finding_;
  std::optional<Duration> bound_;
  bool waited_ = false;
};

}  // namespace txsim
