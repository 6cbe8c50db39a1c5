// Reports: the result of a run as text, JSON, JUnit, HTML, SVG, Mermaid, and for other tools.
//
//   Report               a run's result, and the command that repeats the run
//   text_report          one screen of text; text_failures only unmet expectations
//   text_failures
//   TextSettings, Paint  width, colours, how much of the timeline
//   json_report          one JSON object (docs/json.md)
//   junit_case           a test case
//   JUnitCase            the test case as a value
//   junit_report         the XML of several test cases
//   run_page             an HTML page in one file
//   time_space_diagram   SVG
//   mermaid_diagram      a sequence diagram in Mermaid
//   chrome_trace         for Perfetto
//   shiviz_log           for ShiViz
//   trace_header         the first line of a trace as JSON Lines (docs/trace-format.md)
//   TraceLines           the other lines
//   transaction_text     "T7.2"
//   duration_text        "1.5ms"
//   time_text            "12.000ms"
//
// Shapes: text in UTF-8; the same bytes for the same run. A Report points to a result, which must
// outlive it.
// Units: each text names its units; JSON has integer nanoseconds.
// Errors: none. All functions but text_failures, json_report and junit_case need a run that kept
// its trace.
#pragma once

#include <txsim/run.h>

#include "reports/chrome_trace.h"
#include "reports/json.h"
#include "reports/junit.h"
#include "reports/mermaid.h"
#include "reports/names.h"
#include "reports/report.h"
#include "reports/run_page.h"
#include "reports/shiviz.h"
#include "reports/text.h"
#include "reports/time_space.h"
#include "reports/trace_lines.h"
