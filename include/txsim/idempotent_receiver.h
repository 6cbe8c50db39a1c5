// The idempotent receiver: it stands in front of every protocol, so that the same order is executed
// once.
//
//   IdempotentReceiver  for protocols: remember, save, resume, accept, keep
//
// Shapes: one receiver a service, owned by Service; a protocol calls it by Service::receiver(). It
// keeps its own records. What it promises needs the protocol's part: that the protocol logs a
// transaction before it has an effect outside, and tells the receiver after a crash what the log
// shows.
// Units: an order is its number, from 1; a transaction is one execution of it.
// Errors: none; an order that is executed twice shows as a violation of exactly-once.
// Source: Hohpe, Woolf, Enterprise Integration Patterns, 2003 (Idempotent Receiver); Helland,
// Idempotence Is Not a Medical Condition, 2012.
#pragma once

#include <txsim/node.h>
#include <txsim/transaction.h>

#include "services/idempotent_receiver.h"
