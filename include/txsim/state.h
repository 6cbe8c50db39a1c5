// What the state of a node is made of: containers that behave the same everywhere, and its
// fingerprint.
//
//   Table        from 64-bit keys to small values
//   Ring         a first-in first-out queue
//   Vector       a std::vector that is cheap to copy over another
//   Fingerprint  64 bits that are the same for states from which the same can come
//
// Shapes: values. They allocate nothing once they have grown. `for_each_sorted` visits a Table by
// ascending key; `for_each` is for what comes out the same in any order. std::map, std::set,
// std::vector and std::optional serve a node, too; unordered containers and pointers to other
// members do not. A class gives its part of a fingerprint by `void digest_into(Fingerprint& into)
// const`.
// Units: none.
// Errors: none. Ring::front and Ring::pop require that the ring is not empty.
#pragma once

#include "sim/fingerprint.h"
#include "sim/ring.h"
#include "sim/table.h"
#include "sim/vector.h"
