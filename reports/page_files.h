// The fixed parts of the HTML pages: style sheet, scripts, and the library that draws charts. The
// style sheet and scripts are in reports/page/. All are built into the program
// (cmake/page_files.cmake).
#pragma once

#include <string_view>
#include <vector>

namespace txsim {

// A script or style sheet, and the hash by which a content security policy allows it.
struct PageFile {
  std::string_view text;
  std::string_view hash;  // "sha256-..."
};

extern const PageFile kPageStyle;
extern const PageFile kRunScript;
extern const PageFile kChartScript;
extern const PageFile kMatrixScript;
// vega, vega-lite and vega-embed with their licences, in the order in which they must be loaded;
// none in a program built with -DTXSIM_CHARTS=OFF.
const std::vector<PageFile>& chart_library();

}  // namespace txsim
