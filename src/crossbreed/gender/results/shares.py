"""From which share of a training on do predictors tell how it ends? Of a whole table."""

from __future__ import annotations

from collections.abc import Sequence
from typing import get_args

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from crossbreed.config.gender import Predictor, PredictorSpace
from crossbreed.gender.results.evidence import Resampling
from crossbreed.randomness import Purpose, generator
from crossbreed.search.baseline_predictors import predict_with
from crossbreed.search.expression import predict
from crossbreed.search.features import bounded, features
from crossbreed.search.generation import Known
from crossbreed.search.offline_predictor import evolve_predictor
from crossbreed.search.ranking import rank_quality, top_k_regret
from crossbreed.search.replay import TrainedTable
from crossbreed.statistics.weighted import percentiles, weighted_tau

# Random choices of the architectures that predictors learn from; the others test them.
SPLITS = 5
# Of the search for a predictor by genetic programming alone.
POPULATION, GENERATIONS = 100, 15
EVOLVED_OFFLINE, REPEATED = "evolved_offline", "another_training"
SHARES = ["predictor", "share", "known", "tau", "table_low", "table_high", "regret_1"]
Array = NDArray[np.float64]


def shares_table(
    table: TrainedTable,
    shares: Sequence[float],
    known: int,
    space: PredictorSpace,
    confidence: float,
    seed: int,
    resampling: Resampling,
) -> pd.DataFrame:
    """Compare predictors that have seen a share of each training.

    For each seed of the table and each of `SPLITS` random splits, predictors learn from `known`
    architectures, as many as a search trains to the end, and are tested on all others.

    Returns
    -------
    DataFrame
        predictor, share, known; tau with the final losses, the mean over splits and the table's
        seeds, and its interval over the table; regret_1, what it costs in nats per character to
        train only the one predicted best. The predictors: those of `predict_with`;
        evolved_offline, what genetic programming finds on the known ones alone; another_training,
        the final loss of a training with another seed: how well two trainings agree.
    """
    count = min(known, len(table.cells) // 2)
    rows = []
    for share in shares:
        results: dict[str, list[tuple[float, float, Array]]] = {}
        for table_seed in table.seeds:
            pairs = table.known(table_seed, share)
            losses = bounded([loss for _, loss in pairs])
            other = table.known(table.seeds[table.seeds.index(table_seed) - 1], 1.0)
            for split in range(SPLITS):
                place = (table_seed, split)
                order = generator(seed, Purpose.PREDICTOR_SPLIT, *place).permutation(len(pairs))
                fitted, tested = np.sort(order[:count]), np.sort(order[count:])
                learnt_from = [pairs[position] for position in fitted]
                candidates = [pairs[position] for position in tested]
                weights = resampling.weights[
                    :, [resampling.column[trial.architecture] for trial, _ in candidates]
                ]
                predictions = _predictions(learnt_from, candidates, space, seed, *place)
                predictions[REPEATED] = bounded([other[position][1] for position in tested])
                for name, predicted in predictions.items():
                    own = losses[tested]
                    result = (
                        rank_quality(predicted, own).tau,
                        top_k_regret(predicted, own, 1),
                        weighted_tau(predicted, own, weights),
                    )
                    results.setdefault(name, []).append(result)
        for name, found in results.items():
            taus, regrets, resampled = zip(*found, strict=True)
            low, high = percentiles(np.mean(resampled, axis=0), confidence)
            rows.append((name, share, count, np.mean(taus), low, high, np.mean(regrets)))
    return pd.DataFrame(rows, columns=SHARES)


def _predictions(
    known: Known, candidates: Known, space: PredictorSpace, seed: int, *place: int
) -> dict[str, Array]:
    trials = [trial for trial, _ in candidates]
    evolved = evolve_predictor(known, space, seed, POPULATION, GENERATIONS, *place)
    return {
        **{name: predict_with(name, known, trials, seed, *place) for name in get_args(Predictor)},
        EVOLVED_OFFLINE: predict(evolved, features(trials)),
    }
