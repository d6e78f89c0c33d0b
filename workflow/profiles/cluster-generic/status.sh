#!/usr/bin/env bash
# Print running, success or failed for the number of a Slurm job.
set -euo pipefail
# A controller that does not answer knows nothing of the job: ask again at the next check.
state=$(squeue --noheader --states=all --format=%T --jobs="$1" 2> /dev/null) || state=UNKNOWN
case "$state" in
  COMPLETED) echo success ;;
  BOOT_FAIL | CANCELLED | DEADLINE | FAILED | NODE_FAIL | OUT_OF_MEMORY | TIMEOUT) echo failed ;;
  *) echo running ;;
esac
