#include "tests/runs/fault_walk.h"

#include <fmt/format.h>

#include <algorithm>
#include <catch2/catch.hpp>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "runs/run.h"
#include "scenarios/language.h"
#include "scenarios/values.h"
#include "tests/runs/promises.h"

namespace txsim::tests {
namespace {

namespace fs = std::filesystem;

constexpr Duration kToConverge = seconds(120);

std::string option(const std::string& setting) { return fmt::format(" --set '{}'", setting); }

}  // namespace

FileText read_text(const std::string& path) {
  std::ifstream file(fs::path(TXSIM_SOURCE_DIR) / path, std::ios::binary);
  if (!file) return {std::nullopt, "cannot be opened"};
  std::ostringstream text;
  text << file.rdbuf();
  return {text.str(), ""};
}

std::vector<std::string> library_files() {
  std::vector<std::string> files;
  const fs::path root = TXSIM_SOURCE_DIR;
  for (const auto& entry : fs::recursive_directory_iterator(root / "scenarios")) {
    if (entry.path().extension() != ".ini") continue;
    files.push_back(entry.path().lexically_relative(root).generic_string());
  }
  std::sort(files.begin(), files.end());
  return files;
}

std::shared_ptr<const Scenario> load(const std::string& path, const Settings& settings) {
  const ParsedScenario parsed = parse_scenario(path, read_text, settings);
  std::string errors;
  for (const ScenarioError& error : parsed.errors) errors += text(error) + "\n";
  INFO(errors);
  REQUIRE(parsed.scenario != nullptr);
  return parsed.scenario;
}

std::shared_ptr<const Scenario> as_if_repeating(const Scenario& scenario) {
  Scenario repeating = scenario;
  repeating.plan.orders_may_repeat = true;
  return std::make_shared<const Scenario>(std::move(repeating));
}

FaultWalk::FaultWalk(std::shared_ptr<const Scenario> scenario, Settings settings)
    : settings_(std::move(settings)) {
  Scenario longer = *scenario;
  longer.horizon = longer.horizon + kToConverge;
  settings_.push_back("scenario.horizon=" + text(longer.horizon));
  for (const std::string& fault : longer.fault_texts) settings_.push_back("faults.fault=" + fault);
  scenario_ = std::make_shared<const Scenario>(std::move(longer));
  spec_ = build_world(*scenario_, true);
  judge_ = make_judge_for(*scenario_, false);
  bare_ = *spec_;
  bare_.keep_trace = false;
  bare_.dictionary = {};
  World world(spec_, judge_->clone());
  world.run(Time{scenario_->horizon.ns});
  trace_ = world.trace();
}

bool walks_all() {
  const char* all = std::getenv("TXSIM_WALK_ALL");
  return all != nullptr && std::string_view(all) == "1";
}

Shard shard() {
  const char* text = std::getenv("TXSIM_SHARD");
  if (text == nullptr) return {};
  const std::string_view of(text);
  const std::size_t slash = of.find('/');
  REQUIRE(slash != std::string_view::npos);
  constexpr std::uint64_t kMost = 1'000;
  const Shard shard{parse_whole(of.substr(0, slash), kMost, "1"),
                    parse_whole(of.substr(slash + 1), kMost, "1")};
  REQUIRE((shard.part >= 1 && shard.part <= shard.parts));
  return shard;
}

std::uint64_t FaultWalk::stride(std::uint64_t places) const {
  if (walks_all()) return 1;
  return (places * trace_.size() / kMostEvents + 1) * kStride;
}

std::string FaultWalk::tell_event(std::uint64_t sequence) const {
  const TraceRecord& record = trace_[sequence - 1];
  const auto name = [&](NodeId node) {
    return node < spec_->nodes.size() ? spec_->nodes[node].name : std::string("-");
  };
  return fmt::format("event {} ({} {} {} {})", sequence, name(record.node), text(record.kind),
                     spec_->dictionary.text(record.what), name(record.peer));
}

std::string FaultWalk::run_as_it_is() const {
  World world(spec_, judge_->clone());
  world.run(Time{scenario_->horizon.ns});
  return broken_promises(finish_run(scenario_, spec_, world));
}

std::string FaultWalk::run_with(const Fault& fault) {
  ++runs_;
  auto spec = std::make_shared<WorldSpec>(bare_);
  spec->faults.push_back(fault);
  std::string broken;
  try {
    World world(std::move(spec), judge_->clone());
    world.run(Time{scenario_->horizon.ns});
    broken = broken_promises(finish_run(scenario_, spec_, world));
  } catch (const std::logic_error& defect) {
    broken = fmt::format("\n  {}", defect.what());
  }
  if (broken.empty()) return {};
  const std::string sentence = fault_text(fault, *scenario_, spec_->dictionary);
  std::string command = "txsim run " + scenario_->name;
  for (const std::string& setting : settings_) command += option(setting);
  return fmt::format("{}: {}: {}{}\n  {}{}", scenario_->name, tell_event(fault.nth), sentence,
                     broken, command, option("faults.fault=" + sentence));
}

// Catch2 breaks long lines, but the commands must stay copyable.
void Walked::require_nothing_broken() const {
  constexpr std::size_t kMostTold = 12;
  for (std::size_t i = 0; i < std::min(broken.size(), kMostTold); ++i) {
    fmt::print("{}\n", broken[i]);
  }
  INFO("printed above, one command each");
  CHECK(broken.size() == 0);
}

void crash_everywhere(FaultWalk& walk, Duration down, Walked& walked) {
  Fault fault;
  fault.kind = FaultKind::Crash;
  fault.placed = PlacedBy::Sequence;
  fault.duration = down;
  const std::uint64_t events = walk.trace().size();
  const std::uint64_t stride = walk.stride(events);
  const Shard mine = shard();
  for (std::uint64_t event = 1; event <= events; event += stride) {
    if (!mine.takes(event / stride)) continue;
    fault.nth = event;
    for (NodeId node = 0; node < walk.scenario().plan.nodes.size(); ++node) {
      fault.nodes = {node};
      walked.note(walk.run_with(fault));
    }
  }
}

void crash_at_own_events(FaultWalk& walk, Duration down, Walked& walked) {
  Fault fault;
  fault.kind = FaultKind::Crash;
  fault.placed = PlacedBy::Sequence;
  fault.duration = down;
  const std::uint64_t stride = walk.stride(walk.trace().size());
  const Shard mine = shard();
  for (std::size_t i = 0; i < walk.trace().size(); i += stride) {
    if (!mine.takes(i / stride)) continue;
    const TraceRecord& record = walk.trace()[i];
    if (record.node >= walk.scenario().plan.nodes.size()) continue;
    fault.nth = record.sequence;
    fault.nodes = {record.node};
    walked.note(walk.run_with(fault));
  }
}

// A node always reaches itself. Without an idempotent receiver, a duplicate Submit is executed
// twice under every protocol.
void harm_each_message(FaultWalk& walk, FaultKind kind, Duration delay, Walked& walked) {
  const Scenario& scenario = walk.scenario();
  const bool open = !scenario.settings.idempotent_receiver.enabled;
  Fault fault;
  fault.kind = kind;
  fault.placed = PlacedBy::Sequence;
  fault.delay = delay;
  std::vector<std::uint64_t> messages;
  for (const TraceRecord& record : walk.trace()) {
    if (record.kind != EventKind::Sent || record.node == record.peer) continue;
    if (kind == FaultKind::Duplicate && open && record.node == scenario.client) continue;
    messages.push_back(record.sequence);
  }
  const std::uint64_t stride = walk.stride(messages.size());
  const Shard mine = shard();
  for (std::size_t i = 0; i < messages.size(); i += stride) {
    if (!mine.takes(i / stride)) continue;
    fault.nth = messages[i];
    walked.note(walk.run_with(fault));
  }
}

}  // namespace txsim::tests
