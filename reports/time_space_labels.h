// Places labels so that they hide neither each other nor the elements at the lifelines.
#pragma once

#include "reports/time_space_page.h"

namespace txsim::time_space {

// A row below which a label needs more room, and how much it needs it.
struct Wish {
  std::size_t row = 0;
  int price = 0;
};

// Places all labels of the page; returns the rows that need more room.
std::vector<Wish> place_labels(Page& page, const Story& story);

}  // namespace txsim::time_space
