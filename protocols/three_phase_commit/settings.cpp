#include "protocols/three_phase_commit/settings.h"

#include "services/setting_declarations.h"

namespace txsim {

void declare_settings(ThreePhaseCommitSettings& s, SettingDeclarations& keys) {
  keys.on_off("with_prepare", s.with_prepare, "updates travel with Prepare, not before it");
  keys.duration("update_timeout", s.update_timeout,
                "the coordinator waits this long for an update's answer, then aborts");
  keys.duration("vote_timeout", s.vote_timeout,
                "the coordinator waits this long for votes, then aborts");
  keys.duration("idle_timeout", s.idle_timeout,
                "a participant that has not voted aborts by itself after this");
  keys.interval("precommit_timeout", s.precommit_timeout,
                "the interval at which the coordinator sends unacknowledged PreCommits again");
  keys.interval("decision_timeout", s.decision_timeout,
                "a participant that has voted yes asks after this time, and again each time");
  keys.interval("resend_after", s.resend_after,
                "the interval at which the coordinator sends unacknowledged Commits again");
  keys.count_from_one(
      "inquiries", s.inquiries, 100,
      "a node that leaves this many requests in a row unanswered is considered crashed");
  keys.on_off("precommit", s.precommit, "off: commit as soon as all have voted yes", kSwitch);
  keys.on_off("terminate", s.terminate,
              "off: a participant in doubt waits for the coordinator; no backup decides", kSwitch);
  keys.on_off("force_prepare", s.force_prepare, "force the participant's prepare record", kSwitch);
  keys.on_off("force_precommit", s.force_precommit, "force the coordinator's precommit record",
              kSwitch);
  keys.on_off("force_decision", s.force_decision, "force the coordinator's decision", kSwitch);
  keys.on_off("force_commit", s.force_commit,
              "force the record by which a participant commits, or decides for all", kSwitch);
}

}  // namespace txsim
