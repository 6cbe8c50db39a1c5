#include "protocols/three_phase_commit/settings.h"

#include "services/setting_declarations.h"

namespace txsim {

void declare_settings(ThreePhaseCommitSettings& s, SettingDeclarations& keys) {
  keys.on_off("with_prepare", s.with_prepare, "updates travel with Prepare, not before it");
  keys.duration("update_timeout", s.update_timeout,
                "the coordinator waits for an update's answer, then aborts");
  keys.duration("vote_timeout", s.vote_timeout, "the coordinator waits for votes, then aborts");
  keys.duration("idle_timeout", s.idle_timeout,
                "a participant that has not voted aborts by itself after this");
  keys.interval("precommit_timeout", s.precommit_timeout,
                "the coordinator sends PreCommit again to those that have not acknowledged it");
  keys.interval("decision_timeout", s.decision_timeout,
                "a participant that has voted yes asks after this, again each time");
  keys.interval("resend_after", s.resend_after,
                "the coordinator sends Commit again to those that have not acknowledged it");
  keys.count_from_one("inquiries", s.inquiries, 100,
                      "a node that leaves so many requests in a row unanswered is taken for "
                      "crashed");
  keys.on_off("precommit", s.precommit, "off: commit as soon as all have voted yes", kSwitch);
  keys.on_off("terminate", s.terminate,
              "off: who is in doubt waits for the coordinator, and nobody decides in its place",
              kSwitch);
  keys.on_off("force_prepare", s.force_prepare, "force the participant's prepare record", kSwitch);
  keys.on_off("force_precommit", s.force_precommit, "force the coordinator's precommit record",
              kSwitch);
  keys.on_off("force_decision", s.force_decision, "force the coordinator's decision", kSwitch);
  keys.on_off("force_commit", s.force_commit,
              "force the record with which a participant commits, or decides for all", kSwitch);
}

}  // namespace txsim
