// The input from which a world is made.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "sim/fault.h"
#include "sim/network.h"
#include "sim/time.h"
#include "sim/word.h"

namespace txsim {

class Node;

struct NodeSpec {
  std::string name;
  std::shared_ptr<const Node> prototype;  // the node as built; cloned at boot and at every restart
  Delay disk = Delay::constant(Duration{0});  // how long one forced write takes
};

// The input of a run; it never changes during the run, so copies of a world share it.
struct WorldSpec {
  std::uint64_t seed = 1;
  std::vector<NodeSpec> nodes;  // a node's id is its place here
  Network network;
  std::vector<Fault> faults;
  RandomFaults random_faults;
  Dictionary dictionary;
  bool keep_trace = false;
};

}  // namespace txsim
