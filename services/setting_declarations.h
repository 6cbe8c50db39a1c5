// How a protocol, or a part of a service, declares the keys of its section in scenarios: one call
// for each setting, with name, default (the field's value), help, and whether it is a switch. The
// scenario language assigns the types and reads the values; no protocol depends on it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string_view>
#include <utility>
#include <vector>

#include "sim/assert.h"
#include "sim/cloned.h"
#include "sim/network.h"
#include "sim/time.h"

namespace txsim {

// A switch turns a mechanism of the protocol off ("off", or "never" where it is a duration). Its
// default is the safe setting, so the mechanism is on: the field holds true, or a duration.
enum class SettingKind : std::uint8_t { Plain, Switch };
inline constexpr SettingKind kSwitch = SettingKind::Switch;

// Fields outlive the declarations: values are read into them later.
class SettingDeclarations {
 public:
  virtual ~SettingDeclarations() = default;

  using Help = const char*;

  // "on" or "off".
  virtual void on_off(const char* key, bool& field, Help help,
                      SettingKind kind = SettingKind::Plain) = 0;
  // A whole number from 0, or from 1, to `most`.
  virtual void count(const char* key, std::uint32_t& field, std::uint32_t most, Help help) = 0;
  virtual void count_from_one(const char* key, std::uint32_t& field, std::uint32_t most,
                              Help help) = 0;
  // A duration. An interval, after which something repeats, is greater than 0.
  virtual void duration(const char* key, Duration& field, Help help) = 0;
  virtual void interval(const char* key, Duration& field, Help help) = 0;
  // Absent: "never".
  virtual void duration_or_never(const char* key, std::optional<Duration>& field, Help help,
                                 SettingKind kind = SettingKind::Plain) = 0;
  virtual void interval_or_never(const char* key, std::optional<Duration>& field, Help help,
                                 SettingKind kind = SettingKind::Plain) = 0;
  virtual void delay(const char* key, Delay& field, Help help) = 0;
  // One of several names.
  template <class T>
  void choice(const char* key, T& field, const std::vector<std::pair<std::string_view, T>>& values,
              Help help) {
    std::vector<std::string_view> names;
    std::size_t chosen = 0;
    for (std::size_t i = 0; i < values.size(); ++i) {
      names.push_back(values[i].first);
      if (values[i].second == field) chosen = i;
    }
    one_of(
        key, names, chosen, [&field, values](std::size_t i) { field = values[i].second; }, help);
  }

 protected:
  SettingDeclarations() = default;
  SettingDeclarations(const SettingDeclarations&) = default;
  SettingDeclarations& operator=(const SettingDeclarations&) = default;

  virtual void one_of(const char* key, const std::vector<std::string_view>& names,
                      std::size_t chosen, std::function<void(std::size_t)> choose, Help help) = 0;
};

// The settings of one protocol, of any type, as a value.
class ProtocolSettings {
 public:
  virtual ~ProtocolSettings() = default;
  virtual std::unique_ptr<ProtocolSettings> clone() const = 0;
  virtual bool assign(const ProtocolSettings& other) = 0;
  virtual void declare(SettingDeclarations& keys) = 0;

 protected:
  ProtocolSettings() = default;
  ProtocolSettings(const ProtocolSettings&) = default;
  ProtocolSettings& operator=(const ProtocolSettings&) = default;
};

// Settings is a plain struct for which declare_settings(Settings&, SettingDeclarations&) is found.
template <class Settings>
class SettingsOf final : public ProtocolSettings {
 public:
  std::unique_ptr<ProtocolSettings> clone() const override {
    return std::make_unique<SettingsOf>(*this);
  }
  bool assign(const ProtocolSettings& other) override {
    const auto* same = dynamic_cast<const SettingsOf*>(&other);
    if (same != nullptr) value = same->value;
    return same != nullptr;
  }
  void declare(SettingDeclarations& keys) override { declare_settings(value, keys); }

  Settings value;
};

using AnySettings = Cloned<ProtocolSettings>;

// Requires that the settings are of this type.
template <class Settings>
const Settings& settings_as(const AnySettings& settings) {
  const auto* typed = dynamic_cast<const SettingsOf<Settings>*>(settings.get());
  TXSIM_ASSERT(typed != nullptr, "settings of another protocol");
  return typed->value;
}
template <class Settings>
Settings& settings_as(AnySettings& settings) {
  auto* typed = dynamic_cast<SettingsOf<Settings>*>(settings.get());
  TXSIM_ASSERT(typed != nullptr, "settings of another protocol");
  return typed->value;
}

}  // namespace txsim
