#include "scenarios/words.h"

#include <algorithm>
#include <numeric>

namespace txsim {
namespace {

constexpr std::string_view kBlanks = " \t";
constexpr std::size_t kLongestName = 64;

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

// Optimal string alignment. A difference in case alone only breaks ties.
std::size_t distance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> before(b.size() + 1);
  std::vector<std::size_t> last(b.size() + 1);
  std::vector<std::size_t> row(b.size() + 1);
  std::iota(last.begin(), last.end(), std::size_t{0});
  for (std::size_t i = 1; i <= a.size(); ++i) {
    row[0] = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const std::size_t replaced = last[j - 1] + (lower(a[i - 1]) == lower(b[j - 1]) ? 0 : 1);
      row[j] = std::min({last[j] + 1, row[j - 1] + 1, replaced});
      const bool exchanged = i > 1 && j > 1 && lower(a[i - 1]) == lower(b[j - 2]) &&
                             lower(a[i - 2]) == lower(b[j - 1]);
      if (exchanged) row[j] = std::min(row[j], before[j - 2] + 1);
    }
    std::swap(before, last);
    std::swap(last, row);
  }
  return last[b.size()];
}

}  // namespace

std::string_view trimmed(std::string_view text) {
  const std::size_t first = text.find_first_not_of(kBlanks);
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(kBlanks) - first + 1);
}

std::vector<std::string_view> split_words(std::string_view text) {
  std::vector<std::string_view> words;
  while (true) {
    const std::size_t first = text.find_first_not_of(kBlanks);
    if (first == std::string_view::npos) return words;
    text.remove_prefix(first);
    const std::size_t end = std::min(text.find_first_of(kBlanks), text.size());
    words.push_back(text.substr(0, end));
    text.remove_prefix(end);
  }
}

// A name is near when about a third of it is wrong at most.
Nearest::Nearest(std::string_view wrong)
    : wrong_(wrong.substr(0, kLongestName)), least_((wrong_.size() + 2) / 3 + 1) {}

void Nearest::offer(std::string_view name) {
  const std::size_t shorter = std::min(name.size(), wrong_.size());
  const std::size_t longer = std::max(name.size(), wrong_.size());
  if (longer > kLongestName || longer - shorter >= least_) return;
  const std::size_t edits = distance(wrong_, name);
  if (edits >= least_ || edits >= longer) return;
  least_ = edits;
  best_ = name;
}

std::string Nearest::hint() const {
  return best_.empty() ? std::string() : " (did you mean '" + best_ + "'?)";
}

}  // namespace txsim
