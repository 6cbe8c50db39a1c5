// Words of a line, and the nearest valid name for a misspelt one.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace txsim {

inline bool is_digit(char c) { return c >= '0' && c <= '9'; }
std::string_view trimmed(std::string_view text);
std::vector<std::string_view> split_words(std::string_view text);

// Candidates by edit distance. Exchanging two neighbouring letters counts as one edit.
class Nearest {
 public:
  explicit Nearest(std::string_view wrong);
  void offer(std::string_view name);
  template <class Names>
  void offer_all(const Names& names) {
    for (const auto& name : names) offer(name);
  }
  // " (did you mean 'x'?)"; empty if no candidate is near.
  std::string hint() const;
  bool found() const { return !best_.empty(); }
  const std::string& best() const { return best_; }

 private:
  std::string wrong_;
  std::string best_;
  std::size_t least_;
};

// " (did you mean 'x'?)"; if no name is near and there are few, " (one of a, b, c)".
template <class Names>
std::string did_you_mean(std::string_view wrong, const Names& names) {
  constexpr std::size_t kFew = 24;
  Nearest nearest(wrong);
  nearest.offer_all(names);
  if (nearest.found() || names.empty() || names.size() > kFew) return nearest.hint();
  std::string list;
  for (const auto& name : names) {
    if (!list.empty()) list += ", ";
    list += std::string_view(name);
  }
  return " (" + std::string(names.size() == 1 ? "there is only " : "one of ") + list + ")";
}

}  // namespace txsim
