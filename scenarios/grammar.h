// The sentences of the language as tables: each row has the form that people read and the function
// that parses it, so that the reference cannot differ from what is understood.
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
// The service that a step names, be it right or wrong otherwise; empty: none. Throws nothing.
std::string_view service_of_step(std::string_view text, const ScenarioNames& names);
Expectation parse_expectation(std::string_view text, const ScenarioNames& names);

// "NODES sends MESSAGE ..."; part of a fault.
EventPattern parse_event(Sentence& sentence, const std::vector<NodeId>& it = {});
std::vector<SentenceInfo> event_sentences();
// The value of a fact by its name: "no" of "voted", "deciding" of "phase"; nothing: it has none.
std::vector<std::string> fact_values(Word fact);
std::optional<std::int64_t> fact_value(Word fact, std::string_view text);
std::string fact_value_text(Word fact, std::int64_t value);  // empty: none
// What a verb that is none may have meant: "votes yes" is the fact "voted yes". Empty: nothing.
std::string as_fact(std::string_view verb, std::string_view value);

// The invariants that expectations may name.
const std::vector<std::string_view>& invariant_names();
// The endings of transactions likewise, in the order of their enumeration.
const std::vector<std::string_view>& ending_names();

}  // namespace txsim
