// A database server as a node: the resource manager of services/xa_resource.h over the store of
// services/store.h. A terminal makes calls one by one, like a client of MariaDB or PostgreSQL.
//
//   message   from → to            holds
//   Call      terminal → database  value: index of the call in the script
//   Answer    database → terminal  step: index of the call; value: see `answer_value`
//
//   record    holds (DatabaseNote)
//   prepared  a branch and the steps in effect for it; forced
//   ended     a branch or a local transaction, and its committed steps; forced
//
// Each call of the script is a separate step of the plan, so that a repeated statement takes effect
// again.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "services/xa_resource.h"

namespace txsim::conformance {

// A session's requests. PREPARE TRANSACTION, COMMIT PREPARED and ROLLBACK PREPARED are XA's
// Prepare, Commit and Rollback.
enum class Verb : std::uint8_t {
  Start,
  Join,
  Resume,
  End,
  Suspend,
  Prepare,
  Commit,
  OnePhase,
  Rollback,
  Recover,
  Begin,
  CommitWork,
  RollbackWork,
  Update,
  Read,
  Disconnect,
  Terminate,
  Restart,
};

struct Call {
  std::uint8_t session = 0;  // 0: restarts the server
  Verb verb = Verb::Read;
  std::uint8_t object = 0;  // branch (from 1) or row (from 0)
  std::int32_t delta = 0;   // for an update
};

struct Script {
  XaRules rules = XaRules::MariaDb;
  std::uint8_t rows = 2;
  std::vector<Call> calls;
};

inline constexpr std::size_t kMostCalls = TransactionKind::kMostSteps;
inline constexpr std::size_t kSessions = 10;
inline constexpr std::int64_t kInitialAmount = 100;

// The results of calls, in the order in which they become known. A call that waits to the end has
// none.
struct Answer {
  std::size_t slot = 0;  // known after this call, before the next one
  std::size_t call = 0;
  std::string says;
};
// Runs the script in a new world.
std::vector<Answer> run(const Script& script);

}  // namespace txsim::conformance
