#include "scenarios/counters.h"

#include <algorithm>
#include <array>

namespace txsim {
namespace {

using Of = CounterForm::Of;

constexpr std::array<CounterForm, 23> kCounters = {{
    {"messages", Of::Message, "messages sent; messages.TYPE: of one type"},
    {"delivered", Of::Run, "messages delivered"},
    {"lost", Of::Run, "messages lost"},
    {"duplicated", Of::Run, "messages duplicated"},
    {"refused", Of::Run, "messages refused"},
    {"records", Of::Node, "log records appended; records.NODE: by one node"},
    {"forces", Of::Node, "forced writes; forces.NODE: by one node"},
    {"writes", Of::Node, "disk writes, of which one may serve several forces; writes.NODE"},
    {"retries", Of::Run, "messages and orders sent again"},
    {"submitted", Of::Run, "submissions of orders"},
    {"events", Of::Run, "events of the trace"},
    {"message_delays", Of::Run,
     "sequential messages from submission to the answer done or failed, on average"},
    {"write_delays", Of::Run, "the same for forced writes"},
    {"dirty_uses", Of::Run,
     "steps that used an amount that another transaction had changed and later undid"},
    {"dirty_reads", Of::Run,
     "uses of an amount that another transaction had changed under lock and later undid"},
    {"lost_updates", Of::Run,
     "times that a transaction overwrote a value that another had written since its read"},
    {"write_skews", Of::Run,
     "times that transactions each changed a value on which another had decided"},
    {"violations", Of::Run, "times that an invariant was violated, over all invariants"},
    {"longest_latency", Of::Longest, "a duration: submission to answer"},
    {"longest_lock_hold", Of::Longest, "a duration: row lock taken to released"},
    {"longest_lock_wait", Of::Longest, "a duration: row lock asked for to granted or given up"},
    {"longest_reservation", Of::Longest, "a duration: amount reserved to confirmed or cancelled"},
    {"longest_in_doubt", Of::Longest, "a duration: yes vote until the decision is learned"},
}};

}  // namespace

std::span<const CounterForm> counter_forms() { return kCounters; }

const CounterForm* find_counter(std::string_view name) {
  const auto* const found =
      std::find_if(kCounters.begin(), kCounters.end(),
                   [&](const CounterForm& counter) { return counter.name == name; });
  return found == kCounters.end() ? nullptr : found;
}

}  // namespace txsim
