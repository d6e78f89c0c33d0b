#!/usr/bin/env bash
# A real Slurm on this machine alone, for tests: one node of 2 counted GPUs.
#
#   cluster.sh start FOLDER   install (Debian, root), start, wait until the node is idle
#   cluster.sh stop FOLDER    stop what was started there, take its configuration away
#   cluster.sh restart FOLDER DAEMON   end a daemon (slurmctld, slurmd) and start it again
#
# All listens on the loopback, and lives in FOLDER but for /etc/slurm/slurm.conf and gres.conf: jobs
# look for them there. A configuration that another has put there is never touched.
set -euo pipefail
export PATH="$PATH:/usr/sbin:/sbin"

MARK='# crossbreed: a cluster for tests, in'
CONFIGURATION=/etc/slurm/slurm.conf

fail() { echo "cluster.sh: $*" >&2; exit 1; }

install_slurm() {
  local program missing=
  for program in slurmctld slurmd sbatch squeue scontrol munged; do
    command -v "$program" > /dev/null || missing=yes
  done
  [ -n "$missing" ] || return 0
  command -v apt-get > /dev/null || fail 'Slurm is missing, and only Debian knows how to get it'
  apt-get update -qq
  apt-get install -qq --yes --no-install-recommends slurmctld slurmd slurm-client munge > /dev/null
}

configure() {
  local folder=$1 host
  host=$(hostname)
  getent hosts "$host" > /dev/null || fail "$host: this machine's name has no address"
  mkdir -p /etc/slurm
  # The GPUs are two devices that everybody may open: Slurm counts and assigns them, nobody computes.
  cat > /etc/slurm/gres.conf << END
$MARK $folder
NodeName=$host Name=gpu Flags=nvidia_gpu_env File=/dev/null
NodeName=$host Name=gpu Flags=nvidia_gpu_env File=/dev/zero
END
  cat > "$CONFIGURATION" << END
$MARK $folder
ClusterName=crossbreed
SlurmctldHost=$host(127.0.0.1)
SlurmUser=root
AuthInfo=socket=$folder/munge.socket
CommunicationParameters=NoCtldInAddrAny,NoInAddrAny
SlurmctldPidFile=$folder/slurmctld.pid
SlurmdPidFile=$folder/slurmd.pid
SlurmctldLogFile=$folder/slurmctld.log
SlurmdLogFile=$folder/slurmd.log
StateSaveLocation=$folder/state
SlurmdSpoolDir=$folder/spool
MpiDefault=none
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
ReturnToService=2
# As many processors as below, whatever the machine has: so that GPUs, not they, are what is scarce.
SlurmdParameters=config_overrides
SelectType=select/cons_tres
SelectTypeParameters=CR_Core_Memory
SchedulerParameters=batch_sched_delay=0,bf_interval=2
JobAcctGatherType=jobacct_gather/linux
JobAcctGatherFrequency=2
AccountingStorageType=accounting_storage/none
# Jobs stay on record, scontrol shows them, for an hour after their end.
MinJobAge=3600
# Seconds from SIGTERM at the time limit to SIGKILL.
KillWait=10
GresTypes=gpu
NodeName=$host NodeAddr=127.0.0.1 CPUs=4 RealMemory=16000 Gres=gpu:2
PartitionName=main Nodes=$host Default=YES MaxTime=240 DefaultTime=5 State=UP
END
}

start() {
  local folder=$1
  [ "$(id -u)" = 0 ] || fail 'only root can start Slurm'
  refuse_a_real_cluster
  if [ -e "$CONFIGURATION" ]; then
    local before
    before=$(sed -n "1s|^$MARK ||p" "$CONFIGURATION")
    [ -n "$before" ] || fail "$CONFIGURATION belongs to another cluster; it is left alone"
    # What a killed test has left running.
    stop "$before"
  fi
  install_slurm
  mkdir -p "$folder"/{state,spool}
  chmod 755 "$folder"
  configure "$folder"
  dd if=/dev/urandom of="$folder/munge.key" bs=128 count=1 status=none
  chmod 400 "$folder/munge.key"
  run_munge "$folder"
  run_daemon "$folder" slurmctld
  # One that has no controller to register with writes no pid.
  sleep 0.5
  is_alive "$folder" slurmctld || { tail -n 2 "$folder/slurmctld.log" >&2; fail 'no slurmctld'; }
  run_daemon "$folder" slurmd
  for _ in $(seq 40); do
    timeout 3 sinfo --noheader --format=%T 2> /dev/null | grep -q '^idle$' && return
    is_alive "$folder" slurmctld && is_alive "$folder" slurmd || break
    sleep 0.5
  done
  for daemon in slurmctld slurmd; do tail -n 5 "$folder/$daemon.log" >&2; done
  fail 'the node has not become idle'
}

# Programs of Slurm's find a cluster by any of these, and tests drain nodes and cancel jobs.
refuse_a_real_cluster() {
  local file
  [ -z "${SLURM_CONF:-}" ] || fail "SLURM_CONF=$SLURM_CONF: this machine has a cluster already"
  for file in /etc/slurm-llnl/slurm.conf /run/slurm/conf/slurm.conf; do
    [ ! -e "$file" ] || fail "$file: this machine has a cluster already"
  done
  file=/etc/slurm/gres.conf
  if [ -e "$file" ] && ! grep -qF "$MARK" "$file"; then fail "$file: belongs to another cluster"; fi
  if [ ! -e "$CONFIGURATION" ] && command -v scontrol > /dev/null \
    && timeout 10 scontrol ping 2> /dev/null | grep -q ' is UP'; then
    fail 'a controller answers: this machine belongs to a cluster'
  fi
}

run_munge() {
  munged --force --key-file="$1/munge.key" --socket="$1/munge.socket" --pid-file="$1/munged.pid" \
    --log-file="$1/munged.log" --seed-file="$1/munge.seed"
}

# They leave the terminal by themselves, and write their pid.
run_daemon() { "$2" > /dev/null; }

# Tell whether a process of that name lives; one that is only waited for does not.
lives() {
  local status
  status=$(cat "/proc/$1/status" 2> /dev/null) || return 1
  grep -q "^Name:[[:space:]]*$2$" <<< "$status" && ! grep -q '^State:[[:space:]]*[ZX]' <<< "$status"
}

is_alive() { [ -s "$1/$2.pid" ] && lives "$(cat "$1/$2.pid")" "$2"; }

end_daemon() {
  is_alive "$1" "$2" || return 0
  local pid
  # Read before: it takes its file away first and ends later.
  pid=$(cat "$1/$2.pid")
  kill -TERM "$pid"
  for _ in $(seq 100); do
    lives "$pid" "$2" || return 0
    sleep 0.1
  done
  kill -KILL "$pid"
}

stop() {
  local folder=$1
  if [ -e "$CONFIGURATION" ] && grep -qxF "$MARK $folder" "$CONFIGURATION"; then
    timeout 10 scancel --user="$(id -un)" > /dev/null 2>&1 || true
    for _ in $(seq 20); do
      [ -n "$(timeout 3 squeue --noheader 2> /dev/null)" ] || break
      sleep 0.5
    done
    end_daemon "$folder" slurmd
    end_daemon "$folder" slurmctld
    end_daemon "$folder" munged
    rm -f "$CONFIGURATION" /etc/slurm/gres.conf
  fi
}

case ${1:-} in
  start | stop) [ $# = 2 ] && "$1" "$(realpath --canonicalize-missing "$2")" ;;
  restart)
    folder=$(realpath "$2")
    end_daemon "$folder" "$3"
    sleep "${4:-0}"
    run_daemon "$folder" "$3"
    ;;
  *) fail 'usage: cluster.sh start|stop FOLDER, cluster.sh restart FOLDER DAEMON [SECONDS]' ;;
esac
