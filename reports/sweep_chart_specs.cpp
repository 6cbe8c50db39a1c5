#include "reports/sweep_chart_specs.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>

namespace txsim {
namespace {

using Json = nlohmann::ordered_json;

// By Ending; distinguishable on white and on black.
constexpr const char* kEndingColors[] = {"#3f9b5f", "#9aa0a6", "#6f9fd8", "#e3b341",
                                         "#e07b39", "#d1344a", "#b39ddb"};
// By series.
constexpr const char* kSeriesColors[] = {"#3d85c6", "#e07b39", "#2f9e77", "#b565b0",
                                         "#b0941f", "#d1545f", "#5aa9a0", "#8f7ee0",
                                         "#c98a5a", "#7d9a3c", "#d079a8", "#7a8794"};

Json field(const char* name, const char* type, const Json& title) {
  return {{"field", name}, {"type", type}, {"title", title}};
}
Json nominal(const char* name, const Json& title, const std::vector<std::string>& order) {
  Json json = field(name, "nominal", title);
  json["sort"] = order;
  return json;
}

Json color_of_series(const std::string& title, const std::vector<std::string>& names) {
  Json color = nominal("series", title, names);
  color["scale"]["domain"] = names;
  for (std::size_t i = 0; i < names.size(); ++i) {
    color["scale"]["range"].push_back(kSeriesColors[i % std::size(kSeriesColors)]);
  }
  if (names.size() < 2) color["legend"] = nullptr;
  return color;
}

// The names in the order of the data.
std::vector<std::string> names_in(const Json& values, const char* name) {
  std::vector<std::string> names;
  for (const Json& value : values) {
    const auto text = value[name].get<std::string>();
    if (std::find(names.begin(), names.end(), text) == names.end()) names.push_back(text);
  }
  return names;
}

// One panel for each measure, side by side. `spec`: what the panels have in common.
Json panels(Json values, const Json& spec) {
  Json list = Json::array();
  for (const std::string& measure : names_in(values, "measure")) {
    Json panel = {
        {"title", measure},
        {"transform", Json::array({{{"filter", {{"field", "measure"}, {"equal", measure}}}}})}};
    panel.update(spec);
    list.push_back(std::move(panel));
  }
  return {{"data", {{"values", std::move(values)}}},
          {"concat", std::move(list)},
          {"columns", 2},
          {"spacing", 40}};
}

}  // namespace

ColoredPart colored(Ending ending) {
  return {std::string(text(ending)), kEndingColors[static_cast<std::size_t>(ending)]};
}

Json outcomes_spec(Json values, const std::vector<ColoredPart>& parts, const std::string& of,
                   const VariedKey* key) {
  Json color = field("ending", "nominal", nullptr);
  for (const ColoredPart& part : parts) {
    color["scale"]["domain"].push_back(part.name);
    color["scale"]["range"].push_back(part.color);
  }
  Json share = field("share", "quantitative", "share of " + of);
  share["axis"]["format"] = ".0%";
  share["scale"]["domain"] = {0, 1};
  Json encoding = {{"color", color},
                   {"order", {{"field", "order"}, {"type", "quantitative"}}},
                   {"tooltip", Json::array({{{"field", "ending"}}, {{"field", "count"}}})}};
  const std::vector<std::string> series = names_in(values, "series");
  Json spec = {{"data", {{"values", std::move(values)}}}, {"mark", "bar"}};
  if (key == nullptr) {
    encoding["x"] = share;
    encoding["y"] = nominal("series", nullptr, series);
    encoding["y"]["axis"]["labelLimit"] = 300;
    spec["width"] = "container";
    spec["height"] = 34 * series.size();  // no `step`, which cannot be combined with this width
  } else {
    const auto step = std::max<std::size_t>(34, 130 / key->values.size());
    encoding["y"] = share;
    encoding["x"] = nominal("x", key->name, key->values);
    encoding["x"]["axis"]["labelAngle"] = key->values.size() > 8 ? -40 : 0;
    if (series.size() > 1) encoding["column"] = nominal("series", nullptr, series);
    spec["width"] = {{"step", step}};
    spec["height"] = 220;
  }
  spec["encoding"] = std::move(encoding);
  return spec;
}

Json violations_spec(Json values, double most, const std::vector<std::string>& columns,
                     const std::string& axis) {
  const bool is_wide = columns.size() > 6;
  Json fill = field("share", "quantitative", "violated");
  fill["scale"]["domain"] = {0, most};  // the page defines its colours
  fill["legend"] = nullptr;
  fill["condition"] = {{"test", "datum.share === 0"}, {"value", "transparent"}};
  Json x = nominal("x", axis, columns);
  x["axis"] = {{"orient", "top"}, {"labelAngle", is_wide ? -35 : 0}, {"labelLimit", 220}};
  Json y = nominal("invariant", nullptr, names_in(values, "invariant"));
  const Json tooltip = Json::array(
      {{{"field", "invariant"}}, {{"field", "x"}}, {{"field", "violated"}}, {{"field", "runs"}}});
  return {{"data", {{"values", std::move(values)}}},
          {"width", {{"step", is_wide ? 60 : 130}}},
          {"height", {{"step", 26}}},
          {"encoding", {{"x", std::move(x)}, {"y", std::move(y)}, {"tooltip", tooltip}}},
          {"layer", Json::array({{{"mark", "rect"}, {"encoding", {{"color", std::move(fill)}}}},
                                 {{"mark", {{"type", "text"}, {"fontSize", 12}}},
                                  {"encoding", {{"text", {{"field", "label"}}}}}}})}};
}

Json latencies_spec(Json values, const std::string& axis, const std::vector<std::string>& names) {
  Json x = field("ms", "quantitative", "latency in ms");
  x["scale"]["type"] = "log";
  x["axis"] = {{"grid", true}, {"format", "~s"}};
  Json y = field("share", "quantitative", "answered within");
  y["axis"]["format"] = ".0%";
  y["scale"]["domain"] = {0, 1};
  return {{"data", {{"values", std::move(values)}}},
          {"width", "container"},
          {"height", 260},
          {"mark", {{"type", "line"}, {"interpolate", "step-after"}, {"strokeWidth", 2}}},
          {"encoding",
           {{"x", std::move(x)},
            {"y", std::move(y)},
            {"color", color_of_series(axis, names)},
            {"tooltip", Json::array({{{"field", "series"}},
                                     {{"field", "ms"}},
                                     {{"field", "share"}, {"format", ".1%"}}})}}}};
}

Json lines_spec(Json values, const VariedKey& key, const std::string& compared,
                const std::vector<std::string>& names) {
  Json x = nominal("x", key.name, key.values);
  x["axis"]["labelAngle"] = 0;
  if (!key.numbers.empty()) {
    const std::string unit = key.unit.empty() ? "" : " (" + key.unit + ")";
    x = field("x", "quantitative", key.name + unit);
    x["scale"]["nice"] = false;
  }
  const Json y = field("value", "quantitative", "mean, ms");
  Json color = color_of_series(compared, names);
  if (names.size() > 1) color["legend"]["values"] = names_in(values, "series");
  return panels(std::move(values),
                {{"width", 270},
                 {"height", 200},
                 {"mark", {{"type", "line"}, {"point", true}, {"strokeWidth", 2}}},
                 {"encoding",
                  {{"x", std::move(x)},
                   {"y", y},
                   {"color", std::move(color)},
                   {"tooltip", Json::array({{{"field", "series"}},
                                            {{"field", "x"}},
                                            {{"field", "value"}},
                                            {{"field", "most"}}})}}}});
}

Json bars_spec(Json values, const char* unit) {
  Json y = nominal("series", nullptr, names_in(values, "series"));
  y["axis"]["labelLimit"] = 300;
  Json x = field("value", "quantitative", unit);
  x["axis"]["tickCount"] = 5;
  return panels(
      std::move(values),
      {{"width", 260},
       {"height", {{"step", 26}}},
       {"encoding", {{"y", std::move(y)}, {"x", x}}},
       {"layer",
        Json::array({{{"mark", {{"type", "bar"}, {"color", kSeriesColors[0]}}}},
                     {{"mark", {{"type", "text"}, {"align", "left"}, {"dx", 4}}},
                      {"encoding", {{"text", {{"field", "value"}, {"format", ".4~r"}}}}}}})}});
}

}  // namespace txsim
