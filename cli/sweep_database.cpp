#include "cli/sweep_database.h"

#include <fmt/format.h>
#include <sqlite3.h>

#include <cerrno>
#include <cstring>
#include <limits>
#include <new>

#include "cli/errors.h"
#include "reports/names.h"

namespace txsim {
namespace {

// Seeds have no type: from 2^63 on, beyond SQLite's integers, they are text.
constexpr const char* kSchema = R"(
CREATE TABLE sweep (schema_version INTEGER, first_seed, seeds INTEGER, settings TEXT);
CREATE TABLE cells (cell INTEGER PRIMARY KEY, file TEXT, title TEXT, protocol TEXT, scenario TEXT);
CREATE TABLE varied (cell INTEGER, key TEXT, value TEXT);
CREATE TABLE runs (
  cell INTEGER, seed, digest TEXT, events INTEGER, end_ns INTEGER, violated INTEGER,
  orders INTEGER, submitted INTEGER, begun INTEGER, recognised INTEGER, never_begun INTEGER,
  retries INTEGER,
  committed INTEGER, aborted INTEGER, compensated INTEGER, pending INTEGER, in_doubt INTEGER,
  mixed INTEGER, unfinished INTEGER,
  told_done INTEGER, told_failed INTEGER, told_busy INTEGER, told_nothing INTEGER,
  orders_told_done INTEGER, orders_told_failed INTEGER, orders_told_nothing INTEGER,
  latency_count INTEGER, latency_total_ns INTEGER, latency_most_ns INTEGER,
  lock_hold_count INTEGER, lock_hold_total_ns INTEGER, lock_hold_most_ns INTEGER,
  lock_wait_count INTEGER, lock_wait_total_ns INTEGER, lock_wait_most_ns INTEGER,
  reservation_hold_count INTEGER, reservation_hold_total_ns INTEGER,
  reservation_hold_most_ns INTEGER,
  in_doubt_count INTEGER, in_doubt_total_ns INTEGER, in_doubt_most_ns INTEGER,
  dirty_uses INTEGER,
  messages INTEGER, lost INTEGER, duplicated INTEGER, refused INTEGER, forced INTEGER,
  failures INTEGER,
  PRIMARY KEY (seed, cell)) WITHOUT ROWID;
CREATE TABLE expectations (
  cell INTEGER, expectation TEXT, file TEXT, line INTEGER, met INTEGER, seen TEXT,
  count INTEGER, "of" INTEGER);
CREATE TABLE violations (cell INTEGER, seed, invariant TEXT);
CREATE TABLE fault_coverage (cell INTEGER, fault TEXT, part TEXT, phase TEXT, count INTEGER);
)";
constexpr int kRunColumns = 48;

void bind(sqlite3_stmt* statement, int place, std::int64_t value) {
  sqlite3_bind_int64(statement, place, value);
}
// A count, or a seed; only seeds may exceed SQLite's integers.
void bind(sqlite3_stmt* statement, int place, std::uint64_t value) {
  if (value <= static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max())) {
    sqlite3_bind_int64(statement, place, static_cast<std::int64_t>(value));
    return;
  }
  const std::string text = std::to_string(value);
  sqlite3_bind_text(statement, place, text.data(), static_cast<int>(text.size()), SQLITE_TRANSIENT);
}
void bind(sqlite3_stmt* statement, int place, int value) {
  sqlite3_bind_int(statement, place, value);
}
void bind(sqlite3_stmt* statement, int place, std::uint32_t value) {
  sqlite3_bind_int64(statement, place, value);
}
void bind(sqlite3_stmt* statement, int place, const std::string& value) {
  sqlite3_bind_text(statement, place, value.data(), static_cast<int>(value.size()),
                    SQLITE_STATIC);  // it outlives the step
}

}  // namespace

void SweepDatabase::Close::operator()(sqlite3* database) const { sqlite3_close(database); }
void SweepDatabase::Close::operator()(sqlite3_stmt* statement) const {
  sqlite3_finalize(statement);
}

SweepDatabase::SweepDatabase(const std::string& path, const SweepHeader& header) : path_(path) {
  temporary_.open(path_, path_, TemporaryFile::Busy::Fail);
  // Without SQLite's locks: the file has our lock, which some network file systems take for theirs.
  sqlite3* opened = nullptr;
  const int status = sqlite3_open_v2(
      temporary_.name().c_str(), &opened,
      SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX, "unix-none");
  database_.reset(opened);
  if (status != SQLITE_OK) fail();
  // The rows hold everything that the database holds.
  execute(
      "PRAGMA page_size = 65536; PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF; "
      "PRAGMA locking_mode = EXCLUSIVE;");
  execute("BEGIN");
  execute(kSchema);
  std::string places = "?";
  for (int i = 1; i < kRunColumns; ++i) places += ",?";
  run_ = prepare(("INSERT INTO runs VALUES (" + places + ")").c_str());
  violation_ = prepare("INSERT INTO violations VALUES (?,?,?)");
  add_cells(header);
}

SweepDatabase::~SweepDatabase() = default;

void SweepDatabase::fail() const {
  if (database_ == nullptr || sqlite3_errcode(database_.get()) == SQLITE_NOMEM) {
    throw std::bad_alloc();
  }
  throw InputError(
      fmt::format("{}: {}; the database is not written", path_, sqlite3_errmsg(database_.get())));
}

void SweepDatabase::execute(const char* sql) {
  if (sqlite3_exec(database_.get(), sql, nullptr, nullptr, nullptr) != SQLITE_OK) fail();
}

SweepDatabase::Statement SweepDatabase::prepare(const char* sql) {
  sqlite3_stmt* statement = nullptr;
  if (sqlite3_prepare_v2(database_.get(), sql, -1, &statement, nullptr) != SQLITE_OK) fail();
  return Statement(statement);
}

template <class... Values>
void SweepDatabase::insert(Statement& statement, const Values&... values) {
  int place = 0;
  (bind(statement.get(), ++place, values), ...);
  if (sqlite3_step(statement.get()) != SQLITE_DONE) fail();
  sqlite3_reset(statement.get());
}

void SweepDatabase::add_cells(const SweepHeader& header) {
  std::string settings;
  for (const std::string& setting : header.settings) settings += setting + "\n";
  Statement sweep = prepare("INSERT INTO sweep VALUES (?,?,?,?)");
  insert(sweep, kSchemaVersion, header.first_seed, header.seeds, settings);
  Statement cell = prepare("INSERT INTO cells VALUES (?,?,?,?,?)");
  Statement varied = prepare("INSERT INTO varied VALUES (?,?,?)");
  for (std::size_t i = 0; i < header.cells.size(); ++i) {
    const SweepCellName& name = header.cells[i];
    protocols_.push_back(name.protocol);
    insert(cell, std::uint64_t{i}, name.file, name.title, name.protocol,
           digest_text(name.scenario));
    for (const std::string& setting : name.varied) {
      const std::size_t equals = setting.find('=');
      insert(varied, std::uint64_t{i}, setting.substr(0, equals), setting.substr(equals + 1));
    }
  }
}

void SweepDatabase::add(const SweepRun& run) {
  const Counters& c = run.counters;
  const auto& e = c.endings;
  insert(run_, run.cell, run.seed, digest_text(run.digest), run.events, run.end.ns,
         run.is_violated(protocols_[run.cell]) ? 1 : 0, c.orders, c.submitted, c.begun(),
         c.recognised, c.never_begun(), c.retries, e[0], e[1], e[2], e[3], e[4], e[5], e[6],
         c.told_done, c.told_failed, c.told_busy, c.told_nothing(), c.orders_told_done,
         c.orders_told_failed, c.orders_told_nothing(), c.latency.count, c.latency.total.ns,
         c.latency.most.ns, c.lock_hold.count, c.lock_hold.total.ns, c.lock_hold.most.ns,
         c.lock_wait.count, c.lock_wait.total.ns, c.lock_wait.most.ns, c.reservation_hold.count,
         c.reservation_hold.total.ns, c.reservation_hold.most.ns, c.in_doubt.count,
         c.in_doubt.total.ns, c.in_doubt.most.ns, c.dirty_uses, run.sent, run.lost, run.duplicated,
         run.refused, run.forced, run.failures);
  for (std::size_t i = 0; i < run.verdicts.size(); ++i) {
    if (run.verdicts[i] != Verdict::Violated) continue;
    insert(violation_, run.cell, run.seed, std::string(invariants()[i].name));
  }
}

void SweepDatabase::add_fault_coverage(const SweepSummary& summary) {
  Statement statement = prepare("INSERT INTO fault_coverage VALUES (?,?,?,?,?)");
  for (std::size_t cell = 0; cell < summary.cells().size(); ++cell) {
    const auto& fault_coverage = summary.cells()[cell].fault_coverage;
    for (std::size_t fault = 0; fault < kFaultEffects; ++fault) {
      for (std::size_t part = 0; part < kPartKinds; ++part) {
        for (std::size_t phase = 0; phase < kPhases; ++phase) {
          const std::string name = phase == 0 ? "none" : text(static_cast<Phase>(phase));
          insert(statement, std::uint64_t{cell}, std::string(text(static_cast<FaultEffect>(fault))),
                 std::string(text(static_cast<Part>(part))), name,
                 fault_coverage[fault][part][phase]);
        }
      }
    }
  }
}

// A shard does not judge them: met is NULL.
void SweepDatabase::add_expectations(const SweepSummary& summary) {
  Statement judged = prepare("INSERT INTO expectations VALUES (?,?,?,?,?,?,?,?)");
  for (std::size_t cell = 0; cell < summary.cells().size(); ++cell) {
    for (const HeldPortion& held : summary.expectations(cell)) {
      insert(judged, std::uint64_t{cell}, held.expected.text, held.expected.place.file,
             held.expected.place.line, held.met ? 1 : 0, held.seen, held.portion.count,
             held.portion.of);
    }
  }
  if (!summary.judges_expectations()) execute("UPDATE expectations SET met = NULL");
}

void SweepDatabase::finish(const SweepSummary& summary) {
  add_fault_coverage(summary);
  add_expectations(summary);
  execute("COMMIT");
  run_.reset();
  violation_.reset();
  if (sqlite3_close(database_.get()) != SQLITE_OK) fail();
  database_.release();
  if (!temporary_.take_place()) {
    throw InputError(
        fmt::format("{}: {}; the database is not written", path_, std::strerror(errno)));
  }
}

}  // namespace txsim
