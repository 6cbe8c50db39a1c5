#include "runs/sweep.h"

#include <algorithm>
#include <bit>

#include "checks/judge.h"
#include "protocols/protocol.h"
#include "runs/cut_off.h"
#include "runs/promises.h"
#include "runs/run.h"
#include "scenarios/language.h"

namespace txsim {
namespace {

constexpr std::uint64_t kMostOrdersKept = 10'000;
constexpr int kClassBits = 5;  // 32 classes for each power of two

bool keeps_latencies(const Scenario& scenario) {
  return scenario.workload.orders <= kMostOrdersKept;
}

std::vector<std::pair<std::uint32_t, std::uint32_t>> latencies_of(const Verdicts& verdicts) {
  std::vector<std::uint32_t> classes;
  for (const TransactionSummary& transaction : verdicts.transactions) {
    if (transaction.has_latency()) classes.push_back(duration_class(transaction.latency()));
  }
  std::sort(classes.begin(), classes.end());
  std::vector<std::pair<std::uint32_t, std::uint32_t>> latencies;
  for (const std::uint32_t one : classes) {
    if (latencies.empty() || latencies.back().first != one) latencies.emplace_back(one, 0);
    ++latencies.back().second;
  }
  return latencies;
}

}  // namespace

std::uint32_t duration_class(Duration duration) {
  const auto ns = static_cast<std::uint64_t>(std::max<std::int64_t>(duration.ns, 0));
  const int shift = std::max(static_cast<int>(std::bit_width(ns)) - kClassBits - 1, 0);
  return static_cast<std::uint32_t>((std::uint64_t(shift) << kClassBits) + (ns >> shift));
}

Duration longest_of_class(std::uint32_t duration_class) {
  const std::uint32_t block = duration_class >> kClassBits;
  if (block < 2) return {duration_class};
  const std::uint32_t shift = block - 1;
  const std::uint64_t low = std::uint64_t{duration_class - (shift << kClassBits)} << shift;
  return {static_cast<std::int64_t>(low + (std::uint64_t{1} << shift) - 1)};
}

SweepCell::SweepCell(std::shared_ptr<const Scenario> scenario, std::vector<std::string> varied)
    : scenario_(std::move(scenario)),
      varied_(std::move(varied)),
      not_begun_(World::not_begun(build_world(*scenario_, false),
                                  make_judge_for(*scenario_, keeps_latencies(*scenario_)))) {}

bool SweepCell::draws() const {
  const auto varies = [](const Delay& delay) { return delay.kind != Delay::Kind::Constant; };
  const auto link_draws = [&](const Link& link) {
    return varies(link.delay) || !link.loss.never() || !link.duplication.never();
  };
  const Workload& workload = scenario_->workload;
  return scenario_->random_faults.any() || link_draws(scenario_->network) ||
         std::any_of(scenario_->links.begin(), scenario_->links.end(),
                     [&](const LinkSpec& spec) { return link_draws(spec.link); }) ||
         std::any_of(scenario_->disks.begin(), scenario_->disks.end(), varies) ||
         workload.arrivals == Arrivals::Random || varies(workload.think) ||
         scenario_->protocol->draws(scenario_->settings.protocol);
}

bool SweepRun::is_violated(std::string_view protocol) const {
  for (std::size_t i = 0; i < verdicts.size(); ++i) {
    if (verdicts[i] == Verdict::Violated && counts_unnamed(protocol, invariants()[i])) return true;
  }
  return false;
}

SweepRun SweepCell::run(std::uint64_t seed) const {
  SweepRoom room;
  return run(seed, room);
}

SweepRun SweepCell::run(std::uint64_t seed, SweepRoom& room) const {
  if (room) {
    *room = not_begun_;
  } else {
    room.emplace(not_begun_);
  }
  World& world = *room;
  world.begin(seed);
  const Time horizon{scenario_->horizon.ns};
  world.run(horizon);
  const Verdicts verdicts = judge_end(world, end_of_run(world, horizon));
  const Statistics& statistics = world.statistics();
  SweepRun run;
  run.seed = seed;
  run.digest = world.digest();
  run.events = statistics.events;
  run.end = world.now();
  for (const Judgement& judgement : verdicts.judgements) run.verdicts.push_back(judgement.verdict);
  run.counters = verdicts.counters;
  run.latencies = latencies_of(verdicts);
  run.sent = statistics.sent;
  run.lost = statistics.lost;
  run.duplicated = statistics.duplicated;
  run.refused = statistics.refused;
  for (const NodeCounts& node : statistics.nodes) run.forced += node.forces;
  run.failures = statistics.failures;
  run.fault_coverage = verdicts.fault_coverage;
  run.portions = portions_of(*scenario_, verdicts);
  return run;
}

SweepRun SweepPlan::run(std::uint64_t number) const {
  SweepRoom room;
  return run(number, room);
}

SweepRun SweepPlan::run(std::uint64_t number, SweepRoom& room) const {
  const std::uint64_t cell = number % cells.size();
  SweepRun run = cells[cell].run(first_seed + number / cells.size(), room);
  run.cell = static_cast<std::uint32_t>(cell);
  return run;
}

// Scattered (Knuth's multiplicative hashing), because every twentieth run may be of the same cell.
bool SweepPlan::samples(std::uint64_t number, std::uint64_t permille) {
  return ((number * 0x9E3779B97F4A7C15ULL) >> 32) % 1000 < permille;
}

}  // namespace txsim
