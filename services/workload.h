// The orders that the clients of a run submit.
#pragma once

#include <cstdint>
#include <vector>

#include "sim/network.h"
#include "sim/time.h"

namespace txsim {

enum class Arrivals : std::uint8_t {
  Times,       // at given times
  Every,       // one every so often, the first at time 0
  Random,      // as a Poisson process: exponential gaps
  ClosedLoop,  // each of `clients` submits its next order when the last one is settled
};

struct Workload {
  std::uint64_t orders = 1;  // in total; Times: at most one for each time
  Arrivals arrivals = Arrivals::Every;
  std::vector<Time> times;                     // Times: in ascending order
  Duration every = milliseconds(100);          // Every: the gap; Random: the mean gap
  std::uint32_t clients = 1;                   // ClosedLoop: concurrent clients
  Delay think = Delay::constant(Duration{0});  // ClosedLoop: pause between answer and next order
  // Which kind of transaction an order is: in turn, each as often as its share says.
  std::vector<std::uint32_t> shares;    // by kind; empty: each once
  Duration timeout = seconds(5);        // wait for an answer
  std::uint32_t retries = 0;            // submissions of the same order after a timeout
  std::uint32_t repeats = 0;            // further submissions of each order that nothing called for
  Duration repeat_after = Duration{0};  // gap between those
  bool polls = false;                   // services answer `accepted`: the client has to poll
  Duration poll_every = milliseconds(100);
};

}  // namespace txsim
