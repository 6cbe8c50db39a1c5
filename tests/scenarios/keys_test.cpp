#include <catch2/catch.hpp>

#include <set>

#include "protocols/registry.h"
#include "protocols/tcc/settings.h"
#include "protocols/two_phase_commit/settings.h"
#include "scenarios/values.h"
#include "tests/contains.h"
#include "tests/scenarios/parse.h"

namespace txsim {
namespace {

using tests::kOrderLines;
using tests::order_domain;
using tests::parse;
using tests::texts;

// A section header for the key, with a name if its form needs one.
std::string header(const KeyInfo& key) {
  if (key.section == "service NAME") return "[service another]\n";
  if (key.section == "transaction NAME")
    return "[transaction another]\nstep = read stock at product\n";
  if (key.section == "link NODES -> NODES") return "[link order -> point]\n";
  return "[" + key.section + "]\n";
}

bool takes_any_text(const KeyInfo& key) { return key.type == "text"; }

TEST_CASE("keys: every key with a wrong value is an error with its line") {
  for (const KeyInfo& key : scenario_keys()) {
    if (takes_any_text(key) || key.section.empty()) continue;
    for (const std::string wrong : {"?!", "-1", "nan", "99999999999999999999999999"}) {
      if (wrong == "nan" && key.type == "NAME") continue;  // a valid name
      const std::string before = order_domain(header(key));
      const ParsedScenario parsed = parse(before + key.key + " = " + wrong + "\n");
      CAPTURE(key.section, key.key, wrong, texts(parsed.errors));
      REQUIRE(parsed.errors.size() == 1);
      const auto line = std::count(before.begin(), before.end(), '\n') + 1;
      CHECK(parsed.errors[0].place.line == line);
      CHECK(parsed.errors[0].place.file == "test.ini");
      CHECK(parsed.errors[0].message.starts_with(key.key + ": "));
    }
  }
}

TEST_CASE("keys: a key without a value is an error, or means none if the key repeats") {
  for (const KeyInfo& key : scenario_keys()) {
    if (key.section.empty()) continue;
    const ParsedScenario parsed = parse(order_domain(header(key)) + key.key + " =\n");
    CAPTURE(key.section, key.key, texts(parsed.errors));
    if (key.repeats) {
      CHECK(parsed.scenario);
    } else {
      REQUIRE(parsed.errors.size() == 1);
      CHECK_THAT(parsed.errors[0].message, Catch::Contains("has no value"));
    }
  }
}

TEST_CASE("keys: every default is documented, and setting a key to its default changes nothing") {
  for (const KeyInfo& key : scenario_keys()) {
    CAPTURE(key.section, key.key);
    CHECK_FALSE(key.help.empty());
    CHECK_FALSE(key.type.empty());
    const bool told_in_words = key.fallback.find_first_of(" '") != std::string::npos &&
                               !key.fallback.starts_with("every ");
    if (key.repeats || told_in_words || key.type == "text") continue;
    REQUIRE_FALSE(key.fallback.empty());
    const ParsedScenario parsed =
        parse(order_domain(header(key)) + key.key + " = " + key.fallback + "\n");
    CAPTURE(texts(parsed.errors));
    CHECK(parsed.scenario);
  }
}

TEST_CASE("keys: random faults at rate zero equal absent ones") {
  const ParsedScenario parsed =
      parse(order_domain("[faults]\ncrash_every = never\npause_every = 1s\n"),
            {"faults.pause_every=never"});
  CAPTURE(texts(parsed.errors));
  REQUIRE(parsed.scenario);
  CHECK_FALSE(parsed.scenario->random_faults.any());
  const ParsedScenario zero = parse(order_domain("[faults]\ncrash_every = 0ms\n"));
  REQUIRE(zero.errors.size() == 1);
  CHECK_THAT(text(zero.errors[0]), Catch::Contains("over 0, or never"));
}

TEST_CASE("keys: an unknown protocol is one error, and independent errors are still reported") {
  const std::string lines =
      "[scenario]\nprotocol = ask-until-answered\n[ask-until-answered]\nremember = off\n"
      "[faults]\nfault = drop Ask order -> point 1st\nfault = crash broker at 1ms\n"
      "fault = crash order when it appends asked\nfault = drop Ask order -> pint\n"
      "[expect]\nthat = messages.Ask is 3\n";
  const ParsedScenario parsed = parse(order_domain(lines));
  CAPTURE(texts(parsed.errors));
  REQUIRE(parsed.errors.size() == 2);
  CHECK_THAT(text(parsed.errors[0]), Catch::Contains("protocol: 'ask-until-answered' is none"));
  CHECK_THAT(text(parsed.errors[1]), Catch::Contains("unknown node 'pint'"));

  const ParsedScenario set = parse(
      order_domain("[mine]\nkey = 1\n[theirs]\nkey = 1\n[faults]\nfault = drop Ask any -> any\n"),
      {"scenario.protocol=mine"});
  CAPTURE(texts(set.errors));
  REQUIRE(set.errors.size() == 2);
  CHECK_THAT(text(set.errors[0]), Catch::Contains("unknown section [theirs]"));
  CHECK_THAT(text(set.errors[1]), Catch::Contains("'mine' is none of them"));
}

TEST_CASE("keys: a scenario lists the mechanisms that it switches off") {
  const ParsedScenario parsed = parse(
      order_domain("[two-phase-commit]\nresend = off\none_phase = off\nheuristic_after = never\n"),
      {"lock-service.expiry=never", "idempotent-receiver.lock=on"});
  REQUIRE(parsed.scenario);
  CHECK(parsed.scenario->switched_off ==
        std::vector<std::string>{"lock-service.expiry", "two-phase-commit.resend"});
}

TEST_CASE("keys: each value reaches the settings of the world") {
  const ParsedScenario parsed = parse(
      "# A story\n# in two lines.\n\n[scenario]\ntitle = A title\nsource = A book\n"
      "protocol = uncoordinated\nseed = 18446744073709551615\nhorizon = 2m\n" +
      order_domain(
          "[workload]\norders = 7\narrivals = random every 50ms\ntimeout = 1s\nretries = 2\n"
          "repeats = 1\nrepeat_after = 3ms\n"
          "[network]\ndelay = 1ms to 5ms\nloss = 5%\norder = fifo\n"
          "[link order <-> point]\ndelay = 9ms\n[link order->point]\nloss = 0\n"
          "[disk]\ndelay = 4ms\n[idempotent-receiver]\nlock = off\n[store]\nlock_timeout = never\n"
          "[faults]\ncrash_every = 3s\nspare = order point\n"
          "[checks]\nlongest_lock_wait = 10ms\n"));
  CAPTURE(texts(parsed.errors));
  REQUIRE(parsed.scenario);
  const Scenario& s = *parsed.scenario;
  CHECK(s.story == "A story\nin two lines.");
  CHECK(s.title == "A title");
  CHECK(s.source == "A book");
  CHECK(s.protocol_name() == "uncoordinated");
  CHECK(s.seed == ~std::uint64_t{0});
  CHECK(s.horizon == seconds(120));
  CHECK(s.workload.orders == 7);
  CHECK(s.workload.arrivals == Arrivals::Random);
  CHECK(s.workload.retries == 2);
  CHECK(s.plan.orders_may_repeat);
  CHECK(s.network.fifo);
  CHECK(s.network.loss == parse_probability("0.05"));
  REQUIRE(s.links.size() == 2);
  CHECK(s.links[0].from == 0);
  CHECK(s.links[0].link.loss.never());
  CHECK(s.links[1].link.loss == s.network.loss);
  CHECK(s.links[1].link.delay == Delay::constant(milliseconds(9)));
  CHECK(s.disks == std::vector<Delay>(4, Delay::constant(milliseconds(4))));
  CHECK(s.lock_service == kNoNode);
  CHECK_FALSE(s.settings.store.lock_timeout);
  CHECK(s.random_faults.crash_every == seconds(3));
  CHECK(s.random_faults.spared == std::vector<NodeId>{0, 2});
  CHECK(s.longest_lock_wait == milliseconds(10));
}

TEST_CASE("keys: the settings belong to the scenario's protocol, for any sections") {
  const std::string sections =
      "[tcc]\nretries = 7\n[two-phase-commit]\nvariant = presumed-commit\nresend = off\n";
  const ParsedScenario parsed = parse(order_domain(sections));
  REQUIRE(parsed.scenario);
  const auto& commit = settings_as<TwoPhaseCommitSettings>(parsed.scenario->settings.protocol);
  CHECK(commit.variant == CommitVariant::PresumedCommit);
  CHECK_FALSE(commit.resend);
  const ParsedScenario other = parse(order_domain(sections), {"scenario.protocol=tcc"});
  REQUIRE(other.scenario);
  CHECK(settings_as<TccSettings>(other.scenario->settings.protocol).retries == 7);
}

TEST_CASE("keys: a plan has its services in order, then the client, then the lock service") {
  const ParsedScenario parsed = parse(order_domain());
  REQUIRE(parsed.scenario);
  const Plan& plan = parsed.scenario->plan;
  CHECK(plan.nodes == std::vector<std::string>{"order", "product", "point", "client", "lock"});
  CHECK(parsed.scenario->client == 3);
  CHECK(parsed.scenario->settings.idempotent_receiver.lock_service == 4);
  REQUIRE(plan.kinds.size() == 1);
  CHECK(plan.kinds[0].begins_at == 0);
  CHECK(plan.kinds[0].participants == std::vector<NodeId>{1, 2});
  CHECK(plan.resources[0].is_records);
  CHECK(plan.resources[1].initial == 100);
  CHECK(parsed.scenario->random_faults.spared == std::vector<NodeId>{3});
  CHECK_FALSE(plan.orders_may_repeat);
}

TEST_CASE("keys: a section is accepted by its old name, with a hint at its new name") {
  const std::string old_text = "[entrance]\nlock = off\n";
  const ParsedScenario old = parse(order_domain(old_text), {"entrance.order_id=off"});
  CAPTURE(texts(old.errors));
  REQUIRE(old.scenario);
  CHECK_FALSE(old.scenario->settings.idempotent_receiver.lock);
  CHECK_FALSE(old.scenario->settings.idempotent_receiver.order_id);
  const std::string hint =
      "hint: [entrance] is called [idempotent-receiver] now; the old name still works";
  CHECK(texts(old.hints) ==
        std::vector<std::string>{fmt::format("test.ini:{}: {}", kOrderLines + 1, hint),
                                 "--set: " + hint});
  const ParsedScenario now = parse(order_domain("[idempotent-receiver]\nlock = off\n"),
                                   {"idempotent-receiver.order_id=off"});
  REQUIRE(now.scenario);
  CHECK(now.hints.empty());
  CHECK(now.scenario->digest == old.scenario->digest);
  const ParsedScenario both = parse(order_domain(old_text + "[idempotent-receiver]\n"));
  REQUIRE(both.errors.size() == 1);
  CHECK(contains(both.errors[0].message, "section [idempotent-receiver] appears twice"));
  CHECK(current_name("entrance.lock") == "idempotent-receiver.lock");
  CHECK(current_name("entrance") == "idempotent-receiver");
  CHECK(current_name("entrances.lock") == "entrances.lock");
}

TEST_CASE("keys: the error for a misspelt name suggests the nearest one") {
  struct Wrong {
    std::string text;
    const char* message;
  };
  const Wrong wrongs[] = {
      {"[netwrok]\n", "unknown section [netwrok] (did you mean 'network'?)"},
      {"[network]\ndealy = 1ms\n", "unknown key 'dealy' in [network] (did you mean 'delay'?)"},
      {"[network]\nseed = 1\n", "unknown key 'seed' in [network] (it belongs under [scenario])"},
      {"[workload]\norder = 6\n",
       "unknown key 'order' in [workload] (did you mean 'orders'? 'order' is a key of [network], "
       "[link])"},
      {"[service x]\ndelay = 5ms\n",
       "unknown key 'delay' in [service] (did you mean 'disk'? 'delay' is a key of [network], "
       "[link], [disk])"},
      {"[scenario]\nprotocol = two-phase-comit\n", "did you mean 'two-phase-commit'?"},
      {"[scenario]\nprotocol = 2pc\n", "did you mean 'two-phase-commit'?"},
      {"[scenario]\nprotocol = xa\n", "did you mean 'two-phase-commit'?"},
      {"[scenario]\nprotocol = 3PC\n", "did you mean 'three-phase-commit'?"},
      {"[scenario]\nprotocol = saga\n",
       "did you mean 'saga-orchestration' or 'saga-choreography'?"},
      {"[scenario]\nprotocol = acid\n", "is none of them (one of local, "},
      {"[2pc]\n", "unknown section [2pc] (did you mean 'two-phase-commit'?)"},
      {"[two-phase-commit]\nvariant = presume-abort\n", "did you mean 'presumed-abort'?"},
      {"[transaction b]\nstep = tak 1 stock at product\n", "did you mean 'take'?"},
      {"[transaction b]\nstep = take 1 stok at product\n", "did you mean 'stock'?"},
      {"[transaction b]\nstep = take 1 stock at prodct\n", "did you mean 'product'?"},
      {"[transaction b]\nbegins_at = odrer\nstep = read stock at product\n",
       "did you mean 'order'?"},
      {"[link order -> pint]\n", "did you mean 'point'?"},
      {"[faults]\nspare = clint\n", "did you mean 'client'?"},
      {"[expect]\nthat = atomcity holds\n", "did you mean 'atomicity'?"},
      {"[expect]\nthat = mesages is 3\n", "did you mean 'messages'?"},
      {"[expect]\nthat = messages.Comit is 3\n", "did you mean 'Commit'?"},
      {"[expect]\nthat = forces.pont is 3\n", "did you mean 'point'?"},
      {"[expect]\nthat = 3 transactions are comitted\n", "did you mean 'committed'?"},
      {"[expect]\nthat = stok at product is 3\n", "did you mean 'stock'?"},
  };
  for (const Wrong& wrong : wrongs) {
    const ParsedScenario parsed = parse(order_domain(wrong.text));
    CAPTURE(wrong.text, texts(parsed.errors));
    REQUIRE(parsed.errors.size() == 1);
    CHECK(parsed.errors[0].place.line > kOrderLines);
    CHECK_THAT(parsed.errors[0].message, Catch::Contains(wrong.message));
  }
}

TEST_CASE("keys: the hint for a key is the same under every protocol") {
  for (const char* wrong : {"[workload]\norder = 6\n", "[service x]\ndelay = 5ms\n",
                            "[transaction x]\nloss = 1%\n", "[scenario]\ntimeot = 1s\n"}) {
    std::set<std::string> hints;
    for (const std::string& protocol : protocol_names()) {
      const ParsedScenario parsed = parse("[scenario]\nprotocol = " + protocol + "\n" + wrong);
      // The second header of [scenario] is an error of its own.
      for (const ScenarioError& error : parsed.errors) {
        if (contains(error.message, "unknown key")) hints.insert(error.message);
      }
    }
    CAPTURE(wrong);
    CHECK(hints.size() <= 1);
  }
}

TEST_CASE("keys: a missing resource or table of records is advised as the sentence needs it") {
  struct Case {
    const char* service;   // what [service shop] has
    const char* sentence;  // under [transaction buy] or [expect]
    const char* advice;
  };
  const Case cases[] = {
      {"", "step = create orders at shop",
       "service 'shop' has no table of records 'orders': write records = orders under "
       "[service shop]"},
      {"", "step = complete orders at shop", "write records = orders under [service shop]"},
      {"", "step = take 2 stock at shop",
       "service 'shop' has no resource 'stock': write resource = stock 100 under [service shop]"},
      {"", "step = give 2 stock at shop", "write resource = stock 100 under [service shop]"},
      {"", "step = read stock at shop", "write resource = stock 100 under [service shop]"},
      {"resource = stock 100", "step = create orders at shop",
       "no table of records 'orders': write records = orders under [service shop]"},
      {"resource = stock 100", "step = take 1 points at shop",
       "(there is only stock): write resource = points 100 under [service shop]"},
      {"records = orders", "step = create oders at shop", "(did you mean 'orders'?)"},
      {"records = orders", "step = take 1 order at shop",
       "no resource 'order': write resource = order 100 under [service shop]"},
      {"records = orders", "step = read order at shop", "(did you mean 'orders'?)"},
      {"resource = orders 100", "step = create orders at shop",
       "make it a table of records, records = orders under [service shop]"},
      {"records = stock", "step = take 2 stock at shop",
       "make them an amount, resource = stock 100 under [service shop]"}};
  for (const Case& one : cases) {
    const ParsedScenario parsed = parse(
        fmt::format("[service shop]\n{}\n[transaction buy]\n{}\n", one.service, one.sentence));
    CAPTURE(one.service, one.sentence, texts(parsed.errors));
    REQUIRE(parsed.errors.size() == 1);
    CHECK_THAT(parsed.errors[0].message, Catch::Contains(one.advice));
  }
  const ParsedScenario expected =
      parse(order_domain("[expect]\nthat = completed bills at product is 3\n"));
  REQUIRE(expected.errors.size() == 1);
  CHECK_THAT(expected.errors[0].message,
             Catch::Contains("write records = bills under [service product]"));
}

TEST_CASE("keys: a list of nodes names no role that nobody has") {
  const ParsedScenario without = parse(order_domain("[faults]\nspare = warehouse\n"));
  REQUIRE(without.errors.size() == 1);
  CHECK_THAT(without.errors[0].message,
             Catch::Contains("coordinator") && !Catch::Contains("broker"));
  const ParsedScenario with =
      parse(order_domain("[faults]\nspare = warehouse\n"), {"scenario.protocol=saga-choreography"});
  REQUIRE(with.errors.size() == 1);
  CHECK_THAT(with.errors[0].message, Catch::Contains("broker"));
}

TEST_CASE("keys: each documented step parses, and a step on the wrong kind of resource does not") {
  for (const SentenceInfo& info : step_sentences()) {
    const ParsedScenario parsed =
        parse(order_domain("[transaction other]\nstep = " + info.example + "\n"));
    CAPTURE(info.example, texts(parsed.errors));
    CHECK(parsed.scenario);
  }
  for (const char* wrong :
       {"take 2 orders at order", "create stock at product", "take 0 stock at product",
        "take stock at product", "take 2 stock", "take 2147483648 stock at product",
        "read stock at product twice", "take -1 stock at product"}) {
    const ParsedScenario parsed =
        parse(order_domain("[transaction other]\nstep = " + std::string(wrong) + "\n"));
    CAPTURE(wrong, texts(parsed.errors));
    CHECK(parsed.errors.size() == 1);
  }
}

TEST_CASE("keys: a pivot is a step of its transaction, counted from one") {
  const ParsedScenario with = parse(order_domain(), {"transaction order.pivot=3"});
  REQUIRE(with.scenario);
  CHECK(with.scenario->plan.kinds[0].pivot == std::optional<std::uint16_t>(2));
  const ParsedScenario without =
      parse(order_domain("pivot = 3\n"), {"transaction order.pivot=none"});
  REQUIRE(without.scenario);
  CHECK_FALSE(without.scenario->plan.kinds[0].pivot.has_value());
  for (const char* wrong : {"0", "5", "-1", "point", "99999999999999999999"}) {
    const ParsedScenario parsed = parse(order_domain("pivot = " + std::string(wrong) + "\n"));
    CAPTURE(wrong, texts(parsed.errors));
    REQUIRE(parsed.errors.size() == 1);
    CHECK(parsed.errors[0].place.line == kOrderLines + 1);
  }
}

TEST_CASE("keys: each wrong step is reported once, with its own line") {
  const ParsedScenario parsed =
      parse(order_domain("step = take 2 stok at product\n"
                         "step = read stock at product\n"
                         "step = take 1 stock at product as read\n"
                         "step = giv 3 balance at point\n"
                         "step = take 1 balance at point as read\n"
                         "pivot = 9\n"
                         "pivot = 9\n"
                         "[transaction other]\n"
                         "step = read stokk at product\n"
                         "step = take 2 stock at product as read\n"
                         "pivot = 3\n"
                         "[faults]\n"
                         "fault = crash participant at 1ms for 1s\n"));
  std::vector<int> lines;
  for (const ScenarioError& error : parsed.errors) lines.push_back(error.place.line - kOrderLines);
  CAPTURE(texts(parsed.errors));
  CHECK(lines == std::vector<int>{1, 4, 5, 7, 9, 11});
}

TEST_CASE("keys: a wrong step counts for the pivot, and its service participates") {
  const std::string one_step =
      "[service a]\nresource = x 1\n[service b]\nresource = y 1\n"
      "[transaction t]\nbegins_at = a\nstep = take 1 y at b\nstep = tak 1 y at b\n";
  CHECK(texts(parse(one_step + "pivot = 3\n").errors).back() ==
        "test.ini:9: pivot: 3 is not a step of this transaction: it has steps 1 to 2");
  CHECK(parse(one_step + "pivot = 2\n").errors.size() == 1);
  const std::string wrong_only =
      "[service a]\nresource = x 1\n[service b]\nresource = y 1\n[transaction t]\n"
      "begins_at = a\nstep = tak 1 y at b\n[faults]\nfault = crash participant at 1ms for 1s\n";
  CHECK(parse(wrong_only).errors.size() == 1);
}

TEST_CASE("keys: under local, all steps run at the service of the first step, in any form") {
  for (const char* step : {"take 1 y at b", "read y at b, at least 1", "read y at b at least 1"}) {
    CAPTURE(step);
    const ParsedScenario parsed = parse(
        "[service a]\nresource = x 1\n[service b]\nresource = y 1\n"
        "[transaction t]\nstep = " +
            std::string(step) + "\nstep = take 1 x at a\n",
        {"scenario.protocol=local"});
    REQUIRE(parsed.scenario);
    CHECK(parsed.scenario->plan.nodes.front() == "b");
  }
}

TEST_CASE("keys: the error for a count out of range gives the range of its key") {
  const auto error = [](const std::string& setting) {
    return texts(parse(order_domain(), {setting}).errors).at(0);
  };
  CHECK(contains(error("workload.retries=-1"), "'-1' is not a whole number from 0 to 255"));
  CHECK(contains(error("workload.retries=256"), "'256' is over 255"));
  CHECK(contains(error("tcc.retries=-1"), "from 0 to 1000,"));
  CHECK(contains(error("broker.members=0"), "'0' is not a whole number from 1 to 1000"));
  CHECK(contains(error("workload.arrivals=0 clients"), "from 1 to 10000000"));
  CHECK(contains(error("transaction order.pivot=0"), "from 1 to 64"));
}

TEST_CASE("keys: steps run in parallel if the run's protocol is configured so") {
  const std::string parallel = "[saga-orchestration]\nparallel = on\n";
  const ParsedScenario saga =
      parse(order_domain(parallel), {"scenario.protocol=saga-orchestration"});
  REQUIRE(saga.scenario);
  CHECK(saga.scenario->plan.steps_in_parallel);
  const ParsedScenario other = parse(order_domain(parallel), {"scenario.protocol=tcc"});
  REQUIRE(other.scenario);
  CHECK_FALSE(other.scenario->plan.steps_in_parallel);
}

TEST_CASE("keys: the time between repetitions is above 0") {
  for (const char* key :
       {"idempotent-receiver.lock_timeout", "two-phase-commit.decision_timeout",
        "two-phase-commit.resend_after", "tcc.try_timeout", "tcc.pending_every", "tcc.sweep_after",
        "saga-orchestration.step_timeout", "saga-orchestration.registry_every", "tcc.back_off",
        "saga-orchestration.back_off", "tcc.cancel_every", "tcc.operator_after",
        "saga-choreography.cancel_every", "saga-choreography.retry_every",
        "saga-choreography.relay_every", "saga-choreography.publish_timeout",
        "broker.redeliver_after", "workload.poll_every", "idempotent-receiver.keep_outcome"}) {
    CAPTURE(key);
    CHECK(parse(order_domain(), {std::string(key) + "=1ns"}).scenario);
    const ParsedScenario parsed = parse(order_domain(), {std::string(key) + "=0s"});
    REQUIRE(parsed.errors.size() == 1);
    CHECK_THAT(parsed.errors[0].message, Catch::Contains("must be over 0"));
  }
}

}  // namespace
}  // namespace txsim
