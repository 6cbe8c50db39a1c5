#include "protocols/catalogue.h"

#include "services/broker.h"
#include "services/client.h"
#include "services/entrance.h"
#include "services/inbox.h"
#include "services/lock_service.h"
#include "services/outbox.h"
#include "services/store.h"

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

}  // namespace txsim
