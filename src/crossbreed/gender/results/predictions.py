"""What the predictors of a search foretell of architectures it has not seen."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple, get_args

import numpy as np
from numpy.typing import NDArray
from scipy import stats

from crossbreed.config.gender import Evolution, Predictor
from crossbreed.gender.results.archives import Known, archive, final_losses
from crossbreed.randomness import Purpose, generator
from crossbreed.search.expression import predict
from crossbreed.search.features import features
from crossbreed.search.fitness import judge
from crossbreed.search.generation import Generation
from crossbreed.search.ladder import foretell
from crossbreed.search.predictor_search import evolve_predictor
from crossbreed.search.ranking import pair_counts, tau_of
from crossbreed.search.trial import Trial

EVOLVED, AT_LEISURE, ORACLE = "evolved", "evolved_at_leisure", "oracle"
# Of a predictor search by itself, on what a search has trained anyway.
LEISURE_POPULATION = 100
LEISURE_GENERATIONS = 15
# Parts of a draw's place; searches use generations from 1 in its second part, never 0.
_SHUFFLE, _RANDOM = 1, 2


class Foretold(NamedTuple):
    """A predictor, and what it foretells.

    Parameters
    ----------
    name
        evolved: the best of all females of the search, judged on its whole archive.
        evolved_at_leisure: the best that a genetic programme by itself finds on that archive. The
        rungs of `ladder.foretell`. oracle: knows the final losses.
    expression
        Its text; empty where it is none.
    archive, unseen
        Shape [n]: what it foretells of the search's own architectures, and of unseen ones; the
        lower, the better.
    """

    name: str
    expression: str
    archive: NDArray[np.float64]
    unseen: NDArray[np.float64]


def best_female(history: Sequence[Generation]) -> str:
    """Return the predictor of the female that ranks a search's archive best; of equals, the first.

    This is a choice among all females of the search, so how well she ranks the archive flatters
    her; only architectures that the search has not seen tell how good she is.
    """
    known = archive(history)
    females = [one for generation in history for one in generation.of_sex("female")]
    return min(females, key=lambda one: judge(one, known).order).predictor


def foretold_by_all(
    history: Sequence[Generation], unseen: Known, settings: Evolution, seed: int, search_seed: int
) -> list[Foretold]:
    """Let every predictor foretell a search's own architectures, and unseen ones.

    Parameters
    ----------
    history
        The search, from its founders.
    unseen
        Early trials, and final losses, which only the oracle is told.
    settings
        Say how deep predictors may be.
    seed, search_seed
        All that the draws depend on.
    """
    known = archive(history)
    seen_trials, unseen_trials = [one for one, _ in known], [one for one, _ in unseen]
    evolved = {
        EVOLVED: best_female(history),
        AT_LEISURE: evolve_predictor(
            known, settings.predictor, seed, LEISURE_POPULATION, LEISURE_GENERATIONS, search_seed
        ),
    }
    found = [
        Foretold(name, text, _predict(text, seen_trials), _predict(text, unseen_trials))
        for name, text in evolved.items()
    ]
    for rung in get_args(Predictor):
        place = (search_seed, 0, _RANDOM)
        both = [
            foretell(rung, known, trials, seed, *place, part)
            for part, trials in enumerate((seen_trials, unseen_trials), start=1)
        ]
        found.append(Foretold(rung, "", *both))
    found.append(Foretold(ORACLE, "", final_losses(known), final_losses(unseen)))
    return found


def chance_selection(
    history: Sequence[Generation], unseen: Known, shuffles: int, seed: int, search_seed: int
) -> NDArray[np.float64]:
    """Return what tau on unseen architectures comes of selecting females by chance.

    The archive's final losses are shuffled, the female that ranks them best is chosen, as
    `best_female` does, and she foretells the unseen architectures. That the features of a female
    may be good by themselves remains: so this need not be 0 on average.

    Parameters
    ----------
    history
        The search, from its founders.
    unseen
        Early trials, and final losses.
    shuffles
        How often.
    seed, search_seed
        All that the draws depend on.

    Returns
    -------
    ndarray of shape (shuffles,), float64
    """
    known = archive(history)
    texts = [one.predictor for generation in history for one in generation.of_sex("female")]
    archived = _ranks(np.stack([_predict(text, [one for one, _ in known]) for text in texts]))
    foretold = _ranks(np.stack([_predict(text, [one for one, _ in unseen]) for text in texts]))
    qualities = tau_of(pair_counts(foretold, _ranks(final_losses(unseen)[None])))
    losses = _ranks(final_losses(known)[None])[0]
    draws = generator(seed, Purpose.LADDER, search_seed, 0, _SHUFFLE)
    shuffled = draws.permuted(np.tile(losses, (shuffles, 1)), axis=1)
    # One female after the other: all at once would take much memory in a long search.
    taus = np.stack([tau_of(pair_counts(one, shuffled)) for one in archived])
    errors = abs(archived[:, None] - shuffled).mean(2)
    # By tau, rounded since ties by rank error would not survive the last digit.
    best = np.lexsort((errors, -taus.round(12)), axis=0)[0]
    return np.asarray(qualities[best], np.float64)


def random_orders(count: int, draws: int, seed: int, search_seed: int) -> NDArray[np.float64]:
    """Return random predictions, shape [draws, count]: what the rung "random" gives on average."""
    return generator(seed, Purpose.LADDER, search_seed, 0, _RANDOM).random((draws, count))


def _predict(text: str, trials: Sequence[Trial]) -> NDArray[np.float64]:
    return predict(text, features(trials))


def _ranks(values: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.asarray(stats.rankdata(values, axis=1), np.float64)
