// What nodes send and store: messages, log records, timers, facts, and the words that name them.
//
//   Word             names a message type, a log record, a timer or a note
//   word             the Word of a text: constexpr, so that a switch can use it
//   Dictionary       turns words back into text
//   NodeId, kNoNode  a node's place in the world; no node
//   TransactionId    identifies a transaction; 0: none
//   Message          64 bytes, sent by value
//   LogRecord        56 bytes; survives crashes once it is durable
//   Body             32 bytes in both, for a plain struct of the protocol
//   Timer, TimerId   a timer that fires; the id of one that was set
//   Fact             what a node announces to the checks (<txsim/transaction.h>)
//
// Shapes: plain structs, copied by value. Sending fills in the `from` of a message.
// Units: `transaction_type` and `step` are places in the Plan; `value` has the protocol's meaning,
// and traces show it.
// Errors: Dictionary::declare asserts that no two texts have the same word. Body::put does not
// compile for a struct that is too large, has padding, or is not trivially copyable.
#pragma once

#include "sim/message.h"
#include "sim/word.h"
