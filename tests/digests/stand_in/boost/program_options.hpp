// Stands in for Boost.Program_options where no compiled Boost is at hand: for another architecture,
// or another standard library. As much of it as the schema uses, with the same results for text
// that Boost accepts; what Boost refuses is refused with other words.
#pragma once

#include <boost/any.hpp>
#include <functional>
#include <map>
#include <memory>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

namespace boost::program_options {

class error : public std::logic_error {
 public:
  using std::logic_error::logic_error;
};

using Texts = std::vector<std::string>;

namespace validators {
inline void check_first_occurrence(const boost::any& value) {
  if (!value.empty()) throw error("stands more than once");
}
inline const std::string& get_single_string(const Texts& texts) {
  if (texts.size() != 1) throw error("one value is wanted");
  return texts.front();
}
}  // namespace validators

class value_semantic {
 public:
  virtual ~value_semantic() = default;
  virtual std::string name() const = 0;
  virtual unsigned min_tokens() const = 0;
  virtual unsigned max_tokens() const = 0;
  virtual bool is_composing() const = 0;
  virtual bool is_required() const = 0;
  virtual void parse(boost::any& value, const Texts& texts, bool utf8) const = 0;
  virtual bool apply_default(boost::any& value) const = 0;
  virtual void notify(const boost::any& value) const = 0;
};

template <class Char>
class value_semantic_codecvt_helper;
template <>
class value_semantic_codecvt_helper<char> : public value_semantic {
 public:
  void parse(boost::any& value, const Texts& texts, bool) const override { xparse(value, texts); }

 protected:
  virtual void xparse(boost::any& value, const Texts& texts) const = 0;
};

// The texts of a key that may stand more than once.
template <class T>
class typed_value;
template <>
class typed_value<Texts> final : public value_semantic_codecvt_helper<char> {
 public:
  typed_value* value_name(const std::string& name) {
    name_ = name;
    return this;
  }
  typed_value* composing() { return this; }

  std::string name() const override { return name_; }
  unsigned min_tokens() const override { return 1; }
  unsigned max_tokens() const override { return 1; }
  bool is_composing() const override { return true; }
  bool is_required() const override { return false; }
  void xparse(boost::any& value, const Texts& texts) const override {
    Texts all = value.empty() ? Texts{} : boost::any_cast<Texts>(value);
    all.insert(all.end(), texts.begin(), texts.end());
    value = all;
  }
  bool apply_default(boost::any&) const override { return false; }
  void notify(const boost::any&) const override {}

 private:
  std::string name_;
};

template <class T>
typed_value<T>* value() {
  return new typed_value<T>;  // owned by the option it is given to
}

class option_description {
 public:
  option_description(const char* name, const value_semantic* semantic, const char* help)
      : name_(name), semantic_(semantic), help_(help) {}
  const std::string& long_name() const { return name_; }
  const std::shared_ptr<const value_semantic>& semantic() const { return semantic_; }
  const std::string& description() const { return help_; }

 private:
  std::string name_;
  std::shared_ptr<const value_semantic> semantic_;
  std::string help_;
};

class options_description {
 public:
  options_description& add_options() { return *this; }
  options_description& operator()(const char* name, const value_semantic* semantic,
                                  const char* help) {
    options_.push_back(std::make_shared<option_description>(name, semantic, help));
    return *this;
  }
  const std::vector<std::shared_ptr<option_description>>& options() const { return options_; }
  const option_description& find(const std::string& name, bool) const {
    for (const auto& option : options_) {
      if (option->long_name() == name) return *option;
    }
    throw error("unrecognised option '" + name + "'");
  }

 private:
  std::vector<std::shared_ptr<option_description>> options_;
};

struct option {
  option(std::string name, Texts texts) : string_key(std::move(name)), value(std::move(texts)) {}
  std::string string_key;
  Texts value;
};

struct parsed_options {
  explicit parsed_options(const options_description* known) : description(known) {}
  const options_description* description;
  std::vector<option> options;
};

// By name, as Boost hands them on.
using variables_map = std::map<std::string, std::pair<const value_semantic*, boost::any>>;

inline void store(const parsed_options& parsed, variables_map& values) {
  for (const option& given : parsed.options) {
    const std::string& name = given.string_key;
    const value_semantic* semantic = parsed.description->find(name, false).semantic().get();
    auto& [known, value] = values[name];
    known = semantic;
    semantic->parse(value, given.value, true);
  }
  for (const auto& option : parsed.description->options()) {
    if (values.contains(option->long_name())) continue;
    boost::any value;
    if (!option->semantic()->apply_default(value)) continue;
    values[option->long_name()] = {option->semantic().get(), value};
  }
}

inline void notify(const variables_map& values) {
  for (const auto& [name, value] : values) value.first->notify(value.second);
}

}  // namespace boost::program_options
