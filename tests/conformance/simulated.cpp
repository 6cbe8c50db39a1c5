// usage: simulated < SCRIPTS
// The simulated database for tests/conformance/run. It reads scripts, runs each in a new world and
// prints the answers to its calls.
//
//   in    script mariadb 2        rules, number of rows
//         1 start 1               session, call, branch or row, delta of an update
//         1 update 0 -1
//         end
//   out   0 0 XA_OK               known after this call, call, answer
//         end
//
//   in    locks known             or unknown: whether an owner that asks again is recognised
//         0 2 acquire             tick, owner, call
//         end
//   out   0 0 granted 2           known after this call, call, answer, owner of the lock afterwards
//         end
#include <iostream>
#include <map>
#include <sstream>

#include "tests/conformance/database_node.h"
#include "tests/conformance/lock_calls.h"

namespace {

using txsim::conformance::Call;
using txsim::conformance::LockCall;
using txsim::conformance::LockScript;
using txsim::conformance::LockVerb;
using txsim::conformance::Script;
using txsim::conformance::Verb;

const std::map<std::string, txsim::XaRules> kRules = {{"textbook", txsim::XaRules::Textbook},
                                                      {"mariadb", txsim::XaRules::MariaDb},
                                                      {"postgresql", txsim::XaRules::PostgreSql}};

const std::map<std::string, Verb> kVerbs = {
    {"start", Verb::Start},
    {"join", Verb::Join},
    {"resume", Verb::Resume},
    {"end", Verb::End},
    {"suspend", Verb::Suspend},
    {"prepare", Verb::Prepare},
    {"commit", Verb::Commit},
    {"one-phase", Verb::OnePhase},
    {"rollback", Verb::Rollback},
    {"recover", Verb::Recover},
    {"begin", Verb::Begin},
    {"commit-work", Verb::CommitWork},
    {"rollback-work", Verb::RollbackWork},
    {"update", Verb::Update},
    {"read", Verb::Read},
    {"disconnect", Verb::Disconnect},
    {"terminate", Verb::Terminate},
    {"restart", Verb::Restart},
};

const std::map<std::string, LockVerb> kLockVerbs = {{"acquire", LockVerb::Acquire},
                                                    {"release", LockVerb::Release},
                                                    {"look", LockVerb::Look},
                                                    {"restart", LockVerb::Restart}};

class BadInput : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

template <class Value>
Value named(const std::map<std::string, Value>& names, const std::string& name) {
  const auto found = names.find(name);
  if (found == names.end()) throw BadInput("nothing here is called '" + name + "'");
  return found->second;
}

Call read_call(const std::string& line) {
  std::istringstream in(line);
  int session = 0;
  std::string verb;
  int object = 0;
  int delta = 0;
  in >> session >> verb >> object >> delta;
  if (session < 0 || session >= static_cast<int>(txsim::conformance::kSessions) || object < 0 ||
      object > 31) {
    throw BadInput("out of range: " + line);
  }
  return {static_cast<std::uint8_t>(session), named(kVerbs, verb),
          static_cast<std::uint8_t>(object), delta};
}

void run_script(std::istream& in, const std::string& rules, int rows) {
  if (rows < 1 || rows > 31) throw BadInput("from 1 to 31 rows");
  Script script{named(kRules, rules), static_cast<std::uint8_t>(rows), {}};
  std::string line;
  while (std::getline(in, line) && line != "end") {
    script.calls.push_back(read_call(line));
    const Call& call = script.calls.back();
    const bool is_statement = call.verb == Verb::Update || call.verb == Verb::Read;
    if (is_statement && call.object >= rows) throw BadInput("no such row: " + line);
  }
  if (script.calls.size() > txsim::conformance::kMostCalls) throw BadInput("too many calls");
  for (const auto& answer : run(script)) {
    std::cout << answer.slot << ' ' << answer.call << ' ' << answer.says << '\n';
  }
}

void run_locks(std::istream& in, const std::string& owner) {
  LockScript script{owner == "known", {}};
  std::string line;
  while (std::getline(in, line) && line != "end") {
    std::istringstream words(line);
    int tick = 0;
    int who = 0;
    std::string verb;
    words >> tick >> who >> verb;
    if (tick < 0 || tick > 100 || who < 0 || who > 100) throw BadInput("out of range: " + line);
    script.calls.push_back(
        {static_cast<std::uint8_t>(tick), static_cast<std::uint8_t>(who), named(kLockVerbs, verb)});
  }
  std::size_t call = 0;
  for (const std::string& says : run(script)) {
    std::cout << call << ' ' << call << ' ' << says << '\n';
    ++call;
  }
}

}  // namespace

int main() {
  try {
    std::string line;
    while (std::getline(std::cin, line)) {
      std::istringstream head(line);
      std::string what;
      std::string rules;
      int rows = 0;
      head >> what >> rules >> rows;
      if (what == "script") {
        run_script(std::cin, rules, rows);
      } else if (what == "locks") {
        run_locks(std::cin, rules);
      } else {
        throw BadInput("not a script: " + line);
      }
      std::cout << "end" << std::endl;
    }
    return 0;
  } catch (const BadInput& problem) {
    std::cerr << "simulated: " << problem.what() << '\n';
    return 2;
  } catch (const std::exception& problem) {
    std::cerr << "simulated: " << problem.what() << '\n';
    return 3;
  }
}
