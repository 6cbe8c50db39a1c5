// A protocol of one's own, in one file: ask-until-answered. A caller asks each service for its
// step, in turn, and asks again until it gets an answer. The called service remembers the steps it
// has done. docs/own-protocol.md builds it piece by piece.
//
//   message   from → to          answer
//   Ask       caller → called    Answered, once the step is durable; or Refused
//
// Nothing is undone: a refused step leaves those before it in effect.
#include <txsim/cli/program.h>
#include <txsim/protocols/registry.h>
#include <txsim/services/service.h>
#include <txsim/services/setting_declarations.h>
#include <txsim/sim/assert.h>
#include <txsim/sim/table.h>

#include <cstdint>
#include <memory>
#include <span>
#include <utility>
#include <vector>

namespace {

using namespace txsim;

// ---- Names: a row for each message, log record and timer

constexpr auto kMessages = names({{"Ask", "caller to called service: do the step"},
                                  {"Answered", "the step is in effect, now or before"},
                                  {"Refused", "the step cannot be done"}});
constexpr auto kRecords = names({{"asked", "in a checkpoint: the steps done (value: bit by bit)"}});
constexpr auto kTimers = names({{"ask-again", "caller: no answer yet, it asks again"}});
constexpr Word kAsk = kMessages["Ask"];
constexpr Word kAnswered = kMessages["Answered"];
constexpr Word kRefused = kMessages["Refused"];
constexpr Word kAsked = kRecords["asked"];
constexpr Word kAskAgain = kTimers["ask-again"];

// ---- Settings: the keys of section [ask-until-answered]

struct AskSettings {
  Duration ask_again = milliseconds(100);
  bool remember = true;
};

void declare_settings(AskSettings& s, SettingDeclarations& keys) {
  keys.interval("ask_again", s.ask_again, "the caller waits for an answer, then asks again");
  keys.on_off("remember", s.remember, "off: a step that is asked for twice is done twice", kSwitch);
}

// ---- A service: it can call and be called

class AskService final : public NodeOf<AskService, Service> {
 public:
  AskService(std::shared_ptr<const Plan> plan, NodeId self, const EntranceSettings& entrance,
             const StoreSettings& store, const AskSettings& settings)
      : NodeOf(std::move(plan), self, entrance, store), settings_(settings) {}

 private:
  struct Call {
    std::uint16_t kind = 0;
    std::uint16_t step = 0;  // under way
    TimerId timer;

    void digest_into(Fingerprint& into) const { into.add(kind, step, timer); }
  };
  struct Steps {  // of one transaction at a called service, bit by bit
    std::uint64_t done = 0;
    std::uint64_t waiting = 0;  // for their rows

    void digest_into(Fingerprint& into) const { into.add(done, waiting); }
  };

  // The caller: its own steps at once, then one call after the other.
  void begin(Context& context, TransactionId id, std::uint16_t kind) override {
    enter_phase(context, id, kind, Phase::Begun);
    enter_phase(context, id, kind, Phase::Working);
    calls_[id].kind = kind;
    go_on(context, id);
  }

  void go_on(Context& context, TransactionId id) {
    Call& call = calls_[id];
    const auto& steps = kind(call.kind).steps;
    for (; call.step < steps.size(); ++call.step) {
      if (steps[call.step].service != self()) return ask(context, id);
      const StepResult result = store().apply(context, id, call.kind, call.step);
      if (result == StepResult::Waiting) return;  // on_lock goes on
      if (result == StepResult::Refused) return end(context, id, Outcome::Aborted);
    }
    end(context, id, Outcome::Committed);
  }

  void ask(Context& context, TransactionId id) {
    Call& call = calls_[id];
    send(context, kind(call.kind).steps[call.step].service, kAsk, id, call.kind, call.step);
    call.timer = context.set_timer(kAskAgain, settings_.ask_again, id);
  }

  // An answer that comes again is ignored: the call it belongs to is over.
  void on_answer(Context& context, TransactionId id, std::uint16_t step, bool is_done) {
    Call* call = calls_.find(id);
    if (call == nullptr || call->step != step) return;
    context.cancel_timer(call->timer);
    if (!is_done) return end(context, id, Outcome::Aborted);
    ++call->step;
    go_on(context, id);
  }

  void end(Context& context, TransactionId id, Outcome outcome) {
    const std::uint16_t kind = calls_[id].kind;
    calls_.erase(id);
    entrance().save(context, id, outcome);
    context.announce({.what = fact_word(FactKind::Finished),
                      .transaction = id,
                      .value = static_cast<std::int64_t>(outcome),
                      .extra = kind});
    enter_phase(context, id, kind, Phase::Ended);
    finish(context, id, outcome);
  }

  // The called service. The store forces a record of each step that changes something.
  void on_ask(Context& context, const Message& ask) {
    const std::uint64_t step = std::uint64_t{1} << ask.step;
    Steps& steps = steps_[ask.transaction];
    if (settings_.remember && (steps.done & step) != 0) return answer(context, ask, true);
    if (settings_.remember && (steps.waiting & step) != 0) return;  // on_lock answers
    const StepResult result = store().apply(context, ask.transaction, ask.kind, ask.step);
    if (result == StepResult::Done) steps.done |= step;
    if (result == StepResult::Waiting) {
      steps.waiting |= step;
    } else {
      answer(context, ask, result == StepResult::Done);
    }
  }

  void answer(Context& context, const Message& ask, bool is_done) {
    send(context, kind(ask.kind).begins_at, is_done ? kAnswered : kRefused, ask.transaction,
         ask.kind, ask.step);
  }

  void on_lock(Context& context, const LockNews& news) override {
    const bool is_done = news.result == StepResult::Done;
    if (kind(news.kind).begins_at == self()) {
      return on_answer(context, news.transaction, news.step, is_done);
    }
    const std::uint64_t step = std::uint64_t{1} << news.step;
    Steps& steps = steps_[news.transaction];
    steps.waiting &= ~step;
    if (is_done) steps.done |= step;
    send(context, kind(news.kind).begins_at, is_done ? kAnswered : kRefused, news.transaction,
         news.kind, news.step);
  }

  // Messages, timers, refusals.
  void handle(Context& context, const Message& message) override {
    switch (message.type.id) {
      case kAsk.id:
        return on_ask(context, message);
      case kAnswered.id:
        return on_answer(context, message.transaction, message.step, true);
      case kRefused.id:
        return on_answer(context, message.transaction, message.step, false);
      default:
        TXSIM_ASSERT(false, "a message of another protocol");
    }
  }
  void handle(Context& context, const Timer& timer) override {
    if (calls_.contains(timer.transaction)) ask(context, timer.transaction);
  }
  void handle_refused(Context&, const Message&) override {}  // the timer asks again

  // After a crash a caller has forgotten its calls. A called service finds its steps in the log.
  void recover(Context&, std::span<const LogRecord> log) override {
    for (const LogRecord& record : log) {
      if (record.type == kStepApplied) steps_[record.transaction].done |= 1ULL << record.step;
      if (record.type == kAsked) {
        steps_[record.transaction].done |= static_cast<std::uint64_t>(record.value);
      }
    }
  }
  void write_checkpoint(std::vector<LogRecord>& log) const override {
    steps_.for_each_sorted([&](TransactionId id, const Steps& steps) {
      LogRecord record;
      record.type = kAsked;
      record.transaction = id;
      record.value = static_cast<std::int64_t>(steps.done);
      log.push_back(record);
    });
  }
  void digest_own(Fingerprint& into) const override { into.add(calls_, steps_); }

  static void send(Context& context, NodeId to, Word type, TransactionId id, std::uint16_t kind,
                   std::uint16_t step) {
    Message message;
    message.to = to;
    message.type = type;
    message.kind = kind;
    message.step = step;
    message.transaction = id;
    context.send(message);
  }

  AskSettings settings_;
  Table<Call> calls_;   // transactions that begin here
  Table<Steps> steps_;  // transactions that were asked for here; never forgotten
};

// ---- The protocol as a value

Protocol ask_until_answered() {
  Protocol protocol = protocol_with_settings<AskSettings>();
  Description& info = protocol.description;
  info.name = "ask-until-answered";
  info.what = "The caller asks each service in turn, again and again until it is answered.";
  info.source = "The example of docs/own-protocol.md.";
  info.roles = {{"coordinator", "the caller: the service where the transaction begins"},
                {"participant", "a called service"}};
  info.messages = kMessages.list();
  info.records = kRecords.list();
  info.timers = kTimers.list();
  info.states = {{"caller asking", "waits for the answer to a step; then the next step, or ended"}};
  info.promises = {"conservation", "durability", "exactly-once"};
  protocol.make_services = make_services_of<AskService, AskSettings>;
  return protocol;
}

}  // namespace

int main(int argc, char** argv) {
  txsim::register_protocol(ask_until_answered());
  return txsim::run_program(argc, argv);
}
