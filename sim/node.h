// A node: a state machine of plain data. Its handlers are pure functions of state and event; they
// affect the outside only through the context.
#pragma once

#include <memory>
#include <span>
#include <string_view>
#include <type_traits>
#include <typeinfo>
#include <vector>

#include "sim/fingerprint.h"
#include "sim/message.h"
#include "sim/random.h"
#include "sim/time.h"
#include "sim/word.h"

namespace txsim {

class World;

// What a handler may do to the outside. An effect leaves the node once the log records that it
// depends on are durable (output commit): the records that its own transaction has forced before
// it, and the records of the last writer of what its transaction has read or written. An effect
// that depends on no unwritten record leaves at once, whatever else the disk does. The effects of
// one transaction leave in order. Appending and setting timers are internal to the node and act at
// once.
//
// Sources: Elnozahy, Alvisi, Wang, Johnson, A Survey of Rollback-Recovery Protocols, 2002 (output
// commit); DeWitt et al., Implementation Techniques for Main Memory Database Systems, 1984 (group
// commit; a transaction waits for the log records of those it depends on); Johnson et al., Aether:
// a Scalable Approach to Logging, 2010 (early lock release, flush pipelining).
class Context {
 public:
  // The node's own clock: virtual time plus its skew. An exploration by the clock, in which many
  // times are tried at once, cannot give it and refuses the scenario: what can be said with a
  // period is better said with one.
  Time now() const;
  // The same; `expected` where an exploration cannot give it.
  Time now_or(Time expected) const;
  // The same for numbers that ascend across the node's restarts, of which nothing but the order
  // matters.
  Time ascending() const;
  // The node's clock shows the start of the run.
  bool is_beginning() const;

  // A period begins now. `what` and `id` name it among the periods of this node. Its length must
  // be given again when it is asked for.
  Period begin_period(Word what, std::uint64_t id, Duration lasts) const;
  // A period of a drawn length. When asked for, it has the length 0.
  Period begin_period(Word what, std::uint64_t id, const Drawn& lasts) const;
  bool is_over(Period period, Duration lasts = Duration{0}) const;
  NodeId self() const { return self_; }
  // The node's own random stream for one purpose, from its beginning: the same at every call.
  Stream stream(std::string_view name) const;

  // Sends to message.to; fills in `from`.
  void send(Message message);
  // Fires once, `after` later by the node's clock, unless cancelled or the node crashes.
  TimerId set_timer(Word what, Duration after, TransactionId transaction = 0,
                    std::int64_t value = 0);
  // The same after a drawn length of time.
  TimerId set_timer(Word what, const Drawn& after, TransactionId transaction = 0,
                    std::int64_t value = 0);
  // Fires at the end of the period, at once if it is over.
  TimerId set_timer_at_end(Word what, Period period, Duration lasts, TransactionId transaction = 0,
                           std::int64_t value = 0);
  // No effect on a timer that fired or was cancelled; clears the id.
  void cancel_timer(TimerId& timer);
  // Adds a record to the log. A crash loses it unless a force has made it durable.
  void append(const LogRecord& record);
  // Later effects of the last record's transaction wait until all records appended so far are
  // durable. If they already are, nothing waits.
  void force();
  // The same for the records of this transaction alone.
  void force(TransactionId transaction);
  // Later effects of this transaction wait for all records appended so far, of any transaction.
  void force_all(TransactionId transaction);

  // What several transactions of a node read and write: a row, the lock of an order, a number. An
  // item is any number that identifies one such thing at this node.
  //
  // The transaction has read the item, or is about to write it: its later effects wait for the
  // item's last writer, as long as that writer's own effects had to wait when it wrote.
  void reads(TransactionId transaction, std::uint64_t item);
  // The transaction has written the item, and forced the record of that if it forces one.
  void writes(TransactionId transaction, std::uint64_t item);
  // The last writer of the item, if the reader has to wait for it and does not already; 0: none.
  TransactionId unsettled_writer(TransactionId reader, std::uint64_t item) const;
  // Whether the transaction's effects would have to wait now.
  bool waits(TransactionId transaction) const;

  // Announces a fact to the checks.
  void announce(const Fact& fact);
  // A note for people; nothing depends on it.
  void note(Word what, TransactionId transaction = 0, std::int64_t value = 0);
  // The transaction's critical path (message delays, write delays) is counted from here.
  void start_path();

 private:
  friend class World;
  Context(World& world, NodeId self) : world_(world), self_(self) {}
  World& world_;
  NodeId self_;
};

class Node {
 public:
  Node() = default;
  virtual ~Node() = default;
  virtual std::unique_ptr<Node> clone() const = 0;
  // Assigns the other node; returns false and changes nothing if that is of another class.
  virtual bool assign(const Node& other) {
    (void)other;
    return false;
  }

  // First boot (empty log) and every restart. The node is as it was built; `log` is the durable
  // log.
  virtual void start(Context& context, std::span<const LogRecord> log) = 0;
  virtual void on(Context& context, const Message& message) = 0;
  virtual void on(Context& context, const Timer& timer) = 0;
  // The receiver has refused a message of this node and has not seen it.
  virtual void on_refused(Context& context, const Message& message) = 0;
  // Writes the records from which `start` rebuilds the node's present state, so that the log before
  // them can be dropped. False: this node keeps its whole log.
  virtual bool checkpoint(std::vector<LogRecord>& log) const {
    (void)log;
    return false;
  }
  // For the explorer: it makes no difference, to this node or to others, whether the node takes
  // this message in now or later, before or after anything else, as long as no crash comes and no
  // timer fires before it; and the node sends nothing because of it. False is always correct.
  virtual bool absorbs(const Message& message) const {
    (void)message;
    return false;
  }
  // For the explorer: all of its state that anything depends on (fingerprint.h). By default it
  // asserts: a node without it cannot be explored.
  virtual void digest_into(Fingerprint& into) const;

 protected:
  Node(const Node&) = default;
  Node& operator=(const Node&) = default;
};

// Gives a node class its clone and assign: `class Coordinator : public NodeOf<Coordinator>`.
template <class Derived, class Base = Node>
class NodeOf : public Base {
 public:
  using Base::Base;
  std::unique_ptr<Node> clone() const override {
    return std::make_unique<Derived>(static_cast<const Derived&>(*this));
  }
  bool assign(const Node& other) override {
    if constexpr (std::is_copy_assignable_v<Derived>) {
      if (typeid(other) != typeid(Derived)) return false;
      static_cast<Derived&>(*this) = static_cast<const Derived&>(other);
      return true;
    } else {
      return false;
    }
  }
};

}  // namespace txsim
