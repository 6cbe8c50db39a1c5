// Transactions: their steps and kinds, the plan of a world, and the facts that nodes announce.
//
//   Plan                   nodes, resources and kinds of transactions; shared by a whole world
//   TransactionKind, Step  the steps in order and the first service; one step
//   Action                 take, give, read, create, complete
//   Resource               a named amount at a service
//   transaction_id         the id of an order's submission
//   order_of               the order of a transaction
//   submission_of          the number of the submission
//   FactKind, fact_word    the facts, and the word that announces each
//   Phase, Outcome         the phases of a transaction, and how it ends
//   Vote, Reply, Role      a participant's vote, the answer to a client, a node's role
//   amount_and_kind        packs two numbers into Fact::extra;
//   amount_of, kind_of     read them back
//   declare_facts          gives a dictionary the names of all facts
//   text                   a fact, phase, outcome, vote, reply, role or action as text
//
// Shapes: plain structs. FactKind lists for each fact which node announces it, when, and what its
// fields hold.
// Units: amounts are whole, from 0 to below 2^31. `kind`, `step` and `resource` are places, from 0,
// in Plan::kinds, TransactionKind::steps and Plan::resources. Sets of steps are bit masks, at most
// 64 steps.
// Errors: none; an invalid plan is refused when a scenario is read.
#pragma once

#include <txsim/message.h>
#include <txsim/time.h>

#include "transactions/transaction.h"
