// txsim merge: joins the results of a sweep's shards.
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <filesystem>
#include <memory>
#include <optional>

#include "cli/ci.h"
#include "cli/command.h"
#include "cli/files.h"
#include "cli/sweep_database.h"
#include "cli/sweep_report.h"
#include "cli/sweep_results.h"
#include "reports/names.h"
#include "reports/sweep_summary.h"
#include "sim/program_name.h"

namespace txsim {
namespace {

namespace fs = std::filesystem;

struct MergeArguments {
  std::vector<std::string> paths;
  std::string out;
  CiReport ci;
  ColorChoice color = ColorChoice::Auto;
};

// A file of results and its next row.
struct Source {
  explicit Source(const std::string& path) : reader(path, false) { advance(); }
  void advance() { has_row = reader.next(run, line); }

  ResultsReader reader;
  SweepRun run;
  std::string line;
  bool has_row = false;
};

// What the shards of one sweep have in common.
std::string common_header(SweepHeader header) {
  header.shard = {};
  return header_line(header);
}

class Merge {
 public:
  explicit Merge(MergeArguments arguments) : arguments_(std::move(arguments)) {}

  int go() {
    arguments_.ci.check(arguments_.paths);
    open_sources();
    SweepHeader header = sources_.front()->reader.header();
    header.shard = {};
    SweepSummary summary(header);
    make_folder(arguments_.out);
    SweepDatabase database((fs::path(arguments_.out) / "results.sqlite").string(), header);
    OutputFile results((fs::path(arguments_.out) / results_name({})).string());
    results.write(header_line(header));
    while (Source* next = first_source()) {
      results.write(next->line);
      summary.add(next->run);
      database.add(next->run);
      pass_over(*next);
    }
    results.finish();
    database.finish(summary);
    write("summary.json", json_summary(summary));
    write("summary.txt", text_summary(summary, Paint()));
    write_sweep_report(arguments_.out, "report.html", summary);
    arguments_.ci.add(summary);
    std::string missing;
    if (!summary.is_complete()) {
      missing =
          fmt::format("incomplete: {} of {} runs are present; merge again with the missing shards",
                      summary.all().runs, header.runs());
      arguments_.ci.add_incomplete(missing);
    }
    arguments_.ci.finish();
    if (!arguments_.ci.takes_standard_output()) {
      print(text_summary(summary, Paint(use_color(arguments_.color))));
    }
    if (!missing.empty()) print_error(program_name() + " merge: " + missing);
    return summary.is_as_expected() && missing.empty() ? kAllMet : kNotMet;
  }

 private:
  // A folder means the results in it.
  void open_sources() {
    for (const std::string& path : arguments_.paths) {
      std::error_code error;
      if (!fs::is_directory(path, error)) {
        open_source(path);
        continue;
      }
      std::vector<std::string> files;
      for (const auto& entry : fs::directory_iterator(path)) {
        if (entry.path().extension() == ".jsonl") files.push_back(entry.path().string());
      }
      std::sort(files.begin(), files.end());
      for (const std::string& file : files) open_source(file);
    }
    if (sources_.empty()) throw InputError("there are no results in the named files and folders");
  }

  void open_source(const std::string& path) {
    sources_.push_back(std::make_unique<Source>(path));
    const ResultsReader& first = sources_.front()->reader;
    const ResultsReader& last = sources_.back()->reader;
    if (common_header(first.header()) == common_header(last.header())) return;
    throw InputError(
        fmt::format("{} and {} belong to different sweeps: other scenarios (or versions of one), "
                    "settings or seeds",
                    first.path(), last.path()));
  }

  Source* first_source() const {
    Source* first = nullptr;
    for (const auto& source : sources_) {
      if (!source->has_row) continue;
      if (first == nullptr || source->reader.number() < first->reader.number()) {
        first = source.get();
      }
    }
    return first;
  }

  // The row, from any of the sources. Copies of one run must be equal byte for byte.
  void pass_over(Source& first) const {
    const std::uint64_t number = first.reader.number();
    for (const auto& source : sources_) {
      if (source.get() == &first || !source->has_row || source->reader.number() != number) continue;
      if (source->line != first.line) {
        throw InputError(
            fmt::format("seed {} has different results: digest {} in {}, {} in {}; different "
                        "versions of txsim made them, or one of them is damaged",
                        first.run.seed, digest_text(first.run.digest), first.reader.path(),
                        digest_text(source->run.digest), source->reader.path()));
      }
      source->advance();
    }
    first.advance();
  }

  void write(const char* name, const std::string& text) const {
    OutputFile file((fs::path(arguments_.out) / name).string());
    file.write(text);
    file.finish();
  }

  MergeArguments arguments_;
  std::vector<std::unique_ptr<Source>> sources_;
};

}  // namespace

void add_merge(CLI::App& app, Job& job) {
  auto arguments = std::make_shared<MergeArguments>();
  CLI::App* merge = app.add_subcommand("merge", "Join the results of a sweep's shards");
  merge->add_option("FILE", arguments->paths, "Results, or folders of them")
      ->type_name("")
      ->required();
  merge->add_option("--out", arguments->out, "The folder for the joined results and their summary")
      ->type_name("DIR")
      ->required();
  arguments->ci.add_option(*merge);
  add_color(*merge, arguments->color);
  merge->footer(
      "Example:\n"
      "  txsim sweep FILE --seeds 1..1000000 --shard 0/2 --out shards\n"
      "  txsim sweep FILE --seeds 1..1000000 --shard 1/2 --out shards\n"
      "  txsim merge shards --out results\n\n"
      "Shards can be merged in any order and any number of times. The result is byte for byte that "
      "of\n"
      "a single sweep. The exit status is that of txsim sweep; 1 also if runs are missing.");
  merge->callback([arguments, &job] { job = [arguments] { return Merge(*arguments).go(); }; });
}

}  // namespace txsim
