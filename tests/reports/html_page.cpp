#include "tests/reports/html_page.h"

#include <set>

namespace txsim {
namespace {

// The page without the content of elements with this name. Counts them.
std::string without(const std::string& page, const std::string& element, std::size_t& count) {
  std::string text;
  std::size_t at = 0;
  while (true) {
    const std::size_t open = page.find("<" + element, at);
    if (open == std::string::npos) return text + page.substr(at);
    const std::size_t inside = page.find('>', open) + 1;
    const std::size_t close = page.find("</" + element + ">", inside);
    text += page.substr(at, inside - at);
    at = close;
    ++count;
  }
}

}  // namespace

ParsedPage::ParsedPage(const std::string& page) {
  std::size_t styles = 0;
  const std::string bare = without(without(page, "script", scripts), "style", styles);
  const pugi::xml_parse_result result =
      document.load_string(bare.c_str(), pugi::parse_default | pugi::parse_doctype);
  if (!result) {
    error = std::string(result.description()) + " at " +
            bare.substr(static_cast<std::size_t>(result.offset), 80);
  }
}

std::size_t ParsedPage::count(const std::string& path) const {
  return document.select_nodes(path.c_str()).size();
}

std::string ParsedPage::text(const std::string& path) const {
  return pugi::xpath_query(("string(" + path + ")").c_str()).evaluate_string(document);
}

std::string wrong_with_page(const std::string& page, bool outward) {
  if (page.rfind("<!DOCTYPE html>\n", 0) != 0) return "no doctype";
  const ParsedPage parsed(page);
  if (!parsed.error.empty()) return parsed.error;
  if (parsed.count("//title") < 1 || parsed.count("//h1") != 1) return "title";
  if (parsed.count("//meta[@http-equiv='Content-Security-Policy']") != 1) return "no policy";
  if (parsed.count("//@style") > 0) return "a style attribute";
  if (parsed.count("//@*[starts-with(name(), 'on')]") > 0) return "a script in an attribute";
  if (parsed.count("//iframe|//img|//link|//object|//*[@src]") > 0) return "something from outside";
  std::set<std::string> ids;
  for (const auto& found : parsed.document.select_nodes("//@id")) {
    const std::string id = found.attribute().value();
    if (!ids.insert(id).second) return "id " + id + " comes twice";
  }
  for (const auto& found : parsed.document.select_nodes("//a/@href")) {
    const std::string link = found.attribute().value();
    if (link.rfind('#', 0) == 0 ? !ids.contains(link.substr(1)) : !outward) {
      return "link to " + link;
    }
  }
  return "";
}

}  // namespace txsim
