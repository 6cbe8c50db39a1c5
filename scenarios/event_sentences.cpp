// Event sentences: the events that place a fault.
#include <fmt/format.h>

#include <algorithm>

#include "scenarios/grammar.h"
#include "scenarios/words.h"

namespace txsim {
namespace {

using Class = Vocabulary::Class;

struct EventForm {
  std::string_view verb;
  std::string_view form;
  std::string_view meaning;
  std::string_view example;
  void (*parse)(Sentence& sentence, EventPattern& pattern);
};

// What may follow an event in a fault.
const Sentence::Then kAfterEvent = {"for", "1st"};

Word word_or_any(Sentence& sentence, Class kind, std::string_view what) {
  if (sentence.take("any")) return {};
  return sentence.words().find(kind, sentence.next(what));
}

void sends(Sentence& s, EventPattern& event) {
  event.kind = EventKind::Sent;
  event.what = word_or_any(s, Class::Message, "a message");
  if (s.take("to")) event.peers = s.nodes_or_any(kAfterEvent);
}

void receives(Sentence& s, EventPattern& event) {
  event.kind = EventKind::Delivered;
  event.what = word_or_any(s, Class::Message, "a message");
  if (s.take("from")) event.peers = s.nodes_or_any(kAfterEvent);
}

void appends(Sentence& s, EventPattern& event) {
  event.kind = EventKind::Appended;
  event.what = word_or_any(s, Class::Record, "a log record");
}

void forces(Sentence& s, EventPattern& event) {
  event.kind = EventKind::Forced;
  event.what = word_or_any(s, Class::Record, "a log record");
}

void has_forced(Sentence& s, EventPattern& event) {
  s.expect("forced");
  event.kind = EventKind::Durable;
  event.what = word_or_any(s, Class::Record, "a log record");
}

std::int64_t phase_value(Sentence& s) {
  const std::string_view phase = s.next("a phase");
  const Word fact = fact_word(FactKind::PhaseEntered);
  if (const auto value = fact_value(fact, phase)) return *value;
  s.fail(fmt::format("unknown phase {}{}", quoted(phase), did_you_mean(phase, fact_values(fact))));
}

void enters(Sentence& s, EventPattern& event) {
  s.take("phase");
  event.kind = EventKind::Announced;
  event.what = fact_word(FactKind::PhaseEntered);
  event.value = phase_value(s);
}

void announces(Sentence& s, EventPattern& event) {
  event.kind = EventKind::Announced;
  event.what = word_or_any(s, Class::Fact, "a fact");
  if (s.take("with")) {
    const std::string_view text = s.next("a number");
    const bool negative = text.starts_with('-');
    const std::uint64_t most = ~std::uint64_t{0} >> 1;
    const std::uint64_t size = parse_whole(negative ? text.substr(1) : text, most, "7");
    event.value = negative ? -static_cast<std::int64_t>(size) : static_cast<std::int64_t>(size);
  } else if (const auto value = fact_value(event.what, s.peek())) {
    event.value = *value;
    s.next("a value");
  }
}

void fires(Sentence& s, EventPattern& event) {
  event.kind = EventKind::TimerFired;
  event.what = word_or_any(s, Class::Timer, "a timer");
}

void crashes(Sentence&, EventPattern& event) { event.kind = EventKind::Crashed; }

void restarts(Sentence&, EventPattern& event) {
  event.kind = EventKind::Restarted;
  event.value = 1;
}

const std::vector<EventForm>& event_forms() {
  static const std::vector<EventForm> forms = {
      {"sends", "NODES sends MESSAGE [to NODES]", "a message leaves its node",
       "order sends Prepare to point", sends},
      {"receives", "NODES receives MESSAGE [from NODES]", "a message arrives",
       "point receives Prepare from order", receives},
      {"appends", "NODES appends RECORD", "a log record is written, not yet durable",
       "order appends commit", appends},
      {"forces", "NODES forces RECORD", "a node asks for its log to be durable up to this record",
       "order forces commit", forces},
      {"has", "NODES has forced RECORD", "the log is durable up to there",
       "order has forced commit", has_forced},
      {"enters", "NODES enters PHASE",
       "a transaction enters a phase: begun, working, deciding, finishing, undoing, ended",
       "coordinator enters deciding", enters},
      {"announces", "NODES announces FACT [VALUE | with NUMBER]",
       "a fact for the checks: voted no, decided committed, lock-waited ...",
       "participant announces voted no", announces},
      {"fires", "NODES fires TIMER", "a timer runs out", "order fires vote-timeout", fires},
      {"crashes", "NODES crashes", "a node goes down", "point crashes", crashes},
      {"restarts", "NODES restarts", "a node is back", "point restarts", restarts},
  };
  return forms;
}

std::vector<std::string> names_of_values(Word fact, std::int64_t first, std::int64_t last) {
  std::vector<std::string> names;
  for (std::int64_t value = first; value <= last; ++value) {
    names.push_back(fact_value_text(fact, value));
  }
  return names;
}

constexpr std::int64_t kMostValue = 6;

}  // namespace

EventPattern parse_event(Sentence& sentence, const std::vector<NodeId>& it) {
  EventPattern event;
  if (sentence.peek() == "phase") {
    enters(sentence, event);
    return event;
  }
  std::vector<std::string_view> verbs;
  for (const EventForm& form : event_forms()) verbs.push_back(form.verb);
  event.nodes = !it.empty() && sentence.take("it") ? it : sentence.nodes_or_any(verbs);
  for (const EventForm& form : event_forms()) {
    if (!sentence.take(form.verb)) continue;
    form.parse(sentence, event);
    return event;
  }
  if (sentence.at_end()) sentence.fail("the sentence ends where an event's verb is expected");
  sentence.fail(fmt::format("{} is not an event's verb{}", quoted(sentence.peek()),
                            did_you_mean(sentence.peek(), verbs)));
}

std::vector<SentenceInfo> event_sentences() {
  std::vector<SentenceInfo> infos;
  for (const EventForm& form : event_forms()) {
    infos.push_back({std::string(form.form), std::string(form.meaning), std::string(form.example)});
  }
  infos.push_back({"phase PHASE", "the same as: any enters PHASE", "phase deciding"});
  return infos;
}

std::string as_fact(std::string_view verb, std::string_view value) {
  constexpr std::size_t kLeast = 4;
  for (const FactInfo& fact : fact_infos()) {
    const auto [end, _] =
        std::mismatch(verb.begin(), verb.end(), fact.name.begin(), fact.name.end());
    const auto common = static_cast<std::size_t>(end - verb.begin());
    if (common < kLeast || common + 2 < verb.size() || common + 3 < fact.name.size()) continue;
    const bool has_value = fact_value(fact_word(fact.kind), value).has_value();
    return std::string(fact.name) + (has_value ? " " + std::string(value) : "");
  }
  return {};
}

std::string fact_value_text(Word fact, std::int64_t value) {
  const auto number = static_cast<std::uint8_t>(value);
  if (value < 0 || value > kMostValue) return {};
  std::string_view name = "?";
  if (fact == fact_word(FactKind::PhaseEntered)) name = text(static_cast<Phase>(number));
  if (fact == fact_word(FactKind::Voted)) name = text(static_cast<Vote>(number));
  if (fact == fact_word(FactKind::Told)) name = text(static_cast<Reply>(number));
  for (const FactKind outcome : {FactKind::Decided, FactKind::DecidedAlone, FactKind::DoubtEnded,
                                 FactKind::Finished, FactKind::HeuristicReported}) {
    if (fact == fact_word(outcome)) name = text(static_cast<Outcome>(number));
  }
  return name == "?" ? std::string() : std::string(name);
}

std::vector<std::string> fact_values(Word fact) {
  std::vector<std::string> names = names_of_values(fact, 0, kMostValue);
  std::erase(names, std::string());
  return names;
}

std::optional<std::int64_t> fact_value(Word fact, std::string_view text) {
  if (text.empty()) return std::nullopt;
  for (std::int64_t value = 0; value <= kMostValue; ++value) {
    if (fact_value_text(fact, value) == text) return value;
  }
  return std::nullopt;
}

}  // namespace txsim
