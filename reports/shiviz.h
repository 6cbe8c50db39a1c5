// A run as a log for ShiViz (https://bestchai.bitbucket.io/shiviz/): what happened at each node
// with its vector clock.
//
// Source: Beschastnikh, Wang, Brun, Ernst, Debugging Distributed Systems, 2016; vector clocks:
// Mattern, Virtual Time and Global States of Distributed Systems, 1989.
//
//   line 1   the regular expression that reads the log
//   line 2   empty: one execution
//   then     two lines an event: what happened; the node and its vector clock
#pragma once

#include <string>

#include "reports/report.h"

namespace txsim {

// Requires that the trace was kept. Timers and the workload's clock are left out.
std::string shiviz_log(const Report& report);

}  // namespace txsim
