// The base class of a service: the idempotent receiver in front, one protocol behind it, and the
// service's store.
//
//   Service     a protocol overrides begin, handle, handle_refused, on_lock, recover,
//               write_checkpoint and digest_own, and calls finish
//   Mark        numbers a message's transaction, for protocols that need it
//   FencedMark  the same in the body of a message, with the token of the order's lock
//
// Shapes: `class Mine final : public NodeOf<Mine, Service>`, with a constructor that takes the
// plan, its own id, the settings of the idempotent receiver and the store, and those of the
// protocol (make_services_of).
// Units: as in the headers that it includes.
// Errors: a service without `digest_own` asserts when it is explored.
#pragma once

#include <txsim/idempotent_receiver.h>
#include <txsim/node.h>
#include <txsim/settings.h>
#include <txsim/store.h>
#include <txsim/transaction.h>

#include "services/begun_transactions.h"
#include "services/service.h"
