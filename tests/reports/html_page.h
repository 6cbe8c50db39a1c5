// HTML pages under test: what is wrong with one, and what stands where in it.
#pragma once

#include <pugixml.hpp>
#include <string>

namespace txsim {

// Pages are written so that, without their scripts and style sheets, they are XML, too.
struct ParsedPage {
  explicit ParsedPage(const std::string& page);

  std::size_t count(const std::string& path) const;
  // Of the first element found; with all elements in it.
  std::string text(const std::string& path) const;

  pugi::xml_document document;
  std::string error;  // why it cannot be read
  std::size_t scripts = 0;
};

// What a page must not be: not well formed, with ids that come twice, with links that lead nowhere
// or out of it, with attributes that a content security policy refuses. Empty: nothing. `outward`:
// links to other files are allowed.
std::string wrong_with_page(const std::string& page, bool outward = false);

}  // namespace txsim
