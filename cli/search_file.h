// A stopped search in a file, from which `txsim explore --resume` goes on.
//
//   txsim-search 1                    one line
//   {"saved_by": ..., "states": ...}  one line: what it belongs to, and how many of each follow
//   16 bytes a state                  fingerprint (8), predecessor (4), choice (4), by number
//   4 bytes and more a state          of each expanded state: how many successors, their numbers
//   8 bytes                           the checksum of all before it (64-bit FNV-1a)
//
// Numbers are little-endian.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "runs/explore.h"

namespace txsim {

// What a saved search belongs to. It goes on only where all but the last is the same.
struct SearchIdentity {
  std::string version;  // of the program: another one may reach other states
  std::uint64_t scenario_digest = 0;
  std::uint64_t seed = 0;
  FaultBudget budget;
  std::string reductions;               // "order,timers"
  std::vector<std::string> invariants;  // that count
  std::string again;                    // the command that explores it, for error messages
};

struct SavedSearch {
  std::shared_ptr<StoppedSearch> search;
  std::uint64_t elapsed_ms = 0;  // of all its parts
};

// Throws InputError if the file cannot be written; then an earlier one is unchanged.
void save_search(const std::string& path, const SearchIdentity& identity,
                 const StoppedSearch& search, std::uint64_t elapsed_ms);

// Throws InputError if the file is damaged, or belongs to another search.
SavedSearch load_search(const std::string& path, const SearchIdentity& identity);

}  // namespace txsim
