// A node: a state machine of plain data. Its handlers are pure functions of state and event; all
// that they do to the outside goes through the context.
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
// depends on are durable (output commit): those that its own transaction has forced before it, and
// those of the last writer of what its transaction has read or written. What depends on nothing
// unwritten leaves at once, whatever else the disk is doing. The effects of one transaction leave
// in order. Appending and the node's own timers are its inner affairs and act at once.
//
// Sources: Elnozahy, Alvisi, Wang, Johnson, A Survey of Rollback-Recovery Protocols, 2002 (output
// commit); DeWitt et al., Implementation Techniques for Main Memory Database Systems, 1984 (group
// commit, and that a transaction waits for the log records of those it depends on); Johnson et al.,
// Aether: a Scalable Approach to Logging, 2010 (early lock release, flush pipelining).
class Context {
 public:
  // The node's own clock: virtual time plus its skew.
  Time now() const;
  NodeId self() const { return self_; }
  // The node's own stream of draws for one purpose, from its beginning: the same at every call.
  Stream stream(std::string_view name) const;

  // Sends to message.to; `from` is filled in.
  void send(Message message);
  // Fires once, `after` later by the node's clock, unless cancelled or the node crashes.
  TimerId set_timer(Word what, Duration after, TransactionId transaction = 0,
                    std::int64_t value = 0);
  // Harmless for a timer that fired or was cancelled; clears the id.
  void cancel_timer(TimerId& timer);
  // Adds a record to the log; it is lost in a crash until a force has made it durable.
  void append(const LogRecord& record);
  // Later effects of the last record's transaction wait until all that was appended so far is
  // durable. Nothing to do: no wait.
  void force();
  // The same for the records of this transaction alone.
  void force(TransactionId transaction);
  // Later effects of this transaction wait for all that was appended so far, by whomever.
  void force_all(TransactionId transaction);

  // What several transactions of a node read and write: a row, the lock of an order, a number. An
  // item is any number that stands for one such thing at this node.
  //
  // The transaction has read the item, or is about to write it: its later effects wait for the
  // writer that wrote it last, for as long as that one's own effects had to when it wrote.
  void reads(TransactionId transaction, std::uint64_t item);
  // The transaction has written the item, and forced the record of that if it forces one.
  void writes(TransactionId transaction, std::uint64_t item);
  // Who wrote the item last, if the reader has to wait for that and does not already; 0: nobody.
  TransactionId unsettled_writer(TransactionId reader, std::uint64_t item) const;
  // Whether the transaction's effects would have to wait now.
  bool waits(TransactionId transaction) const;

  // Tells the checks a fact.
  void announce(const Fact& fact);
  // Tells people something; nothing depends on it.
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
  // Becomes the other one; false, and nothing: it is of another class.
  virtual bool assign(const Node& other) {
    (void)other;
    return false;
  }

  // First boot (empty log) and every restart. The node is as it was built; `log` is what is
  // durable.
  virtual void start(Context& context, std::span<const LogRecord> log) = 0;
  virtual void on(Context& context, const Message& message) = 0;
  virtual void on(Context& context, const Timer& timer) = 0;
  // A message of this node's was refused by its receiver, which has not seen it.
  virtual void on_refused(Context& context, const Message& message) = 0;
  // Writes the records from which `start` rebuilds the node's state as it is now, so that the log
  // before them can be dropped. False: this node keeps its whole log.
  virtual bool checkpoint(std::vector<LogRecord>& log) const {
    (void)log;
    return false;
  }
  // For the explorer: that it takes this message in now or later, before or after whatever else may
  // come, is all the same, to itself and to others, as long as no crash comes and no timer fires
  // before it; and it tells nobody of it. False is always right.
  virtual bool absorbs(const Message& message) const {
    (void)message;
    return false;
  }
  // For the explorer: all of its state that anything depends on (fingerprint.h). Asserts: a node
  // that does not give it cannot be explored.
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
