// What a time-space diagram shows of a run, before it is placed on the page: messages, strips at
// nodes (states, locks, reservations, doubt, crashes), and notes at moments.
#pragma once

#include <string>
#include <vector>

#include "reports/narrate.h"
#include "reports/report.h"

namespace txsim::time_space {

enum class StripKind : std::uint8_t {
  State,
  LockWait,
  Lock,
  OrderLock,
  Reservation,
  InDoubt,
  Down,
  Paused,
  Fault,  // at no node: a partition, a slow disk ...
};

// The state of a transaction at one node. Waiting is the client's, the next five are the phases at
// the coordinator, the others are those of a participant's part.
enum class State : std::uint8_t {
  Waiting,
  Begun,
  Working,
  Deciding,
  Finishing,
  Undoing,
  Updated,
  Prepared,
  Reserved,
  Applied,
  Compensated,
};
const char* text(State state);

// Something that lasts at a node.
struct Strip {
  StripKind kind = StripKind::State;
  State state = State::Waiting;  // of a strip of kind State
  NodeId node = kNoNode;
  TransactionId transaction = 0;
  Time from;
  Time to;
  std::string text;
  bool goes_on = false;  // it lasts beyond the part that is drawn
  // The same by events: from the first one up to, but without, the last one.
  std::uint64_t first_event = 0;
  std::uint64_t end_event = 0;
};

// The end of a transaction at a node.
struct Cap {
  NodeId node = kNoNode;
  TransactionId transaction = 0;
  Time at;
  Outcome outcome = Outcome::Unknown;
  std::uint64_t event = 0;
};

enum class Fate : std::uint8_t { Arrives, ArrivesAgain, Lost, Refused, UnderWay };

struct Arrow {
  Fate fate = Fate::Arrives;
  NodeId from = kNoNode;
  NodeId to = kNoNode;
  Time sent;
  Time ended;              // when it arrived, was lost, or was known to be refused
  bool gets_there = true;  // false for a lost message, unless its receiver was down
  TransactionId transaction = 0;
  std::string text;
  std::string hover;
  std::uint64_t event = 0;  // sequence of its sending
  std::uint64_t end = 0;    // sequence of its arrival, loss or refusal; 0: under way
};

struct NoteLine {
  std::string text;
  Tone tone = Tone::Plain;
};

// A label for what happens at a node at one moment.
struct Note {
  NodeId node = kNoNode;
  Time at;
  TransactionId transaction = 0;  // 0: of none, or of several
  std::vector<NoteLine> lines;
};

// A write of records to the disk, from the force to the moment at which they are durable.
struct Write {
  NodeId node = kNoNode;
  Time from;
  Time to;
  bool forced = true;  // false: appended without a force
  bool is_durable = true;
  std::string text;
};

struct Violation {
  NodeId node = kNoNode;
  Time at;
  std::uint64_t event = 0;
  std::string text;      // "agreement violated"
  std::string hover;     // the judge's explanation
  bool is_side = false;  // not the event that broke it, but one of its two sides
};

struct Story {
  std::vector<Strip> strips;
  std::vector<Cap> caps;
  std::vector<Arrow> arrows;
  std::vector<Note> notes;
  std::vector<Write> writes;
  std::vector<Violation> violations;
  std::vector<std::string> violated_at_end;  // with the judge's explanation, one line each
  Time first;
  Time last;
  std::size_t left_out_before = 0;  // events
  std::size_t left_out_behind = 0;
  bool several = false;  // transactions, so each needs its name
};

// In milliseconds, as in every report, without zeros at the end: "12ms", "1006.5ms".
std::string moment_text(Time time);

// At most this many events.
Story read_story(const Report& report, std::size_t most_events);

}  // namespace txsim::time_space
