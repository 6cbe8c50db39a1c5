// Which share of a sweep this process does: as it is told, or as the launcher that started it says
// in the environment.
//
// Launchers may stand within one another (a Slurm array whose tasks start Open MPI): each divides
// the share of the one around it. docs/cluster-*.md tell each.
#pragma once

#include <string>

#include "runs/sweep.h"

namespace txsim {

struct ToldShard {
  Shard shard;
  std::string by;  // which launchers said so; empty: the command line
};

// `text`: I/N, auto, or auto/N where the launcher does not say how many there are. Throws
// InputError.
ToldShard read_shard(const std::string& text);

}  // namespace txsim
