#include "protocols/three_phase_commit/three_phase_commit.h"

#include "protocols/protocol.h"

namespace txsim {

ThreePhaseCommitService::ThreePhaseCommitService(std::shared_ptr<const Plan> plan, NodeId self,
                                                 const IdempotentReceiverSettings& receiver,
                                                 const StoreSettings& store,
                                                 const ThreePhaseCommitSettings& settings)
    : TwoRoleService(std::move(plan), self, receiver, store), settings_(settings) {}

bool ThreePhaseCommitService::absorbs(const Message& message) const {
  return coordinates(message.transaction_type) && coordinator_.absorbs(plan(), settings_, message);
}

void ThreePhaseCommitService::write_checkpoint(std::vector<LogRecord>& log) const {
  coordinator_.write_checkpoint(log);
  participant_.write_checkpoint(plan(), log);
}

namespace three_phase {
namespace {

void tell_states(Description& info) {
  info.states = {
      {"coordinator INIT", "the updates are under way; then WAIT, or ABORT"},
      {"coordinator WAIT", "the votes are awaited; then PRECOMMIT or ABORT"},
      {"coordinator PRECOMMIT", "all have voted yes and are being informed; then COMMIT"},
      {"coordinator RECOVERING",
       "crashed in PRECOMMIT, asks; COMMIT or ABORT as the others decided"},
      {"coordinator COMMIT", "decided; END once all have acknowledged"},
      {"coordinator ABORT", "decided; END at once"},
      {"coordinator END", "forgotten"},
      {"participant ACTIVE", "its steps are under way; then IDLE, or ABORTED"},
      {"participant IDLE", "all its steps are done; then WAIT or ABORTED"},
      {"participant WAIT", "voted yes; then PRECOMMITTED, or as the coordinator or backup decides"},
      {"participant PRECOMMITTED", "all have voted yes; as the coordinator or backup decides"},
      {"participant COMMITTED", "its steps are in effect for good"},
      {"participant ABORTED", "its steps are undone"}};
  info.deviations = {
      {"votes", "all are awaited, also after a no; a no-voter gets no Abort"},
      {"presumed abort", "an abort's record is not forced, and an abort is not acknowledged"},
      {"total failure", "all must be back, not only the last node to crash"},
      {"backup", "found by asking in order, without a separate election"},
      {"numbers", "messages are numbered so that a late duplicate opens no second branch"},
      {"early abort",
       "a participant that aborted without a record forces one before it answers another"}};
}

void tell_conditions(Description& info) {
  info.conditions = {
      {"all", "each service knows prepare (prepares)"},
      {"agreement, nontrivial, convergence, atomicity, truthful-reply, non-blocking",
       "a node that leaves `inquiries` requests in a row unanswered has crashed: every partition, "
       "pause, slow message and slow write is shorter, and not all of the requests are lost"},
      {"non-blocking",
       "at least one node of the transaction never crashes: after a total failure all must be "
       "back"},
      {"nontrivial", "all votes arrive within vote_timeout, even if their updates wait for locks"}};
}

}  // namespace
}  // namespace three_phase

Protocol three_phase_commit_protocol() {
  Protocol protocol = protocol_with_settings<ThreePhaseCommitSettings>();
  Description& info = protocol.description;
  info.name = "three-phase-commit";
  info.what =
      "All services of a transaction commit or none does, and every participant that is up decides "
      "even if others have crashed for good: before the coordinator commits, all know that all "
      "have voted yes.";
  info.source =
      "Skeen 1981; Skeen 1982; Skeen, Stonebraker 1983; Bernstein, Hadzilacos, Goodman 1987, "
      "chapter 7.5.";
  info.roles = {
      {"coordinator", "the service where the transaction begins: does its steps, asks, decides"},
      {"participant", "each other service of its steps: updates under lock, votes, obeys"},
      {"backup", "the first participant that has not crashed: decides in the coordinator's place"}};
  info.messages = three_phase::kMessages.list();
  info.records = three_phase::kRecords.list();
  info.timers = three_phase::kTimers.list();
  three_phase::tell_states(info);
  info.promises = {"agreement",      "irrevocable", "unanimity",    "nontrivial",
                   "convergence",    "atomicity",   "conservation", "exactly-once",
                   "truthful-reply", "durability",  "isolation",    "non-blocking"};
  three_phase::tell_conditions(info);
  protocol.is_compared = false;
  protocol.make_services = make_services_of<ThreePhaseCommitService, ThreePhaseCommitSettings>;
  return protocol;
}

}  // namespace txsim
