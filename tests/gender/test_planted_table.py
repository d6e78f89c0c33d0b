"""Searches on tables whose truth is planted: each kind of selection helps where it can."""

from __future__ import annotations

import math
from functools import cache

import numpy as np
import pytest
from numpy.typing import NDArray

from crossbreed.search.budget import individuals_per_generation
from crossbreed.search.expression import predict
from crossbreed.search.features import features
from crossbreed.search.generation import Generation, Known
from crossbreed.search.offline_predictor import evolve_predictor
from crossbreed.search.predictor_fitness import predictor_fitness
from crossbreed.search.ranking import rank_quality
from crossbreed.search.survivors import winner
from crossbreed.statistics.intervals import Estimate, estimate
from planted_tables import BEST, CELLS, LOWEST, Tells, evolution, inherited_loss, planted, searches
from search_problem import shipped

Values = NDArray[np.float64]
SEARCHES, CONFIDENCE = 60, 0.99
MALES, MALE_GENERATIONS = evolution(), 5
# One mother of many, and few of many to be trained to the end: all hangs on what she predicts.
FEMALES = evolution(individuals=24, fathers=4, mothers=1, finished=2, mutation=0.5)
FEMALE_GENERATIONS = 2


def test_optimum_of_the_planted_table_is_the_only_one() -> None:
    finals = {cell: inherited_loss(cell) for cell in CELLS}
    assert len(finals) == 100
    assert [cell for cell, loss in finals.items() if loss <= LOWEST] == [BEST]
    for inherited in (True, False):
        known = planted("nothing", "nothing", inherited).known(1, MALES.early)
        assert sorted(loss for _, loss in known) == pytest.approx(sorted(finals.values()))
        same = [loss == finals[trial.architecture] for trial, loss in known]
        assert all(same) == inherited


@cache
def lowest(speed: Tells, mode: str) -> tuple[float, ...]:
    """Return the final losses of the winners, where only speed tells anything."""
    table = planted(speed, "nothing")
    histories = searches(table, mode, MALES, MALE_GENERATIONS, SEARCHES)
    return tuple(winner(history).final_loss for history in histories)


def male_selection(speed: Tells, among: str, without: str) -> Estimate:
    """Return what male selection adds to the lowest loss, beside random mothers or the best."""
    difference = np.array(lowest(speed, among)) - np.array(lowest(speed, without))
    return estimate(difference, CONFIDENCE)


@pytest.mark.parametrize("pair", [("male", "random_mating"), ("combined", "female")])
def test_male_selection_helps_where_early_speed_tells_the_end(pair: tuple[str, str]) -> None:
    assert male_selection("all", *pair).high < 0


def test_male_selection_does_nothing_where_early_speed_is_noise() -> None:
    helped = -male_selection("all", "male", "random_mating").mean
    noise = male_selection("nothing", "male", "random_mating")
    assert noise.low <= 0 <= noise.high
    assert max(-noise.low, noise.high) < helped


def test_male_selection_hurts_where_early_speed_misleads() -> None:
    assert male_selection("opposite", "male", "random_mating").low > 0


@cache
def bred(predictors: Tells, mode: str) -> list[list[Generation]]:
    """Return searches in which nothing is inherited but what a mother predicts."""
    table = planted("nothing", predictors, inherited=False)
    return searches(table, mode, FEMALES, FEMALE_GENERATIONS, SEARCHES)


def mean_tau(generation: Generation, known: Known) -> float:
    """Return how well the females of a generation rank all of a table, on average."""
    females = generation.of_sex("female")
    return float(np.mean([predictor_fitness(female, known).tau for female in females]))


def female_selection(predictors: Tells) -> dict[str, Estimate]:
    """Return what female selection adds to the offspring's lowest loss, and to females' tau."""
    table = planted("nothing", predictors, inherited=False)

    def best(mode: str) -> Values:
        return np.array([winner(history[1:]).final_loss for history in bred(predictors, mode)])

    known = table.known(1, FEMALES.early)

    def taus(mode: str) -> Values:
        return np.array([mean_tau(history[-1], known) for history in bred(predictors, mode)])

    return {
        name: estimate(value("female") - value("random_mating"), CONFIDENCE)
        for name, value in (("loss", best), ("tau", taus))
    }


def test_female_selection_helps_where_a_feature_tells_the_end() -> None:
    effects = female_selection("all")
    assert effects["loss"].high < 0
    assert effects["tau"].low > 0


def test_female_selection_does_nothing_where_no_feature_tells_anything() -> None:
    for effect in female_selection("nothing").values():
        assert effect.low <= 0 <= effect.high


@pytest.mark.parametrize(("predictors", "low", "high"), [("all", 0.99, 1), ("nothing", -0.3, 0.3)])
def test_evolved_predictors_rank_as_well_as_the_features_let_them(
    predictors: Tells, low: float, high: float
) -> None:
    known = planted("nothing", predictors, inherited=False).known(1, FEMALES.early)
    order = np.random.default_rng(1).permutation(len(known))
    learnt, unseen = ([known[place] for place in part] for part in (order[:40], order[40:]))
    female = evolve_predictor(learnt, FEMALES.predictor, 1, 40, 8)
    predicted = predict(female, features([trial for trial, _ in unseen]))
    tau = rank_quality(predicted, np.array([loss for _, loss in unseen])).tau
    assert low <= tau <= high


def test_random_search_finds_the_optimum_as_often_as_counting_says() -> None:
    count, generations = 250, 4
    settings = evolution(individuals=16)
    histories = searches(
        planted("nothing", "nothing"), "random_search", settings, generations, count
    )
    hits = sum(winner(history).individual.architecture == BEST for history in histories)
    trained = 16 + (generations - 1) * individuals_per_generation(
        shipped("random_search"), settings
    )
    assert {sum(len(part.finished) for part in history) for history in histories} == {trained}
    # Each is drawn from all cells, whether or not it was drawn before.
    chance = 1 - (1 - 1 / len(CELLS)) ** trained
    assert 0.1 < chance < 0.9
    assert abs(hits / count - chance) < 3.5 * math.sqrt(chance * (1 - chance) / count)


def test_giving_up_early_pays_where_the_early_loss_tells_the_end() -> None:
    settings = evolution(individuals=16, finished=2)
    losses = {
        predictors: np.array(
            [
                winner(history[1:]).final_loss
                for history in searches(table, "successive_halving", settings, 2, SEARCHES)
            ]
        )
        for predictors, table in (
            (predictors, planted("nothing", predictors)) for predictors in ("all", "nothing")
        )
    }
    assert estimate(losses["all"] - losses["nothing"], CONFIDENCE).high < 0
