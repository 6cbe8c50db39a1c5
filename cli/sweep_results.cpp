#include "cli/sweep_results.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>
#include <optional>

#include "cli/errors.h"
#include "cli/files.h"
#include "sim/program_name.h"

namespace txsim {
namespace {

namespace fs = std::filesystem;

// The row's place among all runs of the sweep; nothing if there is no such run.
std::optional<std::uint64_t> number_of(const SweepRun& run, const SweepHeader& header) {
  if (run.cell >= header.cells.size() || run.seed < header.first_seed) return std::nullopt;
  const std::uint64_t seed = run.seed - header.first_seed;
  if (seed >= header.seeds) return std::nullopt;
  return seed * header.cells.size() + run.cell;
}

}  // namespace

void make_folder(const std::string& folder) {
  std::error_code error;
  fs::create_directories(folder, error);
  if (error && !fs::is_directory(folder)) {
    throw InputError(fmt::format("--out {}: {}", folder, error.message()));
  }
}

ResultsReader::ResultsReader(std::string path, bool is_cut)
    : path_(std::move(path)), is_cut_(is_cut) {
  file_ = open(path_.c_str(), O_RDONLY | O_CLOEXEC);
  if (file_ < 0) throw InputError(fmt::format("{}: {}", path_, error_text(errno)));
  std::string line;
  if (!read_line(line)) fail("no header: these are not the results of a sweep");
  const ReadHeader read = read_header(line);
  if (!read.header)
    fail(fmt::format("this is not the header of a sweep's results ({})", read.error));
  header_ = *read.header;
}

ResultsReader::~ResultsReader() {
  if (file_ >= 0) close(file_);
}

void ResultsReader::fail(const std::string& what) const {
  throw InputError(fmt::format("{}:{}: {}", path_, lines_, what));
}

bool ResultsReader::read_line(std::string& line) {
  while (true) {
    const std::size_t end = buffer_.find('\n', used_);
    if (end != std::string::npos) {
      line.assign(buffer_, used_, end + 1 - used_);
      used_ = end + 1;
      bytes_ += line.size();
      ++lines_;
      return true;
    }
    buffer_.erase(0, used_);
    used_ = 0;
    constexpr std::size_t kBytesRead = 1U << 18;
    const std::size_t before = buffer_.size();
    buffer_.resize(before + kBytesRead);
    const ssize_t count = read(file_, buffer_.data() + before, kBytesRead);
    buffer_.resize(before + static_cast<std::size_t>(std::max<ssize_t>(count, 0)));
    if (count < 0 && errno != EINTR) throw InputError(path_ + ": " + error_text(errno));
    if (count == 0) break;
  }
  if (!buffer_.empty() && !is_cut_) {
    ++lines_;
    fail("the last line is cut off: its writer did not finish; " + program_name() +
         " sweep --resume finishes it");
  }
  return false;
}

bool ResultsReader::next(SweepRun& run, std::string& line) {
  if (!read_line(line)) return false;
  ReadRow read = read_row(line);
  if (!read.run) fail(fmt::format("this is not a row of a sweep's results ({})", read.error));
  const std::optional<std::uint64_t> number = number_of(*read.run, header_);
  if (!number) fail("this run does not belong to the sweep");
  if (lines_ > 2 && *number <= number_) fail("the rows are not in order");
  number_ = *number;
  run = std::move(*read.run);
  return true;
}

std::string results_name(const Shard& shard) {
  if (shard.of == 1) return "results.jsonl";
  return fmt::format("shard-{}-of-{}.jsonl", shard.index, shard.of);
}

ResultsWriter::ResultsWriter(const std::string& folder, const SweepHeader& header, bool resume,
                             const std::function<void(const SweepRun&)>& take)
    : path_((fs::path(folder) / results_name(header.shard)).string()), part_(path_ + ".part") {
  const bool is_whole = fs::exists(path_);
  const bool is_part = fs::exists(part_);
  if ((is_whole || is_part) && !resume) {
    throw InputError(
        fmt::format("{} exists already: --resume continues from it; or name another folder",
                    is_whole ? path_ : part_));
  }
  if (is_part || is_whole) take_up(is_part ? part_ : path_, header, take);
  if (file_ < 0) {
    file_ = open(part_.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
    if (file_ < 0) fail();
    append(header_line(header));
  }
}

ResultsWriter::~ResultsWriter() {
  if (file_ >= 0) close(file_);
}

// Without a complete header there is nothing to resume.
void ResultsWriter::take_up(const std::string& path, const SweepHeader& header,
                            const std::function<void(const SweepRun&)>& take) {
  std::error_code error;
  if (fs::file_size(path, error) == 0) return;
  ResultsReader reader(path, true);
  if (header_line(reader.header()) != header_line(header)) {
    throw InputError(
        fmt::format("{} belongs to another sweep (other scenarios, settings or seeds, or a "
                    "scenario has changed): name another folder",
                    part_));
  }
  SweepRun run;
  std::string line;
  while (reader.next(run, line)) {
    if (reader.number() != header.shard.index + rows_ * header.shard.of) {
      throw InputError(
          fmt::format("{}: a run before seed {} is missing; name another folder", part_, run.seed));
    }
    ++rows_;
    take(run);
  }
  if (path != part_ && std::rename(path.c_str(), part_.c_str()) != 0) fail();
  file_ = open(part_.c_str(), O_WRONLY | O_CLOEXEC);
  if (file_ < 0) fail();
  const auto bytes = static_cast<off_t>(reader.bytes());
  if (ftruncate(file_, bytes) != 0 || lseek(file_, bytes, SEEK_SET) != bytes) fail();
}

void ResultsWriter::fail() const {
  throw InputError(fmt::format("{}: {}; its rows are kept, and --resume continues from them", part_,
                               error_text(errno)));
}

void ResultsWriter::append(std::string_view text) {
  while (!text.empty()) {
    const ssize_t count = write(file_, text.data(), text.size());
    if (count >= 0) {
      text.remove_prefix(static_cast<std::size_t>(count));
    } else if (errno != EINTR) {
      fail();
    }
  }
}

void ResultsWriter::finish() {
  if (fsync(file_) != 0) fail();
  const int file = std::exchange(file_, -1);
  if (close(file) != 0) fail();
  if (std::rename(part_.c_str(), path_.c_str()) != 0) fail();
}

}  // namespace txsim
