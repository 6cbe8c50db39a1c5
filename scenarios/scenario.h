// A scenario as a value: read from its text, checked and resolved. A world is built from it.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "services/setting_declarations.h"
#include "services/settings.h"
#include "services/workload.h"
#include "sim/fault.h"
#include "sim/network.h"
#include "transactions/transaction.h"

namespace txsim {

struct Protocol;

// Where a value was written: "file:line", or "--set" for the command line.
struct Place {
  std::string file;
  int line = 0;
};

struct LinkSpec {
  NodeId from = kNoNode;
  NodeId to = kNoNode;
  Link link;
};

// Two-phase commit.
std::shared_ptr<const Protocol> default_protocol();

struct Settings {  // of every part that has its own section of keys
  IdempotentReceiverSettings idempotent_receiver;
  LockServiceSettings lock_service;
  StoreSettings store;
  BrokerSettings broker;
  AnySettings protocol;  // of the scenario's protocol
};

// What a scenario expects of its run. Invariants it does not name must not be violated.
struct Expectation {
  enum class Kind : std::uint8_t {
    Verdict,     // of the invariant `subject` is `verdict`
    Outcome,     // how many transactions ended as `subject` says: "committed", "in doubt" ...
    Fate,        // how many submissions are `subject`: "begun", "recognised", "never begun"
    Told,        // how many clients were told `subject`: "done", "failed", "busy", "nothing"
    Counter,     // `subject` is a counter, such as "messages.Prepare", "forces.point", "retries"
    Amount,      // what is available (or reserved) of `resource` at the end
    Percentile,  // the latency that `share` of the answers do not exceed; `value` in nanoseconds
    Strikes,     // each fault of the plan had an effect
  };
  // Shares are in billionths.
  static constexpr std::int64_t kWhole = 1'000'000'000;
  // All: every transaction, every submission; `value` is not used.
  enum class Compare : std::uint8_t { Equal, AtLeast, AtMost, All };

  Kind kind = Kind::Verdict;
  Compare compare = Compare::Equal;
  std::string subject;
  std::string verdict;         // Verdict: "holds", "violated", "vacuous", "not applicable"
  Word message;                // Counter "messages.TYPE": that type
  NodeId node = kNoNode;       // Counter "records.NODE", "forces.NODE", "writes.NODE": that node
  std::uint16_t resource = 0;  // Amount: its place in Plan::resources
  bool reserved = false;       // Amount: what is reserved rather than available
  bool completed = false;      // Amount of order records: only those that are completed
  bool by_order = false;       // Told: orders, with all of their submissions
  bool is_share = false;       // Outcome, Fate, Told: compares with `share`, not `value`
  std::int64_t share = 0;      // of kWhole
  bool is_duration = false;    // Counter "longest_..."; `value` is in nanoseconds
  std::int64_t value = 0;
  std::string text;  // as written
  Place place;

  // A sweep judges it over all runs together; a single run is judged by itself.
  bool is_over_runs() const { return is_share || kind == Kind::Percentile; }
};

struct Scenario {
  std::string name;          // path of the file as given
  std::uint64_t digest = 0;  // of everything that a run depends on except its seed
  std::string title;
  std::string source;
  std::string story;                                              // the comment that opens the file
  std::shared_ptr<const Protocol> protocol = default_protocol();  // protocols/protocol.h
  std::uint64_t seed = 1;
  Duration horizon = seconds(60);
  std::optional<Duration> longest_lock_wait;  // for bounded-blocking; absent: no bound
  Plan plan;                 // nodes: services in the order of the file, then client, lock, broker
  std::vector<Delay> disks;  // by node
  NodeId client = kNoNode;
  NodeId lock_service = kNoNode;  // kNoNode: the idempotent receiver needs none
  NodeId broker = kNoNode;        // kNoNode: the protocol needs none
  Link network;
  std::vector<LinkSpec> links;
  Workload workload;
  Settings settings;
  std::vector<std::string> switched_off;  // the keys of mechanisms, such as "tcc.retry"
  std::vector<Fault> faults;
  std::vector<std::string> fault_texts;  // by fault, as written
  std::vector<Place> fault_places;       // by fault
  RandomFaults random_faults;
  std::vector<Expectation> expectations;

  std::string_view protocol_name() const;
};

}  // namespace txsim
