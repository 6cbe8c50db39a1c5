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

// What a handler may do to the outside. Effects leave in order: what follows a force leaves the
// node only once the log is durable up to there (output commit). Appending and the node's own
// timers are its inner affairs and act at once.
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
  // Later effects wait until all that was appended so far is durable. Nothing to do: no wait.
  void force();
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
