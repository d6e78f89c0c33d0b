"""Conditions run for real: what is trained once, and what two arms that are the same say."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from study_folder import StudyFolder

NOTHING_AT_ALL = "{at: 0.5, select: {rule: all}, merge: {rule: copy}, offspring: {optimizer: keep}}"
BRED = "{at: 0.5, select: {rule: top}, merge: {rule: inner_mean}, offspring: {optimizer: reset}}"
CONDITION = f"bred: {{label: bred, group: a, change: {{arm: {{crossover: {{events: [{BRED}]}}}}}}}}"
RATE = "rate: {label: rate, group: b, change: {trainer: {learning_rate: 0.01}}}"
RUNS = 2


@pytest.fixture(scope="module")
def ran(tmp_path_factory: pytest.TempPathFactory, mirror: Path) -> tuple[StudyFolder, str]:
    """Return a study in which crossover does nothing at all and a condition in which it breeds."""
    study = StudyFolder(
        *(tmp_path_factory.mktemp("conditions"), "studies=[crossover,conditions]"),
        *(f"runs={RUNS}", "arms=[baseline,crossover]", f"data={{mirror: {mirror}}}"),
        f"arm={{crossover: {{events: [{NOTHING_AT_ALL}]}}}}",
        f"conditions={{{CONDITION}}}",
    )
    return study, study.call()


@pytest.fixture(scope="module")
def results(ran: tuple[StudyFolder, str]) -> Path:
    return ran[0].results


@pytest.mark.slow
def test_numbers_are_the_same_as_of_a_study_that_shares_nothing(
    tmp_path: Path, mirror: Path
) -> None:
    common = (f"data={{mirror: {mirror}}}", "runs=1", "epochs=4", "arms=[baseline,crossover]")
    events = f"{{crossover: {{events: [{BRED.replace('0.5', '0.25')}]}}}}"
    early = f"conditions={{early: {{label: early, group: a, change: {{arm: {events}}}}}}}"

    def make(experiment: str, *changes: str) -> tuple[str, list[bytes]]:
        """Return what was printed, and the tables of an experiment in a folder of its own."""
        study = StudyFolder(tmp_path / Path(experiment).name, *common, *changes)
        tables = [f"results/ci/{experiment}/{name}.csv" for name in ("curves", "best", "networks")]
        printed = study.call(target=tables[0], options=(*tables[1:],))
        return printed, [(study.folder / table).read_bytes() for table in tables]

    printed, sharing = make("conditions/early", "studies=[crossover,conditions]", early)
    # The trunk lies in the study's folder, though that one does not breed at epoch 1.
    assert printed.count("Training crossover, run 01, trunk") == 3
    assert printed.count("Training conditions/early, run 01, crossover") == 2
    assert printed.count("Training ") == 5
    _, alone = make("crossover", "studies=[crossover]", f"arm={events}")
    assert sharing == alone
    curves = pd.read_csv(tmp_path / "crossover/results/ci/crossover/curves.csv")
    assert set(curves.groupby(["arm", "network"])["epoch"].apply(tuple)) == {(1, 2, 3, 4)}


def test_two_arms_that_are_the_same_have_no_verdict(
    ran: tuple[StudyFolder, str], results: Path
) -> None:
    claims = pd.read_csv(results / "claims.csv")
    assert set(claims["verdict"]) == {"inconclusive"}
    main = claims[claims["source"] == "poster"].set_index("claim").loc["lower_loss"]
    assert (main["measured"], main["runs"]) == (0, RUNS)
    assert np.isnan(main["interval_low"])
    assert "is the same as that of baseline" in ran[1]
    # Of a study that is not run there is nothing to say.
    assert "Claims of the paper" not in ran[1]
    assert "neither supported nor contradicted" in ran[1]


def test_conditions_share_the_trunk_of_the_study(results: Path) -> None:
    assert not (results / "conditions/bred/run-01/trunk").exists()
    losses, bred = (
        pd.read_csv(results / experiment / "curves.csv").pivot(
            index=["epoch", "run", "network"], columns="arm", values="train_loss"
        )
        for experiment in ("crossover", "conditions/bred")
    )
    np.testing.assert_array_equal(bred["baseline"], losses["baseline"])
    np.testing.assert_array_equal(bred.loc[1, "crossover"], bred.loc[1, "baseline"])
    assert not bred["crossover"].equals(losses["crossover"])
    # Once for all: progress of shared training is not left behind.
    assert list(results.rglob(".progress")) == []


def test_conditions_are_mapped_and_told(ran: tuple[StudyFolder, str], results: Path) -> None:
    table = pd.read_csv(results / "conditions/conditions.csv")
    assert set(table["condition"]) == {"bred"}
    bred = table[table["metric"] == "best_train_loss"].iloc[0]
    assert bred["difference"] > 0
    assert (results / "conditions/map.png").stat().st_size > 10_000
    assert "Best training loss at the last epoch, by condition" in ran[1]
    page = (results / "index.html").read_text()
    assert "The crossover study under other conditions" in page


def test_done_is_done_and_another_condition_trains_only_itself(
    ran: tuple[StudyFolder, str],
) -> None:
    study = ran[0]
    assert study.jobs() == {}
    # Of each run: the trunk to half time and on, and the bred arm.
    assert study.jobs(f"conditions={{{CONDITION}, {RATE}}}") == {
        **{"train": 3 * RUNS, "breed": RUNS, "evaluate": RUNS, "collect": 3, "compare": 1},
        **{"map_conditions": 1, "provenance": 1, "write_page": 1},
    }
