// The simulated world as one value: clock, nodes, messages in flight, timers, logs, random streams,
// fault plan. A copy is a snapshot. `enabled` lists what may happen next, `step` takes one choice;
// a timed run takes the earliest each time.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "sim/choice.h"
#include "sim/cloned.h"
#include "sim/event_queue.h"
#include "sim/fault.h"
#include "sim/network.h"
#include "sim/node.h"
#include "sim/not_copied.h"
#include "sim/outstanding.h"
#include "sim/random.h"
#include "sim/ring.h"
#include "sim/statistics.h"
#include "sim/symbolic_clock.h"
#include "sim/table.h"
#include "sim/trace.h"
#include "sim/vector.h"
#include "sim/versioned.h"
#include "sim/world_spec.h"

namespace txsim {

class World {
 public:
  // Whether a node that is up can still crash.
  enum class Crashes : std::uint8_t { MayCome, NoMore };

  // Boots every node at time 0. The observer, if any, receives each fact. `seed` replaces the
  // spec's seed, so that many runs share one spec.
  explicit World(const std::shared_ptr<const WorldSpec>& spec,
                 std::unique_ptr<Observer> observer = nullptr);
  World(std::shared_ptr<const WorldSpec> spec, std::unique_ptr<Observer> observer,
        std::uint64_t seed);
  // For many runs in one place: a world before its start. Copy it over the world of the previous
  // run, whose memory it takes over, and begin it once.
  static World not_begun(std::shared_ptr<const WorldSpec> spec, std::unique_ptr<Observer> observer);
  void begin(std::uint64_t seed);

  // All that may happen next, the earliest first.
  std::vector<Choice> enabled() const;
  // Takes one of these choices. Requires that it is enabled.
  void step(const Choice& choice);
  // Takes the earliest choice; false if nothing is pending.
  bool step();
  // Steps until nothing is pending at or before `until`, or virtual time stands still.
  void run(Time until);

  // ---- Untimed, for searches (world_untimed.cpp): all durations are unknown. Pending events may
  // happen in any order. Messages and writes take no time. When a timer fires, a node restarts, or
  // a fault of the plan begins or ends, the clock advances to its planned moment.

  // What may happen next: one of several identical messages, only the first message of a FIFO link,
  // nothing at a paused node.
  std::vector<Choice> enabled_untimed() const;
  void enabled_untimed(std::vector<Choice>& choices) const;
  // A message that its node absorbs, as `Node::absorbs` says.
  bool is_absorbed(const Choice& choice) const;
  // The node is writing, no fact waits for that, and no transaction will have to wait that does not
  // wait already.
  bool is_silent_write(NodeId node) const;
  // Requires that the choice is enabled (for a crash: that the node is up).
  void take(const Move& move);
  // Equal for worlds that have the same possible successors, whatever their past and clock; see
  // fingerprint.h. The durable log of a node that is up counts only if it can still crash. `more`
  // is the sum of the digests of events that count as pending in addition, on links that keep no
  // order.
  std::uint64_t fingerprint(Crashes crashes, std::uint64_t more = 0) const;
  // The digest of one pending event, without its time.
  std::uint64_t digest_of(const EventKey& key) const;
  // Call it before making several copies: the common part of their fingerprints is then computed
  // once.
  void sum_up_nodes() const;

  // ---- By the clock, for searches (world_by_clock.cpp): every time that some real timing allows
  // is explored at once (symbolic_clock.h). `take` takes a step, as without a clock.

  // Boots every node at time 0. If more than `most_copies` equal messages are under way on a link
  // whose delays have no greatest value, they become one that stands for one or more
  // (world_copies.cpp).
  static constexpr std::uint32_t kEachCopy = ~std::uint32_t{0};
  static World by_clock(const std::shared_ptr<const WorldSpec>& spec,
                        std::unique_ptr<Observer> observer, std::uint32_t most_copies = kEachCopy);
  bool is_by_clock() const { return clock_.has_value(); }
  // What may happen next for some timing.
  void enabled_by_clock(std::vector<Choice>& choices) const;
  // Takes one of these; false if nothing is pending.
  bool step_by_clock();
  // This message stands for one or more copies: it arrives as one of them, or as the last one
  // (Move::is_last_copy).
  bool stands_for_many(const Choice& choice) const;
  // What must come before an event, for all times, although the event is pending.
  struct Obstacle {
    Choice event;
    Choice first;
    Duration earlier;  // by so much at least
  };
  // The least obstacle to one of the events that are alike; none: one may be next, or none is
  // pending.
  std::optional<Obstacle> obstacle_to(const Choice& like) const;
  // A fault of the plan that crashes this node and no other. If it may begin at the instant of a
  // choice of the node, it may also strike within its step (Move::struck_by).
  bool crashes_only(const Choice& fault, NodeId node) const;
  // Forgets the periods that nobody can ask about any more.
  void forget_periods(Crashes crashes);
  const SymbolicClock& clock() const { return *clock_; }
  void remember_steps() { clock_->remember_steps(); }
  void forget_steps() { clock_->forget_steps(); }
  // The times, in an order that does not depend on the past of the state.
  Zone times() const;

  // Equal for worlds of which one is a copy of the other; 0 for a world that did not come from
  // `take`.
  std::uint64_t version() const { return version_; }
  // For tests: no earlier computation is reused.
  void forget_versions();

  Time now() const { return now_; }
  std::uint64_t digest() const { return digest_.value(); }
  const Trace& trace() const { return trace_; }
  const Statistics& statistics() const { return statistics_; }
  const WorldSpec& spec() const { return *spec_; }
  const Observer* observer() const { return observer_->get(); }
  bool is_up(NodeId node) const { return nodes_[node]->up; }
  // How often each fault of the plan has taken effect: on a node that was up, a message, a write, a
  // clock that was read. And how many events have matched each fault that waits for one.
  const Vector<std::uint64_t>& strikes() const { return strikes_; }
  const std::vector<std::uint64_t>& fault_matches() const { return faults_->matched; }
  // Random faults that have struck in this run, as explicit faults, in order.
  const std::vector<Fault>& faults_met() const { return faults_->met; }
  // Found while the clock was stepped; empty: virtual time advances.
  const std::optional<Standstill>& standstill() const { return standstill_; }
  bool is_writing(NodeId node) const { return nodes_[node]->writing; }
  // How many messages and facts have left their nodes so far.
  std::uint64_t outward() const { return outward_; }
  // True while a node is down or paused or a fault window is open.
  bool is_disturbed() const;
  // Nodes that are paused, or named by an open fault that keeps messages from or to them. Sorted.
  std::vector<NodeId> unreachable() const;
  bool has_pending(Time until) const;
  // This event sent a message or set a timer that is still pending.
  bool is_under_way_since(std::uint64_t event) const;

 private:
  friend class Context;

  struct Path {  // of the activation's transaction so far
    std::uint8_t message_delays = 0;
    std::uint8_t write_delays = 0;
  };
  static constexpr std::uint32_t kNoSlot = ~std::uint32_t{0};
  struct InFlight {
    Message message;
    std::uint64_t sent = 0;  // sequence of its Sent record
    Path path;
    bool refused = false;              // returns to the sender that was refused
    bool is_many = false;              // it is one or more copies
    mutable std::uint64_t digest = 0;  // of this message, once a search has requested it; else 0
  };
  struct TimerData {
    NodeId node = kNoNode;
    Word what;
    TransactionId transaction = 0;
    std::int64_t value = 0;
    std::uint64_t set = 0;  // sequence of its TimerSet record
    Path path;
  };
  struct Effect {
    enum class Kind : std::uint8_t { Send, Announce, Note, Barrier };
    Kind kind = Kind::Barrier;
    bool is_many = false;  // send: one or more copies
    Path path;
    std::uint64_t cause = 0;
    LogPosition after = 0;  // what must be durable first
    Message message;        // send; note: type, transaction and value
    Fact fact;
  };
  struct NodeState {
    Cloned<Node> node;
    bool up = false;
    bool writing = false;
    Time paused_until;
    Vector<LogRecord> log;
    std::uint64_t durable = 0;        // records that survive a crash
    std::uint64_t covered = 0;        // records that the write under way covers
    EventKey write;                   // the write under way
    std::uint64_t checkpoint_at = 0;  // log length that triggers a checkpoint
    LogPosition dropped = 0;          // records that checkpoints have removed
    // Effects that wait for records, in order; each force is a barrier: without forces, none waits.
    Ring<Effect> held;
    Outstanding waits;    // by transaction: the position that its next effects wait for
    Outstanding written;  // by item: the position that its readers wait for
    LogPosition durable_position() const { return dropped + durable; }
    EventKey resume;          // by the clock: ends the pause
    std::uint32_t downs = 0;  // crashes so far; a restart after an earlier one is void
    Duration skew;
    std::int64_t rate_permille = 1000;
    Duration slow_disk;
  };
  struct FaultState {
    std::vector<std::uint64_t> matched;  // events that each fault of the plan has matched
    std::vector<std::uint32_t> waiting;  // faults of the plan that wait for an event
    std::vector<std::uint32_t> of_messages;
    std::vector<std::uint32_t> open;    // faults whose window is open, in order of opening
    std::vector<NodeId> nodes;          // the node of the event that placed each open fault
    Table<std::uint64_t> sent_by_type;  // counted while random message faults are on
    std::vector<Fault> met;             // placed by random rates; their numbers follow the plan's
  };
  struct Control {
    enum class Kind : std::uint8_t {
      Boot,
      Restart,
      Resume,
      Begin,
      End,
      RandomCrash,
      RandomPause,
      RandomPartition
    };
    Kind kind = Kind::Boot;
    std::uint32_t index = 0;  // node or fault
    std::uint32_t downs = 0;  // Restart: which crash it ends
  };
  // An event of this instant, whether it recurs, and what happens until then.
  struct InstantWatch {
    Choice event;
    std::uint64_t repeats = 0;
    bool has_event = false;
    bool takes_any = false;  // also one of no transaction
    bool is_tracing = false;
    Vector<Choice> loop;
  };
  struct Streams {
    explicit Streams(std::uint64_t seed);
    Stream delay, disk, loss, duplication;
    struct Failures {
      Stream crash, pause, partition;
    };
    Failures failures;
    Failures failures_apart;  // of RandomFaults::apart
  };
  struct Activation {
    NodeId node = kNoNode;
    std::uint64_t cause = 0;
    Path path;
    bool has_forced = false;       // on a disk that takes no time: its records are durable
    bool has_crashed = false;      // in the middle of it; the crash is reported at its end
    bool is_backed = false;        // crashed: durable records back what it still announces
    std::optional<Duration> away;  // crashed: restarts after this
  };

  struct NotBegun {};
  World(NotBegun, std::shared_ptr<const WorldSpec> spec, std::unique_ptr<Observer> observer);

  // Taking a step (world.cpp; world_standstill.cpp)
  void happen(const EventKey& key);
  static constexpr std::uint64_t kManyAtOnce = std::uint64_t{1} << 16;  // a power of two
  void watch_instant(const EventKey& key);
  void dispatch(const EventKey& key);
  void prefetch_soon() const;
  void control(std::uint32_t slot);
  void start_node(NodeId node, bool again);
  void activate(NodeId node, std::uint64_t cause, Path path) {
    current_.node = node;
    current_.cause = cause;
    current_.path = path;
    at_work_.value = &nodes_[node].change();
  }
  // The node whose handler runs now.
  NodeState& at_work() { return *at_work_.value; }
  const NodeState& at_work() const { return *at_work_.value; }
  void end_activation();
  bool postponed(NodeId node, const EventKey& key);
  static Choice::Kind kind_of(Control::Kind control);
  Choice describe(const EventKey& key) const;
  // It will no longer happen: a crash has cut off this write or restart.
  bool is_void(const EventKey& key) const {
    const bool may_be = key.kind() == Pending::Disk || key.kind() == Pending::Control;
    return may_be && is_cut_off(key);
  }
  bool is_cut_off(const EventKey& key) const;
  EventKey schedule(Time at, const Control& control);
  std::uint64_t emit(TraceRecord record);
  void write_down(const TraceRecord& record);
  void set_watching();

  // Untimed (world_untimed.cpp)
  bool stands_for(const Choice& earlier, const Choice& message) const;
  void strike_in_step(const EventKey& begins, std::uint32_t after);
  void crash_in_step(std::uint32_t after, std::optional<Duration> away);
  void lose(const EventKey& key);
  void duplicate(const EventKey& key);
  static std::uint64_t digest_without_log(const NodeState& state);
  static std::uint64_t digest_of_log(const NodeState& state);
  std::uint64_t digest_pending() const;
  void digest_faults(Fingerprint& into) const;

  // By the clock (world_by_clock.cpp)
  void pass_time(const Move& move);
  void urgent(std::vector<EventKey>& keys) const;
  bool is_stopped(const EventKey& key) const;
  void forget_gone();
  Period begin_period(Word what, std::uint64_t id, TimeBounds lasts);
  TimerId set_timer_at_end(Word what, Period period, Duration lasts, TransactionId transaction,
                           std::int64_t value);
  void begin_pause(NodeState& state, const EventKey& resume);
  void end_pause(NodeId node);
  void postpone_overdue(NodeId node);
  static std::uint64_t window_name(std::size_t fault, bool is_end);
  bool is_open_now(const Fault& fault) const;
  void begin_windows();
  bool is_in_window(std::size_t index);
  std::optional<Duration> away(bool for_good) const;
  static bool is_named_in(const NodeState& state, std::int64_t period, Crashes crashes);

  // Copies of a message (world_copies.cpp)
  void leave_others(const EventKey& key);
  void join_copies();
  void join_held(NodeId node);
  void send_many(const Message& message);
  bool has_no_greatest_delay(const Message& message) const;
  bool may_join_held() const;
  std::uint64_t digest_periods() const;

  // Log, disk and output commit (world_disk.cpp)
  // A log of this many records is replaced by a checkpoint, and again after growing fourfold.
  static constexpr std::uint64_t kCheckpointRecords = 512;
  void append(const LogRecord& record);
  void force(TransactionId transaction, std::uint64_t records);
  LogPosition wait_of(const NodeState& state, TransactionId transaction) const;
  void begin_write(NodeId node);
  void complete_write(NodeId node, const EventKey& key);
  void hold(NodeState& state, Effect& effect, LogPosition after) const;
  void release_held(NodeId node);
  void perform(const Effect& effect);
  void perform_announce(const Fact& fact);
  void take_checkpoint(NodeState& state, NodeId node);

  // Timers (world_timers.cpp)
  TimerId set_timer(Word what, Duration after, TransactionId transaction, std::int64_t value,
                    TimeBounds bounds);
  void cancel_timer(TimerId& timer);
  void fire(std::uint32_t slot, const EventKey& key);

  // Network (world_network.cpp)
  void send(const Message& message);
  void perform_send(const Message& message);
  EventKey put_in_flight(Time at, const Message& message, std::uint64_t sent, bool refused);
  void deliver(std::uint32_t slot, const EventKey& key);
  void free_message(std::uint32_t slot) {
    in_flight_[slot].sent = free_in_flight_;
    free_in_flight_ = slot;
  }
  struct Fate {
    bool lost = false;
    bool refused = false;
    LossReason reason = LossReason::OnTheWay;
    Duration later;
    bool duplicated = false;
    Duration copy_later;
  };
  Fate fate_of(const TraceRecord& sent, const Link& link);
  void apply_message_faults(const TraceRecord& sent, Fate& fate);
  void apply_random_faults(const TraceRecord& sent, const Link& link, Fate& fate);
  void place_message_fault(FaultKind kind, const TraceRecord& sent, Duration delay);
  void strike_message(const Fate& fate);
  bool is_cut(NodeId from, NodeId to) const;
  bool cuts(const Fault& fault, NodeId from, NodeId to) const;
  bool befalls(std::size_t open, NodeId node) const;
  bool is_refusing(NodeId node) const;
  void strike_cut(NodeId from, NodeId to);

  // Faults of nodes, and windows (world_faults.cpp, world_random_faults.cpp)
  void plan_windows();
  void plan_faults();
  void watch(const TraceRecord& record);
  void strike(std::uint32_t fault) {
    if (fault < strikes_.size()) ++strikes_[fault];
  }
  void strike_open(FaultKind kind, NodeId node);
  template <class Visit>
  void for_each_node(std::uint32_t fault, NodeId event_node, Visit&& visit) const;
  NodeId only_node(std::uint32_t fault, NodeId event_node) const;
  void begin_fault(std::uint32_t index, NodeId event_node);
  void end_fault(std::uint32_t index);
  bool crash(NodeId node, std::optional<Duration> duration);  // false: it was down
  void complete_crash(NodeId node, std::optional<Duration> duration);
  bool pause(NodeId node, Duration duration);
  void recompute_disturbances();
  void random_fault(const Control& control);
  void plan_random(Control::Kind kind, NodeId node, std::optional<Duration> every, Stream& stream);
  const Fault& fault(std::uint32_t index) const;
  bool spared(NodeId node) const;
  Streams::Failures& failure_streams(NodeId node) {
    return node == spec_->random_faults.apart ? streams_.failures_apart : streams_.failures;
  }

  std::shared_ptr<const WorldSpec> spec_;
  std::uint64_t seed_ = 0;
  Time now_{};
  EventQueue queue_;
  Vector<Versioned<NodeState>> nodes_;
  Vector<InFlight> in_flight_;
  std::uint32_t free_in_flight_ = kNoSlot;  // chained by `sent`
  Vector<TimerData> timers_;
  Vector<Control> controls_;
  std::uint32_t free_controls_ = kNoSlot;  // chained by `index`
  Table<Time> last_arrival_;               // of FIFO links
  Streams streams_;
  Activation current_;
  NotCopied<NodeState*> at_work_;  // from `activate` to `end_activation`

  bool watching_ = false;    // some fault waits for an event
  bool listening_ = false;   // that, or a trace is kept
  bool disturbing_ = false;  // some message may meet a fault
  Versioned<FaultState> faults_;
  Vector<std::uint64_t> strikes_;  // by fault of the plan
  NotCopied<std::vector<std::uint32_t>> message_hits_;
  std::uint64_t at_once_ = 0;  // events at this instant so far
  InstantWatch watch_;
  std::optional<Standstill> standstill_;
  std::optional<SymbolicClock> clock_;  // of an exploration by the clock
  std::uint32_t most_copies_ = kEachCopy;
  std::uint64_t outward_ = 0;
  Digest digest_;
  Statistics statistics_;
  Trace trace_;
  NotCopied<std::vector<LogRecord>> log_buffer_;
  mutable NotCopied<std::vector<EventKey>> pending_buffer_;
  Versioned<Cloned<Observer>> observer_;
  NotCopied<Versions> versions_;
  std::uint64_t version_ = Versioned<NodeState>::kNone;
};

}  // namespace txsim
