# Shared by the cluster tests: a sweep in one process and in shards under a launcher must give the
# same bytes. Source this file. It sets `folder`, a temporary folder that the test deletes at its end.
# shellcheck shell=bash

txsim=$(realpath "$1")
# Some runs violate invariants, so every process ends with status 1.
scenario=$(realpath "$(dirname "${BASH_SOURCE[0]}")/../../scenarios/order/two-phase-commit/decision-not-forced.ini")
sweep=("$txsim" sweep "$scenario" --seeds 1..3000 --vary 'faults.loss=0%,5%' --jobs 1)
folder=$(mktemp -d)

fail() {
  echo "${test:?}: $*" >&2
  exit 1
}

# sharded NAME COUNT: checks that NAME has COUNT shards, and that their merge equals the sweep.
sharded() {
  local found
  found=$(find "$folder/$1" -name "shard-*-of-$2.jsonl" | wc -l)
  [ "$found" -eq "$2" ] || fail "$1: $found of $2 shards"
  [ -z "$(find "$folder/$1" -name '*.part')" ] || fail "$1: a shard is not finished"
  timeout 60 "$txsim" merge "$folder/$1" --out "$folder/$1-merged" >"$folder/merge.log" 2>&1 ||
    [ $? -eq 1 ] || fail "$1: merge: $(cat "$folder/merge.log")"
  cmp "$folder/whole/results.jsonl" "$folder/$1-merged/results.jsonl" || fail "$1: the bytes differ"
  echo "$test: $1: $2 shards, the same bytes as the single sweep"
}

whole() {
  timeout 120 "${sweep[@]}" --out "$folder/whole" >"$folder/whole.log" 2>&1 || [ $? -eq 1 ] ||
    fail "$(cat "$folder/whole.log")"
}
