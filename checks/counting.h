// The cost counters and the outcome of each transaction.
#pragma once

#include <vector>

#include "checks/check.h"
#include "sim/vector.h"

namespace txsim {

Ending ending_of(const Closing& closing);

class Counting {
 public:
  static constexpr FactSet kReads =
      facts({FactKind::Submitted, FactKind::Resent, FactKind::Told, FactKind::LockGranted,
             FactKind::LockTimedOut, FactKind::LockReleased, FactKind::Finished,
             FactKind::Confirmed, FactKind::Cancelled});

  void keep_transactions(bool keep) { keep_ = keep; }

  void on(const Moment& m) {
    switch (m.fact) {
      case FactKind::Submitted:
        ++counters_.submitted;
        if (submission_of(m.record->transaction) > 0) ++counters_.retries;
        break;
      case FactKind::Resent:
        ++counters_.retries;
        break;
      case FactKind::Told:
        told(m);
        break;
      case FactKind::LockGranted:
      case FactKind::LockTimedOut:
        if (m.measured) counters_.lock_wait.add(m.lasted);
        break;
      case FactKind::LockReleased:
        if (m.measured) counters_.lock_hold.add(m.lasted);
        break;
      case FactKind::Confirmed:
      case FactKind::Cancelled:
        if (m.measured) counters_.reservation_hold.add(m.lasted);
        break;
      case FactKind::Finished:
        if (m.measured) counters_.in_doubt.add(m.lasted);
        break;
      default:
        break;
    }
  }
  void closed(const Closing& closing);
  void contradicted(const Ended& ended, const KindLayout& kind);

  const Counters& counters() const { return counters_; }
  // By id; of a transaction that was taken up again after its end, the last word.
  std::vector<TransactionSummary> summaries() const;

 private:
  void told(const Moment& m);

  Counters counters_;
  bool keep_ = false;
  Vector<TransactionSummary> summaries_;
};

}  // namespace txsim
