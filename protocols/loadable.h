// Protocols in a shared library, which `txsim --protocol ./libmine.so run FILE` loads. One source
// of the library lists them:
//
//   TXSIM_PROTOCOLS(my_protocol())
//
// Link the library with txsim::headers, not with txsim::txsim: it finds txsim's code in the program
// that loads it. It fits the program if both were compiled from the same headers.
#pragma once

#include <array>
#include <cstdint>
#include <utility>
#include <vector>

#include "protocols/protocol.h"
#include "services/service.h"

namespace txsim {

// The interface that a library was compiled against, or the program that loads it.
struct LoadableInterface {
  const char* version = "";
  std::uint64_t layout = 0;  // a hash of the sizes of all shared types
};

namespace loadable_detail {

constexpr std::uint64_t hash_of_sizes() {
  constexpr std::array kSizes = {sizeof(Protocol),
                                 sizeof(Description),
                                 sizeof(ServiceParts),
                                 sizeof(Services),
                                 sizeof(Service),
                                 sizeof(Store),
                                 sizeof(IdempotentReceiver),
                                 sizeof(Context),
                                 sizeof(Message),
                                 sizeof(LogRecord),
                                 sizeof(Fact),
                                 sizeof(Timer),
                                 sizeof(Plan),
                                 sizeof(std::string),
                                 sizeof(Fingerprint),
                                 sizeof(AnySettings),
                                 sizeof(TransactionKind)};
  std::uint64_t hash = 0xcbf29ce484222325U;  // FNV-1a
  for (const std::size_t size : kSizes) hash = (hash ^ size) * 0x100000001b3U;
  return hash;
}

}  // namespace loadable_detail

// The interface of these headers. The version is the project's; a test compares the two.
inline constexpr LoadableInterface kLoadableInterface{"0.1.0", loadable_detail::hash_of_sizes()};

// The names of a library's two functions from TXSIM_PROTOCOLS.
inline constexpr const char* kInterfaceFunction = "txsim_interface";
inline constexpr const char* kProtocolsFunction = "txsim_protocols";

}  // namespace txsim

#define TXSIM_PROTOCOLS(...)                                                    \
  extern "C" void txsim_interface(txsim::LoadableInterface* interface);         \
  extern "C" void txsim_interface(txsim::LoadableInterface* interface) {        \
    *interface = txsim::kLoadableInterface;                                     \
  }                                                                             \
  extern "C" void txsim_protocols(std::vector<txsim::Protocol>* protocols);     \
  extern "C" void txsim_protocols(std::vector<txsim::Protocol>* protocols) {    \
    for (const txsim::Protocol& one : {__VA_ARGS__}) protocols->push_back(one); \
  }                                                                             \
  static_assert(true, "a semicolon may follow")
