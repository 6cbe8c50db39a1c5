// The idempotent receiver: it stands in front of every protocol, so that the same order is executed
// once.
//
//   IdempotentReceiver  for protocols: remember, save, resume, accept, keep
//
// Shapes: one receiver for each service, owned by Service. A protocol calls it by
// Service::receiver(). It keeps its own records. Its promise holds only if the protocol logs a
// transaction before the transaction has an effect outside, and after a crash tells the receiver
// what the log shows.
// Units: an order is its number, from 1; a transaction is one execution of it.
// Errors: none; an order that is executed twice shows as a violation of exactly-once.
// Source: Hohpe, Woolf, Enterprise Integration Patterns, 2003 (Idempotent Receiver); Helland,
// Idempotence Is Not a Medical Condition, 2012.
#pragma once

#include <txsim/node.h>
#include <txsim/transaction.h>

#include "services/idempotent_receiver.h"
