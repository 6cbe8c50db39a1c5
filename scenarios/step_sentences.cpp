// Step sentences: what a transaction does to a resource.
#include <fmt/format.h>

#include "scenarios/grammar.h"
#include "scenarios/words.h"

namespace txsim {
namespace {

struct StepForm {
  std::string_view verb;
  std::string_view form;
  std::string_view meaning;
  std::string_view example;
  Action action;
  bool has_amount;
  bool of_records;
};

const std::vector<StepForm>& step_forms() {
  static const std::vector<StepForm> forms = {
      {"take", "take AMOUNT RESOURCE at SERVICE [as read]",
       "refused if there is not enough; as read: writes the value that the transaction has "
       "read minus the amount, whatever the value is by now",
       "take 2 stock at product", Action::Take, true, false},
      {"give", "give AMOUNT RESOURCE at SERVICE [as read]",
       "adds to it; as read: to the value that the transaction has read",
       "give 500 balance at point", Action::Give, true, false},
      {"read", "read RESOURCE at SERVICE [at least AMOUNT]",
       "reads it; refused if there is less than asked for", "read stock at product, at least 1",
       Action::Read, false, false},
      {"create", "create RECORDS at SERVICE", "inserts the order's record, in progress",
       "create orders at order", Action::Create, false, true},
      {"complete", "complete RECORDS at SERVICE", "sets the order's record to its last status",
       "complete orders at order", Action::Complete, false, true},
  };
  return forms;
}

// How it depends on what was read: "at least AMOUNT", "as read".
void parse_rest(Sentence& sentence, Step& step) {
  if (step.action == Action::Read && sentence.take("at")) {
    sentence.expect("least");
    step.least = parse_amount(sentence.next("an amount")).value;
  } else if (step.amount != 0 && sentence.take("as")) {
    sentence.expect("read");
    step.as_read = true;
  }
}

ScenarioNames::Needs needs_of(const StepForm& form) {
  if (form.action == Action::Read) return ScenarioNames::Needs::Any;
  return form.of_records ? ScenarioNames::Needs::Records : ScenarioNames::Needs::Amount;
}

std::string wrong_kind(std::string_view name, std::string_view service, bool is_records) {
  if (is_records) {
    return fmt::format(
        "{0} at {1} are order records: create or complete them, or make them an "
        "amount, resource = {0} 100 under [service {1}]",
        name, service);
  }
  return fmt::format(
      "{0} at {1} is an amount: take, give or read it, or make it a table of "
      "records, records = {0} under [service {1}]",
      name, service);
}

}  // namespace

Step parse_step(std::string_view text, const ScenarioNames& names,
                const std::vector<Resource>& resources) {
  Sentence sentence(text, names);
  std::vector<std::string_view> verbs;
  for (const StepForm& form : step_forms()) {
    verbs.push_back(form.verb);
    if (!sentence.take(form.verb)) continue;
    sentence.set_form(form.form);
    Step step;
    step.action = form.action;
    if (form.has_amount) step.amount = parse_amount(sentence.next("an amount")).value;
    if (form.has_amount && step.amount == 0) sentence.fail("an amount of 0 does nothing");
    const std::string_view name = sentence.next("a resource");
    sentence.expect("at");
    const std::string_view service = sentence.next("a service");
    parse_rest(sentence, step);
    sentence.finish();
    step.service = names.service(service);
    step.resource = names.resource(service, name, needs_of(form));
    const Resource& resource = resources[step.resource];
    if (resource.is_records != form.of_records && form.action != Action::Read) {
      sentence.fail(wrong_kind(name, service, resource.is_records));
    }
    return step;
  }
  throw BadValue(fmt::format("{} is not a step{}", quoted(sentence.peek()),
                             did_you_mean(sentence.peek(), verbs)));
}

std::string_view service_of_step(std::string_view text, const ScenarioNames& names) {
  Sentence sentence(text, names);
  while (!sentence.at_end()) {
    if (sentence.take("at")) return sentence.peek();
    sentence.next("a word");
  }
  return {};
}

std::vector<SentenceInfo> step_sentences() {
  std::vector<SentenceInfo> infos;
  for (const StepForm& form : step_forms()) {
    infos.push_back({std::string(form.form), std::string(form.meaning), std::string(form.example)});
  }
  return infos;
}

}  // namespace txsim
