// One transaction with so many steps elsewhere, in a world made by hand, and what it costs when
// nothing fails: for the tests of the formulas in the protocols' headers.
#pragma once

#include <initializer_list>

#include "tests/protocols/small_world.h"

namespace txsim::testing {

struct CostShape {
  int steps = 1;             // at participants, one each, between the coordinator's two
  int gives = 0;             // of those: the first so many give, the others take
  int readers = 0;           // more participants, that only read
  int bystanders = 0;        // more services, that are told when all is done
  bool own_steps = true;     // the coordinator's two, that create and complete
  bool own_between = false;  // another step of its own in the middle
  bool own_reads = false;    // that one only reads
  bool last_refuses = false;
  bool parallel = false;
};

struct Cost {
  std::uint64_t messages = 0;     // of the protocol
  std::uint64_t coordinator = 0;  // forced writes
  std::uint64_t participants = 0;
  std::uint64_t broker = 0;
};

class CostWorld {
 public:
  explicit CostWorld(const CostShape& shape);
  // Runs it, and requires that it costs so much; `types`: the protocol's messages.
  void check(const SmallWorld::Make& make_service, std::initializer_list<const char*> types,
             const Cost& expected);

  SmallWorld small;

 private:
  CostShape shape_;
  NodeId coordinator_ = kNoNode;
};

}  // namespace txsim::testing
