#include "reports/names.h"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>

#include "sim/assert.h"
#include "sim/utf8.h"

namespace txsim {
namespace {

// Thousandths as decimals without zeros at the end: ".5"; "" for 0.
std::string decimals(std::int64_t thousandths) {
  std::string text = fmt::format(".{:03}", thousandths);
  while (text.back() == '0') text.pop_back();
  return text == "." ? "" : text;
}

// Whether a well-formed character is a control character: C0, DEL or C1, which some terminals
// execute like an escape sequence.
bool is_control(std::string_view character) {
  const auto first = static_cast<unsigned char>(character[0]);
  if (character.size() == 1) return first < 0x20 || first == 0x7F;
  return first == 0xC2 && static_cast<unsigned char>(character[1]) < 0xA0;
}

// U+FFFE and U+FFFF, which XML does not allow.
bool is_no_character(std::string_view character) {
  return character == "\xEF\xBF\xBE" || character == "\xEF\xBF\xBF";
}

std::string octal_word(std::string_view text) {
  std::string word = "$'";
  for (const char c : text) {
    const auto code = static_cast<unsigned char>(c);
    if (c == '\'' || c == '\\') {
      word += {'\\', c};
    } else if (code < 0x20 || code >= 0x7F) {
      word += fmt::format("\\{:03o}", code);
    } else {
      word += c;
    }
  }
  return word + "'";
}

}  // namespace

std::string transaction_text(TransactionId id) {
  if (id == 0) return "";
  const std::uint64_t submission = submission_of(id);
  if (submission == 0) return fmt::format("T{}", order_of(id));
  return fmt::format("T{}.{}", order_of(id), submission + 1);
}

std::string duration_text(Duration duration) {
  const std::int64_t ns = duration.ns;
  if (ns < 0) return "-" + duration_text(Duration{-ns});
  if (ns == 0) return "0ms";
  if (ns < 1'000) return fmt::format("{}ns", ns);
  if (ns < 1'000'000) return fmt::format("{}{}us", ns / 1'000, decimals(ns % 1'000));
  if (ns < 1'000'000'000) {
    return fmt::format("{}{}ms", ns / 1'000'000, decimals(ns / 1'000 % 1'000));
  }
  return fmt::format("{}{}s", ns / 1'000'000'000, decimals(ns / 1'000'000 % 1'000));
}

std::string time_text(Time time) {
  return fmt::format("{}.{:03}ms", time.ns / 1'000'000, time.ns / 1'000 % 1'000);
}

std::string digest_text(std::uint64_t digest) { return fmt::format("{:016x}", digest); }

std::string printable(std::string_view text) {
  std::string result;
  result.reserve(text.size());
  for (std::size_t i = 0; i < text.size();) {
    const std::size_t length = character_length(text, i);
    const std::string_view character = text.substr(i, std::max<std::size_t>(length, 1));
    if (length == 0 || is_no_character(character)) {
      result += "\xEF\xBF\xBD";
    } else if (is_control(character)) {
      result += ' ';
    } else {
      result += character;
    }
    i += character.size();
  }
  return result;
}

std::string shell_word(const std::string& text) {
  const bool plain = !text.empty() && std::all_of(text.begin(), text.end(), [](char c) {
    return std::isalnum(static_cast<unsigned char>(c)) != 0 ||
           std::string_view("-_./=:,+@%").find(c) != std::string_view::npos;
  });
  if (plain) return text;
  if (printable(text) != text) return octal_word(text);
  std::string word = "'";
  for (const char c : text) word += c == '\'' ? std::string("'\\''") : std::string(1, c);
  return word + "'";
}

RunNames::RunNames(const RunResult& result) {
  TXSIM_ASSERT(
      result.scenario != nullptr && result.spec != nullptr,
      "a result without its scenario or its spec cannot be reported (finish_run gives both)");
  plan_ = &result.scenario->plan;
  dictionary_ = &result.spec->dictionary;
}

std::string RunNames::node(NodeId node) const {
  if (node == kNoNode) return "";
  return node < plan_->nodes.size() ? plan_->nodes[node] : fmt::format("node {}?", node);
}

std::string RunNames::resource(std::int64_t resource) const {
  const bool known =
      resource >= 0 && static_cast<std::uint64_t>(resource) < plan_->resources.size();
  if (!known) return fmt::format("resource {}?", resource);
  return plan_->resources[static_cast<std::size_t>(resource)].name;
}

std::string RunNames::kind(std::int64_t kind) const {
  const bool known = kind >= 0 && static_cast<std::uint64_t>(kind) < plan_->kinds.size();
  return known ? plan_->kinds[static_cast<std::size_t>(kind)].name : fmt::format("kind {}?", kind);
}

const Step* RunNames::step(std::int64_t kind, std::uint8_t step) const {
  if (kind < 0 || static_cast<std::uint64_t>(kind) >= plan_->kinds.size()) return nullptr;
  const auto& steps = plan_->kinds[static_cast<std::size_t>(kind)].steps;
  return step < steps.size() ? &steps[step] : nullptr;
}

}  // namespace txsim
