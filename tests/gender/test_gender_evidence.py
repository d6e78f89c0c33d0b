"""Evidence on predictors: taus, regrets and chance, for searches worked out by hand."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest

from crossbreed.gender.results import predictions
from crossbreed.gender.results.predictor_evidence import (
    EVIDENCE,
    PREDICTIONS,
    predictor_evidence,
)
from crossbreed.search.generation import Generation
from gender_histories import COUPLE, MadeUp, make_generation
from search_problem import EVOLUTION

History = list[Generation]
SETTINGS = EVOLUTION.model_copy(update={"finished": 2})
# One of ten pairs is the wrong way round: the loss foretold lowest is the second.
EARLY, FINAL = (1.0, 2, 3, 4, 5), (1.2, 1.1, 1.3, 1.4, 1.5)


@pytest.fixture(autouse=True)
def _hurried(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(predictions, "OFFLINE_POPULATION", 8)
    monkeypatch.setattr(predictions, "OFFLINE_GENERATIONS", 1)


def bred(female: str = "train_loss_last", swapped: bool = False) -> History:
    """Return founders 1 to 4, three of them in their order, and their children, with a mother."""
    losses = (2.0, 1, 3, 4) if swapped else (1.0, 2, 3, 4)
    told = [MadeUp(one, one, losses[one - 1], female) for one in range(1, 5)]
    children = MadeUp(5, 0.5, 0.5, female, COUPLE), MadeUp(6, 9, None, female, COUPLE)
    return [make_generation(0, *told), make_generation(1, *children)]


def chance(founders: Generation, final: tuple[float, ...] = FINAL) -> History:
    """Return a random search: newcomers of these final losses."""
    told = [MadeUp(10 + place, EARLY[place], loss) for place, loss in enumerate(final)]
    return [founders, make_generation(1, *told)]


def study(*searches: History, final: tuple[float, ...] = FINAL) -> dict[tuple[int, str], History]:
    """Return the searches of seeds 1, 2, ..., each beside a random one."""
    found = {}
    for seed, history in enumerate(searches, start=1):
        found[seed, "combined"] = history
        found[seed, "random_search"] = chance(history[0], final)
    return found


def weighed(histories: dict[tuple[int, str], History]) -> tuple[dict[Any, Any], pd.DataFrame]:
    """Return the evidence by predictor and seed, and the predictions."""
    evidence, told = predictor_evidence(histories, SETTINGS, 0.9, 60, 1)
    assert list(evidence.columns) == EVIDENCE
    assert list(told.columns) == PREDICTIONS
    rows = evidence.to_dict("records")
    return {(one["predictor"], one["seed"]): one for one in rows}, told


def test_predictor_is_judged_on_unseen_architectures_by_tau_and_regret() -> None:
    found, _ = weighed(study(bred(swapped=True)))
    row = found["last_loss", "1"]
    assert (row["assumption"], row["mode"]) == ("prediction", "combined")
    assert (row["architectures"], row["n"]) == ("unselected", 5)
    assert row["tau"] == pytest.approx(8 / 10)
    # Training the foretold best alone gives 1.2 and not 1.1; training two gives 1.1.
    assert row["regret_1"] == pytest.approx(0.1)
    assert row["regret_finished"] == 0
    # Of its own five, one pair of ten is swapped, too.
    assert row["archive_tau"] == pytest.approx(8 / 10)
    # Five are too few for an interval.
    assert np.isnan([row["interval_low"], row["interval_high"]]).all()


def test_female_that_flatters_herself_is_found_out() -> None:
    # Perfect on what she was chosen by, and upside down on the unseen.
    found, _ = weighed(study(bred(), final=(1.5, 1.4, 1.3, 1.2, 1.1)))
    row = found["evolved", "1"]
    assert row["archive_tau"] == pytest.approx(1)
    assert row["tau"] == pytest.approx(-1)
    assert row["regret_1"] == pytest.approx(0.4)
    assert row["regret_finished"] == pytest.approx(0.3)


def test_random_is_the_mean_over_draws() -> None:
    row = weighed(study(bred()))[0]["random", "1"]
    # Of five, tau has the variance 2 (2 * 5 + 5) / (9 * 5 * 4) = 1/6.
    assert abs(row["tau"]) < 3 * (1 / 6 / 200) ** 0.5
    assert row["interval_low"] == pytest.approx(-row["interval_high"], abs=0.25)
    assert 0 < row["interval_high"] == row["percentile_95"] < 1
    # Any one of the five losses is as likely, so it costs their mean less the lowest.
    assert row["regret_1"] == pytest.approx(1.3 - 1.1, abs=3 * 0.142 / 200**0.5)
    # The lower one of two of five is 0, 1, 2, 3 above the lowest in 4, 3, 2, 1 of 10 pairs.
    assert row["regret_finished"] == pytest.approx(0.1, abs=0.025)


def test_shuffled_labels_choose_among_the_females_blindly() -> None:
    # All females are alike, so that blind choice is as good as any.
    found, _ = weighed(study(bred()))
    assert found["shuffled_labels", "1"]["tau"] == pytest.approx(8 / 10)
    # A female for either order: chosen by chance, either is as likely.
    children = bred()[1]
    signs = {2: "negate", 4: "sqrt"}
    told = [
        MadeUp(one, one, float(one), f"{signs.get(one, 'log')}(train_loss_last)")
        for one in range(1, 5)
    ]
    found, _ = weighed(study([make_generation(0, *told), children]))
    row = found["shuffled_labels", "1"]
    assert abs(row["tau"]) < 0.35
    assert (row["interval_low"], row["interval_high"]) == pytest.approx((-0.8, 0.8))
    assert row["percentile_95"] == pytest.approx(0.8)
    assert found["evolved", "1"]["tau"] == pytest.approx(8 / 10)


def test_mean_is_over_seeds_and_draws_are_averaged_draw_by_draw() -> None:
    histories = study(bred(), bred())
    histories[2, "random_search"] = chance(histories[2, "combined"][0], FINAL[::-1])
    found, _ = weighed(histories)
    mean, pooled = found["last_loss", "mean"], found["last_loss", "pooled"]
    assert [found["last_loss", seed]["tau"] for seed in "12"] == pytest.approx([0.8, -0.8])
    assert (mean["tau"], mean["n"]) == (pytest.approx(0), 2)
    assert mean["regret_1"] == pytest.approx((0.1 + 0.4) / 2)
    assert mean["regret_finished"] == pytest.approx((0 + 0.3) / 2)
    assert (pooled["tau"], pooled["n"]) == (pytest.approx(0), 10)
    assert np.isnan(pooled["regret_1"])
    # The mean of two independent draws varies less than either.
    one, two, both = (found["random", seed] for seed in ("1", "2", "mean"))
    assert both["tau"] == pytest.approx((one["tau"] + two["tau"]) / 2)
    width = [row["interval_high"] - row["interval_low"] for row in (one, two, both)]
    assert width[2] < 0.85 * min(width[:2])
    assert ("random", "pooled") not in found


def test_kinds_of_architectures_are_never_averaged() -> None:
    histories = study(bred(), bred())
    # Too few newcomers in seed 2: there it is those of other modes.
    histories[2, "random_search"] = chance(histories[2, "combined"][0], FINAL[:3])
    evidence, _ = predictor_evidence(histories, SETTINGS, 0.9, 60, 1)
    rows = evidence[evidence["predictor"] == "last_loss"]
    assert list(zip(rows["architectures"], rows["seed"], rows["n"], strict=True)) == [
        *(("unselected", "1", 5), ("unselected", "mean", 1), ("unselected", "pooled", 5)),
        *(("other_modes", "2", 3), ("other_modes", "mean", 1), ("other_modes", "pooled", 3)),
    ]


def test_searches_without_mothers_are_not_examined_and_those_with_any_are() -> None:
    histories = study(bred())
    histories[1, "random_mating"] = bred()
    evidence, told = predictor_evidence(histories, SETTINGS, 0.9, 60, 1)
    assert set(evidence["mode"]) == set(told["mode"]) == {"combined", "random_mating"}


@pytest.mark.parametrize("loss", [0.0, 1.5, np.nan])
def test_losses_that_are_all_the_same_are_no_evidence(loss: float) -> None:
    found, told = weighed(study(bred(), bred(), final=(loss,) * 5))
    assert found == {}
    assert set(told.loc[told["architectures"] == "unselected", "final_rank"]) == {0.5}


@pytest.mark.parametrize("loss", [0.0, 1.5, np.nan])
def test_archive_without_an_order_has_no_tau(loss: float) -> None:
    founders = make_generation(0, *(MadeUp(one, one, loss) for one in range(1, 5)))
    child = make_generation(1, MadeUp(5, 0.5, loss, parents=COUPLE))
    found, _ = weighed(study([founders, child]))
    assert found["last_loss", "1"]["tau"] == pytest.approx(8 / 10)
    assert np.isnan([found["last_loss", seed]["archive_tau"] for seed in ("1", "mean")]).all()


def test_predictions_tell_what_was_foretold_and_what_came() -> None:
    _, told = weighed(study(bred("negate(train_loss_last)")))
    assert len(told) == 8 * (5 + 5)
    unseen = told[told["architectures"] == "unselected"].set_index("predictor")
    evolved, last = unseen.loc["evolved"], unseen.loc["last_loss"]
    assert evolved["number"].tolist() == [1, 2, 3, 4, 5]
    assert evolved["final_loss"].tolist() == list(FINAL)
    assert evolved["final_rank"].tolist() == [0.25, 0, 0.5, 0.75, 1]
    assert evolved["foretold"].tolist() == [-one for one in EARLY]
    assert evolved["foretold_rank"].tolist() == [1, 0.75, 0.5, 0.25, 0]
    assert set(evolved["formula"]) == {"-train_loss_last"}
    assert last["foretold_rank"].tolist() == [0, 0.25, 0.5, 0.75, 1]
    assert set(last["formula"]) == {""}
    archived = told[(told["architectures"] == "archive") & (told["predictor"] == "oracle")]
    assert archived["final_loss"].tolist() == [1, 2, 3, 4, 0.5]
    assert archived["final_rank"].tolist() == [0.25, 0.5, 0.75, 1, 0]
