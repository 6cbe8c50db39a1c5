#include "protocols/local/local.h"

#include "protocols/protocol.h"
#include "services/setting_declarations.h"
#include "sim/assert.h"

namespace txsim {
namespace {

void announce_outcome(Context& context, FactKind what, TransactionId transaction,
                      std::uint16_t kind, Outcome outcome) {
  context.announce({.what = fact_word(what),
                    .transaction = transaction,
                    .value = static_cast<std::int64_t>(outcome),
                    .extra = kind});
}

}  // namespace

LocalService::LocalService(std::shared_ptr<const Plan> plan, NodeId self,
                           const IdempotentReceiverSettings& receiver, const StoreSettings& store,
                           const LocalSettings& settings)
    : NodeOf(std::move(plan), self, receiver, store), settings_(settings) {}

// ---- The happy path

void LocalService::begin(Context& context, TransactionId transaction, std::uint16_t kind) {
  TXSIM_ASSERT(this->kind(kind).participants.empty(), "a local transaction spans services");
  enter_phase(context, transaction, kind, Phase::Begun);
  enter_phase(context, transaction, kind, Phase::Working);
  work(context, transaction, kind, 0);
}

// Does the steps from `step` on, until one has to wait.
void LocalService::work(Context& context, TransactionId transaction, std::uint16_t kind,
                        std::uint16_t step) {
  const auto steps = static_cast<std::uint16_t>(this->kind(kind).steps.size());
  for (; step < steps; ++step) {
    const StepResult result = settings_.transaction
                                  ? store().update(context, transaction, kind, step)
                                  : store().apply(context, transaction, kind, step);
    switch (result) {
      case StepResult::Done:
        continue;
      case StepResult::Waiting:
        return;
      case StepResult::Refused:
        abort(context, transaction, kind);
        return;
    }
  }
  commit(context, transaction, kind);
}

void LocalService::on_lock(Context& context, const LockNews& news) {
  switch (news.result) {
    case StepResult::Done:
      work(context, news.transaction, news.kind, static_cast<std::uint16_t>(news.step + 1));
      return;
    case StepResult::Refused:
      abort(context, news.transaction, news.kind);
      return;
    case StepResult::Waiting:
      break;
  }
  TXSIM_ASSERT(false, "news that a step waits");
}

void LocalService::commit(Context& context, TransactionId transaction, std::uint16_t kind) {
  if (!settings_.transaction) {
    end_without_transaction(context, transaction, kind, Outcome::Committed);
    return;
  }
  LogRecord record;
  record.type = kLocalCommitted;
  record.transaction_type = kind;
  record.transaction = transaction;
  record.value = store().beyond_of(transaction);
  context.append(record);
  context.force();
  announce_outcome(context, FactKind::Decided, transaction, kind, Outcome::Committed);
  enter_phase(context, transaction, kind, Phase::Finishing);
  store().commit(context, transaction);
  announce_outcome(context, FactKind::Finished, transaction, kind, Outcome::Committed);
  enter_phase(context, transaction, kind, Phase::Ended);
  finish(context, transaction, Outcome::Committed);
}

// ---- Failures

void LocalService::abort(Context& context, TransactionId transaction, std::uint16_t kind) {
  if (!settings_.transaction) {
    end_without_transaction(context, transaction, kind, Outcome::Aborted);
    return;
  }
  announce_outcome(context, FactKind::Decided, transaction, kind, Outcome::Aborted);
  enter_phase(context, transaction, kind, Phase::Undoing);
  store().abort(context, transaction);
  announce_outcome(context, FactKind::Finished, transaction, kind, Outcome::Aborted);
  enter_phase(context, transaction, kind, Phase::Ended);
  finish(context, transaction, Outcome::Aborted);
}

// There is no decision and no undo: what was applied stays applied.
void LocalService::end_without_transaction(Context& context, TransactionId transaction,
                                           std::uint16_t kind, Outcome outcome) {
  receiver().save(context, transaction, outcome);
  announce_outcome(context, FactKind::Finished, transaction, kind, outcome);
  enter_phase(context, transaction, kind, Phase::Ended);
  finish(context, transaction, outcome);
}

void LocalService::handle(Context& context, const Message& message) {
  (void)context;
  (void)message;
  TXSIM_ASSERT(false, "a message that local does not know");
}

void LocalService::handle(Context& context, const Timer& timer) {
  (void)context;
  (void)timer;
  TXSIM_ASSERT(false, "a timer that local did not set");
}

void LocalService::handle_refused(Context& context, const Message& message) {
  (void)context;
  (void)message;
  TXSIM_ASSERT(false, "a message that local did not send");
}

// ---- Recovery

void LocalService::recover(Context& context, std::span<const LogRecord> log) {
  for (const LogRecord& record : log) {
    if (record.type != kLocalCommitted) continue;
    store().redo(record.transaction_type, kind(record.transaction_type).steps_of(self()),
                 record.value);
    // The crash may have come between the record and the facts that tell of it.
    announce_outcome(context, FactKind::Finished, record.transaction, record.transaction_type,
                     Outcome::Committed);
    receiver().remember(order_of(record.transaction), Outcome::Committed);
  }
}

// What has committed is in the store's part, and its order in the receiver's.
void LocalService::write_checkpoint(std::vector<LogRecord>& log) const { (void)log; }

void declare_settings(LocalSettings& s, SettingDeclarations& keys) {
  keys.on_off("transaction", s.transaction, "all steps in one transaction; off: each by itself",
              kSwitch);
}

Protocol local_protocol() {
  Protocol protocol = protocol_with_settings<LocalSettings>();
  Description& info = protocol.description;
  info.name = "local";
  info.what = "All resources in one service: one local transaction does all the steps or none.";
  info.source =
      "Gray & Reuter, Transaction Processing, 1993; Bernstein, Hadzilacos, Goodman, Concurrency "
      "Control and Recovery in Database Systems, 1987.";
  info.roles = {{"coordinator", "the service, which is the only participant too"}};
  info.records = kLocalRecords.list();
  info.states = {{"Working", "does its steps under row locks; then Committing or Aborting"},
                 {"Committing", "the record is forced, then the locks are freed: ended"},
                 {"Aborting", "the steps are undone, then the locks are freed: ended"}};
  info.deviations = {{"no-steal", "a transaction logs nothing before its commit record"},
                     {"read-only", "a read-only transaction forces a commit record, too"}};
  info.promises = {"irrevocable",  "nontrivial",     "convergence", "atomicity", "conservation",
                   "exactly-once", "truthful-reply", "durability",  "isolation"};
  protocol.is_one_node = true;
  protocol.is_compared = false;
  protocol.make_services = make_services_of<LocalService, LocalSettings>;
  return protocol;
}

}  // namespace txsim
