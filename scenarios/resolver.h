// Resolves a scenario part by part. Only resolve.cpp and resolve_run.cpp use it.
#pragma once

#include <fmt/format.h>

#include <map>
#include <set>
#include <string>
#include <string_view>
#include <utility>

#include "scenarios/names.h"
#include "scenarios/resolve.h"
#include "scenarios/schema.h"
#include "scenarios/values.h"

namespace txsim {

class Resolver {
 public:
  Resolver(const ReadScenario& read, const Values& values, Errors& errors)
      : read_(read),
        sections_(read.sections),
        errors_(errors),
        values_(values),
        scenario_(values_.scenario),
        names_(*scenario_.protocol) {
    if (read_.has_unknown_protocol) names_.take_any_word();
  }

  Scenario resolve(const std::string& path);

 private:
  using Link = txsim::Link;

  // Calls `parse`; a BadValue that it throws becomes an error of this line.
  template <class Parse>
  void at(const Assignment& line, Parse parse) {
    try {
      parse();
    } catch (const BadValue& bad) {
      errors_.add(line.place, fmt::format("{}: {}", line.key, bad.what()));
    }
  }
  template <class Parse>
  void each(std::string_view section, std::string_view key, Parse parse);
  Place place_of(std::string_view section, std::string_view key) const;

  void add_services();
  std::string first_begins_at() const;
  void add_resources(const Section& section, NodeId node);
  void add_resource(const Section& section, NodeId node, const Assignment& line);
  void add_other_nodes();
  void add_transactions();
  void add_transaction(const Section& section);
  void keep_what_is_read(TransactionKind& kind, const std::vector<const Assignment*>& lines,
                         bool some_are_wrong);
  void add_told(TransactionKind& kind, const std::string& services);
  void add_roles();
  void set_disks();
  void set_workload();
  void hold_growth();
  void set_links();
  void set_link(const Section& section, std::map<std::pair<NodeId, NodeId>, Link>& links);
  void set_faults();
  void set_expectations();

  const ReadScenario& read_;
  const Sections& sections_;
  Errors& errors_;
  Values values_;
  Scenario& scenario_;
  ScenarioNames names_;
  std::set<NodeId> participants_;  // by the services as written
  std::set<NodeId> coordinators_;
  std::set<std::string> merged_resources_;
};

template <class Parse>
void Resolver::each(std::string_view section, std::string_view key, Parse parse) {
  const Section* found = sections_.find(section, "");
  if (found == nullptr) return;
  for (const Assignment* line : found->all(key)) {
    at(*line, [&] { parse(*line); });
  }
}

}  // namespace txsim
