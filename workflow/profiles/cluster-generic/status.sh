#!/usr/bin/env bash
# Print running, success or failed for the number of a Slurm job.
set -uo pipefail
if ! state=$(squeue --noheader --states=all --format=%T --jobs="$1" 2>&1); then
  # One that the controller has forgotten has ended; any other trouble is asked about again.
  case "$state" in
    *'Invalid job id'*) state=$(sacct --allocations --noheader --format=State --jobs="$1" 2> /dev/null) ;;
    *) state=UNANSWERED ;;
  esac
  # Without accounting nobody knows how: a second attempt finds what is done.
  [ -n "$state" ] || state=FAILED
fi
set -- $state
case "${1:-UNANSWERED}" in
  COMPLETED) echo success ;;
  BOOT_FAIL | CANCELLED* | DEADLINE | FAILED | NODE_FAIL | OUT_OF_MEMORY | PREEMPTED | REVOKED | TIMEOUT)
    echo failed
    ;;
  *) echo running ;;
esac
