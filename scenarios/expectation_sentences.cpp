// Expectation sentences: what a run must come to.
#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "scenarios/grammar.h"
#include "scenarios/words.h"

namespace txsim {
namespace {

using Kind = Expectation::Kind;
using Compare = Expectation::Compare;

struct CounterForm {
  enum class Of : std::uint8_t { Run, Message, Node, Longest };
  std::string_view name;
  Of of;
  std::string_view meaning;
};
using Of = CounterForm::Of;

constexpr std::array<CounterForm, 20> kCounters = {{
    {"messages", Of::Message, "messages sent; messages.TYPE: of one type"},
    {"delivered", Of::Run, "messages delivered"},
    {"lost", Of::Run, "messages lost"},
    {"duplicated", Of::Run, "messages duplicated"},
    {"refused", Of::Run, "messages refused"},
    {"records", Of::Node, "log records appended; records.NODE: by one node"},
    {"forces", Of::Node, "forced writes; forces.NODE: by one node"},
    {"writes", Of::Node, "disk writes, of which one may serve several forces; writes.NODE"},
    {"retries", Of::Run, "messages and orders sent once more"},
    {"submitted", Of::Run, "submissions of orders"},
    {"events", Of::Run, "events of the trace"},
    {"message_delays", Of::Run, "messages one after another, submission to answer, on average"},
    {"write_delays", Of::Run, "forced writes one after another likewise"},
    {"dirty_uses", Of::Run,
     "steps that used an amount which another transaction had changed, and took back later"},
    {"violations", Of::Run, "times that an invariant was violated, over all invariants"},
    {"longest_latency", Of::Longest, "a duration: submission to answer"},
    {"longest_lock_hold", Of::Longest, "a duration: row lock taken to released"},
    {"longest_lock_wait", Of::Longest, "a duration: row lock asked for to granted or given up"},
    {"longest_reservation", Of::Longest, "a duration: amount reserved to confirmed or cancelled"},
    {"longest_in_doubt", Of::Longest, "a duration: yes vote to the end of the part"},
}};

constexpr std::array<std::string_view, 4> kReplies = {"done", "failed", "busy", "nothing"};

struct ExpectationForm {
  std::string_view form;
  std::string_view meaning;
  std::string_view example;
  // False: the sentence is of another form. Throws once it is certain that it is of this one.
  bool (*parse)(Sentence& sentence, Expectation& expected);
};

template <class Set>
bool has(const Set& set, std::string_view name) {
  return std::find(set.begin(), set.end(), name) != set.end();
}

void parse_bound(Sentence& s, Expectation& expected) {
  if (!s.take("at")) return;
  if (s.take("least")) {
    expected.compare = Compare::AtLeast;
  } else if (s.take("most")) {
    expected.compare = Compare::AtMost;
  } else {
    s.fail("'at' needs least or most");
  }
}

bool parse_verdict(Sentence& s, Expectation& expected) {
  if (!has(invariant_names(), s.peek())) return false;
  expected.kind = Kind::Verdict;
  expected.subject = s.next("an invariant");
  if (s.take("holds")) {
    expected.verdict = "holds";
  } else {
    s.expect("is");
    if (s.take("not")) {
      s.expect("applicable");
      expected.verdict = "not applicable";
    } else {
      constexpr std::array<std::string_view, 2> verdicts = {"violated", "vacuous"};
      const std::string_view verdict = s.next("a verdict");
      if (!has(verdicts, verdict)) {
        s.fail(
            fmt::format("{} is not a verdict{}", quoted(verdict), did_you_mean(verdict, verdicts)));
      }
      expected.verdict = verdict;
    }
  }
  return true;
}

// "3", "at least 3", "all", "no": of things that are then named.
bool at_quantity(const Sentence& s) {
  const std::string_view word = s.peek();
  if (word == "all" || word == "no") return true;
  if (word == "at") return true;
  return !word.empty() && word.front() >= '0' && word.front() <= '9';
}

void parse_quantity(Sentence& s, Expectation& expected) {
  if (s.take("all")) {
    expected.compare = Compare::All;
  } else if (!s.take("no")) {
    parse_bound(s, expected);
    expected.value = static_cast<std::int64_t>(s.number("a number"));
  }
}

void parse_ending(Sentence& s, Expectation& expected) {
  expected.kind = Kind::Outcome;
  std::string ending(s.next("an ending"));
  if (ending == "in" && s.take("doubt")) ending = "in doubt";
  if (!has(ending_names(), ending)) {
    s.fail(fmt::format("{} is not how a transaction ends{}", quoted(ending),
                       did_you_mean(ending, ending_names())));
  }
  expected.subject = ending;
}

void parse_reply(Sentence& s, Expectation& expected) {
  expected.kind = Kind::Told;
  s.expect("told");
  const std::string_view reply = s.next("an answer");
  if (!has(kReplies, reply)) {
    s.fail(fmt::format("{} is not an answer{}", quoted(reply), did_you_mean(reply, kReplies)));
  }
  expected.subject = reply;
}

bool parse_count_of(Sentence& s, Expectation& expected) {
  if (!at_quantity(s)) return false;
  parse_quantity(s, expected);
  const std::string_view things = s.next("transactions or clients");
  const bool transactions = things == "transactions" || things == "transaction";
  if (!transactions && things != "clients" && things != "client") {
    s.fail(fmt::format("{} where transactions or clients should stand", quoted(things)));
  }
  if (!s.take("is")) s.expect("are");
  if (transactions) {
    parse_ending(s, expected);
  } else {
    parse_reply(s, expected);
  }
  return true;
}

bool parse_amount_of(Sentence& s, Expectation& expected) {
  const bool reserved = s.peek() == "reserved";
  if (s.peek(reserved ? 2 : 1) != "at") return false;
  expected.kind = Kind::Amount;
  expected.reserved = s.take("reserved");
  const std::string_view resource = s.next("a resource");
  s.expect("at");
  expected.resource = s.names().resource(s.next("a service"), resource);
  expected.subject = resource;
  s.expect("is");
  parse_bound(s, expected);
  std::string_view amount = s.next("an amount");
  const bool below_zero = amount.size() > 1 && amount.front() == '-';
  if (below_zero) amount.remove_prefix(1);
  expected.value = parse_amount(amount).value;
  if (below_zero) expected.value = -expected.value;
  return true;
}

const CounterForm* find_counter(std::string_view name) {
  const auto* const found =
      std::find_if(kCounters.begin(), kCounters.end(),
                   [&](const CounterForm& counter) { return counter.name == name; });
  return found == kCounters.end() ? nullptr : found;
}

// What stands after the dot of "messages.Prepare", "forces.point".
void parse_part(Sentence& s, const CounterForm& counter, std::string_view part,
                Expectation& expected) {
  if (counter.of == Of::Message) {
    expected.message = s.words().find(Vocabulary::Class::Message, part);
    return;
  }
  if (counter.of != Of::Node) s.fail(fmt::format("{} has no parts", counter.name));
  const std::vector<NodeId> nodes = s.names().nodes(part);
  if (nodes.size() != 1) s.fail(fmt::format("{} are several nodes: name one", part));
  expected.node = nodes.front();
}

bool parse_counter(Sentence& s, Expectation& expected) {
  const std::string_view subject = s.peek();
  const std::size_t dot = subject.find('.');
  const CounterForm* counter = find_counter(subject.substr(0, dot));
  if (counter == nullptr) return false;
  expected.kind = Kind::Counter;
  expected.subject = s.next("a counter");
  if (dot != std::string_view::npos) parse_part(s, *counter, subject.substr(dot + 1), expected);
  s.expect("is");
  parse_bound(s, expected);
  expected.is_duration = counter->of == Of::Longest;
  expected.value =
      expected.is_duration ? s.duration().ns : static_cast<std::int64_t>(s.number("a number"));
  return true;
}

const std::vector<ExpectationForm>& expectation_forms() {
  static const std::vector<ExpectationForm> forms = {
      {"INVARIANT holds | is violated | is vacuous | is not applicable",
       "the verdict of a check; one that is not named must not be violated",
       "atomicity is violated", parse_verdict},
      {"[at least|at most] N transactions are ENDING",
       "how many ended so: committed, aborted, compensated, pending, in doubt, mixed, unknown",
       "3 transactions are committed", parse_count_of},
      {"all transactions are ENDING", "each ended so", "all transactions are committed",
       parse_count_of},
      {"no transaction is ENDING", "none ended so", "no transaction is in doubt", parse_count_of},
      {"[at least|at most] N clients are told done|failed|busy|nothing",
       "how many submissions had that answer; also all, no", "2 clients are told done",
       parse_count_of},
      {"[reserved] RESOURCE at SERVICE is [at least|at most] AMOUNT",
       "what is available, or reserved, at the end; below zero: -300", "stock at product is 98",
       parse_amount_of},
      {"COUNTER is [at least|at most] N", "what was counted in the run",
       "messages.Prepare is at most 2", parse_counter},
  };
  return forms;
}

}  // namespace

Expectation parse_expectation(std::string_view text, const ScenarioNames& names) {
  Sentence sentence(text, names);
  Expectation expected;
  expected.text = text;
  for (const ExpectationForm& form : expectation_forms()) {
    sentence.set_form(form.form);
    if (!form.parse(sentence, expected)) continue;
    sentence.finish();
    return expected;
  }
  std::vector<std::string_view> subjects(invariant_names());
  for (const CounterForm& counter : kCounters) subjects.push_back(counter.name);
  const std::string_view subject = sentence.peek().substr(0, sentence.peek().find('.'));
  Nearest near(subject);
  near.offer_all(subjects);
  throw BadValue(fmt::format("{} is no invariant, counter, or resource at a service{}",
                             quoted(subject), near.hint()));
}

std::vector<SentenceInfo> expectation_sentences() {
  std::vector<SentenceInfo> infos;
  for (const ExpectationForm& form : expectation_forms()) {
    infos.push_back({std::string(form.form), std::string(form.meaning), std::string(form.example)});
  }
  for (const CounterForm& counter : kCounters) {
    const std::string value = counter.of == Of::Longest ? "is at most 5ms" : "is at least 1";
    infos.push_back({fmt::format("COUNTER: {}", counter.name), std::string(counter.meaning),
                     fmt::format("{} {}", counter.name, value)});
  }
  return infos;
}

const std::vector<std::string_view>& invariant_names() {
  static const std::vector<std::string_view> names = {
      "agreement",  "irrevocable",        "unanimity",     "nontrivial",     "convergence",
      "atomicity",  "conservation",       "exactly-once",  "truthful-reply", "durability",
      "no-hanging", "compensation-order", "no-lost-event", "isolation",      "bounded-blocking"};
  return names;
}

const std::vector<std::string_view>& ending_names() {
  static const std::vector<std::string_view> names = {
      "committed", "aborted", "compensated", "pending", "in doubt", "mixed", "unknown"};
  return names;
}

}  // namespace txsim
