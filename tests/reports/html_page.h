// HTML pages under test: their defects and their content.
#pragma once

#include <pugixml.hpp>
#include <string>

namespace txsim {

// Without scripts and style sheets, a page is also valid XML.
struct ParsedPage {
  explicit ParsedPage(const std::string& page);

  std::size_t count(const std::string& path) const;
  // The text of the first matching element and of all elements in it.
  std::string text(const std::string& path) const;

  pugi::xml_document document;
  std::string error;  // why it cannot be parsed
  std::size_t scripts = 0;
};

// Defects of a page: not well formed, duplicate ids, dead or external links, attributes that a
// content security policy refuses. Empty if there are none. `outward`: links to other files are
// allowed.
std::string wrong_with_page(const std::string& page, bool outward = false);

}  // namespace txsim
