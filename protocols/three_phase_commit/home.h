// What a role of three-phase commit uses of its service while it handles one event, and sets of
// participants.
#pragma once

#include <cstdint>
#include <vector>

#include "protocols/three_phase_commit/messages.h"
#include "protocols/three_phase_commit/settings.h"
#include "services/role_home.h"

namespace txsim::three_phase {

// Sets of participants, by their place in TransactionKind::participants.
constexpr std::uint64_t first_bits(std::size_t count) {
  return count >= 64 ? ~std::uint64_t{0} : bit(count) - 1;
}
// The participant's bit; none for a node that is no participant.
inline std::uint64_t bit_of(const TransactionKind& kind, NodeId node) {
  const int place = kind.participant_index(node);
  return place < 0 ? 0 : bit(static_cast<std::size_t>(place));
}

constexpr std::int64_t number_of(Outcome outcome) { return static_cast<std::int64_t>(outcome); }

// What a role may use of its service while it handles one event.
struct Home : RoleHome {
  const ThreePhaseCommitSettings& settings;

  std::uint64_t own_steps(std::uint16_t index) const { return kind(index).steps_of(self()); }

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
  // That the service has voted on its part of the transaction.
  static Fact voted(TransactionId transaction, std::uint16_t kind, Vote vote) {
    return {.what = fact_word(FactKind::Voted),
            .transaction = transaction,
            .value = static_cast<std::int64_t>(vote),
            .extra = kind};
  }
  // No verdict depends on when it learns the decision, only for how long it was in doubt.
  void end_doubt(TransactionId transaction, std::uint16_t kind, Outcome outcome) const {
    context.announce({.what = fact_word(FactKind::DoubtEnded),
                      .transaction = transaction,
                      .value = number_of(outcome),
                      .extra = kind,
                      .is_measure = true});
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

}  // namespace txsim::three_phase
