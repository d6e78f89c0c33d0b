"""How predictors rank a table after shares of its trainings, where the order is known."""

from __future__ import annotations

from typing import Any, get_args

import numpy as np
import pytest
from scipy import stats

from crossbreed.config.gender import Predictor
from crossbreed.gender.results import shares
from crossbreed.gender.results.evidence import Resampling
from crossbreed.gender.results.shares import SHARES, SPLITS, shares_table
from crossbreed.search.generation import Known
from crossbreed.search.replay import TrainedTable
from crossbreed.statistics.weighted import item_weights
from made_up_table import make_table
from search_problem import EVOLUTION

CELLS = 12
RISING = np.stack([np.linspace(1, 3, CELLS)] * 2, axis=1)


@pytest.fixture(autouse=True)
def _hurried(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shares, "POPULATION", 8)
    monkeypatch.setattr(shares, "GENERATIONS", 1)


def ranked(
    table: TrainedTable, known: int = 4, parts: tuple[float, ...] = (0.25,)
) -> dict[tuple[Any, Any], dict[Any, Any]]:
    """Return the rows by predictor and share."""
    resampling = Resampling(item_weights(len(table.cells), 200, 1), table.number)
    rows = shares_table(table, parts, known, EVOLUTION.predictor, 0.9, 1, resampling)
    assert list(rows.columns) == SHARES
    return {(row["predictor"], row["share"]): row for row in rows.to_dict("records")}


def test_what_is_in_order_early_has_a_tau_of_1_and_no_regret() -> None:
    rows = ranked(make_table(RISING))
    assert [name for name, _ in rows] == [
        *(*get_args(Predictor), "evolved_offline", "another_training"),
    ]
    for name in ("last_loss", "summed_loss", "recent_loss", "another_training"):
        row = rows[name, 0.25]
        assert (row["tau"], row["regret_1"], row["known"]) == (1, 0, 4)
        # Whatever the weights, all pairs agree.
        assert np.isnan([row["table_low"], row["table_high"]]).all()
    # The largest end worst here: training what is predicted best gives the last of those tested.
    row = rows["parameters", 0.25]
    assert row["tau"] == -1
    assert 1 < row["regret_1"] <= 2


def test_another_training_says_what_it_ended_with() -> None:
    opposite = np.stack([RISING[:, 0], RISING[::-1, 0]], axis=1)
    rows = ranked(make_table(opposite))
    assert rows["last_loss", 0.25]["tau"] == 1
    assert rows["another_training", 0.25]["tau"] == -1


def test_predictors_see_no_more_than_their_share() -> None:
    # Up to the last point all is upside down; the whole training tells its end.
    rows = ranked(make_table(RISING, early=RISING[::-1]), parts=(0.25, 0.75, 1.0))
    taus = [rows["last_loss", share]["tau"] for share in (0.25, 0.75, 1.0)]
    assert taus == [-1, -1, 1]
    assert [rows["another_training", share]["tau"] for share in (0.25, 0.75, 1.0)] == [1, 1, 1]


@pytest.mark.parametrize(("known", "fitted"), [(4, 4), (9, 6)])
def test_what_predictors_learn_from_is_not_what_tests_them(
    monkeypatch: pytest.MonkeyPatch, known: int, fitted: int
) -> None:
    seen: list[tuple[Known, Known]] = []
    predictions = shares._predictions

    def recorded(learnt_from: Known, candidates: Known, *rest: Any) -> Any:
        seen.append((learnt_from, candidates))
        return predictions(learnt_from, candidates, *rest)

    monkeypatch.setattr(shares, "_predictions", recorded)
    draws = np.random.default_rng(5)
    table = make_table(draws.uniform(1, 3, (CELLS, 2)), early=draws.uniform(1, 3, (CELLS, 2)))
    rows = ranked(table, known, (0.25, 0.75))
    assert len(seen) == 2 * 2 * SPLITS
    splits = []
    for learnt_from, candidates in seen:
        ours, theirs = (
            {trial.architecture for trial, _ in pairs} for pairs in (learnt_from, candidates)
        )
        assert (len(ours), len(theirs)) == (fitted, CELLS - fitted)
        assert ours | theirs == set(table.cells)
        splits.append(frozenset(ours))
    # They differ, and are the same for all shares, which are to be compared.
    assert len(set(splits)) > SPLITS
    assert splits[: 2 * SPLITS] == splits[2 * SPLITS :]
    # By scipy, of what tests them alone.
    early = seen[: 2 * SPLITS]
    taus = [
        stats.kendalltau(
            [trial.curve.train_loss[-1] for trial, _ in tested], [loss for _, loss in tested]
        ).statistic
        for _, tested in early
    ]
    row = rows["last_loss", 0.25]
    assert row["known"] == fitted
    assert row["tau"] == pytest.approx(np.mean(taus))
    assert row["table_low"] < row["tau"] < row["table_high"]
    regrets = [
        min(tested, key=lambda pair: pair[0].curve.train_loss[-1])[1]
        - min(loss for _, loss in tested)
        for _, tested in early
    ]
    assert row["regret_1"] == pytest.approx(np.mean(regrets))
