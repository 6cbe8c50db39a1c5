#include "reports/html.h"

#include <fmt/format.h>

#include "reports/time_space_svg.h"

namespace txsim {

std::string escape_html(std::string_view text) { return time_space::escape_xml(text); }

std::string html(const HtmlTable& table) {
  const auto is_number = [&](std::size_t column) {
    return column < table.numbers.size() && table.numbers[column];
  };
  std::string text = "<div class=\"wide\" tabindex=\"0\"><table>\n";
  if (!table.caption.empty()) text += "<caption>" + escape_html(table.caption) + "</caption>\n";
  text += "<thead><tr>";
  for (std::size_t i = 0; i < table.head.size(); ++i) {
    text += fmt::format("<th scope=\"col\"{}>{}</th>", is_number(i) ? " class=\"number\"" : "",
                        escape_html(table.head[i]));
  }
  text += "</tr></thead>\n<tbody>\n";
  for (const std::vector<std::string>& row : table.rows) {
    text += "<tr>";
    for (std::size_t i = 0; i < row.size(); ++i) {
      text += fmt::format("<td{}>{}</td>", is_number(i) ? " class=\"number\"" : "", row[i]);
    }
    text += "</tr>\n";
  }
  return text + "</tbody></table></div>\n";
}

// Any text that could end the element, or begin a comment in it, begins with "<".
std::string html_data(std::string_view id, const std::string& json) {
  std::string text = fmt::format("<script type=\"application/json\" id=\"{}\">", id);
  for (const char c : json) {
    if (c == '<') {
      text += "\\u003c";
    } else {
      text += c;
    }
  }
  return text + "</script>\n";
}

std::string html_paragraphs(std::string_view text) {
  std::string result;
  while (!text.empty()) {
    const std::size_t end = text.find("\n\n");
    const std::string_view paragraph = text.substr(0, end);
    if (paragraph.find_first_not_of(" \n") != std::string_view::npos) {
      result += "<p>" + escape_html(paragraph) + "</p>\n";
    }
    text = end == std::string_view::npos ? std::string_view{} : text.substr(end + 2);
  }
  return result;
}

std::string html(const HtmlPage& page) {
  std::string hashes;
  for (const PageFile* script : page.scripts) hashes += fmt::format(" '{}'", script->hash);
  if (hashes.empty()) hashes = " 'none'";
  std::string text = fmt::format(
      "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\"/>\n"
      "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; "
      "script-src{}; style-src '{}'; img-src data:; base-uri 'none'; form-action 'none'\"/>\n"
      "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\"/>\n"
      "<meta name=\"color-scheme\" content=\"light dark\"/>\n"
      "<meta name=\"generator\" content=\"txsim\"/>\n<title>{}</title>\n<style>",
      hashes, kPageStyle.hash, escape_html(page.title));
  text += kPageStyle.text;
  text += "</style>\n</head>\n<body>\n" + page.body;
  for (const PageFile* script : page.scripts) {
    text += "<script>";
    text += script->text;
    text += "</script>\n";
  }
  return text + "</body>\n</html>\n";
}

std::string thousands(std::uint64_t count) {
  std::string text = std::to_string(count);
  for (std::size_t at = text.size(); at > 3;) text.insert(at -= 3, ",");
  return text;
}

}  // namespace txsim
