// Events that services send to each other through a broker: for choreographed protocols.
//
//   EventHeader      the body of an event's message
//   Subscriptions    which service receives which events: Services::subscriptions
//   Outbox           publishes the events of a local transaction once it commits
//   OutboxSettings   its switches
//   Relay            how the outbox is read: tailing, polling
//   DualWrite        how events are published without an outbox
//   Inbox            recognises an event that is delivered again
//   kPublishAck      broker to publisher: the event is stored
//   kEventAck        subscriber to broker: the event is handled, durably
//   kSubscribe       subscriber to broker: it is back after a crash
//
// Shapes: an event is a message whose type is its name and whose value is its id. A protocol with
// Protocol::needs_broker gets a broker as a node of its own.
// Units: an id is unique in the run.
// Errors: none. A dead letter or an expired event is a violation of no-lost-event.
// Source: Hohpe, Woolf, Enterprise Integration Patterns, 2003; Kreps, Narkhede, Rao, Kafka, 2011;
// Richardson, Microservices Patterns, 2018 (transactional outbox, idempotent consumer).
#pragma once

#include <txsim/node.h>
#include <txsim/transaction.h>

#include "services/event.h"
#include "services/inbox.h"
#include "services/outbox.h"
