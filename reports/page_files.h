// What the HTML pages are made with besides their contents: style sheet, scripts, and the library
// that draws charts. The files stand in reports/page/ and are built into the program
// (cmake/page_files.cmake).
#pragma once

#include <string_view>
#include <vector>

namespace txsim {

// A script or style sheet, and the hash by which a content security policy lets it in.
struct PageFile {
  std::string_view text;
  std::string_view hash;  // "sha256-..."
};

extern const PageFile kPageStyle;
extern const PageFile kRunScript;
extern const PageFile kChartScript;
extern const PageFile kMatrixScript;
// vega, vega-lite and vega-embed with their licences, in the order in which they are to be read;
// none in a program built with -DTXSIM_CHARTS=OFF.
const std::vector<PageFile>& chart_library();

}  // namespace txsim
