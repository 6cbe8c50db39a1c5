// Owns an object through its base class and copies it along, so that the owner stays a value.
// Assignment from an object of the same class keeps the memory: Base has `clone`, and `assign`,
// which returns false for an object of another class.
#pragma once

#include <memory>
#include <utility>

namespace txsim {

template <class Base>
class Cloned {
 public:
  Cloned() = default;
  explicit Cloned(std::unique_ptr<Base> owned) : owned_(std::move(owned)) {}
  Cloned(const Cloned& other) : owned_(other.owned_ ? other.owned_->clone() : nullptr) {}
  Cloned(Cloned&&) noexcept = default;
  Cloned& operator=(Cloned&&) noexcept = default;
  Cloned& operator=(const Cloned& other) {
    if (this == &other) return *this;
    if (other.owned_) {
      become(*other.owned_);
    } else {
      owned_ = nullptr;
    }
    return *this;
  }
  void become(const Base& other) {
    if (!owned_ || !owned_->assign(other)) owned_ = other.clone();
  }
  ~Cloned() = default;

  Base* get() { return owned_.get(); }
  const Base* get() const { return owned_.get(); }
  Base* operator->() { return owned_.get(); }
  const Base* operator->() const { return owned_.get(); }
  explicit operator bool() const { return owned_ != nullptr; }

 private:
  std::unique_ptr<Base> owned_;
};

}  // namespace txsim
