"""Conditions run for real: what is trained once, and what two arms that are the same say."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

import numpy as np
import pandas as pd
import pytest

from planner import plan
from snakemake_call import planned_jobs, snakemake

NOTHING_AT_ALL = "{at: 0.5, select: {rule: all}, merge: {rule: copy}, offspring: {optimizer: keep}}"
BRED = "{at: 0.5, select: {rule: top}, merge: {rule: inner_mean}, offspring: {optimizer: reset}}"
CONDITIONS = (
    f"bred: {{label: bred, group: a, change: {{arm: {{crossover: {{events: [{BRED}]}}}}}}}}",
    # One run, to save time.
    "rate: {label: rate, group: b, change: {runs: 1, trainer: {learning_rate: 0.01}}}",
)
ONE_MORE = "few: {label: few, group: b, change: {population: {size: 2}}}"


def arguments(mirror: Path, *conditions: str) -> tuple[str, ...]:
    """Return those of a study in which crossover does nothing at all, and conditions of it."""
    return (
        *("--config", "preset=ci", "studies=[crossover,conditions]", "runs=3"),
        *("arms=[baseline,crossover]", f"data={{mirror: {mirror}}}"),
        f"arm={{crossover: {{events: [{NOTHING_AT_ALL}]}}}}",
        f"conditions={{{', '.join(conditions)}}}",
    )


class Ran(NamedTuple):
    """A study that was run: where, from which data, and what was printed."""

    folder: Path
    mirror: Path
    printed: str

    def jobs(self, *conditions: str) -> dict[str, int]:
        """Return the jobs that Snakemake would run, by rule."""
        status, printed = plan(self.folder, *arguments(self.mirror, *conditions))
        assert status == 0, printed
        return planned_jobs(printed, "all")

    @property
    def results(self) -> Path:
        return self.folder / "results/ci"


@pytest.fixture(scope="module")
def ran(tmp_path_factory: pytest.TempPathFactory, mirror: Path) -> Ran:
    folder = tmp_path_factory.mktemp("conditions")
    finished = snakemake(folder, *arguments(mirror, *CONDITIONS))
    assert finished.returncode == 0, finished.stdout + finished.stderr
    return Ran(folder, mirror, finished.stdout + finished.stderr)


EARLY = f"{{crossover: {{events: [{BRED.replace('0.5', '0.25')}]}}}}"


@pytest.mark.slow
def test_numbers_are_the_same_as_of_a_study_that_shares_nothing(
    tmp_path: Path, mirror: Path
) -> None:
    common = [
        *("preset=ci", "runs=1", "epochs=4", "arms=[baseline,crossover]"),
        f"data={{mirror: {mirror}}}",
    ]
    tables = ("curves.csv", "best.csv", "networks.csv")

    def run(place: str, *options: str, config: tuple[str, ...]) -> str:
        wanted = [f"results/ci/{place}/{table}" for table in tables]
        finished = snakemake(tmp_path, *options, *wanted, "--config", *common, *config)
        assert finished.returncode == 0, finished.stdout + finished.stderr
        return finished.stdout + finished.stderr

    early = f"conditions={{early: {{label: early, group: a, change: {{arm: {EARLY}}}}}}}"
    shared = run("conditions/early", config=("studies=[crossover,conditions]", early))
    # The trunk lies in the study's folder, though that one does not breed at epoch 1.
    assert shared.count("Training crossover, run 01, trunk") == 3
    assert shared.count("Training conditions/early, run 01, crossover") == 2
    assert shared.count("Training ") == 5
    results = tmp_path / "results/ci"
    made = [(results / "conditions/early" / table).read_bytes() for table in tables]
    (results / "crossover").rename(results / "shared")
    run("crossover", config=("studies=[crossover]", f"arm={EARLY}"))
    assert [(results / "crossover" / table).read_bytes() for table in tables] == made
    curves = pd.read_csv(results / "crossover/curves.csv")
    assert curves.groupby(["arm", "network"])["epoch"].apply(list).map(tuple).unique().tolist() == [
        (1, 2, 3, 4)
    ]


def test_a_map_of_no_conditions_is_refused_in_one_line(tmp_path: Path) -> None:
    finished = snakemake(tmp_path, "--dry-run", "conditions", "--config", "preset=ci")
    assert finished.returncode == 1
    assert finished.stderr.splitlines()[-1].startswith(
        "crossbreed: studies = ['crossover', 'gender']: must name conditions"
    )


def test_two_arms_that_are_the_same_have_no_verdict(ran: Ran) -> None:
    claims = pd.read_csv(ran.results / "claims.csv")
    assert set(claims["verdict"]) == {"inconclusive"}
    main = claims[claims["source"] == "poster"].set_index("claim").loc["lower_loss"]
    assert (main["measured"], main["runs"]) == (0, 3)
    assert np.isnan(main["interval_low"])
    assert "is the same as that of baseline" in ran.printed
    assert "neither supported nor contradicted" in ran.printed


def test_conditions_share_the_trunk_of_the_study(ran: Ran) -> None:
    for name in ("bred", "rate"):
        assert not (ran.results / f"conditions/{name}/run-01/trunk").exists()
    assert len(list(ran.results.glob("shared/*/run-01/trunk"))) == 1
    main, bred, rate = (
        pd.read_csv(ran.results / place / "curves.csv").set_index(["run", "arm"])
        for place in ("crossover", "conditions/bred", "conditions/rate")
    )
    ours, theirs = (
        table.xs("baseline", level="arm")["train_loss"].to_numpy() for table in (main, bred)
    )
    np.testing.assert_array_equal(ours, theirs)
    theirs = rate.xs("baseline", level="arm")["train_loss"].to_numpy()
    assert (theirs != ours[: len(theirs)]).all()
    first = bred[bred["epoch"] == 1]
    np.testing.assert_array_equal(
        first.xs("crossover", level="arm")["train_loss"],
        first.xs("baseline", level="arm")["train_loss"],
    )
    # Once for all: progress of shared training is not left behind.
    assert list(ran.results.rglob(".progress")) == []


def test_conditions_are_mapped_and_told(ran: Ran) -> None:
    table = pd.read_csv(ran.results / "conditions/conditions.csv")
    assert table["condition"].unique().tolist() == ["bred", "rate"]
    bred = table[(table["condition"] == "bred") & (table["metric"] == "best_train_loss")].iloc[0]
    assert bred["difference"] > 0
    assert (ran.results / "conditions/map.png").stat().st_size > 10_000
    assert "Best training loss at the last epoch, by condition" in ran.printed
    page = (ran.results / "index.html").read_text()
    assert "The crossover study under other conditions" in page


def test_done_is_done_and_another_condition_trains_only_itself(ran: Ran) -> None:
    assert ran.jobs(*CONDITIONS) == {}
    # Of each run: the trunk to half time and on, and the bred arm.
    assert ran.jobs(*CONDITIONS, ONE_MORE) == {
        **{"train": 9, "breed": 3, "evaluate": 3, "collect": 3, "compare": 1},
        **{"map_conditions": 1, "provenance": 1, "page": 1},
    }
