from __future__ import annotations

from pathlib import Path

import yaml
from hypothesis import given
from hypothesis import strategies as st

from crossbreed.config.compose import compose_study
from crossbreed.gender.genome import slowest_architectures
from crossbreed.lineage import Lineages
from crossbreed.time_plan import (
    SHORTEST,
    Cut,
    Speed,
    as_config,
    cut,
    cut_training,
    longest_segment,
    minutes_for,
)
from planner import plan
from repository import REPOSITORY
from snakemake_call import planned_jobs, snakemake

SPEEDS = st.builds(Speed, st.floats(0, 600), st.floats(0.001, 3600))
MARGINS = st.floats(1, 10)
POSTER = Lineages(100, {"baseline": [], "crossover": [50]}, [50, 100])


def test_known_answers() -> None:
    # 60 s to start and 50 epochs of 54 s are 46 minutes; twice that is asked for.
    speed = Speed(start=60, unit=54)
    assert minutes_for(speed, 50, margin=2) == 92
    assert cut(speed, 50, 2, None) == Cut(50, 92, 1)
    assert cut(speed, 50, 2, 92) == Cut(50, 92, 1)
    # Of at most 32 epochs each (2 * 29.8 minutes), two jobs; even, they are of 25.
    assert cut(speed, 50, 2, 60) == Cut(25, 47, 1)
    # Less than ten minutes gains nothing in a queue, unless no more is allowed.
    assert cut(Speed(5, 1), 100, 2, None) == Cut(100, SHORTEST, 1)
    assert cut(Speed(5, 1), 100, 2, 5) == Cut(100, 5, 1)
    # An hour's work in attempts of 20 minutes, of which one goes by before work begins.
    assert cut(Speed(60, 3600), 1, 1, 20) == Cut(1, 20, 4)


@given(SPEEDS, st.integers(1, 200), MARGINS, st.integers(1, 1000))
def test_a_cut_keeps_to_the_limit_and_loses_no_work(
    speed: Speed, units: int, margin: float, longest: int
) -> None:
    found = cut(speed, units, margin, longest)
    assert found.minutes <= longest
    assert 1 <= found.units <= units
    if found.attempts == 1:
        assert 60 * found.minutes >= margin * (speed.start + found.units * speed.unit) - 1e-6
        # One job less would be too long.
        jobs = -(-units // found.units)
        if jobs > 1:
            assert minutes_for(speed, -(-units // (jobs - 1)), margin) > longest
    else:
        assert found.units == 1
        left = 60 * longest - speed.start
        assert left <= 1 or found.attempts * left >= margin * speed.unit - 1e-6


@given(SPEEDS, st.integers(1, 200), MARGINS, MARGINS)
def test_a_wider_margin_asks_for_no_less(speed: Speed, units: int, one: float, two: float) -> None:
    low, high = sorted((one, two))
    assert minutes_for(speed, units, low) <= minutes_for(speed, units, high)


@given(SPEEDS, MARGINS, st.integers(1, 1000))
def test_training_is_cut_so_that_every_job_fits(speed: Speed, margin: float, longest: int) -> None:
    epochs, asked = cut_training([(speed, POSTER)], margin, longest)
    segments = Lineages(POSTER.epochs, POSTER.events, POSTER.marks, epochs)
    assert (epochs is None) == (longest_segment(segments) == longest_segment(POSTER))
    if asked.attempts == 1:
        assert minutes_for(speed, longest_segment(segments), margin) <= asked.minutes <= longest


def test_places_are_cut_alike_and_the_slowest_decides() -> None:
    fast, slow = Speed(10, 1), Speed(10, 120)
    epochs, asked = cut_training([(fast, POSTER), (slow, POSTER)], 1, 30)
    # 14 epochs fit into half an hour; even, 50 are four jobs of 13.
    assert (epochs, asked) == (13, Cut(13, 27, 1))
    assert cut_training([(fast, POSTER)], 1, 30) == (None, Cut(50, 10, 1))


def test_the_plan_is_a_configuration() -> None:
    language = {"train_individuals": Cut(3, 50, 1), "train_winner": Cut(1, 60, 4)}
    text = as_config("a GPU", (25, Cut(25, 47, 1)), language, 60, 2)
    study = compose_study(REPOSITORY / "config", {"preset": "paper", **yaml.safe_load(text)})
    assert study.segment_epochs == 25
    assert study.gender.individuals_per_job == 3
    assert study.resources["train"].runtime == 47
    assert study.resources["train_individuals"].runtime == 50
    assert study.resources["train_winner"].runtime == 60
    assert study.resources["train"].gpu == 1
    assert "a GPU, times 2; a job may take 60 minutes" in text
    assert "--retries 4" in text
    stuck = as_config("a GPU", (1, Cut(1, 60, 5)), None, 60, 2)
    assert "no retry helps" in stuck
    assert "--retries" not in stuck
    assert "segment" not in as_config("a GPU", (None, Cut(50, 10, 1)), None, None, 2)


def test_the_slowest_architectures_are_at_the_ends_of_the_space() -> None:
    space = compose_study(REPOSITORY / "config", {"preset": "paper"}).gender.space
    few, many = slowest_architectures(space)
    assert (few.layers, few.width, few.batch_size) == (9, 576, 16)
    assert many == few.model_copy(update={"batch_size": 128})


def test_a_measured_plan_cuts_the_study_as_it_says(
    tmp_path: Path, mirror: Path, text_folder: Path
) -> None:
    folder = tmp_path / "mirror"
    folder.mkdir()
    for path in (*mirror.iterdir(), *text_folder.iterdir()):
        (folder / path.name).symlink_to(path)
    # At such a margin a few epochs fill the limit on any machine.
    configured = (
        *("--config", "preset=ci", f"data={{mirror: {folder}}}", "epochs=1000"),
        *("dataset={train: 20000}", "time_plan={longest_minutes: 200, margin: 100}"),
    )
    finished = snakemake(tmp_path, "time_plan", *configured)
    assert finished.returncode == 0, finished.stdout + finished.stderr
    file = tmp_path / "results" / "ci" / "time_plan.yaml"
    measured = yaml.safe_load(file.read_text())
    assert file.read_text().rstrip() in finished.stdout + finished.stderr
    assert 1 <= measured["segment_epochs"] < 500
    assert all(one["runtime"] <= 200 for one in measured["resources"].values())
    status, printed = plan(tmp_path, "crossover", "--configfile", str(file), *configured)
    assert status == 0, printed
    jobs = planned_jobs(printed, "crossover")
    halves = {-(-500 // measured["segment_epochs"]), -(-500 // measured["segment_epochs"]) + 1}
    # Of 2 runs: the trunk has both halves, and 5 arms the second.
    assert jobs["train"] in {
        2 * (first + second + 5 * second) for first in halves for second in halves
    }
