"""The study in a real Slurm of one node: submitted, disturbed, and the same bytes in the end."""

from __future__ import annotations

import os
import re
import signal
from collections.abc import Iterator
from pathlib import Path
from subprocess import Popen

import pytest

from slurm_cluster import Cluster, can_start
from slurm_records import GROUPS, most_at_once, tried
from slurm_study import ClusterStudy, end

pytestmark = pytest.mark.slurm

FEW = (
    *("runs=1", "arms=[baseline, crossover]"),
    # Searches that train for themselves have more jobs that hang on each other than a table.
    "gender={table: null, seeds: 1, modes: [baseline, combined]}",
    # Long enough to be hit in the midst.
    *("epochs=12", "dataset={train: 20000}", "save_every={epochs: 1}"),
)
NODE = f"nodename={os.uname().nodename}"
FIRST = "run-01/trunk/epoch-0006"
FIRST_JOB = "rule_train_wildcards_crossover_01_trunk_0006"
TRAINING = {"train", "train_individuals", "train_winner"}
LOCAL = {"download", "download_text", "breed", "collect"} | {
    *("init_population", "select_survivors", "next_generation", "pick_winner")
}


@pytest.fixture(scope="module")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    """Start a Slurm of one node with two counted GPUs; stop it at the end."""
    # Continuous integration must not leave it out unnoticed.
    if not can_start() and not os.environ.get("CI"):
        pytest.skip("only root can start a Slurm, and only Debian and Ubuntu install it here")
    running = Cluster(tmp_path_factory.mktemp("slurm") / "cluster")
    started = running.call("start")
    try:
        assert started.returncode == 0, started.stdout
        yield running
    finally:
        running.call("stop")


@pytest.fixture(scope="module")
def data(mirror: Path, text_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> str:
    """Return the change that names a folder with images and text."""
    folder = tmp_path_factory.mktemp("mirror")
    for path in (*mirror.iterdir(), *text_folder.iterdir()):
        (folder / path.name).symlink_to(path)
    return f"data={{mirror: {folder}}}"


@pytest.fixture(scope="module")
def disturbed(
    cluster: Cluster, data: str, tmp_path_factory: pytest.TempPathFactory
) -> ClusterStudy:
    """Return a study that was submitted, hit by all that happens on clusters, and completed."""
    study = ClusterStudy(tmp_path_factory.mktemp("disturbed"), data, *FEW)
    snakemake = study.submit()

    def cancelled() -> bool:
        """Cancel a job that has saved some progress, and tell whether that is on record."""
        jobs = [job for job in study.records() if job.comment == FIRST_JOB]
        if study.saved(FIRST):
            for job in jobs:
                tried("scancel", "--state=RUNNING", job.number)
        return any(job.state == "CANCELLED" for job in jobs)

    try:
        study.wait_until(cancelled, snakemake)

        # The node is drained, the controller is restarted, the node is taken into service again.
        # Not before Snakemake knows that the job is done: else it starts the job again, which has
        # nothing left to train and writes over the log that is read below.
        known = study.results / "crossover" / FIRST / ".records" / "curve.csv.json"
        study.wait_until(known.is_file, snakemake)
        study.wait_until(drained, snakemake)
        restarted = cluster.call("restart", "slurmctld", "3")
        assert restarted.returncode == 0, restarted.stdout
        study.wait_until(in_service, snakemake)

        # Snakemake itself is killed; its jobs go on without it.
        study.wait_until(lambda: study.running("rule_train"), snakemake)
        os.killpg(snakemake.pid, signal.SIGKILL)
        assert snakemake.wait(30) == -signal.SIGKILL
        study.unlock()
        snakemake = study.submit()
        assert study.wait(snakemake) == 0, study.printed
    except BaseException:
        end(snakemake)
        raise
    return study


@pytest.fixture(scope="module")
def overtime(
    disturbed: ClusterStudy, data: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[ClusterStudy, Popen[bytes]]]:
    """Return a study whose training takes longer than its limit, a minute, and its Snakemake.

    It runs while the tests that come before its own wait for other things.
    """
    study = ClusterStudy(
        tmp_path_factory.mktemp("overtime"),
        # More epochs than fit into a minute anywhere.
        *(data, "studies=[crossover]", "arms=[baseline]", "runs=1", "epochs=9998"),
        *("evaluation={at: [1.0]}", "save_every={seconds: 3600}"),
        minutes=("train:runtime=1",),
    )
    (study.folder / "results").mkdir()
    (study.folder / "results/data").symlink_to(disturbed.folder / "results/data")
    goal = "results/ci/crossover/run-01/trunk/epoch-9998/curve.csv"
    snakemake = study.submit(goal, "--retries", "9")
    try:
        yield study, snakemake
    finally:
        end(snakemake)


def node_state() -> str:
    """Return the state of the node; no text while the controller does not answer."""
    return tried("sinfo", "--noheader", "--format=%T")


def drained() -> bool:
    """Drain the node, and tell whether it takes no more jobs."""
    tried("scontrol", "update", NODE, "state=drain", "reason=test")
    return node_state().startswith("drain")


def in_service() -> bool:
    """Take the node into service, and tell whether it is."""
    # Refused while the controller is starting, or if it forgot that the node was drained.
    tried("scontrol", "update", NODE, "state=resume")
    return node_state() in ("idle", "mixed", "allocated")


def log_of(study: ClusterStudy, job: str) -> str:
    """Return what the last attempt at a training job has logged."""
    log = study.results / "logs/crossover/train" / f"{job}.log"
    return log.read_text() if log.is_file() else ""


def epochs(log: str) -> list[int]:
    """Return the epochs that a log names as trained."""
    return [int(epoch) for epoch in re.findall(r"epoch (\d+) of ", log)]


@pytest.mark.usefixtures("overtime")
def test_what_is_made_is_the_same_as_on_one_machine(
    disturbed: ClusterStudy, data: str, tmp_path: Path
) -> None:
    here = ClusterStudy(tmp_path, data, *FEW)
    here.run_here("crossover", "gender")
    expected, made = here.artefacts(), disturbed.artefacts()
    assert len(expected) > 50
    assert made.keys() == expected.keys()
    assert [name for name in made if made[name] != expected[name]] == []
    for name in ("claims.csv", "answer.txt", "index.html"):
        assert (disturbed.results / name).is_file()


def test_training_asks_for_a_gpu_and_nothing_else_does(disturbed: ClusterStudy) -> None:
    jobs = disturbed.records()
    assert {job.rule for job in jobs} >= TRAINING | {*GROUPS} | {"prepare", "evaluate"}
    assert {job.rule for job in jobs} & LOCAL == set()
    for job in jobs:
        assert job.gpus == (1 if job.rule in TRAINING else 0), job
        assert job.processors <= (2 if job.rule in GROUPS else 1), job
        if job.rule in TRAINING:
            assert (job.memory_mb, job.minutes) == (4000, 5), job
    # There are processors and memory for more.
    assert most_at_once(jobs) == 2


def test_jobs_see_the_one_gpu_that_they_were_given(disturbed: ClusterStudy) -> None:
    seen = {
        gpu
        for log in (disturbed.results / "logs").rglob("train*/**/*.log")
        for gpu in re.findall(r"GPU (.*)", log.read_text())
    }
    assert seen == {"0", "1"}


def test_no_job_was_left_and_the_cancelled_one_is_on_record(disturbed: ClusterStudy) -> None:
    jobs = disturbed.records()
    states = {job.state for job in jobs}
    assert "CANCELLED" in states
    assert states <= {"CANCELLED", "COMPLETED", "FAILED"}
    assert [job for job in jobs if job.state == "FAILED" and job.rule not in TRAINING] == []


def test_a_cancelled_job_went_on_from_its_last_save(disturbed: ClusterStudy) -> None:
    trained = epochs(log_of(disturbed, "run-01.trunk.epoch-0006"))
    # The log of the job that went on: the first one's epochs are not trained again.
    assert trained[0] > 1
    assert trained == list(range(trained[0], 7))


@pytest.mark.usefixtures("cluster")
def test_a_job_that_keeps_failing_ends_with_a_pointer_to_its_log(data: str, tmp_path: Path) -> None:
    study = ClusterStudy(
        tmp_path, data, "studies=[crossover]", "arms=[baseline]", "runs=1", "trainer={device: cuda}"
    )
    goal = "results/ci/crossover/run-01/trunk/epoch-0001/curve.csv"
    assert study.wait(study.submit(goal, "--retries", "1")) == 1
    jobs = [job for job in study.records() if job.rule == "train"]
    assert [job.state for job in jobs] == ["FAILED", "FAILED"]
    assert (
        "results/ci/logs/crossover/train/run-01.trunk.epoch-0001.log: "
        "train: trainer.device = 'cuda': this job sees no GPU"
    ) in study.printed
    assert [job.gpus for job in jobs] == [1, 1]


def test_a_job_over_its_time_limit_goes_on_in_the_next(
    overtime: tuple[ClusterStudy, Popen[bytes]],
) -> None:
    study, snakemake = overtime

    def log() -> str:
        return log_of(study, "run-01.trunk.epoch-9998")

    study.wait_until(
        lambda: (
            any(job.state == "TIMEOUT" for job in study.records())
            and re.search("going on from.*epoch [0-9]+ of", log(), re.DOTALL)
        ),
        snakemake,
    )
    text = log()
    # Only SIGTERM has made a job save: the next trains nothing again.
    saved = re.search("going on from epoch ([0-9]+),", text)
    assert saved
    trained = epochs(text)
    assert trained[0] == int(saved[1]) + 1 > 2
