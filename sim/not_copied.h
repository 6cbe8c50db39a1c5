// What an object keeps for itself beside its value, as room for something: a copy has its own,
// and so has what it is moved to.
#pragma once

namespace txsim {

template <class Kept>
struct NotCopied {
  NotCopied() = default;
  NotCopied(const NotCopied& /*other*/) noexcept {}
  NotCopied& operator=(const NotCopied& /*other*/) noexcept { return *this; }
  ~NotCopied() = default;

  Kept value{};
};

}  // namespace txsim
