// Protocols in a shared library: `txsim --protocol ./libmine.so run FILE`.
//
//   TXSIM_PROTOCOLS    lists the library's protocols, in one of its sources
//   LoadableInterface  the version and layout that a library was compiled against
//
// Shapes: link the library with txsim::headers, not with txsim::txsim: it finds txsim's code in the
// program that loads it.
// Units: none.
// Errors: txsim refuses a library that was compiled for another version, or in which a shared type
// has another size, and reports the difference (exit status 2). It cannot see other differences:
// compile the library with the headers of the txsim that loads it.
#pragma once

#include <txsim/protocol.h>
#include <txsim/service.h>

#include "protocols/loadable.h"
