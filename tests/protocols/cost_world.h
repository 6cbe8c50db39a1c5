// A small world with one transaction, and its costs without failures. Tests of the formulas in the
// protocols' headers use it.
#pragma once

#include <initializer_list>

#include "tests/protocols/small_world.h"

namespace txsim::testing {

struct CostShape {
  int steps = 1;             // at participants, one each, between the coordinator's two steps
  int gives = 0;             // the first `gives` of these steps give, the others take
  int readers = 0;           // additional participants that only read
  int bystanders = 0;        // additional services that get an event at the end
  bool own_steps = true;     // the coordinator creates and completes a record
  bool own_between = false;  // the coordinator has a third step in the middle
  bool own_reads = false;    // the third step only reads
  bool last_refuses = false;
  bool parallel = false;
};

struct Cost {
  std::uint64_t messages = 0;     // sent by the protocol
  std::uint64_t coordinator = 0;  // forced writes
  std::uint64_t participants = 0;
  std::uint64_t broker = 0;
};

class CostWorld {
 public:
  explicit CostWorld(const CostShape& shape);
  // Runs the transaction and checks its costs. `types`: the protocol's messages.
  void check(const SmallWorld::Make& make_service, std::initializer_list<const char*> types,
             const Cost& expected);

  SmallWorld small;

 private:
  CostShape shape_;
  NodeId coordinator_ = kNoNode;
};

}  // namespace txsim::testing
