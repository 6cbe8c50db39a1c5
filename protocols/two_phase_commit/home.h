// What a role of two-phase commit uses of its service while it handles one event, and sets of
// participants.
#pragma once

#include <bit>
#include <cstdint>
#include <vector>

#include "protocols/two_phase_commit/messages.h"
#include "protocols/two_phase_commit/settings.h"
#include "services/role_home.h"

namespace txsim::two_phase {

// Sets of participants, by their place in TransactionKind::participants.
constexpr std::uint64_t first_bits(std::size_t count) {
  return count >= 64 ? ~std::uint64_t{0} : bit(count) - 1;
}
constexpr std::uint16_t size(std::uint64_t set) {
  return static_cast<std::uint16_t>(std::popcount(set));
}
// The participant's bit; none for a node that is no participant.
inline std::uint64_t bit_of(const TransactionKind& kind, NodeId node) {
  const int place = kind.participant_index(node);
  return place < 0 ? 0 : bit(static_cast<std::size_t>(place));
}

constexpr std::int64_t number_of(Outcome outcome) { return static_cast<std::int64_t>(outcome); }

// A service's own share of one kind of transaction.
struct Share {
  std::uint64_t steps = 0;
  bool changes = false;  // not all of them only read
};

// What a role may use of its service while it handles one event.
struct Home : RoleHome {
  const TwoPhaseCommitSettings& settings;
  const std::vector<Share>& shares;  // by kind

  void send(NodeId to, Word type, TransactionId transaction, std::uint16_t kind, const Mark& mark,
            std::uint16_t step = 0, std::int64_t value = 0) const {
    RoleHome::send(to, type, {transaction, kind, step, mark.number}, mark, value);
  }
  template <class Note>
  static LogRecord record(Word type, TransactionId transaction, std::uint16_t kind,
                          const Note& note) {
    LogRecord made;
    made.type = type;
    made.kind = kind;
    made.transaction = transaction;
    made.value = static_cast<std::int64_t>(note.steps);
    made.body.put(note);
    return made;
  }
  template <class Note>
  static void write(std::vector<LogRecord>& log, Word type, TransactionId transaction,
                    std::uint16_t kind, const Note& note) {
    log.push_back(record(type, transaction, kind, note));
  }
  template <class Note>
  void append(Word type, TransactionId transaction, std::uint16_t kind, const Note& note) const {
    context.append(record(type, transaction, kind, note));
  }
};

}  // namespace txsim::two_phase
