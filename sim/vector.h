// A std::vector for values that are copied over each other again and again: they usually have the
// same length and are often empty.
#pragma once

#include <algorithm>
#include <cstddef>
#include <vector>

namespace txsim {

template <class Value>
class Vector : public std::vector<Value> {
 public:
  using std::vector<Value>::vector;
  Vector() = default;
  Vector(const Vector&) = default;
  Vector(Vector&&) noexcept = default;
  Vector& operator=(Vector&&) noexcept = default;
  Vector& operator=(const Vector& other) {
    const std::size_t size = other.size();
    if (size != this->size()) {
      std::vector<Value>::operator=(other);
    } else if (this != &other) {
      if (size != 0) std::copy(other.data(), other.data() + size, this->data());
    }
    return *this;
  }
  ~Vector() = default;
};

}  // namespace txsim
