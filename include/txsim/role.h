// For protocols with a class for each role: what a role may use, and how a coordinator numbers its
// work.
//
//   RoleHome           what a role may use of its service during one event: context, store, plan
//   Handling           the transaction that the event is about: send, reply, append, force,
//                      set_timer, announce, enter_phase
//   handling           finds what the role knows of that transaction
//   Payload            what a message carries besides
//   record_of          a log record of the protocol's own
//   TwoRoleService     the service of a protocol whose roles are a coordinator and a participant
//   BegunTransactions  the transactions that a coordinator has begun and not forgotten
//   EndedTransactions  those whose outcome its log shows, gathered in recovery
//   bit, lowest        sets of steps or participants as bit masks:
//   highest            one member, the lowest and the highest of a set,
//   pop_first          takes the lowest member out of a set,
//   pop_last           takes the highest
//
// Shapes: a RoleHome and a Handling are made for each event and not kept. The others are members of
// a node.
// Units: numbers of transactions ascend at a coordinator; a set holds members 0 to 63.
// Errors: none. `lowest`, `highest`, `pop_first` and `pop_last` require a set that is not empty.
#pragma once

#include <txsim/service.h>

#include "services/begun_transactions.h"
#include "services/ended_transactions.h"
#include "services/role_home.h"
#include "services/step_set.h"
#include "services/two_role_service.h"
