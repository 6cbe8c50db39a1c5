// The cost counters; the result of each submission, the ending of each transaction, and the answers
// to clients (checks/verdict.h defines these). Each is counted once, even if a submission is begun
// after it seemed lost, begun twice, or answered after its transaction was over.
#pragma once

#include <cstdint>
#include <optional>
#include <utility>
#include <vector>

#include "checks/check.h"
#include "checks/order_set.h"
#include "sim/table.h"
#include "sim/vector.h"

namespace txsim {

// For transactions that began. A participant that has learned the decision is not in doubt, even if
// its record of the decision is not durable yet: that is pending. A node that is down for good
// counts as in doubt of nothing: nothing depends on what only that node has not learned.
Ending ending_of(const Closing& closing, const Layout& layout);

class Counting {
 public:
  static constexpr FactSet kReads = facts(
      {FactKind::Submitted, FactKind::Resent, FactKind::Told, FactKind::GaveUp,
       FactKind::Recognised, FactKind::LockGranted, FactKind::LockTimedOut, FactKind::LockReleased,
       FactKind::DoubtEnded, FactKind::Finished, FactKind::Confirmed, FactKind::Cancelled});

  void set_up(const Plan& plan, bool keep_transactions);

  void on(const Moment& m) {
    switch (m.fact) {
      case FactKind::Submitted:
        if (m.again) break;
        ++counters_.submitted;
        ++(submission_of(m.record->transaction) > 0 ? counters_.retries : counters_.orders);
        break;
      case FactKind::Resent:
        ++counters_.retries;
        break;
      case FactKind::Told:
        told(m);
        break;
      case FactKind::GaveUp:
        if (m.view == nullptr || m.view->was_over) awaited_.erase(m.record->transaction);
        break;
      case FactKind::Recognised:
        recognised(m);
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
      case FactKind::DoubtEnded:
      case FactKind::Finished:
        if (m.measured) counters_.in_doubt.add(m.lasted);
        break;
      default:
        break;
    }
  }
  // Stores in the view what it was counted as.
  void closed(const Closing& closing, const Layout& layout, TransactionView& view);

  const Counters& counters() const { return counters_; }
  // Every submission once, by id.
  std::vector<TransactionSummary> summaries() const;
  // Order records that are there for good, by resource; `amounts` are the nodes' amounts: for
  // records, the number of completed ones.
  std::vector<std::int64_t> records(
      const std::vector<std::pair<std::int64_t, std::int64_t>>& amounts) const;

 private:
  // The result of a submission: an ending, or a fate (numbered after the endings).
  using Result = std::uint8_t;
  static constexpr Result kRecognised = kEndings;
  static constexpr Result kNeverBegun = kEndings + 1;
  static constexpr Result result_of(Ending ending) { return static_cast<Result>(ending); }
  static constexpr bool is_begun(Result result) { return result < kEndings; }

  // The orders whose submission with this number had this result.
  struct Group {
    std::uint64_t submission = 0;
    Result result = 0;
    OrderSet orders;
  };
  // A submission that is over and whose client still waits.
  struct Awaited {
    Time submitted_at;
    std::uint8_t message_delays = 0;
    std::uint8_t write_delays = 0;
  };

  std::optional<Result> find(TransactionId id) const;
  void put(TransactionId id, std::optional<Result> before, Result result);
  void told(const Moment& m);
  void told_order(std::uint64_t order, Reply reply);
  void measure(const Awaited& awaited, Reply reply, const TraceRecord& record);
  void recognised(const Moment& m);
  void summarise(const TransactionView& view, Result result);
  void count_records(const Layout& layout, std::uint16_t kind, std::uint64_t steps, int sign);

  Counters counters_;
  bool keep_ = false;
  bool may_repeat_ = false;  // orders
  // Results of submissions that are over. Committed ones are left out where no order may repeat, so
  // that usual runs keep nothing.
  Vector<Group> groups_;
  Table<Awaited> awaited_;
  OrderSet orders_told_done_;    // where orders may repeat
  OrderSet orders_told_failed_;  // likewise, and never told done
  // In effect, by resource: a node that has fewer lost them in a crash.
  struct Records {
    std::int64_t created = 0;
    std::int64_t completed = 0;
  };
  Vector<Records> records_;
  Vector<TransactionSummary> summaries_;
  Table<std::uint32_t> places_;  // by submission: its place among them
};

}  // namespace txsim
