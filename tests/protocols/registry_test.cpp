#include "protocols/registry.h"

#include <catch2/catch.hpp>

#include "checks/verdict.h"
#include "protocols/local/local.h"
#include "protocols/uncoordinated/uncoordinated.h"
#include "scenarios/language.h"
#include "scenarios/schema_keys.h"
#include "tests/protocols/small_world.h"

namespace txsim {
namespace {

Dictionary all_words() {
  Dictionary dictionary;
  declare_facts(dictionary);
  for (const Description* info : descriptions()) {
    for (const auto* list : {&info->messages, &info->records, &info->timers}) {
      for (const NamedText& named : *list) dictionary.declare(named.name);
    }
  }
  return dictionary;
}

// A run with lock waits, retries, refusals, a crash and checkpoints.
testing::SmallWorld eventful(bool in_one_service) {
  testing::SmallWorld world;
  const NodeId shop = world.service("shop");
  const NodeId bank = in_one_service ? shop : world.service("bank");
  const auto stock = world.resource("stock", shop, 500);
  const auto money = world.resource("money", bank, 900);
  world.kind({world.step(Action::Take, stock, 1), world.step(Action::Take, money, 1)});
  world.kind({world.step(Action::Give, stock, 1), world.step(Action::Read, money, 0)});
  world.receiver.enabled = true;
  world.with_lock_service = true;
  world.workload.arrivals = Arrivals::ClosedLoop;
  world.workload.orders = 3000;
  world.workload.clients = 8;
  world.workload.think = Delay::exponential(milliseconds(2));
  world.workload.repeats = 1;
  world.workload.repeat_after = milliseconds(3);
  world.workload.retries = 2;
  world.disk = Delay::constant(microseconds(100));
  world.link.loss = {Probability::kOne / 100};
  world.crash(shop, seconds(1), milliseconds(100));
  world.crash(bank, seconds(2), milliseconds(100));
  return world;
}

}  // namespace

TEST_CASE("registry: every word in a trace has a description") {
  const Dictionary dictionary = all_words();
  for (const bool in_one_service : {true, false}) {
    testing::SmallWorld small = eventful(in_one_service);
    World world = small.build([&](std::shared_ptr<const Plan> plan, NodeId self) {
      std::shared_ptr<const Node> made;
      if (in_one_service) {
        made = std::make_shared<LocalService>(plan, self, small.receiver, small.store,
                                              LocalSettings{});
      } else {
        made = std::make_shared<UncoordinatedService>(plan, self, small.receiver, small.store,
                                                      UncoordinatedSettings{});
      }
      return made;
    });
    world.run(Time{seconds(600).ns});
    CHECK(world.statistics().messages(word("Submit")) >= 6000);
    for (const TraceRecord& record : world.trace()) {
      if (record.what) REQUIRE(dictionary.text(record.what) != "?");
    }
  }
}

namespace {

struct NoSettings {};
void declare_settings(NoSettings&, SettingDeclarations&) {}

Protocol named(std::string_view name) {
  Protocol protocol = protocol_with_settings<NoSettings>();
  protocol.description.name = name;
  protocol.make_services = [](const ServiceParts&, const AnySettings&) { return Services{}; };
  return protocol;
}

std::string refusal(const Protocol& protocol) {
  try {
    register_protocol(protocol);
  } catch (const BadProtocol& error) {
    return error.what();
  }
  return "registered";
}

}  // namespace

TEST_CASE("registry: an unusable protocol is refused with a reason") {
  using Catch::Contains;
  REQUIRE(!scenario_keys().empty());  // reading the language closes the registry
  for (const char* name : {"", "Mine", "my protocol", "2pc", "mine!", "-mine"}) {
    CHECK_THAT(refusal(named(name)), Contains("small letters"));
  }
  for (const char* name : {"tcc", "client", "lock-service", "broker", "store"}) {
    CHECK_THAT(refusal(named(name)), Contains("taken"));
  }
  Protocol without_settings = named("mine");
  without_settings.settings = {};
  CHECK_THAT(refusal(without_settings), Contains("no settings"));
  Protocol without_services = named("mine");
  without_services.make_services = nullptr;
  CHECK_THAT(refusal(without_services), Contains("make_services"));
  CHECK_THAT(refusal(named("mine")), Contains("before the first scenario"));
  CHECK(find_protocol("mine") == nullptr);
}

TEST_CASE("registry: no protocol has the name of a section of scenarios") {
  const auto with = [](std::string_view name) {
    return sections_with({std::make_shared<const Protocol>(named(name))});
  };
  const std::vector<SectionForm> forms = with("mine");
  CHECK(std::count_if(forms.begin(), forms.end(),
                      [](const SectionForm& form) { return form.kind == "mine"; }) == 1);
  for (const char* name : {"network", "workload", "scenario", "service", "faults", "expect"}) {
    CHECK_THROWS_WITH(with(name), Catch::Contains("another section"));
  }
}

TEST_CASE("registry: protocols promise only invariants") {
  for (const Description* of : descriptions()) {
    for (const std::string_view promise : of->promises) {
      CAPTURE(of->name, promise);
      const auto& all = invariants();
      CHECK(std::any_of(all.begin(), all.end(),
                        [&](const InvariantInfo& info) { return info.name == promise; }));
    }
  }
}

TEST_CASE("registry: an idempotent receiver adds conditions to two promises") {
  for (const auto& protocol : protocols()) {
    const Description& info = protocol->description;
    for (const auto& one : {std::pair("exactly-once", "the idempotent receiver keeps"),
                            std::pair("convergence", "lock-service.expiry")}) {
      const std::string_view promise = one.first;
      const std::string_view about = one.second;
      CAPTURE(info.name, promise);
      const bool is_promised =
          std::find(info.promises.begin(), info.promises.end(), promise) != info.promises.end();
      const auto is_set = [&](const NamedText& condition) {
        return condition.name == promise && condition.text.find(about) != std::string_view::npos;
      };
      CHECK(std::count_if(info.conditions.begin(), info.conditions.end(), is_set) ==
            (is_promised ? 1 : 0));
    }
  }
}

TEST_CASE("registry: a protocol uses its own words and those of its services' components") {
  for (const auto& protocol : protocols()) {
    for (const Description* of : descriptions()) {
      CAPTURE(protocol->name(), of->name);
      const bool is_for_events =
          of->name == "broker" || of->name == "outbox" || of->name == "inbox";
      const bool is_protocol = find_protocol(of->name) != nullptr;
      const bool is_used = is_for_events ? protocol->needs_broker
                           : is_protocol ? of->name == protocol->name()
                                         : true;
      CHECK(is_used_under(*protocol, *of) == is_used);
    }
  }
}

TEST_CASE("registry: each description states its kind, and no name occurs twice") {
  std::vector<std::string_view> names;
  for (const Description* of : descriptions()) {
    const Description& info = *of;
    INFO(info.name);
    CHECK(!info.what.empty());
    CHECK(!info.source.empty());
    CHECK(!info.roles.empty());
    CHECK(!info.states.empty());
    CHECK(std::find(names.begin(), names.end(), info.name) == names.end());
    names.push_back(info.name);
  }
}

}  // namespace txsim
