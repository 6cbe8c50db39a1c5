// A protocol of one's own, in one file: ask-until-answered. A caller asks each service for its
// step, in turn, and asks again until it gets an answer. The called service remembers the steps it
// has done. docs/own-protocol.md explains it piece by piece.
//
//   message   from → to          answer
//   Ask       caller → called    Answered, once the step is durable; or Refused
//
// Both log what they must not forget in a crash: the called service its steps, the caller the
// orders that it has begun, which it resumes. Nothing is undone: a refused step leaves those
// before it in effect.
#include <txsim/node.h>
#include <txsim/program.h>
#include <txsim/protocol.h>
#include <txsim/service.h>
#include <txsim/settings.h>
#include <txsim/state.h>

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
constexpr auto kRecords = names({{"begun", "forced: the caller resumes the order after a crash"},
                                 {"ended", "forced: it is over (value: its outcome)"},
                                 {"asked", "in a checkpoint: the steps done (value: bit by bit)"}});
constexpr auto kTimers =
    names({{"ask-again", "caller: no answer yet, or restarted: it asks again"}});
constexpr Word kAsk = kMessages["Ask"];
constexpr Word kAnswered = kMessages["Answered"];
constexpr Word kRefused = kMessages["Refused"];
constexpr Word kBegun = kRecords["begun"];
constexpr Word kEnded = kRecords["ended"];
constexpr Word kAsked = kRecords["asked"];
constexpr Word kAskAgain = kTimers["ask-again"];

// ---- Settings: the keys of section [ask-until-answered]

struct AskSettings {
  Duration ask_again = milliseconds(100);
  bool remember = true;
};

void declare_settings(AskSettings& s, SettingDeclarations& keys) {
  keys.interval("ask_again", s.ask_again,
                "how long the caller waits for an answer before it asks again");
  keys.on_off("remember", s.remember, "off: a step that is requested twice is done twice", kSwitch);
}

// ---- A service: it can call and be called

class AskService final : public NodeOf<AskService, Service> {
 public:
  AskService(std::shared_ptr<const Plan> plan, NodeId self,
             const IdempotentReceiverSettings& receiver, const StoreSettings& store,
             const AskSettings& settings)
      : NodeOf(std::move(plan), self, receiver, store), settings_(settings) {}

 private:
  struct Call {
    std::uint16_t kind = 0;
    std::uint16_t step = 0;  // under way
    TimerId timer;

    void digest_into(Fingerprint& into) const { into.add(kind, step, timer); }
  };
  struct Steps {  // of one transaction at this service, bit by bit
    std::uint64_t done = 0;
    std::uint64_t waiting = 0;  // for their rows

    void digest_into(Fingerprint& into) const { into.add(done, waiting); }
  };

  // The caller: its own steps at once, then one call after the other.
  void begin(Context& context, TransactionId id, std::uint16_t kind) override {
    enter_phase(context, id, kind, Phase::Begun);
    enter_phase(context, id, kind, Phase::Working);
    write(context, kBegun, id, kind, 0);
    calls_[id].kind = kind;
    go_on(context, id);
  }

  void go_on(Context& context, TransactionId id) {
    Call& call = calls_[id];
    const auto& steps = kind(call.kind).steps;
    for (; call.step < steps.size(); ++call.step) {
      if (steps[call.step].service != self()) return ask(context, id);
      const StepResult result = do_step(context, id, call.kind, call.step);
      if (result == StepResult::Waiting) return;  // on_lock continues
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

  // Either: does a step, unless it has been done. The store forces a record of each step that
  // changes something.
  StepResult do_step(Context& context, TransactionId id, std::uint16_t kind, std::uint16_t step) {
    const std::uint64_t bit = std::uint64_t{1} << step;
    Steps& steps = steps_[id];
    if (settings_.remember && (steps.done & bit) != 0) return StepResult::Done;
    if (settings_.remember && (steps.waiting & bit) != 0) return StepResult::Waiting;
    const StepResult result = store().apply(context, id, kind, step);
    if (result == StepResult::Done) steps.done |= bit;
    if (result == StepResult::Waiting) steps.waiting |= bit;
    return result;
  }

  // The called service.
  void on_ask(Context& context, const Message& ask) {
    const StepResult result = do_step(context, ask.transaction, ask.transaction_type, ask.step);
    if (result == StepResult::Waiting) return;  // on_lock answers
    answer(context, ask.transaction, ask.transaction_type, ask.step, result == StepResult::Done);
  }

  void answer(Context& context, TransactionId id, std::uint16_t kind, std::uint16_t step,
              bool is_done) {
    const NodeId caller = this->kind(kind).begins_at;
    send(context, caller, is_done ? kAnswered : kRefused, id, kind, step);
  }

  // A step that waited for its row, of this service's own order or of a caller's.
  void on_lock(Context& context, const LockNews& news) override {
    const std::uint64_t bit = std::uint64_t{1} << news.step;
    const bool is_done = news.result == StepResult::Done;
    Steps& steps = steps_[news.transaction];
    steps.waiting &= ~bit;
    if (is_done) steps.done |= bit;
    if (kind(news.kind).begins_at == self()) {
      on_answer(context, news.transaction, news.step, is_done);
    } else {
      answer(context, news.transaction, news.kind, news.step, is_done);
    }
  }

  // The outcome is durable before the client gets the answer.
  void end(Context& context, TransactionId id, Outcome outcome) {
    const std::uint16_t kind = calls_[id].kind;
    calls_.erase(id);
    write(context, kEnded, id, kind, static_cast<std::int64_t>(outcome));
    context.announce({.what = fact_word(FactKind::Finished),
                      .transaction = id,
                      .value = static_cast<std::int64_t>(outcome),
                      .extra = kind});
    enter_phase(context, id, kind, Phase::Ended);
    finish(context, id, outcome);
  }

  static LogRecord record_of(Word type, TransactionId id, std::uint16_t kind, std::int64_t value) {
    LogRecord record;
    record.type = type;
    record.transaction_type = kind;
    record.transaction = id;
    record.value = value;
    return record;
  }
  static void write(Context& context, Word type, TransactionId id, std::uint16_t kind,
                    std::int64_t value) {
    context.append(record_of(type, id, kind, value));
    context.force();
  }
  // With the token of the order's lock: a service refuses the steps of an older execution.
  void send(Context& context, NodeId to, Word type, TransactionId id, std::uint16_t kind,
            std::uint16_t step) {
    Message message;
    message.to = to;
    message.type = type;
    message.transaction_type = kind;
    message.step = step;
    message.transaction = id;
    message.body.put(FencedMark{{}, store().fence().token_of(id)});
    context.send(message);
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
    const TransactionId id = timer.transaction;
    const Call* call = calls_.find(id);
    if (call == nullptr) return;
    const NodeId asked = kind(call->kind).steps[call->step].service;
    if (asked != self()) {
      context.announce({.what = fact_word(FactKind::Resent), .peer = asked, .transaction = id});
    }
    go_on(context, id);
  }
  void handle_refused(Context&, const Message&) override {}  // the timer asks again

  // A restart. Orders that the log shows as begun and not ended resume at their first step: a step
  // that has been done is not done again. A timer resumes them, because `recover` changes no
  // resource.
  void recover(Context& context, std::span<const LogRecord> log) override {
    for (const LogRecord& record : log) {
      const TransactionId id = record.transaction;
      switch (record.type.id) {
        case kBegun.id:
          calls_[id].kind = record.transaction_type;
          break;
        case kEnded.id:
          calls_.erase(id);
          receiver().remember(order_of(id), static_cast<Outcome>(record.value));
          break;
        case kStepApplied.id:
          steps_[id].done |= std::uint64_t{1} << record.step;
          break;
        case kAsked.id:
          steps_[id].done |= static_cast<std::uint64_t>(record.value);
          break;
        default:  // the store's or the receiver's
          break;
      }
    }
    std::vector<TransactionId> begun;
    calls_.for_each_sorted([&](TransactionId id, const Call&) { begun.push_back(id); });
    for (const TransactionId id : begun) {
      receiver().resume(id, calls_[id].kind);
      calls_[id].timer = context.set_timer(kAskAgain, settings_.ask_again, id);
    }
  }
  void write_checkpoint(std::vector<LogRecord>& log) const override {
    calls_.for_each_sorted([&](TransactionId id, const Call& call) {
      log.push_back(record_of(kBegun, id, call.kind, 0));
    });
    steps_.for_each_sorted([&](TransactionId id, const Steps& steps) {
      log.push_back(record_of(kAsked, id, 0, static_cast<std::int64_t>(steps.done)));
    });
  }
  void digest_own(Fingerprint& into) const override { into.add(calls_, steps_); }

  AskSettings settings_;
  Table<Call> calls_;   // transactions that begin here
  Table<Steps> steps_;  // of all transactions with steps here; never forgotten
};

// ---- The protocol as a value

Protocol ask_until_answered() {
  Protocol protocol = protocol_with_settings<AskSettings>();
  Description& info = protocol.description;
  info.name = "ask-until-answered";
  info.what = "The caller asks each service in turn, and asks again until it gets an answer.";
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

int main(int argc, char** argv) { return txsim::run_program(argc, argv, {ask_until_answered()}); }
