#include "cli/matrix_files.h"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <map>

#include "cli/errors.h"
#include "cli/files.h"
#include "cli/run_files.h"
#include "cli/sweep_results.h"
#include "reports/matrix_page.h"
#include "reports/names.h"
#include "reports/run_page.h"
#include "sim/program_name.h"

namespace txsim {
namespace {

namespace fs = std::filesystem;

// "tcc/retry-loss-convergence"; equal runs share one name.
std::string name_of(const MatrixPlan& plan, std::size_t row, std::size_t fault,
                    std::size_t invariant) {
  const MatrixPlan::Row& of = plan.rows[row];
  std::string mechanism = of.is_all_on() ? "all-on" : of.mechanism.key;
  std::replace(mechanism.begin(), mechanism.end(), '.', '-');
  std::string kind = plan.faults[fault].name;
  std::replace(kind.begin(), kind.end(), '+', '-');
  return fmt::format("{}-{}-{}-{}", of.protocol, mechanism, kind, invariants()[invariant].name);
}

class Writer {
 public:
  Writer(const std::string& folder, MatrixReport& report) : folder_(folder), report_(report) {}

  void write() {
    make_folder((folder_ / "schedules").string());
    make_folder((folder_ / "runs").string());
    const MatrixPlan& plan = *report_.plan;
    for (std::size_t row = 0; row < plan.rows.size(); ++row) {
      for (std::size_t i = 0; i < invariants().size(); ++i) write_cells(row, i);
    }
    write_file(folder_ / "matrix.json", json_matrix(report_));
    write_file(folder_ / "report.html", matrix_page(report_));
  }

 private:
  void write_cells(std::size_t row, std::size_t invariant) {
    std::size_t shortest = report_.plan->faults.size();
    const auto example = [&](std::size_t fault) {
      return report_.result->example(*report_.plan, row, fault, invariant);
    };
    for (std::size_t fault = 0; fault < report_.plan->faults.size(); ++fault) {
      if (example(fault) == nullptr) continue;
      const bool is_shorter = shortest == report_.plan->faults.size() ||
                              choices_of(*example(fault)) < choices_of(*example(shortest));
      if (is_shorter) shortest = fault;
      write_schedule(row, fault, invariant, *example(fault));
    }
    if (shortest < report_.plan->faults.size()) {
      write_page(row, shortest, invariant, *example(shortest));
    }
  }

  void write_schedule(std::size_t row, std::size_t fault, std::size_t invariant,
                      const Counterexample& example) {
    const MatrixCell& cell = report_.result->cell(*report_.plan, row, fault, invariant);
    Schedule schedule = example.schedule;
    schedule.settings = report_.plan->tries[cell.in_try].settings;
    const std::string text = schedule_text(schedule);
    const auto [known, is_new] = schedules_.try_emplace(
        text, "schedules/" + name_of(*report_.plan, row, fault, invariant) + ".txt");
    if (is_new) write_file(folder_ / known->second, text);
    report_.files.push_back({row, fault, invariant, known->second, {}});
  }

  void write_page(std::size_t row, std::size_t fault, std::size_t invariant,
                  const Counterexample& example) {
    const auto file =
        std::find_if(report_.files.begin(), report_.files.end(), [&](const MatrixFile& of) {
          return of.row == row && of.fault == fault && of.invariant == invariant;
        });
    const auto [known, is_new] = pages_.try_emplace(
        file->schedule, "runs/" + name_of(*report_.plan, row, fault, invariant) + ".html");
    if (is_new) {
      const std::string again = (folder_ / file->schedule).string();
      write_file(folder_ / known->second,
                 run_page(report_on(example.run, program_name() + " replay " + shell_word(again))));
    }
    file->page = known->second;
  }

  fs::path folder_;
  MatrixReport& report_;
  std::map<std::string, std::string> schedules_;  // file by text
  std::map<std::string, std::string> pages_;      // by schedule
};

}  // namespace

void check_matrix_folder(const std::string& folder) {
  make_folder(folder);
  std::error_code error;
  const bool is_empty = fs::is_empty(folder, error);
  if (!is_empty && !fs::exists(fs::path(folder) / "matrix.json")) {
    throw InputError(
        fmt::format("--out {}: the folder holds other files: name another folder", folder));
  }
  check_writable((fs::path(folder) / "report.html").string());
}

void write_matrix(const std::string& folder, MatrixReport& report) {
  Writer(folder, report).write();
}

}  // namespace txsim
