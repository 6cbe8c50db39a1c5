// Which shard of a sweep this process runs: as the command line says, or as its launcher says in
// the environment.
//
// Launchers may be nested (a Slurm array whose tasks start Open MPI): each divides the shard of the
// one around it. docs/cluster-*.md describe each.
#pragma once

#include <string>

#include "runs/sweep.h"

namespace txsim {

struct ToldShard {
  Shard shard;
  std::string by;  // which launchers said so; empty: the command line
};

// `text`: I/N, auto, or auto/N if the launcher does not say how many there are. Throws
// InputError.
ToldShard read_shard(const std::string& text);

}  // namespace txsim
