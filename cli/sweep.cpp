// txsim sweep, txsim compare: run scenarios with many seeds and summarise the results.
#include "cli/sweep.h"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <optional>
#include <thread>

#include "cli/command.h"
#include "cli/files.h"
#include "cli/interruption.h"
#include "cli/library.h"
#include "cli/numbers.h"
#include "cli/progress.h"
#include "cli/shard.h"
#include "cli/sweep_database.h"
#include "cli/sweep_report.h"
#include "cli/sweep_results.h"
#include "cli/verify.h"
#include "reports/names.h"
#include "reports/sweep_summary.h"
#include "runs/jobs.h"
#include "runs/sweep.h"
#include "scenarios/values.h"
#include "sim/assert.h"
#include "sim/program_name.h"

namespace txsim {
namespace {

constexpr std::uint64_t kPiece = 64;  // runs that a job makes at a time
constexpr std::uint64_t kMostCells = 100'000;
constexpr std::uint64_t kVerifiedPermille = 50;  // the default
constexpr const char* kUsualSeeds = "1..1000";

InputError too_many(std::string_view what) {
  return InputError(fmt::format("{}too many combinations: at most {}", what, kMostCells));
}

// The runs of one piece with their rows.
struct Piece {
  std::vector<SweepRun> runs;
  std::string rows;
  std::vector<std::size_t> ends;  // the end of each row

  std::size_t row_end(std::size_t count) const { return count == 0 ? 0 : ends[count - 1]; }
};

class Sweep {
 public:
  explicit Sweep(SweepArguments arguments) : arguments_(std::move(arguments)) {}

  int go() {
    read_numbers();
    const std::vector<std::string> files = find_scenarios(arguments_.paths);
    arguments_.ci.check(files);
    for (const std::string& file : files) add_cells(file);
    if (failed_) {
      if (!arguments_.advice.empty()) print_error(arguments_.advice);
      return kBadInput;
    }
    if (arguments_.seeds.empty() && draws()) read_seeds(kUsualSeeds);
    warn_if_nothing_is_drawn();
    summary_.emplace(header_);
    std::optional<ResultsWriter> results;
    if (!arguments_.out.empty()) {
      make_folder(arguments_.out);
      database_.emplace(file_in_folder("results", ".sqlite"), header_);
      results.emplace(arguments_.out, header_, arguments_.resume, [&](const SweepRun& run) {
        summary_->add(run);
        database_->add(run);
      });
    }
    run_all(results ? &*results : nullptr);
    if (results) results->finish();
    if (database_) {
      with_rows_kept([&] { database_->finish(*summary_); });
    }
    const Paint paint(use_color(arguments_.color));
    const std::string json = json_summary(*summary_);
    if (results) write_summaries(json);
    arguments_.ci.add(*summary_);
    const std::string why = why_not_whole();
    const bool is_cut = Interruption::has_come() && !why.empty();
    if (is_cut) arguments_.ci.add_incomplete(why);
    arguments_.ci.finish();
    if (!arguments_.ci.takes_standard_output()) {
      print(arguments_.json ? json : text_summary(*summary_, paint));
    }
    if (!why.empty()) print_error(program_name() + " sweep: " + why);
    return !is_cut && summary_->is_as_expected() ? kAllMet : kNotMet;
  }

 private:
  // Empty if every run was made.
  std::string why_not_whole() const {
    if (summary_->is_complete()) return "";
    const std::uint64_t planned = header_.planned();
    const char* by = Interruption::has_come() ? "a signal" : is_enough() ? "--stop-at" : "--time";
    return fmt::format("incomplete: {} ended it after {} of {} runs{}", by, summary_->all().runs,
                       planned, arguments_.out.empty() ? "" : "; --resume continues from them");
  }

  // If the database fails, its rows are still in the results.
  template <class Job>
  void with_rows_kept(Job&& job) const {
    try {
      job();
    } catch (const InputError& error) {
      throw InputError(fmt::format("{}; {} rows are in {}, and --resume continues from them",
                                   error.what(), written_, arguments_.out));
    }
  }

  void read_seeds(const std::string& seeds) {
    constexpr const char* kSeeds = "A..B, such as 1..1000";
    const Seeds read = seeds_of(seeds, kSeeds, ~std::uint64_t{0});
    header_.first_seed = plan_.first_seed = read.first;
    header_.seeds = plan_.seeds = read.count;
  }

  void read_numbers() {
    if (!arguments_.seeds.empty()) read_seeds(arguments_.seeds);
    header_.settings = arguments_.settings;
    jobs_ = std::max(1U, std::thread::hardware_concurrency());
    if (!arguments_.jobs.empty()) jobs_ = number_of_jobs(arguments_.jobs);
    if (!arguments_.stop_at.empty()) {
      stop_at_ = whole("--stop-at", arguments_.stop_at, "a number of violated runs");
      if (*stop_at_ == 0) throw InputError("--stop-at: 0 is too few; the least is 1");
    }
    if (!arguments_.time.empty()) time_ = time_of("--time", arguments_.time);
    if (!arguments_.shard.empty()) read_share();
    if (!arguments_.verify.empty()) read_verified();
    if (arguments_.ci.takes_standard_output() && arguments_.json) {
      throw InputError("--junit and --json cannot both go to standard output");
    }
    if (arguments_.resume && arguments_.out.empty()) {
      throw InputError("--resume continues from the results in a folder: name it with --out");
    }
  }

  void read_verified() {
    try {
      const Probability share = parse_probability(arguments_.verify);
      verified_permille_ = (share.threshold * 1000 + Probability::kOne / 2) / Probability::kOne;
    } catch (const BadValue& error) {
      throw InputError(fmt::format("--verify: {}", error.what()));
    }
  }

  void read_share() {
    const ToldShard told = read_shard(arguments_.shard);
    header_.shard = told.shard;
    if (told.by.empty()) return;
    print_error(fmt::format("{} sweep: shard {}/{} ({})", program_name(), told.shard.index,
                            told.shard.of, told.by));
  }

  // Every combination of the varied keys, the last varied key changing first.
  std::vector<std::vector<std::string>> combinations() const {
    std::vector<std::vector<std::string>> all = {{}};
    for (const std::string& text : arguments_.varied) {
      const std::size_t equals = text.find('=');
      if (equals == std::string::npos || equals + 1 == text.size()) {
        throw InputError(fmt::format("--vary: '{}' is not section.key=VALUE,VALUE ...", text));
      }
      std::vector<std::vector<std::string>> longer;
      for (const std::vector<std::string>& before : all) {
        std::string_view rest = std::string_view(text).substr(equals + 1);
        while (true) {
          const std::size_t comma = rest.find(',');
          longer.push_back(before);
          longer.back().push_back(text.substr(0, equals + 1) + std::string(rest.substr(0, comma)));
          if (comma == std::string_view::npos) break;
          rest.remove_prefix(comma + 1);
        }
      }
      all = std::move(longer);
      if (all.size() > kMostCells) throw too_many("--vary: ");
    }
    return all;
  }

  void add_cells(const std::string& file) {
    for (const std::vector<std::string>& varied : combinations()) {
      std::vector<std::string> settings = arguments_.settings;
      settings.insert(settings.end(), varied.begin(), varied.end());
      const ParsedScenario parsed = parse_scenario(file, read_file, settings);
      if (!parsed.scenario && !varied.empty()) {
        print_error(fmt::format("{} with {}:", file, fmt::join(varied, " ")));
      }
      tell_problems(parsed.errors, parsed.hints);
      failed_ = failed_ || !parsed.scenario;
      if (failed_) return;
      const Scenario& scenario = *parsed.scenario;
      header_.cells.push_back({file, scenario.title, std::string(scenario.protocol_name()),
                               scenario.digest, varied, portion_expectations(scenario)});
      plan_.cells.emplace_back(parsed.scenario, varied);
      if (plan_.cells.size() > kMostCells) throw too_many("with the scenarios ");
    }
  }

  bool draws() const {
    return std::any_of(plan_.cells.begin(), plan_.cells.end(),
                       [](const SweepCell& cell) { return cell.draws(); });
  }

  void warn_if_nothing_is_drawn() const {
    if (plan_.seeds == 1 || draws()) return;
    print_error(program_name() +
                " sweep: nothing in these scenarios is drawn at random, so every seed gives "
                "the same run; try --set faults.loss=1% --set faults.crash_every=5s");
  }

  void run_all(ResultsWriter* results) {
    const std::uint64_t all = plan_.runs(header_.shard);
    std::uint64_t done = results != nullptr ? results->rows() : 0;
    written_ = done;
    const Interruption interruption;
    Progress progress("runs", all, done);
    const std::uint64_t before = done;
    const std::uint64_t pieces = (all - done + kPiece - 1) / kPiece;
    OrderedJobs<Piece> jobs(jobs_, pieces, [&, before](std::uint64_t piece) {
      return make_piece(before + piece * kPiece, std::min(all, before + (piece + 1) * kPiece));
    });
    jobs.run([&](Piece&& piece) {
      std::size_t taken = 0;
      while (taken < piece.runs.size() && !is_enough()) summary_->add(piece.runs[taken++]);
      if (results != nullptr) {
        results->append(std::string_view(piece.rows).substr(0, piece.row_end(taken)));
        written_ += taken;
        with_rows_kept([&] {
          for (std::size_t i = 0; i < taken; ++i) database_->add(piece.runs[i]);
        });
      }
      done += taken;
      if (taken < piece.runs.size()) return false;
      progress.advance(done, summary_->all().violated);
      return !Interruption::has_come() && (!time_ || progress.elapsed() < *time_);
    });
  }

  bool is_enough() const { return stop_at_ && summary_->all().violated >= *stop_at_; }

  Piece make_piece(std::uint64_t from, std::uint64_t to) const {
    Piece piece;
    SweepRoom room;
    for (std::uint64_t i = from; i < to; ++i) {
      const std::uint64_t number = header_.shard.index + i * header_.shard.of;
      try {
        piece.runs.push_back(plan_.run(number, room));
        if (SweepPlan::samples(number, verified_permille_)) run_again(number, piece.runs.back());
      } catch (const std::logic_error& error) {
        SweepRun failed;
        failed.cell = static_cast<std::uint32_t>(number % plan_.cells.size());
        failed.seed = plan_.first_seed + number / plan_.cells.size();
        throw Defect(fmt::format("{}\n  again: {}", error.what(), header_.replay(failed)));
      }
      if (arguments_.out.empty()) continue;
      append_row(piece.runs.back(), piece.rows);
      piece.ends.push_back(piece.rows.size());
    }
    return piece;
  }

  // Runs it in a new world. Throws Defect if any number of its row differs.
  void run_again(std::uint64_t number, const SweepRun& run) const {
    std::string once;
    std::string again;
    append_row(run, once);
    append_row(plan_.run(number), again);
    if (once == again) return;
    auto scenario = std::make_shared<Scenario>(plan_.cells[run.cell].scenario());
    scenario->seed = run.seed;
    verify(scenario, run.digest);
    throw Defect("a run differs when it is run again:\n  " + once + "  " + again);
  }

  // "summary.txt", or for a shard "summary-0-of-4.txt".
  std::string name_of_file(const std::string& name, const char* suffix) const {
    const Shard& shard = header_.shard;
    const std::string of = shard.of == 1 ? "" : fmt::format("-{}-of-{}", shard.index, shard.of);
    return name + of + suffix;
  }
  std::string file_in_folder(const std::string& name, const char* suffix) const {
    return (std::filesystem::path(arguments_.out) / name_of_file(name, suffix)).string();
  }

  void write_summaries(const std::string& json) const {
    const std::string text = text_summary(*summary_, Paint());
    for (const auto& [suffix, content] : {std::pair{".json", json}, std::pair{".txt", text}}) {
      OutputFile file(file_in_folder("summary", suffix));
      file.write(content);
      file.finish();
    }
    write_sweep_report(arguments_.out, name_of_file("report", ".html"), *summary_);
  }

  SweepArguments arguments_;
  SweepPlan plan_;
  SweepHeader header_;
  std::optional<SweepSummary> summary_;
  std::optional<SweepDatabase> database_;
  std::uint64_t written_ = 0;  // rows in the results
  std::optional<std::uint64_t> stop_at_;
  std::optional<std::chrono::nanoseconds> time_;
  unsigned jobs_ = 1;
  std::uint64_t verified_permille_ = kVerifiedPermille;
  bool failed_ = false;
};

}  // namespace

int run_sweep(SweepArguments arguments) { return Sweep(std::move(arguments)).go(); }

}  // namespace txsim
