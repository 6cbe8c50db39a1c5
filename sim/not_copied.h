// Memory that an object keeps beside its value, such as spare room: a copy or a moved-to object has
// its own.
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
