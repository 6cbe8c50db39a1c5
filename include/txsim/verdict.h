// The judge and what it says: a verdict for each invariant, how transactions ended, counters.
//
//   make_judge          the observer of a world that judges it
//   JudgeSettings       the bound on waits for locks; whether to keep all transactions
//   judge               what it says at the end of a run
//   EndOfRun            how the run ended
//   Verdicts            all that the judge says
//   Judgement           of one invariant: the verdict, the event that broke it, an explanation
//   Verdict             holds, violated, vacuous, not applicable
//   TransactionSummary  one submission, and the transaction that it became
//   Ending, Fate        how a transaction ended; what became of a submission
//   Outcomes, Counters  those counted; and times, retries, delays
//   Spread              a distribution in a few numbers
//   invariants          all invariants
//   InvariantInfo       what one says, what it reads, its source
//   text                a verdict, ending or fate as text
//
// Shapes: the judge reads announced facts and nothing else. Judgements come in the order of
// `invariants()`.
// Units: a Judgement's `event` is a sequence of the trace; 0: the end of the run.
// Errors: none.
// Source: InvariantInfo::source names that of each invariant (docs/invariants.md).
#pragma once

#include <txsim/trace.h>
#include <txsim/transaction.h>

#include "checks/judge.h"
#include "checks/verdict.h"
