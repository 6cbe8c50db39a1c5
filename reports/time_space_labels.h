// Finds places for labels at which none hides another, nor what stands at the lifelines.
#pragma once

#include "reports/time_space_page.h"

namespace txsim::time_space {

// A row below which a label lacks room, and how badly it does.
struct Wish {
  std::size_t row = 0;
  int price = 0;
};

// Places the page's labels again.
std::vector<Wish> place_labels(Page& page, const Story& story);

}  // namespace txsim::time_space
