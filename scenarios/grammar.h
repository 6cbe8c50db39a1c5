// The sentences of the language as tables. Each row has the form that the reference prints and the
// function that parses it, so the reference and the parser cannot differ.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "scenarios/language.h"
#include "scenarios/names.h"
#include "scenarios/sentence.h"

namespace txsim {

// All throw BadValue.
Fault parse_fault(std::string_view text, const ScenarioNames& names);
Step parse_step(std::string_view text, const ScenarioNames& names,
                const std::vector<Resource>& resources);
// The service that a step names, even if the step is wrong otherwise; empty: none. Throws nothing.
std::string_view service_of_step(std::string_view text, const ScenarioNames& names);
Expectation parse_expectation(std::string_view text, const ScenarioNames& names);

// "NODES sends MESSAGE ..."; part of a fault.
EventPattern parse_event(Sentence& sentence, const std::vector<NodeId>& it = {});
std::vector<SentenceInfo> event_sentences();
// The values of a fact by name: "no" for "voted", "deciding" for "phase"; empty: it has none.
std::vector<std::string> fact_values(Word fact);
std::optional<std::int64_t> fact_value(Word fact, std::string_view text);
std::string fact_value_text(Word fact, std::int64_t value);  // empty: none
// The fact that an unknown verb may mean: "votes yes" is the fact "voted yes". Empty: none.
std::string as_fact(std::string_view verb, std::string_view value);

// The invariants that expectations may name.
const std::vector<std::string_view>& invariant_names();
// The endings of transactions likewise, in the order of their enumeration.
const std::vector<std::string_view>& ending_names();

}  // namespace txsim
