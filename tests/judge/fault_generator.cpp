#include "tests/judge/fault_generator.h"

#include <fmt/format.h>

#include <algorithm>

#include "protocols/registry.h"
#include "transactions/transaction.h"

namespace txsim::reference {
namespace {

// The protocol's messages, records, timers or other words, from the registry.
using Words = std::vector<NamedText> Description::*;
std::vector<std::string> words_of(const Cast& cast, Words part) {
  const std::shared_ptr<const Protocol> protocol = find_protocol(cast.protocol);
  std::vector<std::string> words;
  for (const Description* info : descriptions()) {
    const bool is_unused = info->name == "lock-service" && !cast.has_lock;
    if (is_unused || !is_used_under(*protocol, *info)) continue;
    for (const NamedText& word : info->*part) words.emplace_back(word.name);
  }
  return words;
}

std::string word_of(Draws& draws, const Cast& cast, Words part) {
  const std::vector<std::string> words = words_of(cast, part);
  return words.empty() || draws.chance(10) ? "any" : draws.one_of(words);
}

std::string service(Draws& draws, const Cast& cast) { return draws.one_of(cast.services); }

std::string node(Draws& draws, const Cast& cast) {
  switch (draws.below(10)) {
    case 0:
      return "coordinator";
    case 1:
      return cast.has_participant ? "participant" : "coordinator";
    case 2:
      return cast.has_lock ? "lock" : "client";
    case 3:
      return cast.protocol == "saga-choreography" ? "broker" : "client";
    default:
      return service(draws, cast);
  }
}

// A fault behind the horizon is an error.
std::string time(Draws& draws, const Cast& cast) {
  const std::uint64_t latest = std::min(cast.horizon_ms, kLatestFaultMs);
  return fmt::format("{}ms", draws.chance(70) ? draws.below(60) : draws.below(latest));
}
std::string length(Draws& draws) {
  return draws.one_of({"1ms", "20ms", "300ms", "1s", "2500ms", "9s"});
}
std::string ordinal(Draws& draws) {
  return draws.one_of({" 1st", " 1st", " 1st", " 2nd", " 3rd", " 5th", ""});
}

std::string event(Draws& draws, const Cast& cast, const std::string& who) {
  switch (draws.below(10)) {
    case 0:
      return who + " sends " + word_of(draws, cast, &Description::messages);
    case 1:
      return who + " receives " + word_of(draws, cast, &Description::messages);
    case 2:
      return who + " appends " + word_of(draws, cast, &Description::records);
    case 3:
      return who + " forces " + word_of(draws, cast, &Description::records);
    case 4:
      return who + " has forced " + word_of(draws, cast, &Description::records);
    case 5: {
      const auto phases = phase_infos();
      return who + " enters " + std::string(phases[draws.below(phases.size())].name);
    }
    case 6: {
      const auto facts = fact_infos();
      return who + " announces " + std::string(facts[draws.below(facts.size())].name);
    }
    case 7:
      return who + " fires " + word_of(draws, cast, &Description::timers);
    case 8:
      return who + " sends any";
    default:
      return draws.chance(50) ? who + " crashes" : who + " restarts";
  }
}

// BEGIN of the scenario language, for the node that the fault hits.
std::string begin(Draws& draws, const Cast& cast, const std::string& who) {
  switch (draws.below(5)) {
    case 0:
      return "at " + time(draws, cast);
    case 1:
      return fmt::format("at event {}", 1 + draws.below(200));
    default: {
      const std::string by = who != "it" && draws.chance(70) ? "it" : node(draws, cast);
      return "when " + event(draws, cast, by) + ordinal(draws);
    }
  }
}

std::string window(Draws& draws, const Cast& cast, const std::string& who) {
  const std::string end = draws.chance(88) ? " for " + length(draws) : "";
  switch (draws.below(4)) {
    case 0:
      return begin(draws, cast, who) + end;
    case 1:
      return draws.chance(90) ? "from 0ms" + end : "";
    default:
      return "from " + time(draws, cast) + end;
  }
}

std::string message(Draws& draws, const Cast& cast) {
  const auto side = [&] { return draws.chance(40) ? std::string("any") : node(draws, cast); };
  const std::string from = side();
  return fmt::format("{} {} -> {}", word_of(draws, cast, &Description::messages), from, side());
}

// The n-th message, or every message in a window.
std::string which(Draws& draws, const Cast& cast, const std::string& amount) {
  if (draws.chance(75)) return ordinal(draws) + amount;
  const std::string end = draws.chance(85) ? " for " + length(draws) : "";
  return amount + " from " + time(draws, cast) + end;
}

std::string message_fault(Draws& draws, const Cast& cast) {
  if (draws.chance(15)) {
    const std::size_t number = 1 + draws.below(200);
    switch (draws.below(3)) {
      case 0:
        return fmt::format("drop event {}", number);
      case 1:
        return fmt::format("slow event {} by {}", number, length(draws));
      default:
        return fmt::format("duplicate event {} after {}", number, length(draws));
    }
  }
  const std::string what = message(draws, cast);
  switch (draws.below(3)) {
    case 0:
      return "drop " + what + which(draws, cast, "");
    case 1:
      return "slow " + what + which(draws, cast, " by " + length(draws));
    default:
      return "duplicate " + what +
             which(draws, cast, draws.chance(70) ? " after " + length(draws) : std::string());
  }
}

std::string partition(Draws& draws, const Cast& cast) {
  const std::string one = service(draws, cast);
  const std::string mark = draws.chance(60) ? " | " : " -> ";
  std::string other = draws.chance(40) ? "rest" : service(draws, cast);
  if (other == one) other = draws.chance(50) ? "client" : "rest";
  return "partition " + one + mark + other + " " + window(draws, cast, "");
}

}  // namespace

std::string fault_sentence(Draws& draws, const Cast& cast) {
  const std::string who = node(draws, cast);
  switch (draws.below(9)) {
    case 0:
    case 1:
    case 2: {
      const std::string end = draws.chance(88) ? " for " + length(draws) : "";
      return "crash " + who + " " + begin(draws, cast, who) + end;
    }
    case 3:
      return "pause " + who + " " + begin(draws, cast, who) + " for " + length(draws);
    case 4:
      return partition(draws, cast);
    case 5:
      return "refuse " + who + " " + window(draws, cast, who);
    case 6:
      if (draws.chance(50)) {
        return fmt::format("slow disk at {} by {} {}", who, length(draws),
                           window(draws, cast, who));
      }
      return fmt::format("skew {} by {} {}", who,
                         draws.one_of({"3ms", "-2s", "10%", "-50%", "1s and 5%"}),
                         window(draws, cast, who));
    default:
      return message_fault(draws, cast);
  }
}

}  // namespace txsim::reference
