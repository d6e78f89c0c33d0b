"""One line of progress, whose time left is right; what goes wrong stays visible."""

from __future__ import annotations

import csv
import io
import logging
import time
from pathlib import Path
from types import SimpleNamespace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from snakemake_interface_logger_plugins.common import LogEvent

from crossbreed.scheduling.progress import Progress, Work
from crossbreed.scheduling.terminal import Terminal, progress_line, show_on_terminal

# Jobs of a study by the preset laptop on two cores: kind, expected seconds, when it ran; of those
# that tell their parts, what each is expected to take, and when all but the first began.
RECORDED = Path(__file__).parent / "recorded_run.csv"
WORKS = st.lists(st.tuples(st.sampled_from("abc"), st.floats(0.1, 100)), min_size=1, max_size=20)


def test_what_is_left_is_what_is_expected_at_the_pace_so_far() -> None:
    jobs = {1: Work("a", 1e5), 2: Work("a", 1e5), 3: Work("b", 4e4), 4: Work("b", 4e4)}
    progress = Progress(jobs, cores=2)
    assert progress.left(0) == 1.4e5
    progress.start(1, 0)
    progress.start(3, 0)
    # As expected, so far.
    assert progress.left(3e4) == pytest.approx(1.4e5 - 3e4)
    # Of a, half as long again; of b, nearly four times as long.
    progress.end(1, 1.5e5)
    progress.end(3, 1.5e5)
    progress.start(2, 1.5e5)
    assert progress.left(1.6e5) == pytest.approx((1.4e5 + 1.5e5) / 2 + 5e3, rel=1e-3)
    progress.start(4, 1.6e5)
    progress.end(2, 3.0e5)
    # The last job has a core to itself, and no help from the other.
    assert progress.left(3.0e5) == pytest.approx(1.5e5 - 1.4e5, rel=0.03)
    progress.end(4, 3.1e5)
    assert progress.left(3.1e5) == 0


def test_the_first_jobs_alone_do_not_decide_how_fast_the_machine_is() -> None:
    progress = Progress({1: Work("a", 1), 2: Work("a", 100), 3: Work("b", 100)}, cores=1)
    progress.start(1, 0)
    progress.end(1, 10)
    # As if 30 s of all kinds, and 3 of its own at that pace, had taken what is expected.
    pace = (10 + 30) / (1 + 30)
    alike = (10 + 3 * pace) / (1 + 3)
    assert progress.left(10) == pytest.approx(100 * alike + 100 * pace)


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


def test_what_must_follow_one_another_has_no_help_of_more_cores() -> None:
    jobs = {
        1: Work("a", 10),
        2: Work("a", 20, after=[1]),
        # What has been made before is no job of this run.
        3: Work("a", 40, after=[2, 99]),
        4: Work("a", 5, after=[1]),
    }
    progress = Progress(jobs, cores=16)
    assert progress.left(0) == 10 + 20 + 40
    progress.start(1, 0)
    progress.end(1, 10)
    progress.start(2, 10)
    assert progress.left(15) == 15 + 40


def test_a_job_that_tells_its_parts_shows_the_pace_before_it_ends() -> None:
    jobs = {1: Work("a", 6.1e5, parts=[1e5, 2e5, 3e5]), 2: Work("a", 1e6, after=[1])}
    progress = Progress(jobs, cores=1)
    progress.start(1, 0)
    # Two parts of 3e5 s in 9e5: thrice as long as expected.
    progress.reach(1, 1, 3e5)
    progress.reach(1, 2, 9e5)
    left = progress.left(9e5)
    assert left is not None
    assert left == pytest.approx(3 * (3.1e5 + 1e6), rel=1e-3)
    # The same part again, one before it and one that there is not say nothing.
    for part in (2, 1, 3):
        progress.reach(1, part, 9.5e5)
    assert progress.left(9.5e5) == pytest.approx(left - 5e4)
    progress.end(1, 9e5 + 9.3e5)
    assert progress.left(9e5 + 9.3e5) == pytest.approx(3 * 1e6, rel=1e-3)


def test_parts_that_an_earlier_run_has_done_say_nothing_of_the_pace() -> None:
    progress = Progress({1: Work("a", 7e5, parts=[1e5, 2e5, 2e5, 2e5])}, cores=1)
    progress.start(1, 0)
    progress.reach(1, 2, 1e3)
    assert progress.left(1e3) == pytest.approx(4e5)
    progress.reach(1, 3, 4.01e5)
    assert progress.left(4.01e5) == pytest.approx(2 * 2e5, rel=1e-3)


# Slower and faster machines than the one that expectations are from.
@pytest.mark.parametrize("pace", [0.5, 1.0, 3.0])
def test_a_recorded_run_is_foreseen_within_a_quarter_from_its_first_tenth_on(pace: float) -> None:
    with RECORDED.open() as file:
        rows = list(csv.DictReader(file))
    works, events = {}, []
    for number, row in enumerate(rows):
        parts = [float(part) for part in row["parts"].split()]
        works[number] = Work(row["kind"], float(row["expected"]), parts)
        events.append((pace * float(row["start"]), 0, number))
        # When each of its parts but the first began.
        reached = enumerate(map(float, row["reached"].split()), start=1)
        events += [(pace * when, part, number) for part, when in reached]
        events.append((pace * float(row["end"]), -1, number))
    progress = Progress(works, cores=2)
    waiting = sorted(events, key=lambda event: (event[0], event[1] == 0))
    end = waiting[-1][0]
    # At any time, not only when something happens.
    for now in (end * share / 1000 for share in range(1000)):
        while waiting[0][0] <= now:
            when, part, number = waiting.pop(0)
            if part > 0:
                progress.reach(number, part, when)
            else:
                (progress.end if part else progress.start)(number, when)
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
    terminal = Terminal(stream=shown)
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
    assert progress_line(elsewhere, 45, 45) == "0 of 1 jobs, 45 s gone"
    assert progress_line(elsewhere, 7260, 7260) == "0 of 1 jobs, 2 h 01 min gone"


@pytest.mark.parametrize("asked", ["verbose", "quiet", "dryrun", "printshellcmds"])
def test_who_asks_for_more_or_less_gets_it_and_why_jobs_fail(
    asked: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    shown = io.StringIO()
    usual = logging.StreamHandler(shown)
    usual.name = "DefaultStreamHandler"
    logger = logging.Logger("snakemake")
    logger.addHandler(usual)
    nothing = dict.fromkeys(("verbose", "quiet", "dryrun", "printshellcmds"), False)
    terminal = show_on_terminal(logger, SimpleNamespace(**nothing | {asked: True}))
    terminal.begin({1: Work("a", 100)}, 2)
    logger.info("routine", extra={"event": LogEvent.JOB_INFO, "jobid": 1, "log": []})
    assert shown.getvalue() == "routine\n"
    assert capsys.readouterr().err == ""
    log = tmp_path / "job.log"
    log.write_text("no such file\n")
    logger.error("failed", extra={"event": LogEvent.JOB_ERROR, "log": [str(log)]})
    assert capsys.readouterr().err == f"{log}: no such file\n"


def test_a_running_job_is_followed_by_its_log(tmp_path: Path) -> None:
    log = tmp_path / "job.log"
    shown = io.StringIO()
    terminal = Terminal(stream=shown)
    # Not by the clock, but by hand.
    terminal.progress = Progress({1: Work("cells", 100, [50, 50])}, cores=1)
    terminal.emit(record(logging.INFO, "starts", event=LogEvent.JOB_INFO, jobid=1, log=[str(log)]))
    began = time.monotonic()
    # Before the job has written any.
    terminal.look(began)
    log.write_text("10:00:00 cell 1 of 2: {'layers': 1}\n10:00:01 point 2 of 2: loss 3\n")
    terminal.look(began + 10)
    assert terminal.progress.left(began + 10) == pytest.approx(90, abs=0.1)
    with log.open("a") as file:
        file.write("10:00:50 cell 2 of 2: {'layers': 2}\n")
    terminal.look(began + 50)
    # 50 s are left as expected, of which none has gone.
    assert terminal.progress.left(began + 50) == pytest.approx(50, abs=0.1)


def test_on_a_terminal_the_line_is_rewritten_and_makes_room() -> None:
    screen = io.StringIO()
    screen.isatty = lambda: True  # type: ignore[method-assign]
    terminal = Terminal(stream=screen)
    terminal.progress = Progress({1: Work("a", 100)}, cores=None)
    now = time.monotonic()
    terminal.show(now)
    terminal.show(now)
    # Each at the start of the line, where what others write begins as well.
    line = "\r\x1b[K0 of 1 jobs, 0 s gone\r"
    assert screen.getvalue() == 2 * line
    assert terminal.quieten(record(logging.WARNING, "look out"))
    assert screen.getvalue() == 2 * line + "\r\x1b[K"
    # There is nothing to make room for.
    terminal.clear()
    assert screen.getvalue() == 2 * line + "\r\x1b[K"
