"""What the predictors of a search predict of architectures it has not seen."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple, get_args

import numpy as np
from numpy.typing import NDArray
from scipy import stats

from crossbreed.config.gender import Evolution, Predictor
from crossbreed.gender.results.unseen import final_losses
from crossbreed.randomness import Purpose, generator
from crossbreed.search.baseline_predictors import predict_with
from crossbreed.search.expression import predict
from crossbreed.search.features import features
from crossbreed.search.generation import Generation, Known, archive
from crossbreed.search.offline_predictor import evolve_predictor
from crossbreed.search.predictor_fitness import predictor_fitness
from crossbreed.search.trial import Trial
from crossbreed.statistics.rank_agreement import pair_counts, tau_of

EVOLVED, OFFLINE, ORACLE = "evolved", "evolved_at_leisure", "oracle"
# Of a predictor search by itself, on what a search has trained anyway.
OFFLINE_POPULATION = 100
OFFLINE_GENERATIONS = 15
# Parts of a draw's place; searches use generations from 1 in its second part, never 0.
_SHUFFLE, _RANDOM = 1, 2


class Predictions(NamedTuple):
    """A predictor, and what it predicts.

    evolved is the best of all females of the search, judged on its whole archive;
    evolved_at_leisure the best that genetic programming finds offline on that archive; oracle knows
    the final losses; the rest are those of `baseline_predictors.predict_with`.
    """

    name: str
    expression: str
    """Its text; empty where it is none."""
    archive: NDArray[np.float64]
    """Shape [n]: what it predicts of the search's own architectures; the lower, the better."""
    unseen: NDArray[np.float64]
    """Shape [n]: of unseen ones."""


def best_female(history: Sequence[Generation]) -> str:
    """Return the predictor of the female that ranks a search's archive best; of equals, the first.

    This is a choice among all females of the search, so how well she ranks the archive flatters
    her; only architectures that the search has not seen tell how good she is.
    """
    known = archive(history)
    females = [female for generation in history for female in generation.of_sex("female")]
    return min(females, key=lambda female: predictor_fitness(female, known).order).predictor


def evaluate_predictors(
    history: Sequence[Generation], unseen: Known, settings: Evolution, seed: int, search_seed: int
) -> list[Predictions]:
    """Let every predictor predict a search's own architectures, and unseen ones.

    Only the oracle is told the final losses of the unseen ones. `settings` say how deep predictors
    may be.
    """
    known = archive(history)
    own_trials, unseen_trials = [trial for trial, _ in known], [trial for trial, _ in unseen]
    offline = evolve_predictor(
        known, settings.predictor, seed, OFFLINE_POPULATION, OFFLINE_GENERATIONS, search_seed
    )
    expressions = {EVOLVED: best_female(history), OFFLINE: offline}
    place = (search_seed, 0, _RANDOM)
    return [
        *(
            Predictions(name, text, _predict(text, own_trials), _predict(text, unseen_trials))
            for name, text in expressions.items()
        ),
        *(
            Predictions(
                name,
                "",
                predict_with(name, known, own_trials, seed, *place, 1),
                predict_with(name, known, unseen_trials, seed, *place, 2),
            )
            for name in get_args(Predictor)
        ),
        Predictions(ORACLE, "", final_losses(known), final_losses(unseen)),
    ]


def chance_selection(
    history: Sequence[Generation], unseen: Known, shuffles: int, seed: int, search_seed: int
) -> NDArray[np.float64]:
    """Return what tau on unseen architectures comes of selecting females by chance.

    The archive's final losses are shuffled, the female that ranks them best is chosen, as
    `best_female` does, and she predicts the unseen architectures. That the features of a female
    may be good by themselves remains: so this need not be 0 on average.

    Returns
    -------
    ndarray of shape (shuffles,), float64
    """
    known = archive(history)
    texts = [female.predictor for generation in history for female in generation.of_sex("female")]
    archived, predicted = (
        _ranks(np.stack([_predict(text, [trial for trial, _ in pairs]) for text in texts]))
        for pairs in (known, unseen)
    )
    qualities = tau_of(pair_counts(predicted, _ranks(final_losses(unseen)[None])))
    losses = _ranks(final_losses(known)[None])[0]
    draws = generator(seed, Purpose.BASELINE_PREDICTOR, search_seed, 0, _SHUFFLE)
    shuffled = draws.permuted(np.tile(losses, (shuffles, 1)), axis=1)
    # One female after the other: all at once would take much memory in a long search.
    taus = np.stack([tau_of(pair_counts(female, shuffled)) for female in archived])
    errors = abs(archived[:, None] - shuffled).mean(2)
    # By tau, rounded since ties by rank error would not survive the last digit.
    best = np.lexsort((errors, -taus.round(12)), axis=0)[0]
    return np.asarray(qualities[best], np.float64)


def random_orders(count: int, draws: int, seed: int, search_seed: int) -> NDArray[np.float64]:
    """Return random predictions, shape [draws, count]: what "random" gives on average."""
    draw = generator(seed, Purpose.BASELINE_PREDICTOR, search_seed, 0, _RANDOM)
    return draw.random((draws, count))


def _predict(text: str, trials: Sequence[Trial]) -> NDArray[np.float64]:
    return predict(text, features(trials))


def _ranks(values: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.asarray(stats.rankdata(values, axis=1), np.float64)
