#include "scenarios/names.h"

#include <fmt/format.h>

#include <algorithm>

#include "protocols/registry.h"
#include "scenarios/words.h"

namespace txsim {
namespace {

template <class Map>
std::vector<std::string_view> keys_of(const Map& map) {
  std::vector<std::string_view> keys;
  keys.reserve(map.size());
  for (const auto& [key, value] : map) keys.push_back(key);
  return keys;
}

std::string_view class_name(Vocabulary::Class kind) {
  switch (kind) {
    case Vocabulary::Class::Message:
      return "message";
    case Vocabulary::Class::Record:
      return "log record";
    case Vocabulary::Class::Timer:
      return "timer";
    case Vocabulary::Class::Fact:
      return "fact";
  }
  return "?";
}

}  // namespace

Vocabulary::Vocabulary(const Protocol& protocol) : protocol_(protocol.name()) {
  for (const Description* of : descriptions()) {
    const bool in_use = is_used_under(protocol, *of);
    const std::vector<NamedText>* lists[] = {&of->messages, &of->records, &of->timers};
    for (std::size_t i = 0; i < 3; ++i) {
      for (const NamedText& named : *lists[i]) {
        if (in_use) texts_[i].emplace(named.name, word(named.name));
        if (!in_use) elsewhere_[i].emplace(named.name, of->name);
      }
    }
  }
  Dictionary facts;
  declare_facts(facts);
  for (const auto& [name, fact] : facts.words()) {
    texts_[static_cast<std::size_t>(Class::Fact)].emplace(name, fact);
  }
}

Word Vocabulary::find(Class kind, std::string_view text) const {
  const Texts& texts = of(kind);
  const auto found = texts.find(text);
  if (found != texts.end()) return found->second;
  if (takes_any_ && kind != Class::Fact) return word(text);
  const auto& elsewhere = elsewhere_[static_cast<std::size_t>(kind)];
  const auto other = elsewhere.find(text);
  if (other != elsewhere.end()) {
    throw BadValue(fmt::format("{} is a {} of {}, not of {}", quoted(text), class_name(kind),
                               other->second, protocol_));
  }
  throw BadValue(fmt::format("unknown {} {}{}", class_name(kind), quoted(text),
                             did_you_mean(text, keys_of(texts))));
}

void ScenarioNames::add_service(std::string_view name, NodeId node) {
  services_.emplace(name, node);
  nodes_.emplace(name, node);
}

void ScenarioNames::add_role(std::string_view role, std::vector<NodeId> nodes) {
  std::sort(nodes.begin(), nodes.end());
  nodes.erase(std::unique(nodes.begin(), nodes.end()), nodes.end());
  roles_[std::string(role)] = std::move(nodes);
}

void ScenarioNames::add_resource(std::string_view service, std::string_view name,
                                 std::uint16_t resource) {
  resources_[std::string(service)].emplace(name, resource);
}

NodeId ScenarioNames::service(std::string_view name) const {
  const auto found = services_.find(name);
  if (found != services_.end()) return found->second;
  throw BadValue(
      fmt::format("unknown service {}{}", quoted(name), did_you_mean(name, keys_of(services_))));
}

std::vector<NodeId> ScenarioNames::nodes(std::string_view name) const {
  const auto found = nodes_.find(name);
  if (found != nodes_.end()) return {found->second};
  const auto role = roles_.find(name);
  if (role != roles_.end()) {
    if (!role->second.empty()) return role->second;
    throw BadValue(name == "lock" ? "there is no lock service: idempotent-receiver.enabled or "
                                    "idempotent-receiver.lock is off"
                                  : fmt::format("no node is a {} in this scenario", name));
  }
  std::vector<std::string_view> known = keys_of(nodes_);
  for (const auto& [role_name, of_role] : roles_) {
    if (!of_role.empty()) known.push_back(role_name);
  }
  throw BadValue(fmt::format("unknown node {}{}", quoted(name), did_you_mean(name, known)));
}

std::optional<std::uint16_t> ScenarioNames::find_resource(std::string_view service,
                                                          std::string_view name) const {
  const auto of_service = resources_.find(service);
  if (of_service == resources_.end()) return std::nullopt;
  const auto found = of_service->second.find(name);
  if (found == of_service->second.end()) return std::nullopt;
  return found->second;
}

std::uint16_t ScenarioNames::resource(std::string_view service, std::string_view name,
                                      Needs needs) const {
  this->service(service);
  if (const auto found = find_resource(service, name)) return *found;
  std::vector<std::string_view> fitting;
  if (const auto of_service = resources_.find(service); of_service != resources_.end()) {
    for (const auto& [known, resource] : of_service->second) {
      const bool fits = needs == Needs::Any || is_records(resource) == (needs == Needs::Records);
      if (fits) fitting.push_back(known);
    }
  }
  const std::string what = needs == Needs::Records ? "table of records" : "resource";
  const std::string advice = needs == Needs::Records ? fmt::format("records = {}", name)
                                                     : fmt::format("resource = {} 100", name);
  Nearest near(name);
  near.offer_all(fitting);
  const std::string missing = fmt::format("service {} has no {} {}{}", quoted(service), what,
                                          quoted(name), did_you_mean(name, fitting));
  if (near.found()) throw BadValue(missing);
  throw BadValue(fmt::format("{}: write {} under [service {}]", missing, advice, service));
}

}  // namespace txsim
