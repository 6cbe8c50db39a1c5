// Every section and key of the scenario language, one line each: name, type with default, meaning.
#include "scenarios/schema_keys.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "protocols/registry.h"
#include "scenarios/glossary.h"

namespace txsim {
namespace {

// Names from earlier versions, and the current ones.
constexpr std::pair<std::string_view, std::string_view> kFormerSections[] = {
    {"entrance", "idempotent-receiver"}};

Semantic one_of_protocols(std::shared_ptr<const Protocol>& field) {
  const auto chosen = std::find(protocols().begin(), protocols().end(), field);
  return one_of(
      protocol_names(), static_cast<std::size_t>(chosen - protocols().begin()),
      [&field](std::size_t i) { field = protocols()[i]; }, did_you_mean_protocol);
}

void top(Keys& key, Values&) {
  key("include", sentences("path"), "a scenario file that this one builds on, relative to it");
}

void scenario(Keys& key, Values& v) {
  Scenario& s = v.scenario;
  key("title", line(s.title, "text (=the file's name)"), "what it shows, in one line");
  key("source", line(s.source, "text (=none)"), "the source of the story");
  key("protocol", one_of_protocols(s.protocol), "the protocol that coordinates the transactions");
  key("seed", seed(s.seed), "determines all random draws");
  key("horizon", horizon(s.horizon), "the run ends here at the latest");
}

void service(Keys& key, Values& v) {
  key("resource", sentences("NAME AMOUNT"), "a named amount, never below zero: stock 100");
  key("records", sentences("NAME"), "a table of order records: orders");
  key("disk", delay(v.service.disk, "that of [disk]"), "how long a forced write takes here");
  key("prepares", on_off(v.service.prepares),
      "two-phase-commit: off: commits in one phase, once all that prepare have voted yes");
}

void transaction(Keys& key, Values& v) {
  key("begins_at", name("service", "that of the first step"),
      "the service that clients submit to; it coordinates");
  key("share", count(v.transaction.share, 1'000'000), "how many of these in each round of orders");
  key("step", sentences("step"), "the steps, in this order; at most 64");
  key("pivot", step_number(v.transaction.pivot),
      "sagas: once this step, counted from 1, is done, the saga cannot turn back");
  key("tells", sentences("services"),
      "saga-choreography: services that learn of each completed one but take no part in it");
}

void workload(Keys& key, Values& v) {
  Workload& w = v.scenario.workload;
  key("orders", count(v.orders, "1, or as many as the times given"), "how many orders in all");
  key("arrivals", arrivals(w),
      "every 100ms | at 0ms, 10ms | random every 50ms | 32 clients [thinking 10ms]");
  key("timeout", duration(w.timeout), "how long the client waits for an answer");
  key("retries", count(w.retries, 255), "how often it submits an order again after a timeout");
  key("repeats", count(w.repeats, 255), "how often it submits each order again without a timeout");
  key("repeat_after", duration(w.repeat_after), "the time between those submissions");
  key("poll_every", interval(w.poll_every),
      "where services answer accepted: how often the client asks for the status");
}

void network(Keys& key, Values& v) {
  Link& l = v.scenario.network;
  key("delay", delay(l.delay), "how long a message takes");
  key("loss", probability(l.loss), "the probability that a message is lost");
  key("duplication", probability(l.duplication), "the probability that a message arrives twice");
  key("order", link_order(l.fifo), "fifo: messages of one direction never overtake each other");
}

void link(Keys& key, Values& v) {
  constexpr const char* kGeneral = "that of [network]";
  key("delay", delay(v.link.delay, kGeneral), "how long a message takes on this link");
  key("loss", probability(v.link.loss, kGeneral),
      "the probability that a message is lost on this link");
  key("duplication", probability(v.link.duplication, kGeneral),
      "the probability that a message arrives twice on this link");
  key("order", link_order(v.link.fifo, kGeneral), "fifo: messages never overtake each other");
}

void disk(Keys& key, Values& v) { key("delay", delay(v.disk), "how long a forced write takes"); }

void faults(Keys& key, Values& v) {
  RandomFaults& r = v.scenario.random_faults;
  key("fault", sentences("fault"), "what goes wrong, where and when");
  key("loss", probability(r.loss),
      "the probability that a message is lost, in addition to its link's");
  key("duplication", probability(r.duplication),
      "the probability that a message arrives twice, in addition to its link's");
  key("crash_every", gap(r.crash_every), "mean time between crashes of a node");
  key("crash_for", delay(r.crash_for), "how long such a crash lasts");
  key("pause_every", gap(r.pause_every), "mean time between pauses of a node");
  key("pause_for", delay(r.pause_for), "how long such a pause lasts");
  key("partition_every", gap(r.partition_every),
      "mean time between partitions of one node from the rest");
  key("partition_for", delay(r.partition_for), "how long such a partition lasts");
  key("quiet_after", moment(r.quiet_after, "the end"),
      "no random fault begins or lasts after this");
  key("spare", sentences("nodes (=client)"), "nodes without random crashes, pauses and partitions");
}

void checks(Keys& key, Values& v) {
  key("longest_lock_wait", duration_or_never(v.scenario.longest_lock_wait),
      "bounded-blocking: the longest wait for a lock; never: not judged");
}

void expect(Keys& key, Values&) {
  key("that", sentences("expectation"), "an expectation; the run fails if it is not met");
}

// The section of a part that all services have. The part declares its own keys.
template <class Part>
SectionForm section_of(std::string_view kind, std::string_view help, Part Settings::*part) {
  return {kind, "", help, [part](Keys& keys, Values& values) {
            declare_settings(values.scenario.settings.*part, keys);
          }};
}

SectionForm section_of(const std::shared_ptr<const Protocol>& protocol) {
  return {protocol->name(), "", "under this protocol",
          [protocol](Keys& keys, Values& values) { values.settings_of(*protocol)->declare(keys); }};
}

}  // namespace

std::vector<SectionForm> sections_with(const std::vector<std::shared_ptr<const Protocol>>& own) {
  std::vector<SectionForm> forms = {
      {"", "", "before any section", top},
      {"scenario", "", "what this is and how it runs", scenario},
      {"service", "NAME", "a service with resources of its own", service},
      {"transaction", "NAME", "a kind of transaction", transaction},
      {"workload", "", "the orders that clients submit", workload},
      {"network", "", "all links", network},
      {"link", "NODES -> NODES", "some links (<->: both directions), later sections override",
       link},
      {"disk", "", "all disks", disk},
      section_of("idempotent-receiver", "before any protocol: one execution of each order",
                 &Settings::idempotent_receiver),
      section_of("lock-service", "keeps two executions of one order apart",
                 &Settings::lock_service),
      section_of("store", "the services' databases", &Settings::store)};
  for (const auto& protocol : own) forms.push_back(section_of(protocol));
  forms.push_back(section_of("broker", "passes events between services (saga-choreography)",
                             &Settings::broker));
  forms.push_back({"faults", "", "what goes wrong", faults});
  forms.push_back({"checks", "", "bounds for the checks", checks});
  forms.push_back({"expect", "", "the expectations of the run", expect});
  for (const auto& protocol : own) {
    const auto has_its_name = [&](const SectionForm& form) {
      return form.kind == protocol->name();
    };
    if (std::count_if(forms.begin(), forms.end(), has_its_name) == 1) continue;
    throw BadProtocol(fmt::format("protocol '{0}': [{0}] is another section; give it another name",
                                  protocol->name()));
  }
  return forms;
}

std::string_view current_section(std::string_view kind) {
  const auto is_there = [&](const SectionForm& form) { return form.kind == kind; };
  const auto& forms = section_forms();
  if (std::any_of(forms.begin(), forms.end(), is_there)) return kind;  // a protocol of that name
  for (const auto& [former, now] : kFormerSections) {
    if (former == kind) return now;
  }
  return kind;
}

const std::vector<SectionForm>& section_forms() {
  static const std::vector<SectionForm> forms = [] {
    close_registry();
    return sections_with(protocols());
  }();
  return forms;
}

}  // namespace txsim
