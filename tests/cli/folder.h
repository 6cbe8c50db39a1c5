// Scenarios in a temporary folder, for tests of the program.
#pragma once

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>

namespace txsim {

namespace fs = std::filesystem;

// A test's own folder with three scenarios and an included part. It is deleted after the test.
class Folder {
 public:
  Folder() : path_(make_folder()) {
    write("part.ini", part());
    write("good.ini", scenario("It commits", "that = all transactions are committed"));
    write("bad.ini", scenario("It should not commit", "that = all transactions are aborted"));
    write("broken.ini", scenario("It has errors", "that = agremeent holds"));
  }
  ~Folder() { fs::remove_all(path_); }
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;

  std::string operator/(const std::string& name) const { return (path_ / name).string(); }
  void write(const std::string& name, const std::string& text) const {
    std::ofstream(path_ / name, std::ios::binary) << text;
  }
  std::string read(const std::string& name) const {
    std::ifstream file(path_ / name, std::ios::binary);
    return {std::istreambuf_iterator<char>(file), {}};
  }
  void remove(const std::string& name) const { fs::remove_all(path_ / name); }
  std::string path() const { return path_.string(); }
  std::size_t files() const {
    return static_cast<std::size_t>(
        std::distance(fs::directory_iterator(path_), fs::directory_iterator()));
  }

 private:
  static fs::path make_folder() {
    std::string name = (fs::temp_directory_path() / "txsim-cli-XXXXXX").string();
    REQUIRE(mkdtemp(name.data()) != nullptr);
    return name;
  }
  static std::string part() {
    return "[service order]\nrecords = orders\n\n[service product]\nresource = stock 100\n\n"
           "[service point]\nresource = points 1000\n\n[transaction purchase]\n"
           "begins_at = order\nstep = create orders at order\nstep = take 2 stock at product\n"
           "step = take 50 points at point\nstep = complete orders at order\n";
  }
  static std::string scenario(const std::string& title, const std::string& expectation) {
    return "include = part.ini\n\n[scenario]\ntitle = " + title +
           "\nprotocol = two-phase-commit\n\n"
           "[workload]\norders = 1\n\n[expect]\n" +
           expectation + "\n";
  }
  fs::path path_;
};

}  // namespace txsim
