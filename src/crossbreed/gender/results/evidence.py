"""Both of the paper's assumptions: early speed, and evolved predictors, tell who ends well."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple, cast

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from crossbreed.config.gender import Evolution, Predictor
from crossbreed.config.language import Transformer
from crossbreed.gender.results.searched import Searched
from crossbreed.search.baseline_predictors import predict_with
from crossbreed.search.expression import predict
from crossbreed.search.features import bounded, features
from crossbreed.search.formula import formula
from crossbreed.search.generation import Known
from crossbreed.search.ranking import rank_quality, ranks, top_k_regret
from crossbreed.statistics.intervals import estimate
from crossbreed.statistics.weighted import percentiles, weighted_tau

EARLY_SPEED, PREDICTION = "early_speed", "prediction"
EVOLVED = "evolved"
# What the evolved predictor is compared with; ridge learns from what the search has trained.
BASELINES: tuple[Predictor, ...] = (
    *("parameters", "last_loss", "summed_loss", "recent_loss", "power_law", "ridge"),
)
EVIDENCE = [
    *("assumption", "mode", "predictor", "seed", "tau", "interval_low", "interval_high"),
    *("table_low", "table_high", "n", "regret_1", "regret_finished"),
]
PREDICTIONS = [
    *("seed", "mode", "predictor", "formula", "number", "foretold_rank", "final_loss"),
]
Row = dict[str, Any]
Array = NDArray[np.float64]


class Group(NamedTuple):
    """What was predicted of some architectures, the lower the better, and what came of them."""

    label: str
    """A search seed; a table's seed where all of a table is ranked."""
    predicted: Array
    """Shape [n], finite."""
    losses: Array
    """Shape [n]: final losses in nats per character, bounded (`features.bounded`)."""
    cells: Sequence[int]
    """Their columns in the weights of `Resampling`; none without one."""

    def tau(self) -> float:
        """Return Kendall's tau-b, 0 where it is undefined."""
        return rank_quality(self.predicted, self.losses).tau


class Resampling(NamedTuple):
    """Weights of a table's architectures for a bootstrap over them."""

    weights: Array
    """Shape [resamples, architectures]; see `weighted.item_weights`."""
    column: Mapping[Transformer, int]
    """The column of each architecture."""


def best_female(search: Searched) -> str:
    """Return the predictor of the female that ranks a search's archive best; of equals, the first.

    This is a choice among all females of the search, so how well she ranks the archive flatters
    her; only architectures that the search has not seen tell how good she is.
    """
    columns = features([trial for trial, _ in search.archive])
    losses = np.array([loss for _, loss in search.archive], np.float64)
    quality = {
        text: rank_quality(predict(text, columns), losses).order
        for text in dict.fromkeys(search.females)
    }
    return min(search.females, key=quality.__getitem__)


def speed_evidence(
    pools: Mapping[str, tuple[Known, Array]], confidence: float, resampling: Resampling | None
) -> list[Row]:
    """Correlate early learning speed with how low the final loss is.

    Parameters
    ----------
    pools
        By the seed, architectures that nobody has selected, and their speeds, shape [n].
    confidence, resampling
        Level of the intervals; None where there is no table.

    Returns
    -------
    list of rows of `EVIDENCE`
        A positive tau means that who learns fast ends well. The mean over the seeds of a table has
        the table's interval alone, and its n are architectures.
    """
    groups = [
        Group(seed, -speed, _losses(known), _columns(known, resampling))
        for seed, (known, speed) in pools.items()
    ]
    what = {"assumption": EARLY_SPEED, "predictor": EARLY_SPEED}
    *rows, mean = _rows(what, groups, (), confidence, _resampled(groups, resampling))
    if resampling is not None:
        mean |= {"interval_low": np.nan, "interval_high": np.nan, "n": len(resampling.column)}
    return [*rows, mean]


def prediction_evidence(
    searches: Sequence[Searched],
    settings: Evolution,
    confidence: float,
    seed: int,
    resampling: Resampling | None,
) -> tuple[list[Row], pd.DataFrame]:
    """Compare predictors on architectures that their search has not seen.

    Returns
    -------
    evidence : list of rows of `EVIDENCE`
        For each mode and predictor: tau of each search seed and its mean, regret_1 and
        regret_finished (`ranking.top_k_regret`): what it costs in nats per character to train only
        the one predicted best, or the best `settings.finished` of them; then the same of the
        evolved predictor less each of the others, paired by search seed ("evolved - last_loss").
        The intervals of means are over search seeds (interval_low, interval_high) and over the
        table (table_low, table_high).
    predictions : DataFrame
        Of each mode's first search: the rank that each predictor gives to each unseen
        architecture, 0 the best and 1 the worst, and its final loss. formula is the evolved
        predictor's.
    """
    rows: list[Row] = []
    predictions: list[Row] = []
    for mode in dict.fromkeys(search.mode for search in searches):
        own = [search for search in searches if search.mode == mode]
        females = [best_female(search) for search in own]
        groups = {
            name: [
                Group(
                    str(search.seed),
                    _predicted(name, search, female, seed),
                    _losses(search.unseen),
                    _columns(search.unseen, resampling),
                )
                for search, female in zip(own, females, strict=True)
            ]
            for name in (EVOLVED, *BASELINES)
        }
        resampled = {name: _resampled(ours, resampling) for name, ours in groups.items()}
        what = {"assumption": PREDICTION, "mode": mode}
        for name, ours in groups.items():
            regrets = [_regrets(group, settings.finished) for group in ours]
            values = resampled[name]
            rows += _rows(what | {"predictor": name}, ours, (), confidence, values, regrets)
        for name in BASELINES:
            difference = what | {"predictor": f"{EVOLVED} - {name}"}
            values = resampled[EVOLVED] - resampled[name]
            rows += _rows(difference, groups[EVOLVED], groups[name], confidence, values)
        for name, (first, *_) in groups.items():
            text = formula(females[0]) if name == EVOLVED else ""
            ranked = zip(ranks(first.predicted), first.losses, strict=True)
            predictions += [
                dict(zip(PREDICTIONS, (int(first.label), mode, name, text, *row), strict=True))
                for row in ((number, *pair) for number, pair in enumerate(ranked, start=1))
            ]
    return rows, pd.DataFrame(predictions, columns=PREDICTIONS)


def _predicted(name: str, search: Searched, female: str, seed: int) -> Array:
    trials = [trial for trial, _ in search.unseen]
    if name == EVOLVED:
        return predict(female, features(trials))
    return predict_with(cast(Predictor, name), search.archive, trials, seed, search.seed)


def _regrets(group: Group, finished: int) -> Row:
    return {
        "regret_1": top_k_regret(group.predicted, group.losses, 1),
        "regret_finished": top_k_regret(group.predicted, group.losses, finished),
    }


def _rows(
    what: Row,
    groups: Sequence[Group],
    less: Sequence[Group],
    confidence: float,
    resampled: Array,
    extras: Sequence[Row] = (),
) -> list[Row]:
    """Return a row for each group, and their mean: of tau, or of what it exceeds another's by.

    `resampled` is that mean under each set of weights, shape [resamples]; empty without a table.
    """
    taus = np.array([group.tau() for group in groups])
    if less:
        taus = taus - np.array([group.tau() for group in less])
    low, high = percentiles(resampled, confidence) if len(resampled) else (np.nan, np.nan)
    mean = estimate(taus, confidence)
    # No mean lies beyond, wherever the t interval of few seeds ends.
    ends = np.clip([mean.low, mean.high], *((-2, 2) if less else (-1, 1)))
    means = {key: float(np.mean([row[key] for row in extras])) for key in (extras or [{}])[0]}
    return [
        *(
            what | {"seed": group.label, "tau": tau, "n": len(group.losses)} | extra
            for group, tau, extra in zip(groups, taus, extras or [{}] * len(groups), strict=True)
        ),
        what
        | {
            "seed": "mean",
            "tau": mean.mean,
            "interval_low": float(ends[0]),
            "interval_high": float(ends[1]),
            "table_low": low,
            "table_high": high,
            "n": mean.n,
        }
        | means,
    ]


def _resampled(groups: Sequence[Group], resampling: Resampling | None) -> Array:
    """Return the mean tau under each set of weights, shape [resamples]; empty without a table."""
    if resampling is None or not groups:
        return np.empty(0)
    taus = [
        weighted_tau(group.predicted, group.losses, resampling.weights[:, list(group.cells)])
        for group in groups
    ]
    return np.asarray(np.mean(taus, axis=0))


def _columns(known: Known, resampling: Resampling | None) -> list[int]:
    if resampling is None:
        return []
    return [resampling.column[trial.architecture] for trial, _ in known]


def _losses(known: Known) -> Array:
    return bounded([loss for _, loss in known])
