#include "protocols/two_phase_commit/settings.h"

#include "services/setting_declarations.h"

namespace txsim {

void declare_settings(TwoPhaseCommitSettings& s, SettingDeclarations& keys) {
  keys.choice("variant", s.variant,
              {{"basic", CommitVariant::Basic},
               {"presumed-abort", CommitVariant::PresumedAbort},
               {"presumed-commit", CommitVariant::PresumedCommit}},
              "how a coordinator answers about an unknown transaction");
  keys.on_off("read_only_vote", s.read_only_vote,
              "a participant that changed nothing leaves after its vote");
  keys.on_off("one_phase", s.one_phase, "a single participant decides by itself");
  keys.choice("resource", s.resource,
              {{"textbook", XaRules::Textbook},
               {"mariadb", XaRules::MariaDb},
               {"postgresql", XaRules::PostgreSql}},
              "the database behind each participant: it determines what a prepared branch keeps "
              "(docs/conformance.md)");
  keys.on_off("cooperative_termination", s.cooperative_termination,
              "a participant in doubt asks the other participants too");
  keys.on_off("with_prepare", s.with_prepare, "updates travel with Prepare, not before it");
  keys.duration("update_timeout", s.update_timeout,
                "the coordinator waits this long for an update's answer, then aborts");
  keys.duration("vote_timeout", s.vote_timeout,
                "the coordinator waits this long for votes, then aborts");
  keys.duration_or_never("idle_timeout", s.idle_timeout,
                         "a participant that has not voted aborts by itself after this", kSwitch);
  keys.interval(
      "decision_timeout", s.decision_timeout,
      "a prepared participant asks for the decision after this time, and again each time");
  keys.interval("resend_after", s.resend_after,
                "the interval at which the coordinator sends an unacknowledged decision again");
  keys.duration_or_never("forget_after", s.forget_after,
                         "the coordinator forgets an unacknowledged decision after this time");
  keys.choice("pass_on", s.pass_on,
              {{"never", PassOn::Never}, {"before", PassOn::Before}, {"after", PassOn::After}},
              "a participant passes the decision to the others, before or after it carries it out");
  keys.duration_or_never("heuristic_after", s.heuristic_after,
                         "a prepared participant decides alone after this time");
  keys.choice("heuristic_choice", s.heuristic_choice,
              {{"commit", HeuristicChoice::Commit}, {"abort", HeuristicChoice::Abort}},
              "the decision that it makes alone");
  keys.on_off("force_prepare", s.force_prepare, "force the participant's prepare record", kSwitch);
  keys.on_off("force_commit", s.force_commit,
              "force the participant's commit record, where the variant does", kSwitch);
  keys.on_off("force_decision", s.force_decision, "force the coordinator's decision", kSwitch);
  keys.on_off("resend", s.resend, "resend the decision and ask for it", kSwitch);
  keys.on_off("unanimity", s.unanimity, "off: a majority of yes is enough", kSwitch);
  keys.on_off("votes_as_set", s.votes_as_set, "off: a duplicate vote counts twice", kSwitch);
  keys.on_off("hold_locks", s.hold_locks, "off: row locks are freed after each update", kSwitch);
  keys.on_off("keeps_context", s.keeps_context,
              "off: an update that waited for its row lock is carried out outside its transaction",
              kSwitch);
  keys.on_off("unlock_with_end", s.unlock_with_end,
              "off: a branch's end is durable before its row locks are freed", kSwitch);
  keys.on_off(
      "rollback_by_id", s.rollback_by_id,
      "off: an Abort for an unknown branch rolls back, unnoticed, the branch that is active there",
      kSwitch);
}

}  // namespace txsim
