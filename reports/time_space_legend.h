// The parts above and below a time-space diagram: title, outcome, legend.
#pragma once

#include <vector>

#include "reports/time_space.h"
#include "reports/time_space_page.h"

namespace txsim::time_space {

// Each draws from height `y` on, and returns the height at which it ends.
int draw_heading(Svg& svg, const Report& report, const Story& story, int width, int y);
int draw_remarks(Svg& svg, const Story& story, const Page& page, int y);
// Explains only what occurs in the diagram.
int draw_legend(Svg& svg, const Story& story, const Page& page, int y);
// The entries of the legend, one by one.
std::vector<MarkedDiagram::Sample> legend_samples(const Story& story, const Page& page);

// Says which part of the run is not drawn; empty if all of it is.
std::string left_out_text(const Story& story);

// How the run ended, in a sentence: for the heading, and for readers who cannot see the picture.
std::string outcome_sentence(const RunResult& result);

}  // namespace txsim::time_space
