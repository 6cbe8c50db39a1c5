// Checks the project against its own rules, and shows for each rule how it can be violated.
#include <catch2/catch.hpp>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

#include "tests/tidy/rules.h"
#include "tests/tidy/source_text.h"

namespace {

using namespace txsim::tidy;
using Strings = std::vector<std::string>;

Strings found(const std::string& path, const std::string& text,
              const std::vector<Exception>& allowed = {}) {
  Strings result;
  for (const Finding& finding : check_file(path, text, allowed)) result.push_back(to_text(finding));
  return result;
}

const Strings kNothing;
const std::string kHeader = "// What it is.\n#pragma once\n";

std::string lines(std::size_t count, const std::string& line) {
  std::string text;
  for (std::size_t i = 0; i < count; ++i) text += line + "\n";
  return text;
}

std::string read_file(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

}  // namespace

TEST_CASE("tidy: every file of the project keeps the rules") {
  namespace fs = std::filesystem;
  const fs::path root = TXSIM_SOURCE_DIR;
  int files = 0;
  std::map<std::string, std::string> texts;
  for (const char* folder : {"sim", "transactions", "services", "protocols", "checks", "scenarios",
                             "runs", "reports", "cli", "include", "tests", "bench", "examples"}) {
    if (!fs::exists(root / folder)) continue;
    for (const auto& entry : fs::recursive_directory_iterator(root / folder)) {
      const std::string extension = entry.path().extension().string();
      if (extension != ".h" && extension != ".cpp") continue;
      ++files;
      const std::string path = entry.path().lexically_relative(root).generic_string();
      texts.emplace(path, read_file(entry.path()));
      for (const Finding& finding : check_file(path, texts[path])) FAIL_CHECK(to_text(finding));
    }
  }
  CHECK(files > 10);
  for (const Finding& finding : check_reach(texts)) FAIL_CHECK(to_text(finding));
  for (const Finding& finding : check_standard(texts)) FAIL_CHECK(to_text(finding));
}

TEST_CASE("tidy: every file includes the standard headers that it uses, directly or indirectly") {
  const std::map<std::string, std::string> texts = {
      {"runs/run.h", "#include <map>\n#include <fmt/format.h>\n"},
      {"runs/sweep.cpp",
       "#include \"runs/run.h\"\n// std::set\nstd::map<int, int> a;\nstd::vector<int> b;\n"
       "std::vector<int> c = mystd::sort(fmt::format(\"std::array\"));\nstd::string d;\n"},
      {"sim/fact.h", "#include <sstream>\nstd::string a = fmt::format(std::begin(b));\n"}};
  Strings found;
  for (const Finding& finding : check_standard(texts)) found.push_back(to_text(finding));
  CHECK(found == Strings{"runs/sweep.cpp:4: standard: std::vector without <vector>",
                         "runs/sweep.cpp:6: standard: std::string without <string>",
                         "sim/fact.h:2: standard: fmt::format without <fmt/format.h>"});
}

TEST_CASE("tidy: indirect includes count as includes") {
  const std::map<std::string, std::string> texts = {
      {"reports/text.cpp", "#include \"runs/run.h\"\n"},
      {"runs/run.h", "#include \"sim/world.h\"\n"},
      {"sim/world.h", "#include \"sim/node.h\"\n"},
      {"sim/node.h", ""},
      {"runs/sweep.cpp", "#include \"runs/run.h\"\n"}};
  Strings found;
  for (const Finding& finding : check_reach(texts)) found.push_back(to_text(finding));
  CHECK(found == Strings{"reports/text.cpp:1: reach: reaches reports/text.cpp > runs/run.h > "
                         "sim/world.h > sim/node.h",
                         "reports/text.cpp:1: reach: reaches reports/text.cpp > runs/run.h > "
                         "sim/world.h"});
}

// The folder table allows both the intermediate file and its include.
TEST_CASE("tidy: a forbidden file is found behind an allowed one") {
  struct Case {
    std::string from;
    std::string by;
    std::string to;
  };
  const std::vector<Case> cases = {
      {"checks/agreement.h", "sim/trace.h", "sim/world.h"},
      {"checks/agreement.h", "sim/trace.h", "sim/node.h"},
      {"scenarios/scenario.h", "services/settings.h", "sim/node.h"},
      {"scenarios/scenario.h", "scenarios/words.h", "protocols/registry.h"},
      {"reports/text.h", "runs/run.h", "sim/world.h"},
      {"reports/text.h", "runs/run.h", "sim/node.h"},
      {"reports/text.h", "runs/run.h", "protocols/registry.h"}};
  const auto including = [](const std::string& what) {
    return kHeader + "#include \"" + what + "\"\n";
  };
  for (const Case& one : cases) {
    CAPTURE(one.from, one.to);
    CHECK(found(one.from, including(one.by)) == kNothing);
    CHECK(found(one.by, including(one.to)) == kNothing);
    const std::vector<Finding> findings = check_reach(
        {{one.from, including(one.by)}, {one.by, including(one.to)}, {one.to, kHeader}});
    REQUIRE(findings.size() == 1);
    CHECK(to_text(findings.front()) ==
          one.from + ":1: reach: reaches " + one.from + " > " + one.by + " > " + one.to);
  }
}

TEST_CASE("tidy: a folder includes only files that the folder table allows") {
  const auto include = [](const std::string& path, const std::string& what) {
    return found(path, "#include " + what + "\n");
  };
  CHECK(include("sim/world.cpp", "\"services/store.h\"") ==
        Strings{"sim/world.cpp:1: folder: sim/ may not include services/store.h"});
  CHECK(include("services/store.cpp", "\"checks/agreement.h\"").size() == 1);
  CHECK(include("services/store.cpp", "\"protocols/tcc/tcc.h\"").size() == 1);
  CHECK(include("transactions/transaction.cpp", "\"services/store.h\"").size() == 1);
  CHECK(include("checks/agreement.cpp", "\"sim/world.h\"").size() == 1);
  CHECK(include("checks/agreement.cpp", "\"services/store.h\"").size() == 1);
  CHECK(include("scenarios/parser.cpp", "\"runs/run.h\"").size() == 1);
  CHECK(include("runs/run.cpp", "\"reports/text.h\"").size() == 1);
  CHECK(include("reports/text.cpp", "\"sim/world.h\"").size() == 1);
  CHECK(include("reports/text.cpp", "\"cli/run.h\"").size() == 1);
  CHECK(include("sim/world.cpp", "<boost/program_options.hpp>").size() == 1);
  CHECK(include("runs/run.cpp", "<nlohmann/json.hpp>").size() == 1);

  CHECK(include("sim/world.cpp", "<fmt/format.h>") == kNothing);
  CHECK(include("sim/world.cpp", "<vector>") == kNothing);
  CHECK(include("checks/agreement.cpp", "\"transactions/transaction.h\"") == kNothing);
  CHECK(include("runs/run.cpp", "\"checks/agreement.h\"") == kNothing);
  CHECK(include("cli/run.cpp", "\"sim/world.h\"") == kNothing);
}

TEST_CASE(
    "tidy: programs outside the project include public headers only, and nothing else includes "
    "them") {
  const auto include = [](const std::string& path, const std::string& what) {
    return found(path, "#include " + what + "\n");
  };
  for (const std::string path : {"examples/grade/grade.cpp", "tests/package/consumer.cpp"}) {
    CAPTURE(path);
    CHECK(include(path, "<txsim/world.h>") == kNothing);
    CHECK(include(path, "<fmt/format.h>") == kNothing);
    CHECK(include(path, "<vector>") == kNothing);
    CHECK(include(path, "\"sim/world.h\"").size() == 1);
    CHECK(include(path, "<txsim/detail/sim/world.h>") ==
          Strings{path + ":1: public: txsim/detail/sim/world.h is no public header"});
  }
  CHECK(include("cli/run.cpp", "<txsim/run.h>") ==
        Strings{"cli/run.cpp:1: folder: cli/ may not include txsim/run.h"});
  CHECK(include("sim/world.cpp", "<txsim/world.h>").size() == 1);
  CHECK(include("tests/sim/world_test.cpp", "<txsim/world.h>").size() == 1);
}

TEST_CASE("tidy: a public header states its shapes, units and errors, and needs only fmt") {
  const std::string says = "// What it has.\n//\n// Shapes: a.\n// Units: b.\n// Errors: c.\n";
  const std::string own = "#pragma once\n#include \"sim/world.h\"\n#include <txsim/node.h>\n";
  CHECK(found("include/txsim/world.h", says + own) == kNothing);
  CHECK(found("include/txsim/world.h", says + "#pragma once\n#include \"cli/files.h\"\n").size() ==
        1);
  CHECK(found("include/txsim/world.h", "// What it has.\n// Units: b.\n" + own).size() == 2);

  Strings found;
  const std::vector<Finding> findings =
      check_reach({{"include/txsim/scenario.h", "#include \"scenarios/sections.h\"\n"},
                   {"scenarios/sections.h", "#include <boost/any.hpp>\n"},
                   {"examples/grade/grade.cpp", "#include <txsim/verdicts.h>\n"}});
  for (const Finding& finding : findings) found.push_back(to_text(finding));
  CHECK(found == Strings{"examples/grade/grade.cpp:1: public: there is no public header: "
                         "examples/grade/grade.cpp > include/txsim/verdicts.h",
                         "include/txsim/scenario.h:1: reach: reaches include/txsim/scenario.h > "
                         "scenarios/sections.h > boost/any.hpp"});
}

TEST_CASE("tidy: no protocol includes another") {
  const auto include = [](const std::string& path, const std::string& what) {
    return found(path, "#include \"" + what + "\"\n");
  };
  CHECK(include("protocols/tcc/tcc.cpp", "protocols/two_phase_commit/settings.h") ==
        Strings{"protocols/tcc/tcc.cpp:1: protocol: includes another protocol: "
                "protocols/two_phase_commit/settings.h"});
  CHECK(include("protocols/tcc/tcc.h", "protocols/local/local.h").size() ==
        3);  // including a comment and a pragma
  CHECK(include("protocols/tcc/participant.cpp", "protocols/tcc/tcc.h") == kNothing);
  CHECK(include("protocols/tcc/tcc.cpp", "protocols/protocol.h") == kNothing);
  CHECK(include("protocols/registry.cpp", "protocols/tcc/tcc.h") == kNothing);
}

TEST_CASE("tidy: names that would make a run depend on the machine are refused") {
  for (const std::string line :
       {"double rate = 0;", "float x;", "unsigned long count;", "auto t = steady_clock::now();",
        "int r = std::rand();", "std::unordered_map<int, int> m;", "std::hash<int> h;",
        "const char* home = std::getenv(\"HOME\");", "std::mutex m;", "std::thread t;",
        "std::set<Node*> nodes;", "std::map<const Node*, int> n;", "std::multiset<A<int>*> s;",
        "#include <random>", "#include <chrono>", "#include <unordered_set>", "#include <ctime>",
        "#include <thread>", "  #include <atomic>"}) {
    for (const std::string folder :
         {"sim", "transactions", "services", "protocols", "checks", "runs"}) {
      CAPTURE(folder, line);
      CHECK(!found(folder + "/x.cpp", line + "\n").empty());
    }
    CHECK(found("cli/x.cpp", line + "\n") == kNothing);
  }
  CHECK(found("sim/x.cpp", "\ndouble rate;\n") == Strings{"sim/x.cpp:2: determinism: uses double"});
  for (const std::string line :
       {"// as long as it lasts", "note(\"a double delivery\");", "int long_wait;",
        "std::map<int, Node*> nodes;", "std::set<std::pair<int, int>> s;", "auto c = 'f';",
        "auto n = 1'000; int x;  // double 'quotes'", "auto s = R\"(float \" double)\";",
        "/* random */ int i;", "bitset<8> b = a * b;"}) {
    CAPTURE(line);
    CHECK(found("sim/x.cpp", line + "\n") == kNothing);
  }
}

TEST_CASE("tidy: an exception covers one word in one file") {
  const std::vector<Exception> allowed = {
      {"runs/sweep.cpp", "std::thread", "a world each"},
      {"runs/sweep.cpp", "thread", "a world each"},
  };
  const std::string text = "#include <thread>\nstd::thread worker;\n";
  CHECK(found("runs/sweep.cpp", text, allowed) == kNothing);
  CHECK(found("runs/shrink.cpp", text, allowed).size() == 2);
  CHECK(found("runs/sweep.cpp", "std::mutex m;\n", allowed).size() == 1);
}

TEST_CASE("tidy: only cli/ touches files and the terminal") {
  CHECK(found("scenarios/parser.cpp", "#include <fstream>\n") ==
        Strings{"scenarios/parser.cpp:1: outside: only cli/ includes <fstream>"});
  CHECK(found("reports/text.cpp", "#include <iostream>\n").size() == 1);
  CHECK(found("cli/run.cpp", "#include <fstream>\n#include <iostream>\n") == kNothing);
}

TEST_CASE("tidy: the shape of lines and headers") {
  CHECK(found("cli/x.cpp", std::string(101, 'x') + "\n") ==
        Strings{"cli/x.cpp:1: line-length: over 100 columns"});
  CHECK(found("cli/x.cpp", std::string(100, 'x') + "\n") == kNothing);
  CHECK(found("cli/x.cpp", "//" + lines(1, std::string(97, 'x') + "→")) == kNothing);
  CHECK(found("cli/x.cpp", "\tx\n") == Strings{"cli/x.cpp:1: tab: a tab"});
  CHECK(found("cli/x.cpp", "x \n") == Strings{"cli/x.cpp:1: trailing-blank: ends in a blank"});
  CHECK(found("cli/x.cpp", "x\r\n").size() == 1);
  CHECK(found("tests/x.cpp", "TEST_CASE(\"a; b\") {\n") ==
        Strings{"tests/x.cpp:1: test-name: a semicolon"});
  CHECK(found("tests/x.cpp", "TEST_CASE(\"a, b\") { return; }\n") == kNothing);

  CHECK(found("cli/x.h", kHeader) == kNothing);
  CHECK(found("cli/x.h", "// What it is.\n// #pragma once\n") ==
        Strings{"cli/x.h:1: pragma-once: a header without #pragma once"});
  CHECK(found("cli/x.h", "#pragma once\n") ==
        Strings{"cli/x.h:1: header-comment: a header begins by saying what it is"});
  CHECK(found("cli/x.h", "").size() == 2);
}

TEST_CASE("tidy: the length of files and functions") {
  CHECK(found("cli/x.cpp", lines(1000, "int x;")) == kNothing);
  CHECK(found("cli/x.cpp", lines(1001, "int x;")) ==
        Strings{"cli/x.cpp:1001: file-length: 1001 lines"});

  const auto function = [](const std::string& head, std::size_t body) {
    return "namespace n {\n\n" + head + " {\n" + lines(body, "  if (a) { b(\"{\", '{'); }  // {") +
           "}\n}\n";
  };
  for (const std::string head :
       {"void f()", "int g(int a = {}) const", "X::X(int a) : a_{a}, b_{1} {}\nvoid h()",
        "X::X(int a)\n    : a_{a}, b_(2)", "template <class T> auto f(T t) -> int",
        "bool operator()(int a) noexcept", "struct S { int a; };\nTEST_CASE(\"it {\")",
        "class C {\n public:\n  C();\n  void f()", "#define OPEN {\nvoid f()"}) {
    CAPTURE(head);
    CHECK(found("cli/x.cpp", function(head, 60)) == kNothing);
    const Strings result = found("cli/x.cpp", function(head, 70));
    REQUIRE(result.size() == 1);
    CHECK(result.front().find("function-length") != std::string::npos);
  }
  CHECK(found("cli/x.cpp", function("void f()", 68)) == kNothing);
  CHECK(found("cli/x.cpp", function("void f()", 69)) ==
        Strings{"cli/x.cpp:3: function-length: 71 lines"});
  for (const std::string head : {"class alignas(64) C", "const int table[] =", "namespace m"}) {
    CAPTURE(head);
    CHECK(found("cli/x.cpp", head + " {\n" + lines(80, "  int f();") + "};\n") == kNothing);
  }
}
