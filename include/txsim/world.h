// The simulated world as one value, without scenarios: nodes, links, disks, faults, and the engine.
//
//   WorldSpec       the input from which a world is made
//   NodeSpec        a node as built, and its disk
//   Link, Network   delay, loss, duplication and order of messages
//   Fault           what happens, to which node or message, and when
//   FaultKind       crash, pause, partition, refuse, slow disk, skewed clock, drop, slow, duplicate
//   PlacedBy        by time, by event, by sequence
//   EventPattern    the event that places a fault
//   RandomFaults    rates; the world turns each strike into an explicit fault during the run
//   World           enabled, step, run; a copy is a snapshot
//   Choice          an event that may happen next
//   Statistics      counts: events, messages, forced writes
//   NodeCounts      log records, forces and writes of a node
//
// Shapes: World::run takes the earliest choice again and again; World::step takes the choice it is
// given. The same spec and seed give the same digest on every machine.
// Units: a node's id is its place in WorldSpec::nodes. Sets of nodes are sorted vectors.
// Errors: none. World::step requires an enabled choice. A failed assertion of a node is thrown.
// Not public: the untimed part of World, and what only tests use.
#pragma once

#include <txsim/node.h>
#include <txsim/trace.h>

#include "sim/choice.h"
#include "sim/fault.h"
#include "sim/network.h"
#include "sim/statistics.h"
#include "sim/world.h"
#include "sim/world_spec.h"
