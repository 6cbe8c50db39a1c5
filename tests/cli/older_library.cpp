// A library compiled against other headers.
#include "protocols/loadable.h"

extern "C" void txsim_interface(txsim::LoadableInterface* interface);
extern "C" void txsim_interface(txsim::LoadableInterface* interface) {
  interface->version = "0.0.9";
}
extern "C" void txsim_protocols(std::vector<txsim::Protocol>* protocols);
extern "C" void txsim_protocols(std::vector<txsim::Protocol>* protocols) { protocols->clear(); }
