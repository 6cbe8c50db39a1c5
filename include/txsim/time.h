// Virtual time: durations and moments.
//
//   Duration                     a length of time
//   Time                         a moment, counted from the start of the run
//   nanoseconds, microseconds    make a Duration: milliseconds(5)
//   milliseconds, seconds
//   kLongestDuration             the limit of delays and horizons
//   kEndOfTime                   the limit of a run
//
// Shapes: structs of one integer; they add, subtract and compare.
// Units: nanoseconds, `ns`, signed 64 bits. The machine's clocks are never read.
// Errors: none. Overflow is not checked: a sum stays within kEndOfTime as long as each part does.
#pragma once

#include "sim/time.h"
