#include "checks/judge.h"

#include <array>
#include <tuple>
#include <typeinfo>
#include <utility>

#include "checks/agreement.h"
#include "checks/atomicity.h"
#include "checks/bounded_blocking.h"
#include "checks/compensation_order.h"
#include "checks/conservation.h"
#include "checks/convergence.h"
#include "checks/counting.h"
#include "checks/dirty_uses.h"
#include "checks/durability.h"
#include "checks/exactly_once.h"
#include "checks/fault_coverage.h"
#include "checks/irrevocable.h"
#include "checks/isolation.h"
#include "checks/ledger.h"
#include "checks/no_hanging.h"
#include "checks/no_lost_event.h"
#include "checks/non_blocking.h"
#include "checks/nontrivial.h"
#include "checks/truthful_reply.h"
#include "checks/unanimity.h"
#include "sim/assert.h"

namespace txsim {
namespace {

// In the order of the documentation.
using Checks = std::tuple<Agreement, Irrevocable, Unanimity, Nontrivial, Convergence, Atomicity,
                          Conservation, ExactlyOnce, TruthfulReply, Durability, NoHanging,
                          CompensationOrder, NoLostEvent, Isolation, BoundedBlocking, NonBlocking>;

template <class Visit>
void for_each(Checks& checks, Visit&& visit) {
  std::apply([&](auto&... check) { (visit(check), ...); }, checks);
}

class Judge final : public Observer {
 public:
  Judge(std::shared_ptr<const Plan> plan, const JudgeSettings& settings)
      : ledger_(std::make_shared<const Layout>(std::move(plan))) {
    std::get<BoundedBlocking>(checks_).set_bound(settings.longest_lock_wait);
    counting_.set_up(ledger_.layout().plan(), settings.keep_transactions);
  }

  std::unique_ptr<Observer> clone() const override { return std::make_unique<Judge>(*this); }
  bool assign(const Observer& other) override {
    if (typeid(other) != typeid(Judge)) return false;
    *this = static_cast<const Judge&>(other);
    return true;
  }

  void observe(const TraceRecord& record) override {
    ledger_.settle_before(record);
    if (record.kind == EventKind::Announced) {
      if (record.what.id < kMostFacts) kHandlers[record.what.id](*this, record);
    } else {
      node_changed(record);
    }
  }

  // The end of the run; nothing can be observed after it.
  Verdicts conclude(EndOfRun end) {
    ledger_.settle_all();
    spread_settled();
    for (TransactionView* view : ledger_.open_views()) close(*view, &end);
    for_each(checks_, [&](auto& check) {
      if constexpr (requires { check.over(end, ledger_); }) check.over(end, ledger_);
    });
    Verdicts verdicts;
    for_each(checks_,
             [&](auto& check) { verdicts.judgements.push_back(check.judgement(end, ledger_)); });
    verdicts.counters = counting_.counters();
    const Isolation& isolation = std::get<Isolation>(checks_);
    verdicts.counters.dirty_uses = dirty_uses_.count() + isolation.dirty_reads();
    verdicts.counters.dirty_reads = isolation.dirty_reads();
    verdicts.counters.lost_updates = isolation.lost_updates();
    verdicts.counters.write_skews = isolation.write_skews();
    verdicts.transactions = counting_.summaries();
    verdicts.fault_coverage = fault_coverage_.counts();
    verdicts.amounts = ledger_.announced_amounts();
    verdicts.records = counting_.records(verdicts.amounts);
    return verdicts;
  }

  void pass_instant() override {
    ledger_.settle_all();
    spread_settled();
  }

  // Counters and fault coverage are left out: no finding depends on them.
  void digest_into(Fingerprint& into) const override {
    into.add(ledger_, violated_so_far());
    const auto look = [&](const auto& check) {
      if constexpr (requires { check.digest_into(into); }) into.add(check);
    };
    std::apply([&](const auto&... check) { (look(check), ...); }, checks_);
  }

  std::uint32_t violated_so_far() const {
    std::uint32_t violated = 0;
    std::uint32_t bit = 1;
    const auto look = [&](const auto& check) {
      if (check.is_violated()) violated |= bit;
      bit <<= 1;
    };
    std::apply([&](const auto&... check) { (look(check), ...); }, checks_);
    return violated;
  }

  std::size_t transactions_held() const { return ledger_.pool_size(); }

 private:
  // One function for each fact: it enters the fact and calls exactly the checks that read it.
  using Handler = void (*)(Judge&, const TraceRecord&);
  static constexpr std::size_t kMostFacts = 64;
  template <std::size_t... Facts>
  static constexpr std::array<Handler, kMostFacts> make_handlers(std::index_sequence<Facts...>) {
    return {&Judge::handle<static_cast<FactKind>(Facts)>...};
  }
  static const std::array<Handler, kMostFacts> kHandlers;

  [[gnu::noinline]] void node_changed(const TraceRecord& record) {
    fault_coverage_.met(record, ledger_);
    NonBlocking& non_blocking = std::get<NonBlocking>(checks_);
    if (record.kind == EventKind::Restarted) {
      ledger_.restarted(record);
      non_blocking.restarted(record);
    }
    if (record.kind != EventKind::Crashed) return;
    ledger_.crashed(record);
    non_blocking.crashed(record, ledger_);
    spread_settled();
  }

  // Flattened, so that each check's code for this fact is inlined here without its other cases.
  template <FactKind Fact>
  [[gnu::flatten]] static void handle(Judge& judge, const TraceRecord& record) {
    Moment m;
    m.record = &record;
    m.fact = Fact;
    if constexpr (Fact == FactKind::PhaseEntered) judge.close_before(record);
    judge.ledger_.template enter<Fact>(m);
    if (!judge.ledger_.settled().empty()) [[unlikely]]
      judge.spread_settled();
    m.fact = Fact;
    judge.feed<Fact>(m, std::make_index_sequence<std::tuple_size_v<Checks>>());
    judge.close_what_is_over<Fact>(m);
  }

  template <FactKind Fact, std::size_t... Index>
  void feed(const Moment& m, std::index_sequence<Index...>) {
    (feed_one<Fact>(std::get<Index>(checks_), m), ...);
    feed_one<Fact>(counting_, m);
    feed_one<Fact>(dirty_uses_, m);
  }
  template <FactKind Fact, class Check>
  void feed_one(Check& check, const Moment& m) {
    if constexpr (((Check::kReads >> static_cast<unsigned>(Fact)) & 1U) != 0) {
      if constexpr (requires { check.on(m); }) {
        check.on(m);
      } else {
        check.on(m, ledger_);
      }
    }
  }

  // The same submission is executed once more.
  [[gnu::noinline]] void close_before(const TraceRecord& record) {
    TransactionView* before = ledger_.executed_before(record);
    if (before == nullptr) return;
    before->is_left_open = !ledger_.is_ended(*before);
    close(*before, nullptr);
    ledger_.execute_again(*before, record);
  }

  template <FactKind Fact>
  void close_what_is_over(const Moment& m) {
    if (m.view != nullptr && ledger_.is_over(*m.view)) close(*m.view, nullptr);
    if (ledger_.has_maybe_over()) [[unlikely]] {
      while (TransactionView* view = ledger_.take_over()) close(*view, nullptr);
    }
  }

  [[gnu::noinline]] void spread_settled() {
    for (const Settled& settled : ledger_.settled()) {
      for_each(checks_, [&](auto& check) {
        if constexpr (requires { check.settled(settled, ledger_); }) {
          check.settled(settled, ledger_);
        }
      });
    }
    ledger_.clear_settled();
  }

  // At the end of the run the views stay, for the checks that judge by order.
  [[gnu::noinline]] void close(TransactionView& view, const EndOfRun* end) {
    const KindLayout& kind = ledger_.layout().kind(view.kind);
    const std::uint64_t effect = ledger_.effect_of(view);
    const Split split = ledger_.split_of(view, effect);
    const PartSet gone = end == nullptr ? 0 : gone_parts(view);
    const Closing closing{
        .view = view,
        .kind = kind,
        .end = end,
        .effect = effect,
        .is_settled = end == nullptr ? !view.is_left_open : ledger_.is_settled(view),
        .is_ended = end == nullptr ? !view.is_left_open : ledger_.is_ended(view),
        .is_split = ledger_.is_split(view, effect),
        .split = split,
        .gone = gone};
    counting_.closed(closing, ledger_.layout(), view);
    dirty_uses_.closed(closing);
    for_each(checks_, [&](auto& check) {
      if constexpr (requires { check.closed(closing, ledger_); }) check.closed(closing, ledger_);
    });
    if (end == nullptr) ledger_.close(view, effect, split);
  }

  PartSet gone_parts(const TransactionView& view) const {
    const Outages& outages = std::get<NonBlocking>(checks_).outages();
    PartSet gone = 0;
    for (int part = 0; part < ledger_.layout().kind(view.kind).parts; ++part) {
      if (outages.is_gone(ledger_.layout().node_of(view.kind, part))) gone |= part_bit(part);
    }
    return gone;
  }

  Ledger ledger_;
  Checks checks_;
  Counting counting_;
  DirtyUses dirty_uses_;
  FaultCoverage fault_coverage_;
};

constexpr std::array<Judge::Handler, Judge::kMostFacts> Judge::kHandlers =
    Judge::make_handlers(std::make_index_sequence<Judge::kMostFacts>());

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

std::uint32_t violated_so_far(const Observer& judge_of_run) {
  TXSIM_ASSERT(typeid(judge_of_run) == typeid(Judge),
               "only an observer by make_judge can be asked for verdicts");
  return static_cast<const Judge&>(judge_of_run).violated_so_far();
}

std::uint32_t bit_of(std::string_view invariant) {
  std::uint32_t bit = 1;
  for (const InvariantInfo& info : invariants()) {
    if (info.name == invariant) return bit;
    bit <<= 1;
  }
  fail_assertion("bit_of", __FILE__, __LINE__, "an invariant that no check judges");
}

std::size_t transactions_held(const Observer& judge_of_run) {
  const auto* of_run = dynamic_cast<const Judge*>(&judge_of_run);
  TXSIM_ASSERT(of_run != nullptr, "only an observer by make_judge holds transactions");
  return of_run->transactions_held();
}

}  // namespace txsim
