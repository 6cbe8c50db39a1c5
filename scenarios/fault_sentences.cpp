// Fault sentences: one row for each form, with its meaning and its parser.
#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "scenarios/grammar.h"
#include "scenarios/words.h"

namespace txsim {
namespace {

// Longer than any wait, and still short of an overflow after the end of time.
constexpr Duration kLongestFault{std::int64_t{1} << 61};

struct FaultForm {
  std::string_view verb;
  std::string_view form;
  std::string_view meaning;
  std::string_view example;
  Fault (*parse)(Sentence& sentence);
};

void parse_for(Sentence& s, Fault& fault) {
  if (s.take("for")) fault.duration = parse_duration(s.next("a duration"), kLongestFault);
}

// "when EVENT [Nth]", "at TIME", "at event N": the moment at which it begins.
bool parse_moment(Sentence& s, Fault& fault) {
  if (s.take("when")) {
    fault.placed = PlacedBy::Event;
    // "crash order when it sends": the fault affects the node of the event.
    const bool by_it = s.peek() == "it" && !fault.nodes.empty();
    fault.when = parse_event(s, fault.nodes);
    if (by_it && fault.kind != FaultKind::Partition) fault.nodes.clear();
    if (s.at_ordinal()) fault.nth = s.ordinal();
    return true;
  }
  if (!s.take("at")) return false;
  if (s.take("event")) {
    fault.placed = PlacedBy::Sequence;
    fault.nth = s.number("the number of an event");
  } else {
    fault.at = s.time();
  }
  return true;
}

void parse_window(Sentence& s, Fault& fault) {
  if (!s.take("from")) {
    parse_for(s, fault);
    return;
  }
  fault.at = s.time();
  if (!s.take("to")) {
    parse_for(s, fault);
    return;
  }
  const Time to = s.time();
  if (to == fault.at) s.fail(fmt::format("it begins and ends at {}", text(to)));
  if (to < fault.at) {
    s.fail(fmt::format("it ends at {}, before it begins at {}", text(to), text(fault.at)));
  }
  fault.duration = to - fault.at;
}

// What may follow the nodes of a fault that has a time.
const Sentence::Then kWhen = {"at", "when", "from", "for"};

// When and how long. Absent: from the beginning, forever.
void parse_when(Sentence& s, Fault& fault) {
  if (parse_moment(s, fault)) {
    parse_for(s, fault);
  } else {
    if (!s.at_end() && std::find(kWhen.begin(), kWhen.end(), s.peek()) == kWhen.end()) {
      s.fail(
          fmt::format("{} where one of {} is expected", quoted(s.peek()), fmt::join(kWhen, ", ")));
    }
    parse_window(s, fault);
  }
  s.finish();
  if (fault.nodes.empty() && fault.placed == PlacedBy::Time) {
    s.fail("'it' is the node of an event: use it with when or at event");
  }
}

// Nodes, or `it`: the node of the event that places the fault.
std::vector<NodeId> nodes_or_it(Sentence& s, const Sentence::Then& then) {
  if (s.take("it")) return {};
  if (s.peek() == "any") s.fail("'any' is allowed only in events and messages: name the nodes");
  return s.nodes(then);
}

Fault parse_crash(Sentence& s) {
  Fault fault;
  fault.kind = FaultKind::Crash;
  fault.nodes = nodes_or_it(s, kWhen);
  if (s.at_end()) s.fail("when?");
  parse_when(s, fault);
  return fault;
}

Fault parse_pause(Sentence& s) {
  Fault fault;
  fault.kind = FaultKind::Pause;
  fault.nodes = nodes_or_it(s, kWhen);
  if (s.at_end()) s.fail("when?");
  parse_when(s, fault);
  if (!fault.duration) s.fail("the duration is missing: add for DURATION");
  return fault;
}

Fault parse_partition(Sentence& s) {
  Fault fault;
  fault.kind = FaultKind::Partition;
  fault.nodes = s.nodes({"|", "->"});
  fault.one_way = s.take("->");
  if (!fault.one_way) s.expect("|");
  if (s.take("rest")) {
    for (NodeId node = 0; node < s.names().count(); ++node) {
      if (!std::binary_search(fault.nodes.begin(), fault.nodes.end(), node)) {
        fault.peers.push_back(node);
      }
    }
  } else {
    fault.peers = s.nodes(kWhen);
  }
  const bool overlaps = std::any_of(fault.nodes.begin(), fault.nodes.end(), [&](NodeId node) {
    return std::binary_search(fault.peers.begin(), fault.peers.end(), node);
  });
  if (overlaps && !s.names().merged()) s.fail("a node is on both sides");
  if (fault.peers.empty()) s.fail("there are no other nodes");
  parse_when(s, fault);
  return fault;
}

Fault parse_refuse(Sentence& s) {
  Fault fault;
  fault.kind = FaultKind::Refuse;
  fault.nodes = nodes_or_it(s, kWhen);
  parse_when(s, fault);
  return fault;
}

Fault parse_slow_disk(Sentence& s) {
  Fault fault;
  fault.kind = FaultKind::SlowDisk;
  s.expect("disk");
  s.expect("at");
  fault.nodes = nodes_or_it(s, {"by"});
  s.expect("by");
  fault.delay = s.duration();
  parse_when(s, fault);
  return fault;
}

// "10%", "-2.5%": how much longer timers run, in tenths of a percent.
std::int64_t parse_rate(Sentence& s, std::string_view word) {
  const bool negative = word.starts_with('-');
  const std::string_view digits = word.substr(negative ? 1 : 0, word.size() - (negative ? 2 : 1));
  const std::size_t point = digits.find('.');
  const std::string_view tenths = point == std::string_view::npos ? "0" : digits.substr(point + 1);
  if (tenths.size() != 1) s.fail(fmt::format("{} is finer than a tenth of a percent", word));
  const std::uint64_t whole = parse_whole(digits.substr(0, point), 1'000'000, "10%");
  const std::uint64_t tenth = parse_whole(tenths, 9, "10%");
  const auto change = static_cast<std::int64_t>(whole * 10 + tenth);
  if (change > (negative ? 900 : 1000)) s.fail("a clock's timers run from -90% to 100% longer");
  return 1000 + (negative ? -change : change);
}

Fault parse_skew(Sentence& s) {
  Fault fault;
  fault.kind = FaultKind::SkewClock;
  fault.nodes = nodes_or_it(s, {"by"});
  s.expect("by");
  do {
    const std::string_view word = s.next("a duration or a percentage");
    if (word.ends_with('%')) {
      fault.rate_permille = parse_rate(s, word);
    } else {
      const bool behind = word.starts_with('-');
      const Duration by = parse_duration(word.substr(behind ? 1 : 0));
      fault.delay = behind ? Duration{-by.ns} : by;
    }
  } while (s.take("and"));
  parse_when(s, fault);
  return fault;
}

// "MESSAGE NODES -> NODES [Nth]" or "event N".
Fault parse_message(Sentence& s, FaultKind kind, const Sentence::Then& then) {
  Fault fault;
  fault.kind = kind;
  if (s.take("event")) {
    fault.placed = PlacedBy::Sequence;
    fault.nth = s.number("the number of an event");
    return fault;
  }
  fault.placed = PlacedBy::Event;
  fault.when.kind = EventKind::Sent;
  if (!s.take("any")) {
    fault.when.what = s.words().find(Vocabulary::Class::Message, s.next("a message"));
  }
  fault.when.nodes = s.nodes_or_any({"->"});
  s.expect("->");
  fault.when.peers = s.nodes_or_any(then);
  fault.nth = s.at_ordinal() ? s.ordinal() : 0;
  return fault;
}

// The window in which the fault affects every such message.
void parse_message_window(Sentence& s, Fault& fault) {
  const bool every_one = fault.placed == PlacedBy::Event && fault.nth == 0;
  if (every_one) parse_window(s, fault);
  s.finish();
}

Fault parse_drop(Sentence& s) {
  Fault fault = parse_message(s, FaultKind::Drop, {"from", "for", "1st"});
  parse_message_window(s, fault);
  return fault;
}

Fault parse_slow(Sentence& s) {
  if (s.peek() == "disk") return parse_slow_disk(s);
  Fault fault = parse_message(s, FaultKind::Slow, {"by", "1st"});
  s.expect("by");
  fault.delay = s.duration();
  parse_message_window(s, fault);
  return fault;
}

Fault parse_duplicate(Sentence& s) {
  Fault fault = parse_message(s, FaultKind::Duplicate, {"after", "from", "for", "1st"});
  if (s.take("after")) fault.delay = s.duration();
  parse_message_window(s, fault);
  return fault;
}

const std::vector<FaultForm>& fault_forms() {
  static const std::vector<FaultForm> forms = {
      {"crash", "crash NODES|it BEGIN [for DURATION]",
       "loses what is not durable; back after the duration, or never",
       "crash order when order forces commit, 1st, for 2s", parse_crash},
      {"pause", "pause NODES|it BEGIN for DURATION", "does nothing for a while, then continues",
       "pause point at 10ms for 200ms", parse_pause},
      {"partition", "partition NODES | NODES|rest WINDOW",
       "messages between the two sides are lost, both ways",
       "partition order | product point from 1s to 3s", parse_partition},
      {"partition", "partition NODES -> NODES|rest WINDOW", "the same in one direction",
       "partition point -> rest from 1s", parse_partition},
      {"refuse", "refuse NODES|it WINDOW",
       "every message to it is refused, and its sender learns that",
       "refuse point from 10ms to 50ms", parse_refuse},
      {"skew", "skew NODES|it by DURATION|PERCENT [and ...] WINDOW",
       "its clock is ahead (-: behind); its timers run longer (-: shorter)",
       "skew point by 5ms and -2.5% when point receives Prepare, for 1s", parse_skew},
      {"drop", "drop MESSAGE NODES -> NODES [Nth | WINDOW]",
       "the message is lost; without Nth every such message", "drop Commit order->point 1st",
       parse_drop},
      {"drop", "drop event NUMBER", "the message sent as that event of the trace is lost",
       "drop event 17", parse_drop},
      {"slow", "slow disk at NODES|it by DURATION WINDOW", "each write takes longer",
       "slow disk at point by 20ms from 1s to 2s", parse_slow},
      {"slow", "slow MESSAGE NODES -> NODES [Nth] by DURATION [WINDOW]",
       "the message takes longer (or: slow event NUMBER by DURATION)",
       "slow Prepare any -> point 2nd by 30ms", parse_slow},
      {"duplicate", "duplicate MESSAGE NODES -> NODES [Nth] [after DURATION] [WINDOW]",
       "the message arrives again, later by the duration (or: duplicate event NUMBER ...)",
       "duplicate any coordinator -> participant after 5ms from 1s to 2s", parse_duplicate},
  };
  return forms;
}

// What the words in capitals mean in the forms.
constexpr std::array<std::array<std::string_view, 3>, 9> kParts = {{
    {"BEGIN: at TIME", "at that moment of the run", "crash point at 5ms"},
    {"BEGIN: when EVENT [Nth]", "right after that event, the first or the Nth of its kind",
     "crash point when point receives Prepare 2nd for 1s"},
    {"BEGIN: when it ... [Nth]", "the same, for the node that the fault strikes",
     "crash coordinator when it enters deciding, for 1s"},
    {"BEGIN: at event NUMBER", "right after the event of that number in the trace",
     "crash it at event 12 for 1s"},
    {"WINDOW: from TIME [to TIME | for DURATION]", "from that time, until the end or forever",
     "refuse point from 5ms for 10ms"},
    {"WINDOW: BEGIN [for DURATION]", "from that moment on",
     "refuse it when point receives Prepare"},
    {"WINDOW: nothing", "the whole run", "partition order | point"},
    {"NODES",
     "services, client, lock, broker, or a role: coordinator, participant; blanks separate "
     "several. In events and messages also any",
     "crash participant at 5ms for 1s"},
    {"MESSAGE, RECORD, TIMER", "as `txsim describe PROTOCOL` lists them, or any",
     "drop any order -> point"},
}};

// Whether the sentence, which has the form's verb, is meant to have this form: some verbs have two.
bool is_of(const FaultForm& form, const Sentence& sentence) {
  const bool about_disk = form.form.starts_with("slow disk");
  const bool about_event = form.form.starts_with("drop event");
  const bool one_way = form.form.starts_with("partition NODES ->");
  return about_disk == (sentence.peek() == "slow" && sentence.peek(1) == "disk") &&
         about_event == (sentence.peek() == "drop" && sentence.peek(1) == "event") &&
         one_way == (sentence.peek() == "partition" && sentence.has("->"));
}

}  // namespace

Fault parse_fault(std::string_view text, const ScenarioNames& names) {
  Sentence sentence(text, names);
  std::vector<std::string_view> verbs;
  const FaultForm* chosen = nullptr;
  for (const FaultForm& form : fault_forms()) {
    verbs.push_back(form.verb);
    if (form.verb != sentence.peek()) continue;
    if (chosen == nullptr || is_of(form, sentence)) chosen = &form;
  }
  if (chosen == nullptr) {
    verbs.erase(std::unique(verbs.begin(), verbs.end()), verbs.end());
    throw BadValue(fmt::format("{} is not a fault{}", quoted(sentence.peek()),
                               did_you_mean(sentence.peek(), verbs)));
  }
  sentence.next("a fault");
  sentence.set_form(chosen->form);
  return chosen->parse(sentence);
}

std::vector<SentenceInfo> fault_sentences() {
  std::vector<SentenceInfo> infos;
  for (const FaultForm& form : fault_forms()) {
    infos.push_back({std::string(form.form), std::string(form.meaning), std::string(form.example)});
  }
  for (const auto& part : kParts) {
    infos.push_back({std::string(part[0]), std::string(part[1]), std::string(part[2])});
  }
  for (const SentenceInfo& event : event_sentences()) {
    infos.push_back(
        {"EVENT: " + event.form, event.meaning, "crash point when " + event.example + " for 1s"});
  }
  return infos;
}

}  // namespace txsim
