// The state of a node: containers that behave the same on every machine, and a state's fingerprint.
//
//   Table        from 64-bit keys to small values
//   Ring         a first-in first-out queue
//   Vector       a std::vector with cheap copy assignment
//   Fingerprint  64 bits, equal for states that have the same possible successors
//
// Shapes: values. They allocate nothing once they have grown. `for_each_sorted` visits a Table by
// ascending key; use `for_each` only if the result does not depend on the order. A node may also
// use std::map, std::set, std::vector and std::optional, but no unordered containers and no
// pointers to other members. A class adds its part of a fingerprint by `void
// digest_into(Fingerprint& into) const`.
// Units: none.
// Errors: none. Ring::front and Ring::pop require that the ring is not empty.
#pragma once

#include "sim/fingerprint.h"
#include "sim/ring.h"
#include "sim/table.h"
#include "sim/vector.h"
