#include "protocols/two_phase_commit/two_phase_commit.h"

#include "protocols/protocol.h"

namespace txsim {

TwoPhaseCommitService::TwoPhaseCommitService(std::shared_ptr<const Plan> plan, NodeId self,
                                             const IdempotentReceiverSettings& receiver,
                                             const StoreSettings& store,
                                             const TwoPhaseCommitSettings& settings)
    : TwoRoleService(std::move(plan), self, receiver,
                     {.lock_timeout = store.lock_timeout,
                      .lock_order = lock_order(settings.resource),
                      .keeps_context = settings.keeps_context},
                     two_phase::Participant(settings.resource)),
      settings_(settings) {}

bool TwoPhaseCommitService::absorbs(const Message& message) const {
  return coordinates(message.transaction_type) && coordinator_.absorbs(plan(), settings_, message);
}

void TwoPhaseCommitService::write_checkpoint(std::vector<LogRecord>& log) const {
  coordinator_.write_checkpoint(settings_, log);
  participant_.write_checkpoint(plan(), log);
}

namespace two_phase {
namespace {

void tell_states(Description& info) {
  info.states = {
      {"coordinator INIT", "the updates are under way; then WAIT, or ABORT"},
      {"coordinator WAIT", "the votes are awaited; then COMMIT or ABORT"},
      {"coordinator COMMIT", "decided; END once all have acknowledged (or at once if presumed)"},
      {"coordinator ABORT", "decided; END once all have acknowledged (or at once if presumed)"},
      {"coordinator END", "forgotten"},
      {"participant ACTIVE", "its steps are under way; then IDLE, or ABORTED"},
      {"participant IDLE", "all its steps are done; then PREPARED, LEFT or ABORTED"},
      {"participant PREPARED", "voted yes; COMMITTED or ABORTED as the coordinator decides"},
      {"participant COMMITTED", "its steps are in effect for good"},
      {"participant ABORTED", "its steps are undone"},
      {"participant LEFT", "voted read-only; the outcome does not affect it"}};
  info.deviations = {
      {"votes", "all are awaited, also after a no, as in R*; a no-voter gets no Abort"},
      {"early abort", "an abort before Prepare leaves no record: no participant can be in doubt"},
      {"numbers", "messages are numbered so that a late duplicate opens no second branch"},
      {"one phase",
       "the participant keeps its outcome until acknowledged; not used where the "
       "coordinator changes something itself or orders may be submitted again"},
      {"presumed commit, read-only", "its commit record is forced even if all only read"},
      {"cooperative termination",
       "a participant that has aborted records that before it answers a peer"}};
}

void tell_conditions(Description& info) {
  info.conditions = {
      {"all", "each service knows prepare (prepares)"},
      {"agreement, irrevocable, convergence, atomicity, truthful-reply",
       "no participant decides alone (heuristic_after)"},
      {"agreement, irrevocable, atomicity, truthful-reply",
       "no decision is forgotten before all have acknowledged it (forget_after): a later inquiry "
       "gets the presumed outcome"},
      {"unanimity, durability",
       "under presumed commit, both of these: a commit record that is not forced may be lost in a "
       "crash, and then the participant asks for the decision again"},
      {"agreement, irrevocable, unanimity, atomicity, truthful-reply, durability",
       "under presumed commit, the databases force their rollbacks (resource is not mariadb): a "
       "branch that is prepared again after a crash receives Commit"},
      {"isolation",
       "updates come before Prepare (with_prepare is off): else a participant that only read "
       "(read_only_vote), or that decides alone (heuristic_after), frees its rows before others "
       "have locked theirs"},
      {"nontrivial", "all votes arrive within vote_timeout, even if their updates wait for locks"}};
}

}  // namespace
}  // namespace two_phase

Protocol two_phase_commit_protocol() {
  Protocol protocol = protocol_with_settings<TwoPhaseCommitSettings>();
  Description& info = protocol.description;
  info.name = "two-phase-commit";
  info.what =
      "All services of a transaction commit or none does: a coordinator asks each to prepare, "
      "commits if all vote yes, and sends its decision until all have acknowledged it.";
  info.source =
      "Gray 1978; Mohan, Lindsay, Obermarck 1986 (R*); Lampson, Lomet 1993; X/Open XA 1991; "
      "Tanenbaum, van Steen, Distributed Systems.";
  info.roles = {
      {"coordinator", "the service where the transaction begins: does its steps, asks, decides"},
      {"participant", "each other service of its steps: updates under lock, votes, obeys"}};
  info.messages = two_phase::kMessages.list();
  info.records = two_phase::kRecords.list();
  info.timers = two_phase::kTimers.list();
  two_phase::tell_states(info);
  info.promises = {"agreement",      "irrevocable", "unanimity",    "nontrivial",
                   "convergence",    "atomicity",   "conservation", "exactly-once",
                   "truthful-reply", "durability",  "isolation"};
  two_phase::tell_conditions(info);
  protocol.asks_all_at_once = [](const AnySettings& settings) {
    return settings_as<TwoPhaseCommitSettings>(settings).with_prepare;
  };
  protocol.make_services = make_services_of<TwoPhaseCommitService, TwoPhaseCommitSettings>;
  return protocol;
}

}  // namespace txsim
