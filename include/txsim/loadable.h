// Protocols in a shared library: `txsim --protocol ./libmine.so run FILE`.
//
//   TXSIM_PROTOCOLS    says in one source of the library which protocols it has
//   LoadableInterface  what a library was compiled against: version and layout
//
// Shapes: the library is linked with txsim::headers, not with txsim::txsim: it finds txsim's own
// code in the program that loads it.
// Units: none.
// Errors: txsim refuses a library that was compiled for another version, with other headers or by
// another compiler, and says so (exit status 2).
#pragma once

#include <txsim/protocol.h>
#include <txsim/service.h>

#include "protocols/loadable.h"
