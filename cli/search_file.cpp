#include "cli/search_file.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <nlohmann/json.hpp>
#include <string_view>

#include "cli/errors.h"
#include "cli/files.h"

namespace txsim {
namespace {

using Json = nlohmann::ordered_json;

constexpr std::string_view kFirstLine = "txsim-search 1\n";
constexpr std::size_t kBuffer = 1U << 20;
constexpr std::size_t kLongestHeader = 1U << 20;
constexpr std::uint32_t kFingerprintsAtATime = 1U << 24;  // bounds the memory: 128 MiB

class Checksum {
 public:
  void add(std::string_view bytes) {
    for (const char byte : bytes) {
      hash_ = (hash_ ^ static_cast<unsigned char>(byte)) * 0x100000001B3ULL;
    }
  }
  std::uint64_t value() const { return hash_; }

 private:
  std::uint64_t hash_ = 0xCBF29CE484222325ULL;
};

Json json_of(const SearchIdentity& identity) {
  Json json;
  json["saved_by"] = identity.version;
  json["scenario_digest"] = fmt::format("{:016x}", identity.scenario_digest);
  json["seed"] = std::to_string(identity.seed);
  json["budget"] = identity.budget.packed();
  json["reduced_by"] = identity.reductions;
  json["invariants"] = identity.invariants;
  return json;
}

class SearchFileWriter {
 public:
  explicit SearchFileWriter(const std::string& path) : file_(path) {}

  void add(std::string_view bytes) {
    buffer_ += bytes;
    if (buffer_.size() >= kBuffer) flush();
  }
  template <class Number>
  void add_number(Number number) {
    char bytes[sizeof number];
    for (char& byte : bytes) {
      byte = static_cast<char>(number & 0xFF);
      number = static_cast<Number>(std::uint64_t{number} >> 8);
    }
    add({bytes, sizeof bytes});
  }
  void finish() {
    flush();
    add_number(checksum_.value());
    file_.write(buffer_);
    file_.finish();
  }

 private:
  void flush() {
    checksum_.add(buffer_);
    file_.write(buffer_);
    buffer_.clear();
  }

  OutputFile file_;
  std::string buffer_;
  Checksum checksum_;
};

class SearchFileReader {
 public:
  SearchFileReader(std::string path, const SearchIdentity& identity)
      : path_(std::move(path)),
        identity_(identity),
        file_(open(path_.c_str(), O_RDONLY | O_CLOEXEC)) {
    if (file_ < 0) throw InputError(fmt::format("{}: {}", path_, error_text(errno)));
  }
  ~SearchFileReader() { close(file_); }
  SearchFileReader(const SearchFileReader&) = delete;
  SearchFileReader& operator=(const SearchFileReader&) = delete;

  SavedSearch read() {
    read_header();
    SavedSearch saved{std::make_shared<StoppedSearch>(), number_in_header("elapsed_ms")};
    StoppedSearch& search = *saved.search;
    search.expanded = static_cast<std::uint32_t>(number_in_header("expanded"));
    search.transitions = number_in_header("transitions");
    search.ends = number_in_header("ends");
    search.most_bytes = number_in_header("most_bytes");
    const auto states = static_cast<std::uint32_t>(number_in_header("states"));
    check_length(std::uint64_t{states} * 16 + std::uint64_t{search.expanded} * 4 +
                 search.transitions * 4);
    for (std::uint32_t number = 0; number < states; ++number) {
      const auto fingerprint = next<std::uint64_t>();
      const auto from = next<std::uint32_t>();
      const bool is_new = search.visited.meet(fingerprint, from, next<std::uint32_t>()).is_new;
      if (!is_new || (number > 0 && from >= number)) damaged("its states contradict each other");
    }
    read_edges(states, search);
    const std::uint64_t checksum = checksum_.value();
    if (next<std::uint64_t>() != checksum) damaged("its checksum differs");
    return saved;
  }

 private:
  // The file is not cut before its last part, so that memory is taken only for what it holds.
  void check_length(std::uint64_t body) const {
    struct stat status {};
    if (fstat(file_, &status) != 0) {
      throw InputError(fmt::format("{}: {}", path_, error_text(errno)));
    }
    const std::uint64_t needed = header_bytes_ + body + sizeof(std::uint64_t);
    const auto there = static_cast<std::uint64_t>(status.st_size);
    if (there < needed) damaged(fmt::format("it ends after {} of {} bytes", there, needed));
    if (there > needed) damaged(fmt::format("it has {} bytes too many", there - needed));
  }

  void read_edges(std::uint32_t states, StoppedSearch& search) {
    for (std::uint32_t number = 0; number < search.expanded; ++number) {
      search.edges.first.push_back(search.edges.to.size());
      const auto successors = next<std::uint32_t>();
      if (successors > search.transitions - search.edges.to.size()) {
        damaged("its states contradict each other");
      }
      for (std::uint32_t i = 0; i < successors; ++i) {
        search.edges.to.push_back(next<std::uint32_t>());
        if ((search.edges.to.back() & ~Edges::kMay) < states) continue;
        damaged("its states contradict each other");
      }
    }
    const bool is_whole = search.edges.to.size() == search.transitions && search.expanded < states;
    if (!is_whole) damaged("its states contradict each other");
  }

  void read_header() {
    std::string first(kFirstLine.size(), '\0');
    for (char& byte : first) {
      if (!read_byte(byte) || byte != kFirstLine[static_cast<std::size_t>(&byte - first.data())]) {
        throw InputError(fmt::format(
            "{}: is no search that txsim explore --save has written (format 1); {}", path_, kAnew));
      }
    }
    std::string line;
    for (char byte = 0; byte != '\n'; line += byte) {
      if (!read_byte(byte) || line.size() > kLongestHeader) damaged("it ends in its second line");
    }
    header_bytes_ = first.size() + line.size();
    header_ = Json::parse(line, nullptr, false);
    if (!header_.is_object()) damaged("its second line is no JSON");
    compare();
  }

  // Names what differs, in the words of the command line.
  void compare() const {
    const Json now = json_of(identity_);
    const auto differs = [&](const char* key) {
      return !header_.contains(key) || header_[key] != now[key];
    };
    if (differs("saved_by")) {
      throw InputError(fmt::format(
          "{}: saved by txsim {}, and this is {}: another version may reach other states; {}",
          path_, header_.value("saved_by", "?"), identity_.version, kAnew));
    }
    const std::pair<const char*, const char*> kWhat[] = {
        {"scenario_digest", "another scenario, or other --set"},
        {"seed", "another seed"},
        {"budget", "other --crashes, --crash-stops, --losses, --duplicates or --timeouts"},
        {"reduced_by", "other --reduce"},
        {"invariants", "other --invariant"}};
    for (const auto& [key, what] : kWhat) {
      if (!differs(key)) continue;
      throw InputError(fmt::format("{}: belongs to a search with {}; it goes on with\n  {}", path_,
                                   what, header_.value("again", "?")));
    }
  }

  std::uint64_t number_in_header(const char* key) const {
    if (!header_.contains(key) || !header_[key].is_number_unsigned()) {
      damaged(fmt::format("it does not say \"{}\"", key));
    }
    return header_[key].get<std::uint64_t>();
  }

  template <class Number>
  Number next() {
    char bytes[sizeof(Number)];
    for (char& byte : bytes) {
      if (!read_byte(byte)) damaged("it ends early");
    }
    std::uint64_t number = 0;
    for (std::size_t i = sizeof bytes; i-- > 0;) {
      number = (number << 8) | static_cast<unsigned char>(bytes[i]);
    }
    return static_cast<Number>(number);
  }

  bool read_byte(char& byte) {
    if (used_ == buffer_.size() && !fill()) return false;
    byte = buffer_[used_++];
    checksum_.add({&byte, 1});
    return true;
  }

  bool fill() {
    buffer_.resize(kBuffer);
    used_ = 0;
    while (true) {
      const ssize_t count = ::read(file_, buffer_.data(), buffer_.size());
      if (count < 0 && errno == EINTR) continue;
      if (count < 0) throw InputError(fmt::format("{}: {}", path_, error_text(errno)));
      buffer_.resize(static_cast<std::size_t>(count));
      return count > 0;
    }
  }

  [[noreturn]] void damaged(std::string_view how) const {
    throw InputError(fmt::format("{}: is damaged: {}; {}", path_, how, kAnew));
  }

  static constexpr const char* kAnew = "without --resume the search begins anew";

  std::string path_;
  const SearchIdentity& identity_;
  int file_;
  std::string buffer_;
  std::size_t used_ = 0;
  Checksum checksum_;
  Json header_;
  std::uint64_t header_bytes_ = 0;
};

void add_states(const StoppedSearch& search, SearchFileWriter& writer) {
  const Visited& visited = search.visited;
  const std::uint32_t states = visited.states();
  for (std::uint32_t begin = 0; begin < states;) {
    const std::uint32_t count = std::min(states - begin, kFingerprintsAtATime);
    const std::vector<std::uint64_t> fingerprints = visited.fingerprints(begin, count);
    for (std::uint32_t i = 0; i < count; ++i) {
      writer.add_number(fingerprints[i]);
      writer.add_number(visited.from(begin + i));
      writer.add_number(visited.step_to(begin + i));
    }
    begin += count;
  }
  const Edges& edges = search.edges;
  for (std::uint32_t number = 0; number < search.expanded; ++number) {
    const std::uint64_t begin = edges.first[number];
    const bool is_last = number + 1 == search.expanded;
    const std::uint64_t end = is_last ? edges.to.size() : edges.first[number + 1];
    writer.add_number(static_cast<std::uint32_t>(end - begin));
    for (std::uint64_t edge = begin; edge < end; ++edge) writer.add_number(edges.to[edge]);
  }
}

}  // namespace

void save_search(const std::string& path, const SearchIdentity& identity,
                 const StoppedSearch& search, std::uint64_t elapsed_ms) {
  Json header = json_of(identity);
  header["again"] = identity.again;
  header["states"] = search.visited.states();
  header["expanded"] = search.expanded;
  header["transitions"] = search.transitions;
  header["ends"] = search.ends;
  header["most_bytes"] = search.most_bytes;
  header["elapsed_ms"] = elapsed_ms;
  SearchFileWriter writer(path);
  writer.add(kFirstLine);
  writer.add(header.dump(-1, ' ', true, Json::error_handler_t::replace) + "\n");
  add_states(search, writer);
  writer.finish();
}

SavedSearch load_search(const std::string& path, const SearchIdentity& identity) {
  return SearchFileReader(path, identity).read();
}

}  // namespace txsim
