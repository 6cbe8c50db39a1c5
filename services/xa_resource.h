// A service's database as a resource manager: branches of distributed transactions, started, ended,
// prepared, then committed or rolled back, over sessions, in the service's own store and log.
//
// Source: X/Open, Distributed Transaction Processing: The XA Specification, 1991 (calls, return
// codes, table 6-2: states of a branch); MariaDB 10.11, "XA Transactions"; PostgreSQL 15, "PREPARE
// TRANSACTION". tests/conformance holds the two rules below against these two servers themselves.
//
//   a branch
//
//                start            end             prepare           commit
//   NON-EXISTENT ────▶ ACTIVE ─────────▶ IDLE ─────────────▶ PREPARED ─────▶ NON-EXISTENT
//                       ▲    resume       │ │ commit one phase   │ rollback
//                       └─────────────────┘ └──────▶ ◀───────────┘
//                 disconnect, crash: rolled back          survives both
//
//   record                 written by           forced
//   given by the caller    prepare, commit,     if the caller says so
//                          rollback of what is
//                          prepared
//
// The caller supplies the record because it contains more than the database needs (which node
// coordinates, which transactions are forgotten); on recovery the caller passes it to `restore`.
//
// XaRules lists the differences between databases:
//
//   rules        a prepared branch   a refused statement   who only reads
//   textbook     is nobody's         leaves the rest       XA_RDONLY at prepare
//   mariadb      is its session's    leaves the rest       is prepared, but neither its row locks
//                until that is gone                        nor itself survive a restart; ending
//                                                          it after its session is gone gives
//                                                          XA_RBROLLBACK
//   postgresql   is nobody's         dooms the             is prepared, and its row locks survive
//                                    transaction, frees
//                                    its rows
//
// and in how row locks are awaited, kept and freed, and whether a rollback is durable: see
// docs/conformance.md.
//
// PostgreSQL has no start and end: its BEGIN is `begin`, and PREPARE TRANSACTION names the branch.
// Under its rules `start` and `end` do what a driver does.
//
// Deviations: join and suspend do not exist, as in both servers; as there, no heuristic outcome is
// kept here: the participant that decides alone remembers it.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "services/role_home.h"
#include "sim/fingerprint.h"
#include "sim/table.h"

namespace txsim {

enum class XaRules : std::uint8_t { Textbook, MariaDb, PostgreSql };

// The return codes of xa.h that a resource manager here gives, by its numbers.
enum class XaCode : std::int8_t {
  Ok = 0,
  ReadOnly = 3,      // XA_RDONLY: it changed nothing and is over
  RolledBack = 100,  // XA_RBROLLBACK
  UnknownId = -4,    // XAER_NOTA
  Invalid = -5,      // XAER_INVAL
  WrongState = -6,   // XAER_PROTO
  Unavailable = -7,  // XAER_RMFAIL: what MariaDB says for XAER_PROTO
  DuplicateId = -8,  // XAER_DUPID
  Outside = -9,      // XAER_OUTSIDE: the session has a transaction that is not this branch
};
const char* text(XaCode code);

// Which requests may overtake one that waits for a row.
LockOrder lock_order(XaRules rules);

// A connection to the database and the transaction that it has open, if any.
struct XaSession {
  enum class State : std::uint8_t { None, Local, Active, Idle, Prepared };

  TransactionId work = 0;  // what the store knows the transaction by
  TransactionId xid = 0;   // the branch; 0: a local transaction
  std::uint16_t kind = 0;
  State state = State::None;
  bool is_doomed = false;  // can only be rolled back

  bool is_open() const { return state != State::None; }
  bool has_branch() const { return is_open() && state != State::Local; }
};

// Makes a call durable and announces it, in this order; no effect of the call precedes it.
struct XaRecord {
  std::optional<LogRecord> record;
  bool force = false;
  std::optional<Fact> fact;
};

class XaResource {
 public:
  explicit XaResource(XaRules rules = XaRules::Textbook) : rules_(rules) {}

  // ---- A branch, by its session

  XaCode start(XaSession& session, TransactionId xid, std::uint16_t kind);
  XaCode resume(XaSession& session, TransactionId xid) const;
  XaCode end(XaSession& session, TransactionId xid) const;
  // Ok: it will commit or roll back as instructed, also after a crash. ReadOnly: `leaves`, and it
  // is over. Under PostgreSQL's rules also for a local transaction, which receives the id.
  XaCode prepare(const RoleHome& home, XaSession& session, TransactionId xid,
                 const XaRecord& record, bool leaves = false);
  // Whether a branch that has only read may leave when asked to prepare.
  bool lets_readers_leave() const { return rules_ == XaRules::Textbook; }
  // The session's own idle branch, without a prepare.
  XaCode commit_one_phase(const RoleHome& home, XaSession& session, TransactionId xid,
                          const XaRecord& record);

  // ---- By any session that has no other transaction

  XaCode commit(const RoleHome& home, XaSession& session, TransactionId xid,
                const XaRecord& record);
  // A branch that was not prepared is rolled back without the record.
  XaCode rollback(const RoleHome& home, XaSession& session, TransactionId xid,
                  const XaRecord& record);
  // The prepared branches, by ascending id; requires may_list.
  std::vector<TransactionId> recover() const;
  // Ok, or why the session may not list them now.
  XaCode may_list(const XaSession& session) const {
    return session.is_doomed ? XaCode::RolledBack : XaCode::Ok;
  }
  // The store's id of a branch; 0: there is none.
  TransactionId work_of(TransactionId xid) const;

  // ---- Statements and local transactions

  // Ok, or why the session may not execute a statement now.
  XaCode may_work(const XaSession& session) const;
  // Requires may_work and an open transaction; see Store::update.
  StepResult update(const RoleHome& home, XaSession& session, std::uint16_t step) const;
  // The result of a statement that waited for its row lock (LockNews).
  void waited(const RoleHome& home, XaSession& session, StepResult result) const;
  // BEGIN, COMMIT and ROLLBACK; `work` is new in the store.
  XaCode begin(const RoleHome& home, XaSession& session, TransactionId work, std::uint16_t kind,
               const XaRecord& implicit) const;
  XaCode commit_local(const RoleHome& home, XaSession& session, const XaRecord& record) const;
  XaCode rollback_local(const RoleHome& home, XaSession& session) const;

  // ---- Failures

  // Everything that is not prepared is rolled back; the session is as new.
  void disconnect(const RoleHome& home, XaSession& session);
  // After a crash: restores a branch that the log shows as prepared, with the steps that were in
  // effect and what they had overwritten (Store::beyond_of). False: nothing of it has survived.
  bool restore(const RoleHome& home, TransactionId xid, TransactionId work, std::uint16_t kind,
               std::uint64_t steps, std::int64_t beyond = 0);

  // The sessions hold the rest of its state.
  void digest_into(Fingerprint& into) const { into.add(branches_); }

 private:
  // A branch, from when its id is taken until it is over.
  struct Branch {
    TransactionId work = 0;
    std::uint16_t kind = 0;
    bool is_prepared = false;
    bool has_session = false;
    bool is_rolled_back = false;  // though prepared: its session went, and it had changed nothing

    void digest_into(Fingerprint& into) const {
      into.add(work, kind, is_prepared, has_session, is_rolled_back);
    }
  };

  bool names_at_prepare() const { return rules_ == XaRules::PostgreSql; }
  XaCode wrong_state() const {
    return rules_ == XaRules::MariaDb ? XaCode::Unavailable : XaCode::WrongState;
  }
  bool may_end_detached(const RoleHome& home, XaSession& session, TransactionId xid, XaCode& code);
  void doom(const RoleHome& home, XaSession& session) const;
  void forget(XaSession& session, TransactionId xid);

  XaRules rules_;
  Table<Branch> branches_;
};

}  // namespace txsim
