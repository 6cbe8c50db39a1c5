// Random numbers that are the same on every machine: streams, probabilities, delays.
//
//   Stream       a stream of draws that depends on the seed and its name alone
//   Probability  a share of all draws
//   Delay        how long something takes: constant, uniform or exponential
//
// Shapes: values; a copied stream repeats the draws of its original. A node gets a stream from its
// context (Context::stream). A draw from one stream does not change the others.
// Units: a Probability is a whole number of 2^-53 (Probability::kOne: always). A Delay consists of
// Durations.
// Errors: none. Stream::below requires a bound over 0.
// Source: SplitMix64 (Steele, Lea, Flood, Fast Splittable Pseudorandom Number Generators, 2014).
#pragma once

#include "sim/random.h"
