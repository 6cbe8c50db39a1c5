// The judge and its results: a verdict for each invariant, how transactions ended, counters.
//
//   make_judge          makes the observer that judges a world
//   JudgeSettings       the bound on waits for locks; whether to keep all transactions
//   judge               the judge's result at the end of a run
//   EndOfRun            how the run ended
//   Verdicts            all results of the judge
//   Judgement           one invariant: its verdict, the event that broke it, an explanation
//   Verdict             holds, violated, vacuous, not applicable
//   TransactionSummary  one submission, and the transaction that it began
//   Ending, Fate        how a transaction ended; how a submission ended
//   Outcomes, Counters  counts of endings and fates; times, retries, delays
//   Spread              a distribution, summarised
//   invariants          all invariants
//   InvariantInfo       an invariant's text, the facts it reads, its source
//   text                a verdict, ending or fate as text
//
// Shapes: the judge reads announced facts and nothing else. Judgements are in the order of
// `invariants()`.
// Units: a Judgement's `event` is a sequence of the trace; 0: the end of the run.
// Errors: none.
// Source: InvariantInfo::source names the source of each invariant (docs/invariants.md).
#pragma once

#include <txsim/trace.h>
#include <txsim/transaction.h>

#include "checks/judge.h"
#include "checks/verdict.h"
