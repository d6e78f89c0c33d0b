"""Simple predictors of the final loss that an evolved one must beat."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from functools import lru_cache
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import OptimizeWarning, curve_fit

from crossbreed.config.gender import Predictor
from crossbreed.randomness import Purpose, generator
from crossbreed.search.features import bounded, diverged, features, last_loss, train_losses
from crossbreed.search.generation import Known
from crossbreed.search.trial import Trial

# A law of three numbers is not fitted to fewer points than this.
_MINIMUM_POINTS = 4
# Nor are the weights of all features to fewer trials.
_MINIMUM_TRIALS = 3
_LARGEST_EXPONENT = 5.0
# The part of a full training whose losses recent_loss sums.
_RECENT = 0.1
_PENALTIES = np.logspace(-3, 3, 13)


def predict_with(
    name: Predictor,
    known: Known,
    candidates: Sequence[Trial],
    seed: int,
    *place: int,
) -> NDArray[np.float64]:
    """Predict the final losses of candidates from their early trials.

    Parameters
    ----------
    name
        random: any order. parameters: the more, the better (Javaheripi et al. 2022,
        arXiv:2203.02094). last_loss: see `features.last_loss`. summed_loss: the sum of the training
        loss over the points (TSE, Ru et al. 2021, arXiv:2006.04492). recent_loss: the same over the
        last tenth of the full training's points (their TSE-E). power_law: see `power_law`. ridge:
        linear regression on the standardised `features`, its penalty chosen by leave-one-out on
        `known`; boosting: gradient boosted trees on them (Friedman 2001), with the defaults of
        scikit-learn. With fewer than three known trials both are last_loss.
    known
        Trials as they were early, each with its final loss; ridge and boosting learn from them.
    candidates
        Trials as they were early.
    seed, *place
        All that random depends on.

    Returns
    -------
    ndarray of shape (candidates,), float64
        Finite; those of losses in nats per character, but for sums.
    """
    match name:
        case "random":
            return generator(seed, Purpose.BASELINE_PREDICTOR, *place).random(len(candidates))
        case "parameters":
            return np.array([-trial.parameters for trial in candidates], np.float64)
        case "last_loss":
            return np.array([last_loss(trial) for trial in candidates], np.float64)
        case "summed_loss":
            return np.array([train_losses(trial).sum() for trial in candidates], np.float64)
        case "recent_loss":
            return np.array([_recent_loss(trial) for trial in candidates], np.float64)
        case "power_law":
            return np.array([power_law(trial) for trial in candidates], np.float64)
        case "ridge" | "boosting":
            if len(known) < _MINIMUM_TRIALS:
                return predict_with("last_loss", known, candidates, seed, *place)
            return _learned(name, known, candidates)


@lru_cache(maxsize=65_536)
def power_law(trial: Trial) -> float:
    """Extrapolate a power law, fitted to the training loss, to the end of the full training.

    The loss is c + a t^-b with a and c not negative and b from 0 to 5, t being the share of the
    full training's tokens (Domhan, Springenberg and Hutter 2015, one of whose eleven laws this
    is; it is fitted by least squares, not sampled). As the training loss of a point is the mean
    since the point before, it counts at the middle between both.

    Returns
    -------
    float
        In nats per character, at least 0 and at most `LARGEST_LOSS`; the last training loss where
        there are fewer than four points, training has diverged or the fit fails.
    """
    losses = train_losses(trial)
    last = float(losses[-1])
    if len(losses) < _MINIMUM_POINTS or diverged(trial):
        return last
    tokens = trial.curve.tokens / trial.full_tokens
    middle = (tokens[1:] + tokens[:-1]) / 2
    start = (0.5 * last, 0.5 * last * np.sqrt(middle[-1]), 0.5)
    try:
        with warnings.catch_warnings(), np.errstate(all="ignore"):
            # On a flat curve the exponent is undetermined, and so is its variance.
            warnings.simplefilter("ignore", OptimizeWarning)
            (floor, height, _), _ = curve_fit(
                _law, middle, losses, start, bounds=(0, [np.inf, np.inf, _LARGEST_EXPONENT])
            )
    except (RuntimeError, ValueError):
        return last
    end = float(floor + height)
    return float(bounded(end)) if np.isfinite(end) else last


def _law(
    share: NDArray[np.float64], floor: float, height: float, exponent: float
) -> NDArray[np.float64]:
    return floor + height * share**-exponent


def _recent_loss(trial: Trial) -> float:
    losses = train_losses(trial)
    # The points are evenly spaced, so the characters seen so far tell how many a tenth are.
    tenth = round(_RECENT * len(losses) * trial.full_tokens / max(1, trial.curve.tokens[-1]))
    return float(losses[-max(1, tenth) :].sum())


def _learned(
    name: Literal["ridge", "boosting"], known: Known, candidates: Sequence[Trial]
) -> NDArray[np.float64]:
    if not candidates:
        return np.empty(0)
    # They take seconds to import, which only these predictors are to cost.
    from sklearn.ensemble import GradientBoostingRegressor
    from sklearn.linear_model import RidgeCV
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    fitted, predicted = (
        np.stack([*features(trials).values()], axis=1)
        for trials in ([trial for trial, _ in known], candidates)
    )
    model = {
        "ridge": make_pipeline(StandardScaler(), RidgeCV(alphas=_PENALTIES)),
        # Ties between equally good splits are broken by its random state.
        "boosting": GradientBoostingRegressor(random_state=0),
    }[name]
    model.fit(fitted, bounded([loss for _, loss in known]))
    return np.asarray(model.predict(predicted), np.float64)
