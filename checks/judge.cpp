#include "checks/judge.h"

#include <array>
#include <tuple>
#include <utility>

#include "checks/agreement.h"
#include "checks/atomicity.h"
#include "checks/bounded_blocking.h"
#include "checks/compensation_order.h"
#include "checks/conservation.h"
#include "checks/convergence.h"
#include "checks/counting.h"
#include "checks/durability.h"
#include "checks/exactly_once.h"
#include "checks/irrevocable.h"
#include "checks/isolation.h"
#include "checks/ledger.h"
#include "checks/no_hanging.h"
#include "checks/no_lost_event.h"
#include "checks/nontrivial.h"
#include "checks/truthful_reply.h"
#include "checks/unanimity.h"
#include "sim/assert.h"

namespace txsim {
namespace {

// In the order of the documentation.
using Checks = std::tuple<Agreement, Irrevocable, Unanimity, Nontrivial, Convergence, Atomicity,
                          Conservation, ExactlyOnce, TruthfulReply, Durability, NoHanging,
                          CompensationOrder, NoLostEvent, Isolation, BoundedBlocking>;

template <class Visit>
void for_each(Checks& checks, Visit&& visit) {
  std::apply([&](auto&... check) { (visit(check), ...); }, checks);
}

class Judge final : public Observer {
 public:
  Judge(std::shared_ptr<const Plan> plan, const JudgeSettings& settings)
      : ledger_(std::make_shared<const Layout>(std::move(plan))) {
    std::get<BoundedBlocking>(checks_).set_bound(settings.longest_lock_wait);
    counting_.keep_transactions(settings.keep_transactions);
  }

  std::unique_ptr<Observer> clone() const override { return std::make_unique<Judge>(*this); }

  void observe(const TraceRecord& record) override {
    ledger_.settle_before(record);
    switch (record.kind) {
      case EventKind::Announced:
        announced(record);
        break;
      case EventKind::Crashed:
        ledger_.crashed(record);
        spread_settled();
        break;
      case EventKind::Restarted:
        ledger_.restarted(record);
        break;
      default:
        break;
    }
  }

  // The end of the run; nothing can be observed after it.
  Verdicts conclude(EndOfRun end) {
    ledger_.settle_all();
    spread_settled();
    for (TransactionView* view : ledger_.open_views()) close(*view, &end);
    ledger_.ended().for_each_sorted([&](std::uint64_t, const Ended& ended) {
      if (ended.is_contradicted()) contradicted(ended);
    });
    Verdicts verdicts;
    for_each(checks_,
             [&](auto& check) { verdicts.judgements.push_back(check.judgement(end, ledger_)); });
    verdicts.counters = counting_.counters();
    verdicts.transactions = counting_.summaries();
    verdicts.amounts = ledger_.announced_amounts();
    return verdicts;
  }

  std::size_t transactions_held() const { return ledger_.pool_size(); }

 private:
  // One function for each fact: it enters it and calls the checks that read it and no other.
  using Handler = void (Judge::*)(const TraceRecord&);
  static constexpr std::size_t kMostFacts = 64;
  template <std::size_t... Facts>
  static constexpr std::array<Handler, kMostFacts> make_handlers(std::index_sequence<Facts...>) {
    return {&Judge::handle<Facts>...};
  }

  void announced(const TraceRecord& record) {
    static constexpr auto kHandlers = make_handlers(std::make_index_sequence<kMostFacts>());
    if (record.what.id < kMostFacts) (this->*kHandlers[record.what.id])(record);
  }

  template <std::size_t Fact>
  void handle(const TraceRecord& record) {
    Moment m;
    m.record = &record;
    m.fact = static_cast<FactKind>(Fact);
    ledger_.enter<static_cast<FactKind>(Fact)>(m);
    if (!ledger_.settled().empty()) [[unlikely]]
      spread_settled();
    std::apply([&](auto&... check) { (feed<Fact>(check, m), ...); }, checks_);
    if constexpr (((Counting::kReads >> Fact) & 1U) != 0) counting_.on(m);
    if (m.view == nullptr) {
      if (m.fact == FactKind::Told) told_late(record);
    } else if (ledger_.is_over(*m.view)) {
      close(*m.view, nullptr);
    }
    if (ledger_.has_maybe_over()) [[unlikely]] {
      while (TransactionView* view = ledger_.take_over()) close(*view, nullptr);
    }
  }

  template <std::size_t Fact, class Check>
  void feed(Check& check, const Moment& m) {
    if constexpr (((Check::kReads >> Fact) & 1U) != 0) check.on(m, ledger_);
  }

  void spread_settled() {
    for (const Settled& settled : ledger_.settled()) {
      for_each(checks_, [&](auto& check) {
        if constexpr (requires { check.settled(settled, ledger_); }) {
          check.settled(settled, ledger_);
        }
      });
    }
    ledger_.clear_settled();
  }

  void close(TransactionView& view, const EndOfRun* end) {
    const KindLayout& kind = ledger_.layout().kind(view.kind);
    const Closing closing{view, kind, end, view.in_effect() & kind.writes, ledger_.is_ended(view)};
    for_each(checks_, [&](auto& check) {
      if constexpr (requires { check.closed(closing, ledger_); }) check.closed(closing, ledger_);
    });
    counting_.closed(closing);
    Orders::Execution execution{.id = view.id};
    if (view.told) execution.told = &view.reply;
    execution.told_event = view.reply_event;
    execution.any_effect = closing.effect != 0;
    execution.full_effect = view.begun && closing.is_full();
    execution.unsettled =
        closing.disturbed() && view.begun && !closing.is_ended && (view.undone & kind.writes) == 0;
    close_order(ledger_.orders().close(execution));
    ledger_.close(view, closing.effect);
  }

  void contradicted(const Ended& ended) {
    for_each(checks_, [&](auto& check) {
      if constexpr (requires { check.contradicted(ended, ledger_); }) {
        check.contradicted(ended, ledger_);
      }
    });
    counting_.contradicted(ended, ledger_.layout().kind(ended.kind));
  }

  void told_late(const TraceRecord& record) {
    close_order(ledger_.orders().told_late(record.transaction, static_cast<Reply>(record.value),
                                           record.sequence));
  }

  void close_order(const std::optional<OrderState>& order) {
    if (order) std::get<TruthfulReply>(checks_).order_closed(*order, ledger_);
  }

  Ledger ledger_;
  Checks checks_;
  Counting counting_;
};

}  // namespace

const std::vector<InvariantInfo>& invariants() {
  static const std::vector<InvariantInfo> all = [] {
    std::vector<InvariantInfo> infos;
    Checks checks;
    for_each(checks, [&](auto& check) {
      infos.push_back(std::remove_reference_t<decltype(check)>::kInfo);
    });
    return infos;
  }();
  return all;
}

std::unique_ptr<Observer> make_judge(std::shared_ptr<const Plan> plan,
                                     const JudgeSettings& settings) {
  return std::make_unique<Judge>(std::move(plan), settings);
}

Verdicts judge(const Observer& judge_of_run, const EndOfRun& end) {
  const auto* of_run = dynamic_cast<const Judge*>(&judge_of_run);
  TXSIM_ASSERT(of_run != nullptr, "only an observer by make_judge can be asked for verdicts");
  Judge copy = *of_run;  // the run may go on and be judged again
  return copy.conclude(end);
}

std::size_t transactions_held(const Observer& judge_of_run) {
  const auto* of_run = dynamic_cast<const Judge*>(&judge_of_run);
  TXSIM_ASSERT(of_run != nullptr, "only an observer by make_judge holds transactions");
  return of_run->transactions_held();
}

}  // namespace txsim
