#include "protocols/tcc/tcc.h"

#include "protocols/protocol.h"

namespace txsim {

TccService::TccService(std::shared_ptr<const Plan> plan, NodeId self,
                       const IdempotentReceiverSettings& receiver, const StoreSettings& store,
                       const TccSettings& settings)
    : TwoRoleService(plan, self, receiver, store),
      settings_(settings),
      reservations_(std::move(plan), settings.reservations) {}

void TccService::write_checkpoint(std::vector<LogRecord>& log) const {
  coordinator_.write_checkpoint(log);
  reservations_.write_checkpoint(log);
}

namespace tcc {
namespace {

void tell_states(Description& info) {
  info.states = {
      {"order CREATED", "the steps are being tried; then RESERVED or CANCELLED"},
      {"order RESERVED", "all steps are reserved and being confirmed; then CONFIRMED or PENDING"},
      {"order PENDING", "a Confirm has failed after its retries: scheduler or operator continues"},
      {"order CONFIRMED", "all steps are confirmed; the client is told done"},
      {"order CANCELLED", "the client is told failed; reservations are being given back"},
      {"step NONE", "unknown here; then TRIED or SUSPENDED"},
      {"step TRIED", "what it needs is reserved; then CONFIRMED or CANCELLED"},
      {"step CONFIRMED", "what was reserved is taken for good"},
      {"step CANCELLED", "what was reserved is available again; a late Try is refused"},
      {"step SUSPENDED", "cancelled or refused before a reservation; a Try is refused"}};
  info.deviations = {
      {"time-out of reservations", "a participant asks for the order's status before it cancels"},
      {"refusals", "a refused Try is remembered, so that its late duplicate is refused too"},
      {"unknown orders", "they are CANCELLED: all others are known until every step is confirmed"},
      {"numbers", "messages are numbered, so that finished orders can be forgotten"},
      {"operator", "decides by what it saw; a Confirm under way may contradict that"}};
}

}  // namespace
}  // namespace tcc

Protocol tcc_protocol() {
  Protocol protocol = protocol_with_settings<TccSettings>();
  Description& info = protocol.description;
  info.name = "tcc";
  info.what =
      "Try, Confirm, Cancel: each service reserves what a step needs; then it takes the reserved "
      "amount if all services could reserve, or gives it back.";
  info.source =
      "Pardon, Pautasso, Atomic Distributed Transactions: a RESTful Design, 2014; Helland, Life "
      "beyond Distributed Transactions, 2007; Seata and dtm, TCC mode.";
  info.roles = {
      {"coordinator", "the service where the transaction begins: keeps the order's status, asks"},
      {"participant", "each other service of its steps: reserves, confirms, cancels, sweeps"},
      {"operator", "at the coordinator: receives alerts of PENDING orders, inspects and decides"}};
  info.messages = tcc::kMessages.list();
  info.records = tcc::kRecords.list();
  info.timers = tcc::kTimers.list();
  tcc::tell_states(info);
  info.promises = {"agreement",    "irrevocable",    "convergence", "atomicity", "conservation",
                   "exactly-once", "truthful-reply", "durability",  "no-hanging"};
  info.conditions = {
      {"all",
       "if pending orders wait for an operator (pending_policy = alert), an operator comes "
       "(operator_after)"}};
  protocol.no_as_read =
      "under tcc a Try reserves, so it cannot write an amount that was computed before";
  protocol.asks_all_at_once = [](const AnySettings& settings) {
    return settings_as<TccSettings>(settings).parallel;
  };
  protocol.make_services = make_services_of<TccService, TccSettings>;
  return protocol;
}

}  // namespace txsim
