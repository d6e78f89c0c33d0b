"""Evidence on early speed and on predictors: taus and regrets of searches worked out by hand."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from crossbreed.gender.results.evidence import (
    BASELINES,
    EVIDENCE,
    EVOLVED,
    PREDICTIONS,
    Resampling,
    best_female,
    prediction_evidence,
    speed_evidence,
)
from crossbreed.gender.results.searched import Searched
from crossbreed.search.generation import Known
from crossbreed.statistics.weighted import item_weights
from predictor_trials import make_trial
from search_problem import EVOLUTION

SETTINGS = EVOLUTION.model_copy(update={"finished": 2})
RISING, FALLING = "train_loss_last", "negate(train_loss_last)"
# Of losses 1, 2, 3, 4 the first foretells the order 4, 1, 2, 3, the second 3, 2, 1, 4: three pairs
# are swapped in both, but the ranks of FAR are further off.
FAR = "maximum(train_loss_last, multiply(100.0, subtract(1.5, train_loss_last)))"
NEAR = "maximum(negate(train_loss_last), multiply(100.0, subtract(train_loss_last, 3.5)))"
# One of ten pairs is the wrong way round: the loss foretold lowest is the second.
EARLY, FINAL = (1.0, 2, 3, 4, 5), (1.2, 1.1, 1.3, 1.4, 1.5)
ORDERED = (1.1, 1.2, 1.3, 1.4, 1.5)


def known(early: tuple[float, ...], final: tuple[float, ...], first: int = 1) -> Known:
    """Return architectures that differ in their learning rate, of these early and final losses."""
    return [
        (make_trial([begun], learning_rate=(first + place) / 1024), end)
        for place, (begun, end) in enumerate(zip(early, final, strict=True))
    ]


def search(
    seed: int = 1,
    final: tuple[float, ...] = FINAL,
    females: tuple[str, ...] = (RISING,),
    mode: str = "combined",
) -> Searched:
    """Return a search that has seen four ordered architectures, with these final losses unseen."""
    archive = known((1.0, 2, 3, 4), (1.0, 2, 3, 4), first=10)
    return Searched(seed, mode, archive, list(females), known(EARLY[: len(final)], final))


def weighed(
    *searches: Searched, resampling: Resampling | None = None
) -> tuple[dict[tuple[Any, Any, Any], dict[Any, Any]], pd.DataFrame]:
    """Return the evidence by mode, predictor and seed, and the predictions."""
    rows, predictions = prediction_evidence(searches, SETTINGS, 0.9, 1, resampling)
    table = pd.DataFrame(rows, columns=EVIDENCE)
    assert set(table["assumption"]) == {"prediction"}
    assert list(predictions.columns) == PREDICTIONS
    records = table.to_dict("records")
    return {(row["mode"], row["predictor"], row["seed"]): row for row in records}, predictions


@pytest.mark.parametrize(
    ("females", "best"),
    [
        (("dropout", FALLING), "dropout"),
        ((FALLING, "dropout", "width"), "dropout"),
        ((FALLING, "add(train_loss_last, 1)", RISING), "add(train_loss_last, 1)"),
        # Of equal taus, the smaller error decides.
        ((FAR, NEAR), NEAR),
    ],
)
def test_best_female_ranks_the_archive_best_and_of_equals_is_the_first(
    females: tuple[str, ...], best: str
) -> None:
    # What is unseen, where FALLING is right, does not count.
    assert best_female(search(final=FINAL[::-1], females=females)) == best


def test_predictor_is_judged_on_unseen_architectures_by_tau_and_regret() -> None:
    evidence, _ = weighed(search(females=(FALLING, RISING)))
    for name in (EVOLVED, "last_loss", "summed_loss", "recent_loss", "power_law"):
        row = evidence["combined", name, "1"]
        assert (row["tau"], row["n"]) == (pytest.approx(8 / 10), 5)
        # Training the foretold best alone gives 1.2 and not 1.1; training two gives 1.1.
        assert (row["regret_1"], row["regret_finished"]) == (pytest.approx(0.1), 0)
        assert np.isnan([row[end] for end in ("interval_low", "interval_high", "table_low")]).all()
    # All are of the same size.
    assert evidence["combined", "parameters", "1"]["tau"] == 0


def test_female_that_flatters_herself_is_shown_up() -> None:
    evidence, _ = weighed(search(final=ORDERED[::-1]))
    row = evidence["combined", EVOLVED, "1"]
    assert row["tau"] == -1
    assert row["regret_1"] == pytest.approx(0.4)
    assert row["regret_finished"] == pytest.approx(0.3)


def test_mean_is_over_search_seeds_with_their_t_interval() -> None:
    finals = (FINAL, FINAL[::-1], ORDERED)
    evidence, _ = weighed(*(search(seed, final) for seed, final in enumerate(finals, start=1)))
    taus = [0.8, -0.8, 1.0]
    assert [evidence["combined", EVOLVED, seed]["tau"] for seed in "123"] == pytest.approx(taus)
    mean = evidence["combined", EVOLVED, "mean"]
    low, high = stats.t.interval(0.9, 2, np.mean(taus), stats.sem(taus))
    assert (mean["tau"], mean["n"]) == (pytest.approx(np.mean(taus)), 3)
    assert low < -1
    assert high > 1
    assert (mean["interval_low"], mean["interval_high"]) == (-1, 1)
    assert mean["regret_1"] == pytest.approx((0.1 + 0.4 + 0) / 3)
    assert mean["regret_finished"] == pytest.approx((0 + 0.3 + 0) / 3)


def test_evolved_less_each_other_predictor_is_paired_by_seed() -> None:
    # The only female of seed 2 says the opposite of the last loss.
    searches = search(1), search(2, females=(FALLING,)), search(3, ORDERED)
    evidence, _ = weighed(*searches)
    names = [predictor for _, predictor, seed in evidence if seed == "mean"]
    assert names == [EVOLVED, *BASELINES, *(f"{EVOLVED} - {name}" for name in BASELINES)]
    expected = [0.0, -1.6, 0.0]
    for seed, tau in zip("123", expected, strict=True):
        row = evidence["combined", "evolved - last_loss", seed]
        assert row["tau"] == pytest.approx(tau)
        assert np.isnan(row["regret_1"])
    mean = evidence["combined", "evolved - last_loss", "mean"]
    low, high = stats.t.interval(0.9, 2, np.mean(expected), stats.sem(expected))
    assert (mean["tau"], mean["n"]) == (pytest.approx(np.mean(expected)), 3)
    assert low < -2
    assert (mean["interval_low"], mean["interval_high"]) == (-2, pytest.approx(high))
    nothing = evidence["combined", "evolved - summed_loss", "1"]
    assert nothing["tau"] == 0


def test_modes_are_not_mixed() -> None:
    evidence, predictions = weighed(search(), search(final=FINAL[::-1], mode="female"))
    assert evidence["combined", EVOLVED, "mean"]["tau"] == pytest.approx(0.8)
    assert evidence["female", EVOLVED, "mean"]["tau"] == pytest.approx(-0.8)
    assert predictions["mode"].unique().tolist() == ["combined", "female"]


def test_interval_over_the_table_weighs_its_architectures() -> None:
    searches = [search(1), search(2)]
    cells = [trial.architecture for trial, _ in (*searches[0].archive, *searches[0].unseen)]
    resampling = Resampling(
        item_weights(len(cells), 500, 1), {cell: place for place, cell in enumerate(cells)}
    )
    evidence, _ = weighed(*searches, resampling=resampling)
    mean = evidence["combined", "last_loss", "mean"]
    # Both seeds rank the same, so there is no interval over them; tau of weights x is 1 - 2 s,
    # where s is the share of the swapped pair's product in the sum of those of all pairs.
    assert np.isnan(mean["interval_low"])
    weights = resampling.weights[:, 4:]
    pairs = (weights.sum(1) ** 2 - (weights**2).sum(1)) / 2
    taus = 1 - 2 * weights[:, 0] * weights[:, 1] / pairs
    assert (mean["table_low"], mean["table_high"]) == pytest.approx(
        tuple(np.quantile(taus, [0.05, 0.95]))
    )
    # The same predictions differ by nothing.
    assert np.isnan(evidence["combined", "evolved - last_loss", "mean"]["table_low"])


def test_predictions_are_those_of_each_modes_first_search() -> None:
    _, predictions = weighed(search(3, females=(FALLING,)), search(4))
    assert set(predictions["seed"]) == {3}
    assert len(predictions) == 5 * (1 + len(BASELINES))
    by_name = predictions.set_index("predictor")
    evolved, last = by_name.loc[EVOLVED], by_name.loc["last_loss"]
    assert evolved["number"].tolist() == [1, 2, 3, 4, 5]
    assert evolved["final_loss"].tolist() == list(FINAL)
    assert evolved["foretold_rank"].tolist() == [1, 0.75, 0.5, 0.25, 0]
    assert last["foretold_rank"].tolist() == [0, 0.25, 0.5, 0.75, 1]
    assert set(evolved["formula"]) == {"-train_loss_last"}
    assert set(last["formula"]) == {""}


def test_no_predictor_knows_the_losses_of_what_is_unseen() -> None:
    (_, given), (_, changed) = (weighed(search(final=final)) for final in (FINAL, FINAL[::-1]))
    assert given["final_loss"].tolist() != changed["final_loss"].tolist()
    columns = ["predictor", "number", "formula", "foretold_rank"]
    pd.testing.assert_frame_equal(given[columns], changed[columns])


def test_nothing_to_examine_is_no_evidence() -> None:
    rows, predictions = prediction_evidence([], SETTINGS, 0.9, 1, None)
    assert rows == []
    assert predictions.empty
    (mean,) = speed_evidence({}, 0.9, None)
    assert mean["n"] == 0
    assert np.isnan([mean["tau"], mean["interval_low"]]).all()


def test_early_speed_is_set_against_the_end() -> None:
    # Who learns fast ends well but for a pair of ten; of the second seed it is upside down.
    speed = np.array([5.0, 4, 3, 2, 1])
    pools = {"1": (known(EARLY, FINAL), speed), "2": (known(EARLY, ORDERED), -speed)}
    rows = speed_evidence(pools, 0.9, None)
    by_seed = {row["seed"]: row for row in rows}
    assert {row["assumption"] for row in rows} == {"early_speed"}
    assert [by_seed[seed]["tau"] for seed in ("1", "2", "mean")] == pytest.approx([0.8, -1, -0.1])
    assert [by_seed[seed]["n"] for seed in ("1", "2", "mean")] == [5, 5, 2]
    # t(0.6, 1) is 0.324920.
    (*_, mean) = speed_evidence(pools, 0.2, None)
    half = 0.324920 * 0.9
    assert mean["interval_low"] == pytest.approx(-0.1 - half, abs=1e-6)
    assert mean["interval_high"] == pytest.approx(-0.1 + half, abs=1e-6)


def test_early_speed_of_a_table_has_the_tables_interval_alone() -> None:
    pairs = known(EARLY, FINAL)
    speed = np.array([5.0, 4, 3, 2, 1])
    column = {trial.architecture: place for place, (trial, _) in enumerate(pairs)}
    resampling = Resampling(item_weights(5, 300, 1), column)
    *_, mean = speed_evidence({"1": (pairs, speed), "2": (pairs, -speed)}, 0.9, resampling)
    # Two seeds of one table are no sample of seeds; opposite orders cancel in every resample.
    assert (mean["tau"], mean["n"]) == (0, 5)
    assert np.isnan([mean["interval_low"], mean["interval_high"], mean["table_low"]]).all()
    *_, mean = speed_evidence({"1": (pairs, speed)}, 0.9, resampling)
    assert mean["table_low"] < 0.8 < mean["table_high"] <= 1


@pytest.mark.parametrize("loss", [0.0, 1.5, np.nan])
def test_losses_that_are_all_the_same_have_a_tau_of_0(loss: float) -> None:
    evidence, _ = weighed(search(1, (loss,) * 5), search(2, (loss,) * 5))
    mean = evidence["combined", EVOLVED, "mean"]
    assert (mean["tau"], mean["regret_1"]) == (0, 0)
    assert np.isnan(mean["interval_low"])
