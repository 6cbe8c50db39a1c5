#include "tests/conformance/lock_calls.h"

#include <memory>
#include <span>

#include "services/lock_service.h"
#include "sim/world.h"

namespace txsim::conformance {
namespace {

constexpr Word kCallNow = word("call-now");
constexpr NodeId kLocks = 0;
constexpr NodeId kTerminal = 1;
constexpr std::uint64_t kOrderNumber = 1;
constexpr Duration kHalfTick = milliseconds(500);

// Calls in one tick have distinct times.
Time time_of(const std::vector<LockCall>& calls, std::size_t index) {
  const LockCall& call = calls[index];
  const std::int64_t begins = call.tick * 2 * kHalfTick.ns;
  if (call.verb == LockVerb::Restart) return Time{begins};
  return Time{begins + kHalfTick.ns + static_cast<std::int64_t>(index) * milliseconds(5).ns};
}

class Terminal final : public NodeOf<Terminal> {
 public:
  explicit Terminal(std::shared_ptr<const LockScript> script) : script_(std::move(script)) {}

  void start(Context& context, std::span<const LogRecord>) override {
    for (std::size_t i = 0; i < script_->calls.size(); ++i) {
      context.set_timer(kCallNow, time_of(script_->calls, i) - Time{0}, 0,
                        static_cast<std::int64_t>(i));
    }
  }
  void on(Context& context, const Timer& timer) override {
    const LockCall& call = script_->calls[static_cast<std::size_t>(timer.value)];
    if (call.verb != LockVerb::Acquire && call.verb != LockVerb::Release) return;
    Message message;
    message.to = kLocks;
    message.type = call.verb == LockVerb::Acquire ? kAcquireLock : kReleaseLock;
    message.transaction = transaction_id(kOrderNumber, call.owner);
    message.value = timer.value;
    message.body.put(LockTicket{static_cast<std::uint64_t>(timer.value) + 1});
    context.send(message);
  }
  void on(Context&, const Message&) override {}
  void on_refused(Context&, const Message&) override {}

 private:
  std::shared_ptr<const LockScript> script_;
};

// The answer to a call in the trace; empty if there is none.
std::string answer_to(const Trace& trace, std::size_t call) {
  for (const TraceRecord& record : trace) {
    if (record.kind != EventKind::Delivered || record.node != kTerminal ||
        record.value != static_cast<std::int64_t>(call)) {
      continue;
    }
    if (record.what == kLockAcquired) return "granted";
    if (record.what == kLockDenied) return "denied";
    return "freed";
  }
  return "looked";
}

// The owner of the lock at that time; 0 if it is free.
std::uint64_t owner_at(const Trace& trace, Time time) {
  std::uint64_t owner = 0;
  for (const TraceRecord& record : trace) {
    if (record.kind != EventKind::Announced || time < record.time) continue;
    if (record.what == fact_word(FactKind::OrderLocked)) owner = submission_of(record.transaction);
    if (record.what == fact_word(FactKind::OrderUnlocked)) owner = 0;
  }
  return owner;
}

}  // namespace

std::vector<std::string> run(const LockScript& given) {
  const auto script = std::make_shared<const LockScript>(given);
  LockServiceSettings settings;
  settings.expiry = Duration{kExpiryHalfTicks * kHalfTick.ns};
  settings.knows_owner = given.knows_owner;
  auto spec = std::make_shared<WorldSpec>();
  spec->nodes.push_back({"lock", std::make_shared<LockService>(settings), {}});
  spec->nodes.push_back({"terminal", std::make_shared<Terminal>(script), {}});
  spec->network = Network(Link{.delay = Delay::constant(milliseconds(1))});
  spec->keep_trace = true;
  Time last{0};
  for (std::size_t i = 0; i < given.calls.size(); ++i) {
    last = time_of(given.calls, i);
    if (given.calls[i].verb != LockVerb::Restart) continue;
    Fault crash;
    crash.at = last;
    crash.duration = milliseconds(100);
    crash.nodes = {kLocks};
    spec->faults.push_back(crash);
  }
  World world(spec);
  world.run(last + milliseconds(5));
  std::vector<std::string> says;
  for (std::size_t i = 0; i < given.calls.size(); ++i) {
    const std::uint64_t owner = owner_at(world.trace(), time_of(given.calls, i) + milliseconds(4));
    says.push_back(answer_to(world.trace(), i) + " " +
                   (owner == 0 ? "nobody" : std::to_string(owner)));
  }
  return says;
}

}  // namespace txsim::conformance
