// A run as Chrome trace events in JSON, which Perfetto (https://ui.perfetto.dev) opens: a process a
// node, messages as flows between them, disk writes, row locks, doubt and crashes as spans.
//
// Source: Trace Event Format (Google, 2016): phases M, X, i, s, f, b, e; times in microseconds.
#pragma once

#include <string>

#include "reports/report.h"

namespace txsim {

// Requires that the trace was kept. Timers are left out.
std::string chrome_trace(const Report& report);

}  // namespace txsim
