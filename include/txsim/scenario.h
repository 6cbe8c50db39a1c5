// Scenarios: from text to a value, and from the value to a world.
//
//   parse_scenario      reads a file, the files it includes, and settings that override it
//   ReadFile, FileText  how it gets the text of a file
//   ParsedScenario      the scenario, or all errors; hints about names of earlier versions
//   ScenarioError       the place, what is wrong, and a way out
//   Scenario            plan, protocol, workload, network, faults, expectations; all is checked
//   Expectation         what a scenario expects of its run
//   Workload            the orders that clients submit
//   Draft               a scenario as lines that can be changed and written out
//   read_draft          reads a draft
//   ReadDraft           the draft, or all errors
//   parse               the scenario of a draft
//   text                an error as "file:line: what is wrong"; a draft as its file
//   build_world         the spec of a scenario's world (<txsim/world.h>)
//   KeyInfo             a key: type, default, help
//   scenario_keys       all of them
//   current_name        the current name of a section or a key of an earlier version
//
// Shapes: the caller reads the files, so a program without files can supply texts.
// docs/scenario-language.md describes the language.
// Units: as `txsim keys` says.
// Errors: `scenario` is null and `errors` is not empty. All errors of a file are reported at once,
// each with file and line. The functions throw nothing. The first scenario closes the registry of
// protocols.
#pragma once

#include <txsim/protocol.h>
#include <txsim/transaction.h>

#include "scenarios/draft.h"
#include "scenarios/language.h"
#include "scenarios/scenario.h"
