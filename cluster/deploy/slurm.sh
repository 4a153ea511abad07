#!/bin/bash
# A search over the nodes of one Slurm job: sbatch --nodes=4 slurm.sh [KEY=VALUE]...
# Each node runs one Ray node; the search itself runs on the first. The folder of the job is shared.
#SBATCH --job-name=funsearch
#SBATCH --ntasks-per-node=1
#SBATCH --exclusive
#SBATCH --signal=B:INT@120

set -euo pipefail

port=6379
nodes=$(scontrol show hostnames "$SLURM_JOB_NODELIST")
head=$(head -n 1 <<<"$nodes")
address=$(srun --nodes=1 --ntasks=1 -w "$head" hostname --ip-address | cut -d ' ' -f 1)

# A token for this job alone: whoever reaches Ray without one could run any code.
folder=$(mktemp -d "$SLURM_SUBMIT_DIR/funsearch-$SLURM_JOB_ID.XXXXXX")
trap 'rm -rf "$folder"' EXIT
(umask 077 && python3 -c 'import secrets; print(secrets.token_hex(32))' >"$folder/token")
export RAY_AUTH_MODE=token
export RAY_AUTH_TOKEN_PATH=$folder/token

ray_node() { # NODE OPTION...: starts one node of Ray, which ends with the job
  local node=$1
  shift
  srun --nodes=1 --ntasks=1 --overlap -w "$node" ray start --block --disable-usage-stats \
    --num-cpus="$SLURM_CPUS_ON_NODE" "$@" &
}

ray_node "$head" --head --node-ip-address="$address" --port="$port"
until srun --nodes=1 --ntasks=1 --overlap -w "$head" ray status --address="$address:$port" \
  >/dev/null 2>&1; do
  sleep 1
done
while read -r node; do
  [ "$node" = "$head" ] || ray_node "$node" --address="$address:$port"
done <<<"$nodes"

# Slurm tells this shell that time is nearly over; the search ends in good order, to be resumed.
srun --nodes=1 --ntasks=1 --overlap -w "$head" \
  funsearch run cluster=ray cluster.address="$address:$port" run.seconds=null "$@" &
search=$!
trap 'kill -INT "$search"' INT
status=0
wait "$search" || status=$?
# A wait that a signal cut short is no end.
while kill -0 "$search" 2>/dev/null; do
  status=0
  wait "$search" || status=$?
done
exit "$status"
