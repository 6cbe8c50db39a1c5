// For protocols with one class for each role: what a role may use, and how a coordinator numbers
// its transactions.
//
//   RoleHome           what a role may use of its service during one event: context, store, plan
//   Handling           the transaction that the event is about: send, reply, append, force,
//                      set_timer, announce, enter_phase
//   handling           looks up the role's state of that transaction
//   Payload            further content of a message
//   record_of          makes a log record of the protocol
//   TwoRoleService     the service of a protocol whose roles are a coordinator and a participant
//   BegunTransactions  the transactions that a coordinator has begun and not forgotten
//   EndedTransactions  those whose outcome its log shows, collected in recovery
//   bit                a set with one member; sets of steps or participants are bit masks
//   lowest, highest    the lowest and the highest member of a set
//   pop_first          takes the lowest member out of a set
//   pop_last           takes the highest member out of a set
//
// Shapes: a RoleHome and a Handling are made for each event and are not stored. The others are
// members of a node.
// Units: a coordinator's transaction numbers ascend; a set holds members 0 to 63.
// Errors: none. `lowest`, `highest`, `pop_first` and `pop_last` require a set that is not empty.
#pragma once

#include <txsim/service.h>

#include "services/begun_transactions.h"
#include "services/ended_transactions.h"
#include "services/role_home.h"
#include "services/step_set.h"
#include "services/two_role_service.h"
