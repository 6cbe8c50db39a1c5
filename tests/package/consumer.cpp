// Uses an installed txsim as a lab would: headers by their public path, symbols of the library.
#include <txsim/sim/random.h>
#include <txsim/sim/time.h>

int main() {
  txsim::Stream workload(7, "workload");
  txsim::Stream again(7, "workload");
  const bool repeats = workload.next() == again.next();
  return repeats && txsim::milliseconds(2) == txsim::microseconds(2'000) ? 0 : 1;
}
