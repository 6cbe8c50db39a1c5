#include "tests/conformance/database_node.h"

#include <array>

#include "sim/assert.h"
#include "sim/world.h"

namespace txsim::conformance {
namespace {

constexpr Word kCall = word("Call");
constexpr Word kAnswer = word("Answer");
constexpr Word kCallNow = word("call-now");
constexpr Word kPrepared = word("prepared");
constexpr Word kEnded = word("ended");
constexpr Word kSkipped = word("skipped");
constexpr Word kLost = word("lost");
constexpr NodeId kDatabase = 0;
constexpr NodeId kTerminal = 1;
constexpr std::int64_t kSlotNs = 10'000'000;

Time time_of(std::size_t call) { return Time{static_cast<std::int64_t>(call + 1) * kSlotNs}; }

bool is_statement(Verb verb) { return verb == Verb::Update || verb == Verb::Read; }

// Answers in addition to the codes of XA.
enum class Says : std::uint8_t { Code, Done, Refused, Amount, Listed };

constexpr std::int64_t answer_value(Says says, std::int64_t value) {
  return (static_cast<std::int64_t>(says) << 32) | (value + 128);
}

std::string words(std::int64_t answer) {
  const std::int64_t value = (answer & 0xFFFFFFFF) - 128;
  switch (static_cast<Says>(answer >> 32)) {
    case Says::Code:
      return text(static_cast<XaCode>(value));
    case Says::Done:
      return "done";
    case Says::Refused:
      return "refused";
    case Says::Amount:
      return "amount " + std::to_string(value);
    case Says::Listed: {
      std::string listed = "listed";
      for (int id = 1; id < 32; ++id) {
        if (((value >> id) & 1) != 0) listed += " " + std::to_string(id);
      }
      return listed;
    }
  }
  TXSIM_ASSERT(false, "no such answer");
}

struct DatabaseNote {
  TransactionId xid = 0;
  TransactionId work = 0;
  std::uint64_t steps = 0;
};

class Database final : public NodeOf<Database> {
 public:
  Database(std::shared_ptr<const Script> script, const std::shared_ptr<const Plan>& plan)
      : script_(std::move(script)),
        plan_(plan),
        store_(plan, kDatabase, settings(*script_)),
        resource_(script_->rules) {}

  void start(Context& context, std::span<const LogRecord> log) override {
    Table<DatabaseNote> prepared;
    for (const LogRecord& record : log) {
      const auto note = record.body.get<DatabaseNote>();
      if (record.type == kPrepared) {
        prepared[note.xid] = note;
      } else {
        prepared.erase(note.xid);
        store_.redo(0, note.steps);
      }
    }
    const RoleHome home = at(context);
    prepared.for_each_sorted([&](TransactionId xid, const DatabaseNote& note) {
      resource_.restore(home, xid, note.work, 0, note.steps);
    });
  }

  void on(Context& context, const Message& message) override {
    const auto index = static_cast<std::size_t>(message.value);
    execute(at(context), script_->calls[index], index);
    LockNews news;
    while (store_.next_news(context, news)) on_lock(at(context), news);
  }
  void on(Context&, const Timer&) override { TXSIM_ASSERT(false, "waits here have no end"); }
  void on_refused(Context&, const Message&) override {}

 private:
  struct Session {
    XaSession xa;
    bool commits_itself = false;  // a statement outside a transaction, which waits
    std::size_t call = 0;         // the call that it belongs to
  };

  static StoreSettings settings(const Script& script) {
    return {.lock_timeout = std::nullopt, .lock_order = lock_order(script.rules)};
  }
  RoleHome at(Context& context) { return {context, store_, *plan_}; }

  static void answer(const RoleHome& home, std::size_t call, Says says, std::int64_t value) {
    Message message;
    message.to = kTerminal;
    message.type = kAnswer;
    message.step = static_cast<std::uint16_t>(call);
    message.value = answer_value(says, value);
    home.context.send(message);
  }

  XaRecord record(Word type, TransactionId xid, TransactionId work, std::uint64_t steps) const {
    LogRecord made;
    made.type = type;
    made.transaction = work;
    made.body.put(DatabaseNote{xid, work, steps});
    return {made, true, {}};
  }
  // The record that ends the session's open work, or a prepared branch without a session.
  XaRecord ending(const RoleHome& home, const XaSession& session, TransactionId xid, bool commits) {
    const TransactionId work = session.is_open() ? session.work : resource_.work_of(xid);
    return record(kEnded, xid, work, commits ? home.store.steps_of(work) : 0);
  }

  void execute(const RoleHome& home, const Call& call, std::size_t index) {
    Session& session = sessions_[call.session];
    session.call = index;
    if (is_statement(call.verb)) {
      work(home, session);
    } else if (call.verb == Verb::Recover) {
      std::int64_t listed = 0;
      for (const TransactionId xid : resource_.recover()) listed |= std::int64_t{1} << xid;
      const XaCode code = resource_.may_list(session.xa);
      code == XaCode::Ok ? answer(home, index, Says::Listed, listed)
                         : answer(home, index, Says::Code, static_cast<std::int64_t>(code));
    } else {
      const XaCode code = manage(home, session.xa, call, index);
      answer(home, index, Says::Code, static_cast<std::int64_t>(code));
    }
  }

  XaCode manage(const RoleHome& home, XaSession& session, const Call& call, std::size_t index) {
    const TransactionId xid = call.object;
    const XaRecord local = ending(home, session, 0, true);
    switch (call.verb) {
      case Verb::Start:
        return resource_.start(session, xid, 0);
      case Verb::Join:
      case Verb::Suspend:
        return XaCode::Invalid;
      case Verb::Resume:
        return resource_.resume(session, xid);
      case Verb::End:
        return resource_.end(session, xid);
      case Verb::Prepare:
        return resource_.prepare(
            home, session, xid,
            record(kPrepared, xid, session.work, home.store.steps_of(session.work)));
      case Verb::Commit:
        return resource_.commit(home, session, xid, ending(home, session, xid, true));
      case Verb::OnePhase:
        return resource_.commit_one_phase(home, session, xid, ending(home, session, xid, true));
      case Verb::Rollback: {
        const XaCode code =
            resource_.rollback(home, session, xid, ending(home, session, xid, false));
        home.context.force();  // the driver requests FLUSH ENGINE LOGS here
        return code;
      }
      case Verb::Begin:
        return resource_.begin(home, session, new_work(index), 0, local);
      case Verb::CommitWork:
        return resource_.commit_local(home, session, local);
      case Verb::RollbackWork:
        return resource_.rollback_local(home, session);
      case Verb::Disconnect:
      case Verb::Terminate:
        resource_.disconnect(home, session);
        return XaCode::Ok;
      case Verb::Recover:
      case Verb::Update:
      case Verb::Read:
      case Verb::Restart:
        break;
    }
    TXSIM_ASSERT(false, "not a call of the resource manager's");
  }

  static TransactionId new_work(std::size_t index) { return 1000 + index; }

  void work(const RoleHome& home, Session& session) {
    const XaCode code = resource_.may_work(session.xa);
    if (code != XaCode::Ok) {
      answer(home, session.call, Says::Code, static_cast<std::int64_t>(code));
      return;
    }
    session.commits_itself = !session.xa.is_open();
    if (session.commits_itself) {
      resource_.begin(home, session.xa, new_work(session.call), 0, {});
    }
    const auto step = static_cast<std::uint16_t>(session.call);
    const StepResult result = resource_.update(home, session.xa, step);
    if (result != StepResult::Waiting) worked(home, session, result);
  }

  void worked(const RoleHome& home, Session& session, StepResult result) {
    const Call& call = script_->calls[session.call];
    const bool is_done = result == StepResult::Done;
    if (session.commits_itself && is_done) {
      resource_.commit_local(home, session.xa, ending(home, session.xa, 0, true));
    } else if (session.commits_itself) {
      resource_.rollback_local(home, session.xa);
    }
    session.commits_itself = false;
    if (!is_done) {
      answer(home, session.call, Says::Refused, 0);
    } else if (call.verb == Verb::Read) {
      answer(home, session.call, Says::Amount, home.store.available(call.object));
    } else {
      answer(home, session.call, Says::Done, 0);
    }
  }

  void on_lock(const RoleHome& home, const LockNews& news) {
    for (Session& session : sessions_) {
      if (!session.xa.is_open() || session.xa.work != news.transaction) continue;
      resource_.waited(home, session.xa, news.result);
      worked(home, session, news.result);
      return;
    }
    TXSIM_ASSERT(false, "news for a session that is not there");
  }

  std::shared_ptr<const Script> script_;
  std::shared_ptr<const Plan> plan_;
  Store store_;
  XaResource resource_;
  std::array<Session, kSessions> sessions_;
};

// All clients. Each call is made at its time, unless its session still waits for an answer.
class Terminal final : public NodeOf<Terminal> {
 public:
  explicit Terminal(std::shared_ptr<const Script> script) : script_(std::move(script)) {}

  void start(Context& context, std::span<const LogRecord>) override {
    for (std::size_t i = 0; i < script_->calls.size(); ++i) {
      context.set_timer(kCallNow, time_of(i) - Time{0}, 0, static_cast<std::int64_t>(i));
    }
  }
  void on(Context& context, const Timer& timer) override {
    const auto index = static_cast<std::size_t>(timer.value);
    const Call& call = script_->calls[index];
    if (call.verb == Verb::Restart) {
      for (std::size_t session = 0; session < kSessions; ++session) lose(context, session);
      return;
    }
    if (waits_[call.session] != 0) {
      if (call.verb != Verb::Terminate) {
        context.note(kSkipped, 0, timer.value);
        return;
      }
      lose(context, call.session);
    }
    waits_[call.session] = index + 1;
    Message message;
    message.to = kDatabase;
    message.type = kCall;
    message.value = timer.value;
    context.send(message);
  }
  void on(Context& context, const Message& message) override {
    waits_[script_->calls[message.step].session] = 0;
    context.note(kAnswer, message.step, message.value);
  }
  void on_refused(Context&, const Message&) override {}

 private:
  // The connection is lost, together with a pending answer.
  void lose(Context& context, std::size_t session) {
    if (waits_[session] == 0) return;
    context.note(kLost, 0, static_cast<std::int64_t>(waits_[session] - 1));
    waits_[session] = 0;
  }

  std::shared_ptr<const Script> script_;
  std::array<std::size_t, kSessions> waits_{};  // 1 + the call without an answer; 0: none
};

std::shared_ptr<const Plan> plan_of(const Script& script) {
  auto plan = std::make_shared<Plan>();
  plan->nodes = {"database", "terminal"};
  for (int row = 0; row < script.rows; ++row) {
    plan->resources.push_back({"row" + std::to_string(row), kDatabase, kInitialAmount, false});
  }
  TransactionKind calls;
  calls.name = "calls";
  calls.begins_at = kDatabase;
  for (const Call& call : script.calls) {
    Step step{Action::Read, kDatabase, 0, 0};
    if (is_statement(call.verb)) step.resource = call.object;
    if (call.verb == Verb::Update) {
      step.action = call.delta < 0 ? Action::Take : Action::Give;
      step.amount = call.delta < 0 ? -call.delta : call.delta;
    }
    calls.steps.push_back(step);
  }
  plan->kinds.push_back(calls);
  return plan;
}

}  // namespace

std::vector<Answer> run(const Script& given) {
  TXSIM_ASSERT(given.calls.size() <= kMostCalls, "a script that is too long");
  const auto script = std::make_shared<const Script>(given);
  const auto plan = plan_of(given);
  auto spec = std::make_shared<WorldSpec>();
  spec->nodes.push_back({"database", std::make_shared<Database>(script, plan), {}});
  spec->nodes.push_back({"terminal", std::make_shared<Terminal>(script), {}});
  spec->network = Network(Link{.delay = Delay::constant(milliseconds(1))});
  spec->keep_trace = true;
  for (std::size_t i = 0; i < given.calls.size(); ++i) {
    if (given.calls[i].verb != Verb::Restart) continue;
    Fault crash;
    crash.at = time_of(i);
    crash.duration = milliseconds(5);
    crash.nodes = {kDatabase};
    spec->faults.push_back(crash);
  }
  World world(spec);
  world.run(time_of(given.calls.size()));
  std::vector<Answer> answers;
  for (const TraceRecord& noted : world.trace()) {
    if (noted.kind != EventKind::Noted) continue;
    const auto slot = static_cast<std::size_t>(noted.time.ns / kSlotNs) - 1;
    const auto call = static_cast<std::size_t>(noted.value);
    if (noted.what == kAnswer) {
      answers.push_back({slot, static_cast<std::size_t>(noted.transaction), words(noted.value)});
    } else {
      answers.push_back({slot, call, noted.what == kLost ? "lost" : "skipped"});
    }
  }
  return answers;
}

}  // namespace txsim::conformance
