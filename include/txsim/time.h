// Virtual time: durations and moments.
//
//   Duration                     a length of time
//   Time                         a moment, counted from the start of the run
//   nanoseconds, microseconds    make a Duration: milliseconds(5)
//   milliseconds, seconds
//   kLongestDuration             no delay and no horizon is longer
//   kEndOfTime                   no run lasts longer
//
// Shapes: structs of one integer; they add, subtract and compare.
// Units: nanoseconds, `ns`, signed 64 bits. No clock of the machine is ever read.
// Errors: none. Nothing checks for overflow: a sum stays within kEndOfTime as long as each part
// does.
#pragma once

#include "sim/time.h"
