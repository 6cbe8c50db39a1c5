// HTML pages that are single self-contained files: no network, no cookies, no storage.
//
// A page's content security policy allows its own style sheet and scripts by their hashes, and
// forbids the evaluation of text as code. Text from a scenario is always escaped.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "reports/page_files.h"

namespace txsim {

std::string escape_html(std::string_view text);

// "1,234,567"
std::string thousands(std::uint64_t count);

// A table with a head and, where `caption` is not empty, a caption; cells are HTML. Columns named
// in `numbers` are right-aligned.
struct HtmlTable {
  std::string caption;
  std::vector<std::string> head;
  std::vector<bool> numbers;
  std::vector<std::vector<std::string>> rows;
};
std::string html(const HtmlTable& table);

// Data that a script of the page reads: JSON, which may hold any text.
std::string html_data(std::string_view id, const std::string& json);

// A "<p>" for each paragraph of a text; blank lines separate paragraphs.
std::string html_paragraphs(std::string_view text);

struct HtmlPage {
  std::string title;
  std::string body;                      // HTML
  std::vector<const PageFile*> scripts;  // in the order in which they run
};
std::string html(const HtmlPage& page);

}  // namespace txsim
