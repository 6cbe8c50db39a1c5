// Protocols in a shared library: `txsim --protocol ./libmine.so run FILE`.
//
//   TXSIM_PROTOCOLS    lists the library's protocols, in one of its sources
//   LoadableInterface  the version and layout that a library was compiled against
//
// Shapes: link the library with txsim::headers, not with txsim::txsim: it finds txsim's code in the
// program that loads it.
// Units: none.
// Errors: txsim refuses a library that was compiled for another version, with other headers or by
// another compiler, and reports the difference (exit status 2).
#pragma once

#include <txsim/protocol.h>
#include <txsim/service.h>

#include "protocols/loadable.h"
