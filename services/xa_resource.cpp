#include "services/xa_resource.h"

#include "sim/assert.h"

namespace txsim {
namespace {

void write(const RoleHome& home, const XaRecord& record) {
  if (record.record) home.context.append(*record.record);
  if (record.force) home.context.force();
  if (record.fact) home.context.announce(*record.fact);
}

bool has_changed(const RoleHome& home, TransactionId work, std::uint16_t kind) {
  return (home.store.steps_of(work) & home.kind(kind).writes()) != 0;
}

}  // namespace

const char* text(XaCode code) {
  switch (code) {
    case XaCode::Ok:
      return "XA_OK";
    case XaCode::ReadOnly:
      return "XA_RDONLY";
    case XaCode::RolledBack:
      return "XA_RBROLLBACK";
    case XaCode::UnknownId:
      return "XAER_NOTA";
    case XaCode::Invalid:
      return "XAER_INVAL";
    case XaCode::WrongState:
      return "XAER_PROTO";
    case XaCode::Unavailable:
      return "XAER_RMFAIL";
    case XaCode::DuplicateId:
      return "XAER_DUPID";
    case XaCode::Outside:
      return "XAER_OUTSIDE";
  }
  TXSIM_ASSERT(false, "no such code");
}

LockOrder lock_order(XaRules rules) {
  switch (rules) {
    case XaRules::Textbook:
      return LockOrder::ConversionsFirst;
    case XaRules::MariaDb:
      return LockOrder::NobodyFirst;
    case XaRules::PostgreSql:
      return LockOrder::ReadersToo;
  }
  TXSIM_ASSERT(false, "no such rules");
}

// ---- A branch, by its session

XaCode XaResource::start(XaSession& session, TransactionId xid, std::uint16_t kind) {
  if (session.state == XaSession::State::Local) return XaCode::Outside;
  if (session.is_open()) return wrong_state();
  if (!names_at_prepare()) {
    if (branches_.contains(xid)) return XaCode::DuplicateId;
    branches_[xid] = {xid, kind, false, true, false};
  }
  session = {xid, xid, kind, XaSession::State::Active, false};
  return XaCode::Ok;
}

XaCode XaResource::resume(XaSession& session, TransactionId xid) const {
  if (session.state != XaSession::State::Idle) return XaCode::Invalid;
  if (session.xid != xid) return XaCode::UnknownId;
  session.state = XaSession::State::Active;
  return XaCode::Ok;
}

XaCode XaResource::end(XaSession& session, TransactionId xid) const {
  if (session.state != XaSession::State::Active) return wrong_state();
  if (session.xid != xid) return XaCode::UnknownId;
  session.state = XaSession::State::Idle;
  return XaCode::Ok;
}

XaCode XaResource::prepare(const RoleHome& home, XaSession& session, TransactionId xid,
                           const XaRecord& record, bool leaves) {
  if (names_at_prepare()) {
    if (!session.is_open() || session.is_doomed) {
      session = {};
      return XaCode::RolledBack;
    }
    if (branches_.contains(xid)) {
      doom(home, session);
      session = {};
      return XaCode::DuplicateId;
    }
  } else {
    if (session.state != XaSession::State::Idle) return wrong_state();
    if (session.xid != xid) return XaCode::UnknownId;
  }
  write(home, record);
  if (leaves) {
    home.store.commit(home.context, session.work);
    forget(session, xid);
    return XaCode::ReadOnly;
  }
  const bool stays = rules_ == XaRules::MariaDb;
  branches_[xid] = {session.work, session.kind, true, stays, false};
  if (stays) {
    session.state = XaSession::State::Prepared;
    if (has_changed(home, session.work, session.kind)) {
      home.store.release_shared(home.context, session.work);
    }
  } else {
    session = {};
  }
  return XaCode::Ok;
}

XaCode XaResource::commit_one_phase(const RoleHome& home, XaSession& session, TransactionId xid,
                                    const XaRecord& record) {
  if (!session.has_branch() || session.xid != xid) {
    return session.is_open() ? XaCode::Outside : XaCode::Invalid;
  }
  if (session.state == XaSession::State::Prepared) return XaCode::Invalid;
  if (session.state != XaSession::State::Idle) return wrong_state();
  const bool is_doomed = session.is_doomed;
  if (!is_doomed) {
    write(home, record);
    home.store.commit(home.context, session.work);
  }
  forget(session, xid);
  return is_doomed ? XaCode::RolledBack : XaCode::Ok;
}

// ---- By any session that has no other transaction

// Whether the session may end a branch that is not its own: a prepared one that no other session
// holds.
bool XaResource::may_end_detached(const RoleHome& home, XaSession& session, TransactionId xid,
                                  XaCode& code) {
  if (session.is_open()) {
    code = session.is_doomed ? XaCode::RolledBack : XaCode::Outside;
    if (names_at_prepare()) doom(home, session);
    return false;
  }
  const Branch* branch = branches_.find(xid);
  if (branch == nullptr || !branch->is_prepared || branch->has_session) {
    code = XaCode::UnknownId;
    return false;
  }
  if (branch->is_rolled_back) {
    branches_.erase(xid);
    code = XaCode::RolledBack;
    return false;
  }
  return true;
}

XaCode XaResource::commit(const RoleHome& home, XaSession& session, TransactionId xid,
                          const XaRecord& record) {
  if (session.has_branch() && session.xid == xid) {
    if (session.state != XaSession::State::Prepared) return wrong_state();
  } else {
    XaCode refusal{};
    if (!may_end_detached(home, session, xid, refusal)) return refusal;
  }
  const TransactionId work = branches_.find(xid)->work;
  write(home, record);
  home.store.commit(home.context, work);
  forget(session, xid);
  return XaCode::Ok;
}

XaCode XaResource::rollback(const RoleHome& home, XaSession& session, TransactionId xid,
                            const XaRecord& given) {
  XaRecord record = given;
  if (rules_ == XaRules::MariaDb) record.force = false;  // it forces its log for commits alone
  TransactionId work = session.work;
  if (session.has_branch() && session.xid == xid) {
    if (session.state == XaSession::State::Active) return wrong_state();
    if (session.state == XaSession::State::Prepared) write(home, record);
  } else {
    XaCode refusal{};
    if (!may_end_detached(home, session, xid, refusal)) return refusal;
    work = branches_.find(xid)->work;
    write(home, record);
  }
  home.store.abort(home.context, work);
  forget(session, xid);
  return XaCode::Ok;
}

void XaResource::forget(XaSession& session, TransactionId xid) {
  branches_.erase(xid);
  session = {};
}

std::vector<TransactionId> XaResource::recover() const {
  std::vector<TransactionId> prepared;
  branches_.for_each_sorted([&](TransactionId xid, const Branch& branch) {
    if (branch.is_prepared) prepared.push_back(xid);
  });
  return prepared;
}

TransactionId XaResource::work_of(TransactionId xid) const {
  const Branch* branch = branches_.find(xid);
  return branch != nullptr ? branch->work : 0;
}

// ---- Statements and local transactions

XaCode XaResource::may_work(const XaSession& session) const {
  switch (session.state) {
    case XaSession::State::None:
    case XaSession::State::Local:
    case XaSession::State::Active:
      return session.is_doomed ? XaCode::RolledBack : XaCode::Ok;
    case XaSession::State::Idle:
    case XaSession::State::Prepared:
      return wrong_state();
  }
  TXSIM_ASSERT(false, "no such state");
}

StepResult XaResource::update(const RoleHome& home, XaSession& session, std::uint16_t step) const {
  TXSIM_ASSERT(session.is_open() && may_work(session) == XaCode::Ok, "a statement without a place");
  const bool is_short = rules_ == XaRules::PostgreSql &&
                        home.store.is_short_unlocked(session.work, session.kind, step);
  if (is_short) home.store.touch(home.context, session.work, session.kind, step);
  const StepResult result = is_short
                                ? StepResult::Refused
                                : home.store.update(home.context, session.work, session.kind, step);
  waited(home, session, result);
  return result;
}

void XaResource::waited(const RoleHome& home, XaSession& session, StepResult result) const {
  if (result == StepResult::Refused && rules_ == XaRules::PostgreSql) doom(home, session);
}

// The transaction is rolled back at once, though the session has yet to say so.
void XaResource::doom(const RoleHome& home, XaSession& session) const {
  if (!session.is_doomed) home.store.abort(home.context, session.work);
  session.is_doomed = true;
}

XaCode XaResource::begin(const RoleHome& home, XaSession& session, TransactionId work,
                         std::uint16_t kind, const XaRecord& implicit) const {
  if (session.has_branch()) return wrong_state();
  if (session.is_doomed) return XaCode::RolledBack;
  if (session.is_open()) {
    if (rules_ == XaRules::PostgreSql) return XaCode::Ok;  // with a warning
    commit_local(home, session, implicit);
  }
  session = {work, 0, kind, XaSession::State::Local, false};
  return XaCode::Ok;
}

XaCode XaResource::commit_local(const RoleHome& home, XaSession& session,
                                const XaRecord& record) const {
  if (session.has_branch()) return wrong_state();
  const bool is_doomed = session.is_doomed;
  if (session.is_open() && !is_doomed) {
    write(home, record);
    home.store.commit(home.context, session.work);
  }
  session = {};
  return is_doomed ? XaCode::RolledBack : XaCode::Ok;
}

XaCode XaResource::rollback_local(const RoleHome& home, XaSession& session) const {
  if (session.has_branch()) return wrong_state();
  if (session.is_open()) home.store.abort(home.context, session.work);
  session = {};
  return XaCode::Ok;
}

// ---- Failures

void XaResource::disconnect(const RoleHome& home, XaSession& session) {
  switch (session.state) {
    case XaSession::State::None:
      break;
    case XaSession::State::Local:
    case XaSession::State::Active:
    case XaSession::State::Idle:
      home.store.abort(home.context, session.work);
      if (!names_at_prepare() && session.has_branch()) branches_.erase(session.xid);
      break;
    case XaSession::State::Prepared: {
      Branch* branch = branches_.find(session.xid);
      branch->has_session = false;
      if (has_changed(home, branch->work, branch->kind)) break;
      branch->is_rolled_back = true;
      home.store.abort(home.context, branch->work);
      break;
    }
  }
  session = {};
}

bool XaResource::restore(const RoleHome& home, TransactionId xid, TransactionId work,
                         std::uint16_t kind, std::uint64_t steps, std::int64_t beyond) {
  if (rules_ == XaRules::MariaDb) {
    steps &= home.kind(kind).writes();
    if (steps == 0) return false;
  }
  branches_[xid] = {work, kind, true, false, false};
  home.store.hold(home.context, work, kind, steps, beyond);
  return true;
}

}  // namespace txsim
