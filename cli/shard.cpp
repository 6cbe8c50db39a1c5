#include "cli/shard.h"

#include <fmt/format.h>

#include <array>
#include <cstdlib>
#include <optional>
#include <string_view>
#include <vector>

#include "cli/errors.h"
#include "cli/numbers.h"

namespace txsim {
namespace {

// A launcher that numbers its processes in two variables. If it gives no count, auto/N gives it.
struct Launcher {
  const char* name;
  const char* index;
  const char* count;
  std::uint64_t first;  // the number of the first
};

constexpr std::array<Launcher, 3> kCiServers = {{
    {"GitLab CI", "CI_NODE_INDEX", "CI_NODE_TOTAL", 1},
    {"CircleCI", "CIRCLE_NODE_INDEX", "CIRCLE_NODE_TOTAL", 0},
    {"Buildkite", "BUILDKITE_PARALLEL_JOB", "BUILDKITE_PARALLEL_JOB_COUNT", 0},
}};
constexpr const char* kKubernetesIndex = "JOB_COMPLETION_INDEX";
constexpr const char* kArrayIndex = "SLURM_ARRAY_TASK_ID";
constexpr Launcher kOpenMpi = {"Open MPI", "OMPI_COMM_WORLD_RANK", "OMPI_COMM_WORLD_SIZE", 0};
constexpr Launcher kSlurmStep = {"Slurm step", "SLURM_PROCID", "SLURM_STEP_NUM_TASKS", 0};
constexpr std::uint64_t kMostShards = 1'000'000'000;

bool is_set(const char* name) {
  const char* value = std::getenv(name);
  return value != nullptr && *value != '\0';
}

std::uint64_t number(const char* name) {
  const char* value = std::getenv(name);
  const auto read = read_whole(value == nullptr ? "" : value);
  if (read) return *read;
  throw InputError(fmt::format("--shard auto: {} is '{}', which is not a number; use --shard I/N",
                               name, value == nullptr ? "" : value));
}

class LaunchedShard {
 public:
  explicit LaunchedShard(std::optional<std::uint64_t> told_count) : told_count_(told_count) {}

  ToldShard read() {
    for (const Launcher& server : kCiServers) add_if_set(server);
    add_kubernetes();
    add_slurm_array();
    // Slurm also numbers the single process of a batch script: only srun starts a step of several.
    // Open MPI numbers the processes that mpirun starts within a step.
    if (is_set(kOpenMpi.index)) {
      add_if_set(kOpenMpi);
    } else if (is_set("SLURM_STEP_ID")) {
      add_if_set(kSlurmStep);
    }
    if (told_.by.empty()) fail_without_launcher();
    if (told_count_ && !used_count_ && told_.shard.of != *told_count_) {
      throw InputError(fmt::format("--shard auto/{}: there are {} ({})", *told_count_,
                                   told_.shard.of, told_.by));
    }
    return told_;
  }

 private:
  void add_if_set(const Launcher& launcher) {
    if (!is_set(launcher.index)) return;
    const std::uint64_t index = number(launcher.index);
    const std::uint64_t count = number(launcher.count);
    if (index < launcher.first) {
      throw InputError(fmt::format("--shard auto: {} is {}, below {}; use --shard I/N",
                                   launcher.index, index, launcher.first));
    }
    divide(launcher.name, index - launcher.first, count);
  }

  // Kubernetes gives the index, but not the number of completions.
  void add_kubernetes() {
    if (!is_set(kKubernetesIndex)) return;
    if (!told_count_) {
      throw InputError(
          fmt::format("--shard auto: {} gives the index, but not the number of shards; use --shard "
                      "auto/N with the job's completions",
                      kKubernetesIndex));
    }
    used_count_ = true;
    divide("Kubernetes", number(kKubernetesIndex), *told_count_);
  }

  // The ids of an array may begin at any number and be spaced, but evenly.
  void add_slurm_array() {
    if (!is_set(kArrayIndex)) return;
    const std::uint64_t id = number(kArrayIndex);
    const std::uint64_t least = number("SLURM_ARRAY_TASK_MIN");
    const std::uint64_t most = number("SLURM_ARRAY_TASK_MAX");
    const std::uint64_t step = number("SLURM_ARRAY_TASK_STEP");
    const std::uint64_t count = number("SLURM_ARRAY_TASK_COUNT");
    const bool is_even = step > 0 && id >= least && (id - least) % step == 0 && most >= least &&
                         (most - least) / step + 1 == count;
    if (!is_even) {
      throw InputError(
          fmt::format("--shard auto: the array's ids ({} to {}, {} of them) are not evenly spaced, "
                      "so id {} determines no share; use --shard I/N",
                      least, most, count, id));
    }
    divide("Slurm array", (id - least) / step, count);
  }

  // Divides the shard so far into `count` shards.
  void divide(std::string_view name, std::uint64_t index, std::uint64_t count) {
    Shard& shard = told_.shard;
    if (index >= count || count > kMostShards / shard.of) {
      throw InputError(
          fmt::format("--shard auto: {} says {} of {}; use --shard I/N", name, index, count));
    }
    shard.index = shard.index * count + index;
    shard.of *= count;
    told_.by += fmt::format("{}{} {} of {}", told_.by.empty() ? "" : ", ", name, index, count);
  }

  [[noreturn]] static void fail_without_launcher() {
    throw InputError(
        "--shard auto: no launcher says which share this is (Slurm, Open MPI, Kubernetes, "
        "GitLab CI, CircleCI, Buildkite; a batch script of several tasks needs srun); use --shard "
        "I/N");
  }

  std::optional<std::uint64_t> told_count_;
  bool used_count_ = false;
  ToldShard told_;
};

}  // namespace

ToldShard read_shard(const std::string& text) {
  constexpr const char* kForm = "i/n, such as 0/4 to 3/4, or auto";
  const std::size_t slash = text.find('/');
  const std::string before = text.substr(0, slash);
  std::optional<std::uint64_t> of;
  if (slash != std::string::npos) of = whole("--shard", text.substr(slash + 1), kForm);
  if (of && (*of == 0 || *of > kMostShards)) of.reset();
  const bool is_bad = slash != std::string::npos && !of;
  if (!is_bad && before == "auto") return LaunchedShard(of).read();
  const auto index = read_whole(before);
  if (!of || !index || *index >= *of) {
    throw InputError(fmt::format("--shard: '{}' is not {}", text, kForm));
  }
  return {{*index, *of}, {}};
}

}  // namespace txsim
