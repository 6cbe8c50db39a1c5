// The lifelines of a time-space diagram: their order and distances.
#pragma once

#include "reports/time_space_lanes.h"
#include "reports/time_space_page.h"

namespace txsim::time_space {

inline constexpr std::size_t kNoColumn = ~std::size_t{0};

// One for every node at which something is drawn: the client first, then the lock service, then the
// others.
std::vector<Column> make_columns(const Story& story, const RunResult& result, const Lanes& lanes);

// The place of each node's column; kNoColumn if it has none.
std::vector<std::size_t> columns_by_node(const std::vector<Column>& columns, std::size_t nodes);

// Gives each column its x, the first right of `from`, with room for labels between them; returns
// the width of the page.
int spread_columns(std::vector<Column>& columns, const Story& story, int from);

// Half the width of the box that names a lifeline.
int half_head(const Column& column);
inline constexpr Font kNameFont{13, true};
inline constexpr Font kRoleFont{10, false};

}  // namespace txsim::time_space
