#include "reports/time_space_columns.h"

#include <algorithm>

#include "reports/names.h"
#include "reports/paint.h"

namespace txsim::time_space {
namespace {

constexpr int kNarrowest = 140;  // between the elements of two lifelines
constexpr int kWidest = 210;
constexpr int kNarrowestPage = 480;
constexpr int kMargin = 12;

std::string role_of(NodeId node, const Scenario& scenario) {
  if (node == scenario.client) return text(Role::Client);
  if (node == scenario.lock_service) return text(Role::Lock);
  std::string roles;
  const auto& kinds = scenario.plan.kinds;
  const auto coordinates = [&](const TransactionKind& kind) { return kind.begins_at == node; };
  const auto takes_part = [&](const TransactionKind& kind) {
    return kind.participant_index(node) >= 0;
  };
  if (std::any_of(kinds.begin(), kinds.end(), coordinates)) roles = text(Role::Coordinator);
  if (std::any_of(kinds.begin(), kinds.end(), takes_part)) {
    roles += (roles.empty() ? "" : ", ") + std::string(text(Role::Participant));
  }
  return roles;
}

bool is_seen(NodeId node, const Story& story) {
  const auto at = [node](const auto& drawn) { return drawn.node == node; };
  return std::any_of(story.arrows.begin(), story.arrows.end(),
                     [node](const Arrow& a) { return a.from == node || a.to == node; }) ||
         std::any_of(story.strips.begin(), story.strips.end(), at) ||
         std::any_of(story.notes.begin(), story.notes.end(), at) ||
         std::any_of(story.writes.begin(), story.writes.end(), at) ||
         std::any_of(story.caps.begin(), story.caps.end(), at) ||
         std::any_of(story.violations.begin(), story.violations.end(), at);
}

// Strips are on the side with less message traffic.
void choose_sides(std::vector<Column>& columns, const Story& story,
                  const std::vector<std::size_t>& column_of) {
  std::vector<int> traffic(columns.size(), 0);  // right of it less left of it
  for (const Arrow& arrow : story.arrows) {
    const std::size_t from = column_of[arrow.from];
    const std::size_t to = column_of[arrow.to];
    ++traffic[std::min(from, to)];
    --traffic[std::max(from, to)];
  }
  for (std::size_t i = 0; i < traffic.size(); ++i) columns[i].side = traffic[i] > 0 ? -1 : 1;
}

int note_width(const Note& note) {
  int width = 0;
  for (const NoteLine& line : note.lines) {
    for (const std::string& part : wrap_words(line.text, kNoteColumns)) {
      width = std::max(width, text_width(part, kLabelFont));
    }
  }
  return width;
}

int violation_width(const Violation& violation) {
  return text_width(violation.text, kViolationFont) + kRing;
}

// Room for the labels at the outer side of the first or the last lifeline.
int room_beside(const Column& column, const Story& story) {
  int room = 0;
  for (const Note& note : story.notes) {
    if (note.node == column.node) room = std::max(room, note_width(note));
  }
  for (const Violation& violation : story.violations) {
    if (violation.node == column.node) room = std::max(room, violation_width(violation));
  }
  return std::max(room + kMargin, half_head(column));
}

// Between a lifeline and the next.
int room_behind(std::size_t place, const std::vector<Column>& columns, const Story& story,
                const std::vector<std::size_t>& column_of) {
  int room = kNarrowest;
  for (const Arrow& arrow : story.arrows) {
    const std::size_t from = column_of[arrow.from];
    const std::size_t to = column_of[arrow.to];
    if (std::min(from, to) > place || std::max(from, to) <= place) continue;
    room = std::max(room, text_width(arrow.text, kLabelFont) + 60);
  }
  for (const Violation& violation : story.violations) {
    const bool is_here =
        violation.node == columns[place].node || violation.node == columns[place + 1].node;
    if (is_here) room = std::max(room, violation_width(violation) + 50);
  }
  for (const Note& note : story.notes) {
    const bool is_here = note.node == columns[place].node || note.node == columns[place + 1].node;
    if (is_here) room = std::max(room, note_width(note) + 50);
  }
  return std::min(room, kWidest);
}

std::vector<std::size_t> places_of(const std::vector<Column>& columns) {
  NodeId most = 0;
  for (const Column& column : columns) most = std::max(most, column.node);
  return columns_by_node(columns, std::size_t{most} + 1);
}

}  // namespace

std::vector<std::size_t> columns_by_node(const std::vector<Column>& columns, std::size_t nodes) {
  std::vector<std::size_t> places(nodes, kNoColumn);
  for (std::size_t i = 0; i < columns.size(); ++i) places[columns[i].node] = i;
  return places;
}

std::vector<Column> make_columns(const Story& story, const RunResult& result, const Lanes& lanes) {
  const Scenario& scenario = *result.scenario;
  const std::size_t count = scenario.plan.nodes.size();
  std::vector<NodeId> order;
  if (scenario.client < count) order.push_back(scenario.client);
  if (scenario.lock_service < count) order.push_back(scenario.lock_service);
  for (NodeId node = 0; node < count; ++node) {
    if (node != scenario.client && node != scenario.lock_service) order.push_back(node);
  }
  std::vector<Column> columns;
  for (const NodeId node : order) {
    if (!is_seen(node, story)) continue;
    Column column;
    column.node = node;
    column.name = printable(scenario.plan.nodes[node]);
    column.role = role_of(node, scenario);
    if (column.role == column.name) column.role.clear();
    column.lanes = std::max(Lanes::count(lanes.strip_lanes, node), 1);
    column.write_lanes = Lanes::count(lanes.write_lanes, node);
    columns.push_back(std::move(column));
  }
  choose_sides(columns, story, columns_by_node(columns, count));
  return columns;
}

int spread_columns(std::vector<Column>& columns, const Story& story, int from) {
  if (columns.empty()) return kNarrowestPage;
  const std::vector<std::size_t> column_of = places_of(columns);
  int x = from;
  for (std::size_t i = 0; i < columns.size(); ++i) {
    Column& column = columns[i];
    x += i == 0 ? room_beside(column, story) + 6 : room_behind(i - 1, columns, story, column_of);
    column.x = x + column.left();
    x = column.x + column.right();
  }
  return std::max(x + room_beside(columns.back(), story) + kMargin, kNarrowestPage);
}

int half_head(const Column& column) {
  return std::max(text_width(column.name, kNameFont), text_width(column.role, kRoleFont)) / 2 + 9;
}

}  // namespace txsim::time_space
