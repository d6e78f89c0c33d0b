"""Second assumption: evolved predictors foretell who ends well."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from crossbreed.config.gender import Evolution
from crossbreed.gender.results.archives import (
    OTHER_MODES,
    UNSELECTED,
    Histories,
    Known,
    archive,
    final_losses,
    has_mothers,
    unseen_by,
)
from crossbreed.gender.results.predictions import (
    Foretold,
    chance_selection,
    foretold_by_all,
    random_orders,
)
from crossbreed.gender.results.rank_agreement import Ranked, agreements, have_order
from crossbreed.search.formula import formula
from crossbreed.search.ranking import rank_quality, ranks, top_k_regret

ASSUMPTION = "prediction"
SHUFFLED, RANDOM = "shuffled_labels", "random"
ARCHIVE = "archive"
SHUFFLES = 200
KEY = ["mode", "predictor", "architectures", "seed"]
EVIDENCE = [
    "assumption",
    *KEY,
    *("tau", "interval_low", "interval_high", "percentile_95", "n"),
    *("regret_1", "regret_finished", "archive_tau"),
]
PREDICTIONS = [
    *("seed", "mode", "predictor", "formula", "architectures", "number"),
    *("foretold", "foretold_rank", "final_loss", "final_rank"),
]


class _Told(NamedTuple):
    """All that was foretold for one search."""

    seed: int
    kind: str
    known: Known
    unseen: Known
    predictors: list[Foretold]
    chance: NDArray[np.float64]
    random: NDArray[np.float64]


def predictor_evidence(
    histories: Histories, settings: Evolution, confidence: float, resamples: int, seed: int
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Compare predictors on architectures that their search has not seen.

    Parameters
    ----------
    histories
        All searches; those whose individuals have mothers are examined, also where mothers were
        not selected, which is a control.
    settings
        As of the searches.
    confidence, resamples, seed
        As of `rank_agreement.agreements`.

    Returns
    -------
    evidence : DataFrame
        For each mode, predictor and search seed: tau on unseen architectures with its interval;
        regret_1 and regret_finished, what it costs in nats per character to train only the
        foretold best, or the best `settings.finished` of them (`ranking.top_k_regret`);
        archive_tau, on the search's own archive, which flatters all that were chosen or fitted on
        it. Then the mean over seeds, and pooled (`rank_agreement.agreements`). The rows of
        random and of shuffled_labels (see `predictions.chance_selection`) are the mean over
        200 draws; their interval holds the draws themselves, and 1 in 20 of them lies at or above
        percentile_95. Searches whose unseen architectures have fewer than two different losses are
        left out; archive_tau is NaN where those of the archive are all the same.
    predictions : DataFrame
        For each search, predictor and architecture, those of its archive and the unseen ones: what
        was foretold, and the final loss; both also as a rank among the same architectures, 0 the
        best and 1 the worst. formula is the predictor's, where it has one.
    """
    evidence: list[dict[str, Any]] = []
    predictions: list[dict[str, Any]] = []
    for mode in dict.fromkeys(mode for _, mode in histories):
        searches = [
            _told(histories, one, mode, settings, seed)
            for one, other in histories
            if other == mode and has_mothers(histories[one, mode])
        ]
        for told in searches:
            predictions += _predictions(told, mode)
        # Architectures of different kinds are not pooled.
        for kind in (UNSELECTED, OTHER_MODES):
            alike = [
                told
                for told in searches
                if told.kind == kind and have_order(final_losses(told.unseen))
            ]
            if alike:
                rows = _evidence(alike, settings.finished, confidence, resamples, seed)
                what = {"assumption": ASSUMPTION, "mode": mode, "architectures": kind}
                evidence += [what | row for row in rows]
    return pd.DataFrame(evidence, columns=EVIDENCE), pd.DataFrame(predictions, columns=PREDICTIONS)


def _told(
    histories: Histories, search_seed: int, mode: str, settings: Evolution, seed: int
) -> _Told:
    history = histories[search_seed, mode]
    kind, unseen = unseen_by(histories, search_seed, mode)
    return _Told(
        search_seed,
        kind,
        archive(history),
        unseen,
        foretold_by_all(history, unseen, settings, seed, search_seed),
        chance_selection(history, unseen, SHUFFLES, seed, search_seed),
        random_orders(len(unseen), SHUFFLES, seed, search_seed),
    )


def _evidence(
    searches: Sequence[_Told], finished: int, confidence: float, resamples: int, seed: int
) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = []
    for position, name in enumerate(one.name for one in searches[0].predictors):
        if name == RANDOM:
            rows += _over_draws(name, [_random(told, finished) for told in searches], confidence)
        else:
            rows += _of_predictor(name, position, searches, finished, confidence, resamples, seed)
    chance = [_Drawn(told.seed, len(told.unseen), told.chance) for told in searches]
    return rows + _over_draws(SHUFFLED, chance, confidence)


def _of_predictor(
    name: str,
    position: int,
    searches: Sequence[_Told],
    finished: int,
    confidence: float,
    resamples: int,
    seed: int,
) -> list[dict[str, Any]]:
    groups, extras = [], []
    for told in searches:
        foretold = told.predictors[position]
        losses, archived = final_losses(told.unseen), final_losses(told.known)
        quality = rank_quality(foretold.archive, archived)
        groups.append(Ranked(told.seed, foretold.unseen, losses))
        extras.append(
            {
                "regret_1": top_k_regret(foretold.unseen, losses, 1),
                "regret_finished": top_k_regret(foretold.unseen, losses, finished),
                "archive_tau": quality.tau if have_order(archived) else np.nan,
            }
        )
    *each, mean, pooled = (
        {
            "predictor": name,
            "seed": found.seed,
            "tau": found.tau,
            "interval_low": found.low,
            "interval_high": found.high,
            "n": found.n,
        }
        for found in agreements(groups, confidence, resamples, seed)
    )
    rows = [row | extra for row, extra in zip(each, extras, strict=True)]
    return [*rows, mean | _means(extras), pooled]


class _Drawn(NamedTuple):
    """What many draws gave for one search."""

    seed: int
    architectures: int
    taus: NDArray[np.float64]
    regret_1: float = np.nan
    regret_finished: float = np.nan


def _random(told: _Told, finished: int) -> _Drawn:
    losses = final_losses(told.unseen)
    return _Drawn(
        told.seed,
        len(losses),
        np.array([rank_quality(order, losses).tau for order in told.random]),
        float(np.mean([top_k_regret(order, losses, 1) for order in told.random])),
        float(np.mean([top_k_regret(order, losses, finished) for order in told.random])),
    )


def _over_draws(name: str, drawn: Sequence[_Drawn], confidence: float) -> list[dict[str, Any]]:
    tail = (1 - confidence) / 2
    rows = []
    for one in drawn:
        low, high, highest = np.quantile(one.taus, [tail, 1 - tail, 0.95])
        rows.append(
            {
                "predictor": name,
                "seed": str(one.seed),
                "tau": one.taus.mean(),
                "interval_low": low,
                "interval_high": high,
                "percentile_95": highest,
                "n": one.architectures,
                "regret_1": one.regret_1,
                "regret_finished": one.regret_finished,
            }
        )
    # Draw by draw, so that the interval is that of a mean over as many seeds.
    taus = np.mean([one.taus for one in drawn], axis=0)
    low, high, highest = np.quantile(taus, [tail, 1 - tail, 0.95])
    mean = {
        "predictor": name,
        "seed": "mean",
        "tau": taus.mean(),
        "interval_low": low,
        "interval_high": high,
        "percentile_95": highest,
        "n": len(drawn),
    }
    regrets = [{"regret_1": one.regret_1, "regret_finished": one.regret_finished} for one in drawn]
    return [*rows, mean | _means(regrets)]


def _means(rows: Sequence[dict[str, float]]) -> dict[str, float]:
    return {key: float(np.mean([row[key] for row in rows])) for key in rows[0]}


def _predictions(told: _Told, mode: str) -> list[dict[str, Any]]:
    return [
        {
            "seed": told.seed,
            "mode": mode,
            "predictor": one.name,
            "formula": formula(one.expression) if one.expression else "",
            "architectures": kind,
            "number": number,
            "foretold": value,
            "foretold_rank": rank,
            "final_loss": loss,
            "final_rank": final_rank,
        }
        for one in told.predictors
        for kind, known, values in (
            (ARCHIVE, told.known, one.archive),
            (told.kind, told.unseen, one.unseen),
        )
        for number, (value, rank, loss, final_rank) in enumerate(
            zip(
                values, ranks(values), final_losses(known), ranks(final_losses(known)), strict=True
            ),
            start=1,
        )
    ]
