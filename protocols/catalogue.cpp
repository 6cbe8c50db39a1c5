#include "protocols/catalogue.h"

namespace txsim {
namespace {

// What every protocol behind an entrance needs of it.
ProtocolInfo behind_entrance(ProtocolInfo info) {
  for (const std::string_view promise : info.promises) {
    if (promise == "exactly-once") {
      info.conditions.push_back(
          {promise,
           "where an order may be submitted more than once (workload.retries, workload.repeats, "
           "duplicated messages), the entrance keeps its executions apart (txsim describe "
           "entrance)"});
    }
    if (promise == "convergence") {
      info.conditions.push_back(
          {promise,
           "where the entrance locks orders (entrance.lock), locks expire (lock-service.expiry): "
           "nobody else frees the lock of a submission that was lost in a crash"});
    }
  }
  return info;
}

}  // namespace

const std::vector<ProtocolInfo>& protocol_infos() {
  static const std::vector<ProtocolInfo> infos = {behind_entrance(local_info()),
                                                  behind_entrance(uncoordinated_info()),
                                                  behind_entrance(two_phase_commit_info()),
                                                  behind_entrance(tcc_info()),
                                                  behind_entrance(saga_orchestration_info()),
                                                  behind_entrance(saga_choreography_info()),
                                                  client_info(),
                                                  entrance_info(),
                                                  lock_service_info(),
                                                  broker_info(),
                                                  outbox_info(),
                                                  inbox_info(),
                                                  store_info()};
  return infos;
}

// Beside the others of its kind, since the store's own source is long enough.
ProtocolInfo store_info() {
  ProtocolInfo info;
  info.name = "store";
  info.what =
      "A service's own database: amounts changed in place under row locks, undone if their "
      "transaction aborts. Every protocol works through it.";
  info.source =
      "Bernstein, Hadzilacos, Goodman, Concurrency Control and Recovery in Database Systems, 1987, "
      "chapters 3 and 6; Gray & Reuter, Transaction Processing, 1993, chapter 8.";
  info.roles = {{"store", "part of every service"}};
  info.records = {
      {"StepApplied", "forced: one step in effect for good by itself (value: its change)"},
      {"Amount", "in a checkpoint: what a resource has for good"},
      {"TokenSeen",
       "the newest token seen for an order (value): steps under older ones are refused"}};
  info.timers = {{"LockWait",
                  "a step has waited too long for its row and is refused; deadlocks end "
                  "so (value: the step)"}};
  info.states = {{"waiting", "for the row's lock; then in effect, or refused"},
                 {"in effect", "others wait for it; then for good by commit, or undone by abort"},
                 {"for good", "the locks are free"}};
  info.deviations = {{"logical log", "records name the steps done instead of holding page images"}};
  return info;
}

}  // namespace txsim
