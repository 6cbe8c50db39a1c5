// A service's node: the idempotent receiver in front, one protocol behind it, and the service's own
// store. A protocol derives from Service and answers its own messages; the base class answers
// clients.
//
//   client ──Submit──▶ receiver ──begin──▶ protocol ──update, commit, abort──▶ store
//   client ◀──Reply─── receiver ◀──finish── protocol ◀──────on_lock─────────── store
//
// Every handler ends by asking the store for news of steps that waited for a row lock, so a lock
// freed anywhere in a handler lets the next step proceed in the same instant.
#pragma once

#include <memory>
#include <span>
#include <vector>

#include "services/begun_transactions.h"
#include "services/idempotent_receiver.h"
#include "services/store.h"
#include "sim/fingerprint.h"
#include "sim/node.h"
#include "transactions/transaction.h"

namespace txsim {

class Service : public Node {
 public:
  Service(std::shared_ptr<const Plan> plan, NodeId self, const IdempotentReceiverSettings& receiver,
          const StoreSettings& store);

  void start(Context& context, std::span<const LogRecord> log) final;
  void on(Context& context, const Message& message) final;
  void on(Context& context, const Timer& timer) final;
  void on_refused(Context& context, const Message& message) final;
  bool checkpoint(std::vector<LogRecord>& log) const final;
  void digest_into(Fingerprint& into) const final {
    into.add(receiver_, store_);
    digest_own(into);
  }

 protected:
  Service(const Service&) = default;
  Service& operator=(const Service&) = default;

  // The receiver let the transaction in: execute it, and call `finish` once its outcome is certain.
  // A transaction that is under way already is not begun again (after a restart: if the protocol
  // has called `receiver().resume` for it).
  virtual void begin(Context& context, TransactionId transaction, std::uint16_t kind) = 0;
  // Messages, timers and refusals that are not the idempotent receiver's.
  virtual void handle(Context& context, const Message& message) = 0;
  virtual void handle(Context& context, const Timer& timer) = 0;
  virtual void handle_refused(Context& context, const Message& message) = 0;
  // A step that waited for a row lock has it now, or has stopped waiting (see store.h).
  virtual void on_lock(Context& context, const LockNews& news) = 0;
  // At boot (empty log) and after a restart: the protocol rebuilds its own state and, through
  // `store`, the resources; it passes over records that are not its own. It calls
  // `receiver().remember` for each order that its log shows to have ended, `receiver().resume` for
  // each transaction that it carries on. It does no step: what the store holds is announced as
  // recovered right after. A step that is to be done at once waits for a timer.
  virtual void recover(Context& context, std::span<const LogRecord> log) = 0;
  // The protocol's part of a checkpoint; the store's and the receiver's are written by the base.
  // What the store holds for good is in the store's part: no record that `recover` would redo.
  virtual void write_checkpoint(std::vector<LogRecord>& log) const = 0;
  // The token that a message of the protocol carries; 0: none.
  virtual FencingToken token_in(const Message& message) const {
    return message.body.get<FencedMark>().token;
  }
  // The protocol's part of Node::digest_into. By default it asserts: a protocol without it cannot
  // be explored.
  virtual void digest_own(Fingerprint& into) const { Node::digest_into(into); }

  // Answers the client (committed: done, else failed) and releases the order. Once for each
  // transaction begun or resumed.
  void finish(Context& context, TransactionId transaction, Outcome outcome);

  const Plan& plan() const { return *plan_; }
  const TransactionKind& kind(std::uint16_t index) const { return plan_->kinds[index]; }
  NodeId self() const { return self_; }
  Store& store() { return store_; }
  const Store& store() const { return store_; }
  IdempotentReceiver& receiver() { return receiver_; }

  // Facts about the transaction as a whole, from the node that coordinates it.
  static void enter_phase(Context& context, TransactionId transaction, std::uint16_t kind,
                          Phase phase);

 private:
  // False: the lock's grant is void, and the order is turned away.
  bool passes_fence(Context& context, const IdempotentReceiver::Admission& admitted);
  void pass_on_news(Context& context) {
    if (store_.has_news()) pass_on_all(context);
  }
  void pass_on_all(Context& context);

  std::shared_ptr<const Plan> plan_;
  NodeId self_;
  IdempotentReceiver receiver_;
  Store store_;
};

}  // namespace txsim
