"""Intervals over a table: their width where it is known, and how often they hold the truth."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import numpy as np
import pandas as pd
import pytest
from numpy.typing import NDArray

from crossbreed.gender.results.outcome import METRICS, SMALL_LOSS
from crossbreed.gender.results.search_costs import SEARCH_LOSSES
from crossbreed.gender.results.table_uncertainty import TableBootstrap
from crossbreed.search.replay import TrainedTable
from crossbreed.statistics.weighted import item_weights
from made_up_table import make_table

METRIC = "final_validation_loss"
LESS = {"combined": 1.0, "male": -1.0}
NORMAL = 1.959964
Floats = NDArray[np.float64]


def finals(**cells: Iterable[int]) -> pd.DataFrame:
    """Return, by mode, the winners of search seeds 1, 2, ..., measured by the training not seen."""
    rows = [
        (mode, seed, 2 - (seed - 1) % 2, cell, cell, 1.0, False)
        for mode, winners in cells.items()
        for seed, cell in enumerate(winners, start=1)
    ]
    columns = ["mode", "seed", "repeat", "cell", "small_cell", SMALL_LOSS, "diverged"]
    return pd.DataFrame(rows, columns=columns)


def bootstrap(rows: pd.DataFrame, table: TrainedTable, resamples: int = 1000) -> TableBootstrap:
    return TableBootstrap(rows, table, item_weights(len(table.cells), resamples, 1), 1)


def noisy(cells: int, noise: float, seed: int = 3) -> TrainedTable:
    return make_table(3 + np.random.default_rng(seed).normal(0, noise, (cells, 2)))


@pytest.mark.parametrize("metric", [*METRICS, *SEARCH_LOSSES])
def test_modes_with_the_same_winners_do_not_differ(metric: str) -> None:
    rows = finals(combined=[1, 2, 3, 1], male=[1, 2, 3, 1])
    assert np.isnan(bootstrap(rows, noisy(6, 0.1)).interval(metric, LESS, 0.95)).all()


@pytest.mark.parametrize("searches", [1, 2])
def test_two_architectures_differ_as_surely_as_single_trainings_do(searches: int) -> None:
    noise = 0.1
    table = noisy(400, noise)
    rows = finals(combined=[0] * searches, male=[1] * searches)
    low, high = bootstrap(rows, table, 4000).interval(METRIC, LESS, 0.95)
    by_cell = table.rows.pivot(index="width", columns="seed", values="validation_loss").to_numpy()
    # Each mode's mean is of as many trainings as there are searches: two see different seeds.
    measured = by_cell[:2, [1, 0][:searches]].mean(axis=1)
    deviation = by_cell.std(axis=1, ddof=1)
    residual = np.sqrt(np.mean(deviation**2))
    half = NORMAL * np.sqrt(2 * residual**2 / searches)
    assert residual == pytest.approx(noise, rel=0.1)
    assert (low + high) / 2 == pytest.approx(measured[0] - measured[1], abs=0.1 * half)
    # The residuals are those of twenty architectures with such losses.
    assert (high - low) / 2 == pytest.approx(half, rel=0.3)


def test_without_noise_the_choice_of_architectures_is_all_that_is_uncertain() -> None:
    # Of n values a Bayesian bootstrap's mean has the variance of the values over n + 1.
    values = np.random.default_rng(4).normal(2, 0.5, 200)
    table = make_table(np.stack([values, values], axis=1))
    rows = finals(combined=range(200))
    low, high = bootstrap(rows, table, 4000).interval(METRIC, {"combined": 1}, 0.95)
    assert (low + high) / 2 == pytest.approx(values.mean(), abs=0.01)
    assert (high - low) / 2 == pytest.approx(NORMAL * values.std() / 201**0.5, rel=0.06)


def test_small_winners_are_weighed_by_their_own_architectures() -> None:
    table = make_table([[1.0, 1.0], [2.0, 2.0], [9.0, 9.0], [5.0, 5.0]])
    rows = finals(combined=[2, 2], male=[3, 3]).assign(small_cell=[0, 1, 1, 1])
    low, high = bootstrap(rows, table).interval(SMALL_LOSS, LESS, 0.95)
    assert -1 < low < high < 0
    # Those that are none, or whose measurement diverged, are left out.
    rows = rows.assign(small_cell=[0, -1, 1, 1], small_validation_loss=[1, np.nan, 2, 2])
    low, high = bootstrap(rows, table).interval(SMALL_LOSS, {"combined": 1}, 0.95)
    assert np.isnan([low, high]).all()
    rows = finals(combined=[2, 0]).assign(diverged=[True, False])
    low, high = bootstrap(rows, noisy(4, 0.01)).interval(METRIC, {"combined": 1}, 0.95)
    assert 2.9 < low < high < 3.1


def test_good_networks_are_as_sure_as_their_like() -> None:
    # The lower half varies a tenth as much as the upper half.
    draws = np.random.default_rng(5)
    level = np.repeat([2.0, 3.0], 100)[:, None]
    losses = level + draws.normal(0, 1, (200, 2)) * np.where(level < 2.5, 0.01, 0.1)
    table = make_table(losses)
    for cells, noise in (((0, 1), 0.01), ((100, 101), 0.1)):
        rows = finals(combined=[cells[0]], male=[cells[1]])
        low, high = bootstrap(rows, table, 4000).interval(METRIC, LESS, 0.95)
        assert (high - low) / 2 == pytest.approx(NORMAL * 2**0.5 * noise, rel=0.35)


def test_what_all_trainings_of_a_seed_share_is_no_uncertainty() -> None:
    rows = finals(combined=[0], male=[1])
    shifted = make_table(np.tile([3.0, 3.5], (30, 1)))
    assert np.isnan(bootstrap(rows, shifted).interval(METRIC, LESS, 0.95)).all()


def searched(
    losses: Floats, candidates: Mapping[str, int], draws: np.random.Generator
) -> dict[str, NDArray[np.int64]]:
    """Search a table: each of 60 searches sees the losses of some, and takes the lowest."""
    winners = {}
    for mode, count in candidates.items():
        pools = draws.random((60, len(losses))).argsort(axis=1)[:, :count]
        best = losses[pools, np.arange(60)[:, None] % 2].argmin(axis=1)
        winners[mode] = pools[np.arange(60), best]
    return winners


def measured_difference(losses: Floats, winners: Mapping[str, NDArray[np.int64]]) -> float:
    """Return by how much the winners differ in the trainings that were not seen, on average."""
    measured = np.arange(60) % 2 == 0
    means = {mode: losses[cells, measured.astype(int)].mean() for mode, cells in winners.items()}
    return float(means["combined"] - means["male"])


@pytest.mark.parametrize("candidates", [{"combined": 12, "male": 12}, {"combined": 12, "male": 3}])
def test_interval_holds_the_true_difference_as_often_as_it_says(
    candidates: dict[str, int],
) -> None:
    # The truth is what searches of many such tables differ by.
    draws = np.random.default_rng(11)
    tables, held = 200, 0

    def make_losses() -> Floats:
        return 3 + draws.normal(0, 0.1, (30, 1)) + draws.normal(0, 0.03, (30, 2))

    many = [make_losses() for _ in range(2000)]
    truth = np.mean(
        [measured_difference(losses, searched(losses, candidates, draws)) for losses in many]
    )
    assert abs(truth) < 0.002 if candidates["male"] == 12 else truth < -0.05
    for _ in range(tables):
        losses = make_losses()
        rows = finals(**searched(losses, candidates, draws))
        low, high = bootstrap(rows, make_table(losses), 300).interval(METRIC, LESS, 0.95)
        held += bool(low <= truth <= high)
    assert 0.88 <= held / tables <= 1
