// Lamport's TwoPhase specification as a value with two verbs, like the engine's: enabled(state)
// lists the choices, step(state, choice) takes one. Names are the specification's.
// Source: Gray and Lamport, Consensus on Transaction Commit, 2006; TwoPhase.tla and TCommit.tla
// of the TLA+ examples. Resource managers are 0..n-1 here.
#pragma once

#include <algorithm>
#include <compare>
#include <cstddef>
#include <set>
#include <vector>

namespace txsim::models {

enum class RmState { working, prepared, committed, aborted };
enum class TmState { init, committed, aborted };

struct Message {
  enum class Type { Prepared, Commit, Abort } type;
  int rm = 0;  // of Prepared only
  auto operator<=>(const Message&) const = default;
};

struct TwoPhase {
  std::vector<RmState> rmState;
  TmState tmState = TmState::init;
  std::set<int> tmPrepared;
  std::set<Message> msgs;  // what has been sent; nothing is ever taken out
  auto operator<=>(const TwoPhase&) const = default;
};

enum class Action {
  TMRcvPrepared,
  TMCommit,
  TMAbort,
  RMPrepare,
  RMChooseToAbort,
  RMRcvCommitMsg,
  RMRcvAbortMsg
};

struct Choice {
  Action action;
  int rm = 0;  // of all but TMCommit and TMAbort
};

// What the transaction manager waits for before TMCommit; `nothing` is a broken protocol.
enum class CommitNeeds { all_prepared, nothing };

inline TwoPhase init(int rms) {
  return {.rmState = std::vector<RmState>(static_cast<std::size_t>(rms), RmState::working)};
}

inline std::vector<Choice> enabled(const TwoPhase& state, CommitNeeds needs) {
  const bool undecided = state.tmState == TmState::init;
  const bool commit_sent = state.msgs.contains({Message::Type::Commit});
  const bool abort_sent = state.msgs.contains({Message::Type::Abort});
  const bool may_commit =
      needs == CommitNeeds::nothing || state.tmPrepared.size() == state.rmState.size();

  std::vector<Choice> choices;
  if (undecided && may_commit) choices.push_back({Action::TMCommit});
  if (undecided) choices.push_back({Action::TMAbort});
  for (int rm = 0; rm < static_cast<int>(state.rmState.size()); ++rm) {
    const bool working = state.rmState[static_cast<std::size_t>(rm)] == RmState::working;
    const bool prepared_sent = state.msgs.contains({Message::Type::Prepared, rm});
    if (undecided && prepared_sent) choices.push_back({Action::TMRcvPrepared, rm});
    if (working) choices.push_back({Action::RMPrepare, rm});
    if (working) choices.push_back({Action::RMChooseToAbort, rm});
    if (commit_sent) choices.push_back({Action::RMRcvCommitMsg, rm});
    if (abort_sent) choices.push_back({Action::RMRcvAbortMsg, rm});
  }
  return choices;
}

inline TwoPhase step(TwoPhase state, Choice choice) {
  RmState& rm_state = state.rmState[static_cast<std::size_t>(choice.rm)];
  switch (choice.action) {
    case Action::TMRcvPrepared:
      state.tmPrepared.insert(choice.rm);
      break;
    case Action::TMCommit:
      state.tmState = TmState::committed;
      state.msgs.insert({Message::Type::Commit});
      break;
    case Action::TMAbort:
      state.tmState = TmState::aborted;
      state.msgs.insert({Message::Type::Abort});
      break;
    case Action::RMPrepare:
      rm_state = RmState::prepared;
      state.msgs.insert({Message::Type::Prepared, choice.rm});
      break;
    case Action::RMChooseToAbort:
    case Action::RMRcvAbortMsg:
      rm_state = RmState::aborted;
      break;
    case Action::RMRcvCommitMsg:
      rm_state = RmState::committed;
      break;
  }
  return state;
}

// No resource manager has committed while another has aborted.
inline bool TCConsistent(const TwoPhase& state) {
  const auto some = [&](RmState wanted) {
    return std::find(state.rmState.begin(), state.rmState.end(), wanted) != state.rmState.end();
  };
  return !(some(RmState::committed) && some(RmState::aborted));
}

}  // namespace txsim::models
