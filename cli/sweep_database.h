// The results of a sweep as an SQLite database, made from its rows, for queries that the summary
// does not answer. docs/sweeps.md describes the schema.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "cli/files.h"
#include "reports/sweep_summary.h"

struct sqlite3;
struct sqlite3_stmt;

namespace txsim {

class SweepDatabase {
 public:
  static constexpr int kSchemaVersion = 4;

  // Writes under another name, until `finish` renames the file. Throws InputError, here and below;
  // the caller, who owns the rows, adds what can be done with them.
  SweepDatabase(const std::string& path, const SweepHeader& header);
  ~SweepDatabase();
  SweepDatabase(const SweepDatabase&) = delete;
  SweepDatabase& operator=(const SweepDatabase&) = delete;

  void add(const SweepRun& run);
  // Also adds the summary.
  void finish(const SweepSummary& summary);

 private:
  struct Close {
    void operator()(sqlite3* database) const;
    void operator()(sqlite3_stmt* statement) const;
  };
  using Statement = std::unique_ptr<sqlite3_stmt, Close>;

  void execute(const char* sql);
  Statement prepare(const char* sql);
  template <class... Values>
  void insert(Statement& statement, const Values&... values);
  void add_cells(const SweepHeader& header);
  void add_fault_coverage(const SweepSummary& summary);
  void add_expectations(const SweepSummary& summary);
  [[noreturn]] void fail() const;

  std::string path_;
  TemporaryFile temporary_;
  std::unique_ptr<sqlite3, Close> database_;
  std::vector<std::string> protocols_;  // by cell
  Statement run_;
  Statement violation_;
};

}  // namespace txsim
