// Events that services tell each other through a broker: for choreographed protocols.
//
//   EventHeader      what the body of an event's message holds
//   Subscriptions    who hears of what: Services::subscriptions
//   Outbox           publishes what a local transaction tells, if and when that commits
//   OutboxSettings   its switches
//   Relay            how the outbox is read: tailing, polling
//   DualWrite        what takes its place when it is off
//   Inbox            recognises an event that comes again
//   kPublishAck      broker to publisher: it has the event
//   kEventAck        subscriber to broker: the event is handled for good
//   kSubscribe       subscriber to broker: it is back after a crash
//
// Shapes: an event is a message whose type is its name and whose value is its id. A protocol with
// Protocol::needs_broker gets a broker as a node of its own.
// Units: an id is unique in the run.
// Errors: none. A dead letter, or an event that has expired, shows as a violation of no-lost-event.
// Source: Hohpe, Woolf, Enterprise Integration Patterns, 2003; Kreps, Narkhede, Rao, Kafka, 2011;
// Richardson, Microservices Patterns, 2018 (transactional outbox, idempotent consumer).
#pragma once

#include <txsim/node.h>
#include <txsim/transaction.h>

#include "services/event.h"
#include "services/inbox.h"
#include "services/outbox.h"
