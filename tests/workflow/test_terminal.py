"""One line of progress, whose time left is right; what goes wrong stays visible."""

from __future__ import annotations

import csv
import io
import logging
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from snakemake_interface_logger_plugins.common import LogEvent

from crossbreed.scheduling.progress import Progress, Work
from crossbreed.scheduling.terminal import Terminal, progress_line

# Jobs of a study by the preset laptop on two cores: kind, expected seconds, when it ran.
RECORDED = Path(__file__).parent / "recorded_run.csv"
WORKS = st.lists(st.tuples(st.sampled_from("abc"), st.floats(0.1, 100)), min_size=1, max_size=20)


def test_what_is_left_is_what_is_expected_at_the_pace_so_far() -> None:
    jobs = {1: Work("a", 100), 2: Work("a", 100), 3: Work("b", 40), 4: Work("b", 40)}
    progress = Progress(jobs, cores=2)
    assert progress.left(0) == 140
    progress.start(1, 0)
    progress.start(3, 0)
    # As expected, so far.
    assert progress.left(30) == pytest.approx(140 - 30)
    # Half as long again.
    progress.end(1, 150)
    progress.end(3, 150)
    progress.start(2, 150)
    # Of a, 150 s; of b, 150 as well, since its first took so long, and it has yet to start.
    assert progress.left(160) == pytest.approx(150)
    progress.start(4, 160)
    # A job that runs alone at the end has no help from the other core.
    assert progress.left(200) == pytest.approx(150 - 40)
    progress.end(2, 300)
    # The last job has a core to itself.
    assert progress.left(300) == pytest.approx(150 - 140)
    progress.end(4, 310)
    assert progress.left(310) == 0


@given(WORKS, st.integers(1, 8), st.floats(0.2, 5))
def test_where_jobs_are_slower_alike_so_is_the_rest(
    works: list[tuple[str, float]], cores: int, pace: float
) -> None:
    jobs = dict(enumerate(Work(*work) for work in [("a", 1e6), *works]))
    progress = Progress(jobs, cores)
    progress.start(0, 0)
    progress.end(0, 1e6 * pace)
    seconds = [work.seconds * pace for number, work in jobs.items() if number]
    expected = max(sum(seconds) / cores, max(seconds))
    assert progress.left(1e6 * pace) == pytest.approx(expected, rel=1e-3)


def test_a_job_that_is_tried_again_starts_anew() -> None:
    progress = Progress({1: Work("a", 100)}, cores=1)
    progress.start(1, 0)
    assert progress.left(50) == 50
    progress.start(1, 50)
    assert progress.left(50) == 100


@pytest.mark.parametrize("pace", [0.5, 1.0, 3.0])
def test_a_recorded_run_is_foreseen_within_a_quarter_from_its_first_tenth_on(pace: float) -> None:
    with RECORDED.open() as file:
        rows = list(csv.DictReader(file))
    works = {n: Work(row["kind"], float(row["expected"])) for n, row in enumerate(rows)}
    progress = Progress(works, cores=2)
    events = sorted(
        (pace * float(row[when]), when == "start", number)
        for number, row in enumerate(rows)
        for when in ("start", "end")
    )
    end = events[-1][0]
    for now, starts, number in events:
        (progress.start if starts else progress.end)(number, now)
        left = progress.left(now)
        assert left is not None
        # As a share of the whole, as a reader takes it: at the end, seconds are no matter.
        if now >= end / 10:
            assert abs(now + left - end) <= 0.25 * max(end - now, 0.1 * end), (now, left, end)


def record(level: int, text: str, **extra: object) -> logging.LogRecord:
    made = logging.LogRecord("snakemake", level, "", 0, text, None, None)
    vars(made).update(extra)
    return made


def test_a_reader_sees_failures_and_warnings_but_not_every_job(tmp_path: Path) -> None:
    shown = io.StringIO()
    terminal = Terminal(shown)
    for event in (LogEvent.JOB_INFO, LogEvent.JOB_FINISHED, LogEvent.PROGRESS, LogEvent.RUN_INFO):
        assert not terminal.quieten(record(logging.INFO, "routine", event=event))
    assert not terminal.quieten(record(logging.INFO, "Select jobs to execute..."))
    assert terminal.quieten(record(logging.INFO, "Nothing to be done"))
    assert terminal.quieten(record(logging.WARNING, "Select jobs to execute..."))
    assert terminal.quieten(record(logging.ERROR, "failed", event=LogEvent.JOB_ERROR))
    log = tmp_path / "job.log"
    log.write_text("first\nepochs = 0: must be at least 1\n\n")
    terminal.emit(record(logging.ERROR, "failed", event=LogEvent.JOB_ERROR, log=[str(log)]))
    assert shown.getvalue() == f"{log}: epochs = 0: must be at least 1\n"


def test_the_line_says_how_much_is_done_and_how_long_the_rest_takes() -> None:
    progress = Progress({1: Work("a", 100), 2: Work("a", 100)}, cores=1)
    progress.start(1, 0)
    progress.end(1, 100)
    line = "50%, 1 of 2 jobs, 1 min 40 s gone, about 1 min 40 s left"
    assert progress_line(progress, 100, 100) == line
    elsewhere = Progress({1: Work("a", 100)}, cores=None)
    assert progress_line(elsewhere, 100, 100) == "0 of 1 jobs, 1 min 40 s gone"
