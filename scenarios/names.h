// What the names in a scenario's sentences mean: nodes, roles, resources, and the words of the
// protocol in use. Every look-up throws BadValue with the nearest valid name.
#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "scenarios/scenario.h"
#include "scenarios/values.h"

namespace txsim {

// The texts that may stand for a message, log record, timer or fact.
class Vocabulary {
 public:
  enum class Class : std::uint8_t { Message, Record, Timer, Fact };

  // The words of one protocol, and of the parts that all protocols share: client, idempotent
  // receiver, lock service.
  explicit Vocabulary(const Protocol& protocol);
  // For an unknown protocol: accepts any text as a word.
  void take_any() { takes_any_ = true; }

  Word find(Class kind, std::string_view text) const;

 private:
  using Texts = std::map<std::string, Word, std::less<>>;
  const Texts& of(Class kind) const { return texts_[static_cast<std::size_t>(kind)]; }
  Texts texts_[4];
  std::map<std::string, std::string, std::less<>> elsewhere_[4];  // text: the protocol that has it
  std::string protocol_;
  bool takes_any_ = false;
};

class ScenarioNames {
 public:
  explicit ScenarioNames(const Protocol& protocol) : vocabulary_(protocol) {}

  // A service as written; under `local` several services share one node.
  void add_service(std::string_view name, NodeId node);
  // The client, the lock service.
  void add_node(std::string_view name, NodeId node) { nodes_.emplace(name, node); }
  void add_role(std::string_view role, std::vector<NodeId> nodes);
  void add_resource(std::string_view service, std::string_view name, std::uint16_t resource);
  void add_records(std::uint16_t resource) { records_.insert(resource); }
  void take_any_word() { vocabulary_.take_any(); }
  void set_count(std::size_t nodes) { count_ = nodes; }
  // Several services share one node, so a node may be both sides of a sentence.
  void set_merged(bool merged) { merged_ = merged; }

  // One service as written; never returns kNoNode.
  NodeId service(std::string_view name) const;
  // The nodes that a name or a role stands for.
  std::vector<NodeId> nodes(std::string_view name) const;
  std::optional<std::uint16_t> find_resource(std::string_view service, std::string_view name) const;
  // What the sentence needs: an error advises to declare that. A table of order records can also be
  // read like an amount, and then any will do.
  enum class Needs : std::uint8_t { Any, Amount, Records };
  std::uint16_t resource(std::string_view service, std::string_view name,
                         Needs needs = Needs::Any) const;
  bool is_records(std::uint16_t resource) const { return records_.count(resource) != 0; }
  std::size_t count() const { return count_; }
  bool merged() const { return merged_; }
  const Vocabulary& vocabulary() const { return vocabulary_; }

 private:
  Vocabulary vocabulary_;
  std::map<std::string, NodeId, std::less<>> nodes_;  // including the services
  std::map<std::string, NodeId, std::less<>> services_;
  std::map<std::string, std::vector<NodeId>, std::less<>> roles_;
  std::map<std::string, std::map<std::string, std::uint16_t, std::less<>>, std::less<>> resources_;
  std::set<std::uint16_t> records_;  // resources that are order records
  std::size_t count_ = 0;
  bool merged_ = false;
};

}  // namespace txsim
