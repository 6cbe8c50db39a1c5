// Transactions: their steps and kinds, the plan of a world, and the facts that nodes announce.
//
//   Plan                   nodes, resources and kinds of transactions; the same for all of a world
//   TransactionKind, Step  the steps in order, and where it begins; what one step does
//   Action                 take, give, read, create, complete
//   Resource               a named amount at a service
//   transaction_id         the id of an order's submission
//   order_of               the order of an id
//   submission_of          which of its submissions
//   FactKind, fact_word    the facts, and the word that announces each
//   Phase, Outcome         what a transaction goes through, and how it ends
//   Vote, Reply, Role      what participants say, what clients are told, who takes part
//   amount_and_kind        packs two numbers into Fact::extra;
//   amount_of, kind_of     take them out
//   declare_facts          gives a dictionary the names of all facts
//   text                   a fact, phase, outcome, vote, reply, role or action as text
//
// Shapes: plain structs. FactKind lists for each fact who announces it, when, and what its fields
// hold.
// Units: amounts are whole, from 0 to below 2^31. `kind`, `step` and `resource` are places, from 0,
// in Plan::kinds, TransactionKind::steps and Plan::resources. Sets of steps are bit masks, at most
// 64 steps.
// Errors: none; a plan that makes no sense is refused where a scenario is read.
#pragma once

#include <txsim/message.h>
#include <txsim/time.h>

#include "transactions/transaction.h"
