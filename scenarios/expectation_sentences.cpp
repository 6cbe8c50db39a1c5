// Expectation sentences: what a scenario expects of its run.
#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "scenarios/counters.h"
#include "scenarios/grammar.h"
#include "scenarios/words.h"

namespace txsim {
namespace {

using Kind = Expectation::Kind;
using Compare = Expectation::Compare;

using Of = CounterForm::Of;

constexpr std::array<std::string_view, 4> kReplies = {"done", "failed", "busy", "nothing"};
constexpr std::array<std::string_view, 3> kOrderReplies = {"done", "failed", "nothing"};
constexpr std::array<std::string_view, 3> kFateNames = {"begun", "recognised", "never begun"};
// An older name for: never begun, recognised or unfinished.
constexpr std::string_view kUnknown = "unknown";

constexpr std::uint64_t kMostShareDigits = 1'000'000'000;  // of a share

struct ExpectationForm {
  std::string_view form;
  std::string_view meaning;
  std::string_view example;
  // False: the sentence has another form. Throws once it is certain that it has this one.
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

// "3", "at least 3", "all", "no": a quantity of what the sentence names next.
bool at_quantity(const Sentence& s) {
  const std::string_view word = s.peek();
  if (word == "all" || word == "no") return true;
  if (word == "at") return true;
  return !word.empty() && word.front() >= '0' && word.front() <= '9';
}

// "99.95" of "99.95%" or "p99.95", in billionths of the whole; no floating point.
std::int64_t parse_share(Sentence& s, std::string_view text, std::string_view whole) {
  const std::size_t dot = std::min(text.find('.'), text.size());
  const std::string_view decimals = text.substr(std::min(dot + 1, text.size()));
  const bool has_digits = dot > 0 && (dot == text.size() || !decimals.empty());
  const std::string digits = std::string(text.substr(0, dot)) + std::string(decimals);
  if (!has_digits || !std::all_of(digits.begin(), digits.end(), is_digit)) {
    s.fail(fmt::format("{} is not a number such as 99 or 99.9", quoted(whole)));
  }
  if (decimals.size() > 7) s.fail(fmt::format("{} has more than seven decimals", quoted(whole)));
  std::int64_t value = static_cast<std::int64_t>(parse_whole(digits, kMostShareDigits, "99"));
  for (std::size_t i = decimals.size(); i < 7; ++i) value *= 10;
  if (value > Expectation::kWhole) s.fail(fmt::format("{} is more than 100%", quoted(whole)));
  return value;
}

void parse_quantity(Sentence& s, Expectation& expected) {
  if (s.take("all")) {
    expected.compare = Compare::All;
    return;
  }
  if (s.take("no")) return;
  parse_bound(s, expected);
  const std::string_view word = s.peek();
  if (!word.ends_with('%')) {
    expected.value = static_cast<std::int64_t>(s.number("a number or a share such as 99%"));
    return;
  }
  s.set_form("at least|at most SHARE of transactions|submissions|clients|orders are ...");
  if (expected.compare == Compare::Equal) {
    s.fail(fmt::format("{} needs a bound: at least or at most", quoted(word)));
  }
  expected.is_share = true;
  expected.share = parse_share(s, word.substr(0, word.size() - 1), s.next("a share"));
}

void parse_ending(Sentence& s, Expectation& expected) {
  expected.kind = Kind::Outcome;
  std::string ending(s.next("an ending"));
  if (ending == "in" && s.take("doubt")) ending = "in doubt";
  if (ending == kUnknown && !expected.is_share) {
    expected.subject = ending;
    return;
  }
  if (ending == kUnknown || ending == "never" || ending == "recognised" || ending == "begun") {
    s.fail(
        "a transaction has begun, so at worst it is unfinished; write of submissions instead: "
        "submissions are begun, recognised or never begun");
  }
  if (!has(ending_names(), ending)) {
    s.fail(fmt::format("{} is not how a transaction ends{}", quoted(ending),
                       did_you_mean(ending, ending_names())));
  }
  expected.subject = ending;
}

template <class Replies>
void parse_reply_of(Sentence& s, Expectation& expected, const Replies& replies) {
  expected.kind = Kind::Told;
  s.expect("told");
  const std::string_view reply = s.next("an answer");
  if (!has(replies, reply)) {
    s.fail(fmt::format("{} is not an answer{}", quoted(reply), did_you_mean(reply, replies)));
  }
  expected.subject = reply;
}

void parse_fate(Sentence& s, Expectation& expected) {
  expected.kind = Kind::Fate;
  std::string fate(s.next("begun, recognised or never begun"));
  if (fate == "never" && s.take("begun")) fate = "never begun";
  if (!has(kFateNames, fate)) {
    s.fail(fmt::format("{} is not the fate of a submission{}", quoted(fate),
                       did_you_mean(fate, kFateNames)));
  }
  expected.subject = fate;
}

bool parse_count_of(Sentence& s, Expectation& expected) {
  if (!at_quantity(s)) return false;
  parse_quantity(s, expected);
  if (expected.is_share) s.expect("of");
  const std::string_view things = s.next("transactions, submissions, clients or orders");
  const auto are = [&](std::string_view one, std::string_view many) {
    return things == one || things == many;
  };
  const bool known = are("transaction", "transactions") || are("submission", "submissions") ||
                     are("client", "clients") || are("order", "orders");
  if (!known) {
    s.fail(fmt::format("{} where transactions, submissions, clients or orders are expected",
                       quoted(things)));
  }
  if (!s.take("is")) s.expect("are");
  if (are("transaction", "transactions")) {
    parse_ending(s, expected);
  } else if (are("submission", "submissions")) {
    parse_fate(s, expected);
  } else if (are("order", "orders")) {
    expected.by_order = true;
    parse_reply_of(s, expected, kOrderReplies);
  } else {
    parse_reply_of(s, expected, kReplies);
  }
  return true;
}

// "p99 latency is at most 2s"
bool parse_percentile(Sentence& s, Expectation& expected) {
  const std::string_view word = s.peek();
  if (word.size() < 2 || word.front() != 'p' || !is_digit(word[1])) return false;
  if (s.peek(1) == "at") return false;  // it begins with a resource's name
  expected.kind = Kind::Percentile;
  expected.subject = s.next("a percentile");
  expected.share = parse_share(s, word.substr(1), word);
  if (expected.share == 0) s.fail("a percentile is above p0, such as p99 or p99.9");
  if (!s.take("latency")) {
    s.fail(fmt::format("{} where 'latency' is expected: only latency has percentiles",
                       s.at_end() ? "the sentence ends" : quoted(s.peek())));
  }
  s.expect("is");
  parse_bound(s, expected);
  if (expected.compare == Compare::Equal)
    s.fail("a percentile is bounded: at most 2s, at least 1s");
  expected.is_duration = true;
  expected.value = s.duration().ns;
  return true;
}

bool parse_strikes(Sentence& s, Expectation& expected) {
  if (s.peek() != "every") return false;
  s.expect("every");
  s.expect("fault");
  s.expect("strikes");
  expected.kind = Kind::Strikes;
  return true;
}

bool parse_amount_of(Sentence& s, Expectation& expected) {
  const bool is_qualified = s.peek() == "reserved" || s.peek() == "completed";
  if (s.peek(is_qualified ? 2 : 1) != "at") return false;
  expected.kind = Kind::Amount;
  if (is_qualified) {
    expected.reserved = s.take("reserved");
    expected.completed = s.take("completed");
    if (expected.completed) s.set_form("completed RECORDS at SERVICE is [at least|at most] N");
  }
  const std::string_view resource = s.next("a resource");
  s.expect("at");
  const std::string_view service = s.next("a service");
  expected.resource = s.names().resource(
      service, resource,
      expected.completed ? ScenarioNames::Needs::Records : ScenarioNames::Needs::Any);
  if (expected.completed && !s.names().is_records(expected.resource)) {
    s.fail(fmt::format("{} of {} are not order records: only those can be completed", resource,
                       service));
  }
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

// The part after the dot of "messages.Prepare", "forces.point".
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
       "the verdict of a check; an invariant that is not named must not be violated",
       "atomicity is violated", parse_verdict},
      {"[at least|at most] N transactions are ENDING",
       "how many of those that began have this ending: committed, aborted, compensated, pending, "
       "in doubt, mixed, unfinished (unknown, an older name: unfinished, never begun or "
       "recognised)",
       "3 transactions are committed", parse_count_of},
      {"all transactions are ENDING", "at least one began, and all that began have this ending",
       "all transactions are committed", parse_count_of},
      {"no transaction is ENDING", "none has this ending", "no transaction is in doubt",
       parse_count_of},
      {"[at least|at most] N clients are told done|failed|busy|nothing",
       "how many submissions received that answer; also all, no", "2 clients are told done",
       parse_count_of},
      {"[at least|at most] N orders are told done|failed|nothing",
       "how many orders received that answer to any submission: done if one was done, else failed "
       "if one was failed, else nothing; also all, no",
       "1 order is told done", parse_count_of},
      {"[at least|at most] N submissions are begun|recognised|never begun",
       "how many submissions were executed, recognised as duplicates, or neither; also all, no",
       "1 submission is recognised", parse_count_of},
      {"at least|at most SHARE of transactions|submissions|clients|orders are ...",
       "a share of them, such as 99% or 99.95%: over all runs of a sweep, or over a single run",
       "at least 99% of transactions are committed", parse_count_of},
      {"pN latency is at most|at least DURATION",
       "the latency (submission to answer) that N% of the answers do not exceed, by nearest rank: "
       "p50, p99, p99.9; over runs like a share",
       "p99 latency is at most 2s", parse_percentile},
      {"[reserved] RESOURCE at SERVICE is [at least|at most] AMOUNT",
       "the amount available, or reserved, at the end; below zero: -300. Of order records: how "
       "many are durable, in any status; not those that a crash has lost",
       "stock at product is 98", parse_amount_of},
      {"completed RECORDS at SERVICE is [at least|at most] N",
       "how many order records are completed", "completed orders at order is 1", parse_amount_of},
      {"every fault strikes", "each fault that is placed has an effect", "every fault strikes",
       parse_strikes},
      {"COUNTER is [at least|at most] N", "a count of the run", "messages.Prepare is at most 2",
       parse_counter},
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
  for (const CounterForm& counter : counter_forms()) subjects.push_back(counter.name);
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
  for (const CounterForm& counter : counter_forms()) {
    const std::string value = counter.of == Of::Longest ? "is at most 5ms" : "is at least 1";
    infos.push_back({fmt::format("COUNTER: {}", counter.name), std::string(counter.meaning),
                     fmt::format("{} {}", counter.name, value)});
  }
  return infos;
}

const std::vector<std::string_view>& invariant_names() {
  static const std::vector<std::string_view> names = {
      "agreement",      "irrevocable", "unanimity",        "nontrivial",
      "convergence",    "atomicity",   "conservation",     "exactly-once",
      "truthful-reply", "durability",  "no-hanging",       "compensation-order",
      "no-lost-event",  "isolation",   "bounded-blocking", "non-blocking"};
  return names;
}

const std::vector<std::string_view>& ending_names() {
  static const std::vector<std::string_view> names = {
      "committed", "aborted", "compensated", "pending", "in doubt", "mixed", "unfinished"};
  return names;
}

}  // namespace txsim
