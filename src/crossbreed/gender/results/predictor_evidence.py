"""Second assumption: evolved predictors tell who ends well."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from crossbreed.config.gender import Evolution
from crossbreed.gender.results.predictions import (
    Predictions,
    chance_selection,
    evaluate_predictors,
    random_orders,
)
from crossbreed.gender.results.unseen import (
    OTHER_MODES,
    UNSELECTED,
    Histories,
    final_losses,
    unseen_by,
)
from crossbreed.search.formula import formula
from crossbreed.search.generation import Generation, archive
from crossbreed.search.ranking import rank_quality, ranks, top_k_regret
from crossbreed.statistics.rank_agreement import Ranked, agreements, have_order

ASSUMPTION = "prediction"
SHUFFLED, RANDOM = "shuffled_labels", "random"
ARCHIVE = "archive"
DRAWS = 200
EVIDENCE = [
    *("assumption", "mode", "predictor", "architectures", "seed"),
    *("tau", "interval_low", "interval_high", "percentile_95", "n"),
    *("regret_1", "regret_finished", "archive_tau"),
]
PREDICTIONS = [
    *("seed", "mode", "predictor", "formula", "architectures", "number"),
    *("foretold", "foretold_rank", "final_loss", "final_rank"),
]
Row = dict[str, Any]


class _Evaluated(NamedTuple):
    """A search: the final losses of its archive and of unseen ones, shape [n], and predictions."""

    seed: int
    kind: str
    archive: NDArray[np.float64]
    unseen: NDArray[np.float64]
    predictors: list[Predictions]
    chance: NDArray[np.float64]
    random: NDArray[np.float64]


def predictor_evidence(
    histories: Histories, settings: Evolution, confidence: float, resamples: int, seed: int
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Compare predictors on architectures that their search has not seen.

    Searches whose individuals have mothers are examined, also where mothers were not selected,
    which is a control.

    Returns
    -------
    evidence : DataFrame
        For each mode, predictor and search seed: tau on unseen architectures with its interval;
        regret_1 and regret_finished, what it costs in nats per character to train only the
        one predicted best, or the best `settings.finished` of them (`ranking.top_k_regret`);
        archive_tau, on the search's own archive, which flatters all that were chosen or fitted on
        it. Then the mean over seeds, and pooled (`rank_agreement.agreements`). The rows of
        random and of shuffled_labels (see `predictions.chance_selection`) are the mean over
        200 draws; their interval holds the draws themselves, and 1 in 20 of them lies at or above
        percentile_95. Searches whose unseen architectures have fewer than two different losses are
        left out; archive_tau is NaN where those of the archive are all the same.
    predictions : DataFrame
        For each search, predictor and architecture, those of its archive and the unseen ones: what
        was predicted, and the final loss; both also as a rank among the same architectures, 0 the
        best and 1 the worst. formula is the predictor's, where it has one.
    """
    evidence: list[Row] = []
    predictions: list[Row] = []
    for mode in dict.fromkeys(mode for _, mode in histories):
        searches = [
            _evaluate(histories, search_seed, mode, settings, seed)
            for search_seed, search_mode in histories
            if search_mode == mode and _has_mothers(histories[search_seed, mode])
        ]
        for search in searches:
            predictions += _prediction_rows(search, mode)
        # Architectures of different kinds are not pooled.
        for kind in (UNSELECTED, OTHER_MODES):
            alike = [
                search for search in searches if search.kind == kind and have_order(search.unseen)
            ]
            if alike:
                rows = _evidence(alike, settings.finished, confidence, resamples, seed)
                what = {"assumption": ASSUMPTION, "mode": mode, "architectures": kind}
                evidence += [what | row for row in rows]
    return pd.DataFrame(evidence, columns=EVIDENCE), pd.DataFrame(predictions, columns=PREDICTIONS)


def _has_mothers(history: Sequence[Generation]) -> bool:
    return any(
        len(individual.parents) == 2
        for generation in history
        for individual in generation.individuals
    )


def _evaluate(
    histories: Histories, search_seed: int, mode: str, settings: Evolution, seed: int
) -> _Evaluated:
    history = histories[search_seed, mode]
    kind, unseen = unseen_by(histories, search_seed, mode)
    return _Evaluated(
        search_seed,
        kind,
        final_losses(archive(history)),
        final_losses(unseen),
        evaluate_predictors(history, unseen, settings, seed, search_seed),
        chance_selection(history, unseen, DRAWS, seed, search_seed),
        random_orders(len(unseen), DRAWS, seed, search_seed),
    )


def _evidence(
    searches: Sequence[_Evaluated], finished: int, confidence: float, resamples: int, seed: int
) -> list[Row]:
    rows: list[Row] = []
    for predictors in zip(*(search.predictors for search in searches), strict=True):
        name = predictors[0].name
        if name == RANDOM:
            taus = [
                np.array([rank_quality(order, search.unseen).tau for order in search.random])
                for search in searches
            ]
            regrets = [
                _means([_regrets(order, search.unseen, finished) for order in search.random])
                for search in searches
            ]
            rows += _over_draws(name, searches, taus, regrets, confidence)
            continue
        groups, extras = [], []
        for search, predicted in zip(searches, predictors, strict=True):
            groups.append(Ranked(search.seed, predicted.unseen, search.unseen))
            tau = rank_quality(predicted.archive, search.archive).tau
            extras.append(
                _regrets(predicted.unseen, search.unseen, finished)
                | {"archive_tau": tau if have_order(search.archive) else np.nan}
            )
        rows += [
            {"predictor": name, **agreement._asdict(), **extra}
            for agreement, extra in zip(
                agreements(groups, confidence, resamples, seed),
                [*extras, _means(extras), {}],
                strict=True,
            )
        ]
    chance = [search.chance for search in searches]
    return rows + _over_draws(SHUFFLED, searches, chance, [{} for _ in searches], confidence)


def _over_draws(
    name: str,
    searches: Sequence[_Evaluated],
    taus: Sequence[NDArray[np.float64]],
    regrets: Sequence[dict[str, float]],
    confidence: float,
) -> list[Row]:
    """Return rows of what many draws gave for each search, and on average over the searches."""
    tail = (1 - confidence) / 2
    # Draw by draw, so that the interval is that of a mean over as many seeds.
    samples = [*taus, np.mean(taus, axis=0)]
    rows = []
    for position, (sample, regret) in enumerate(
        zip(samples, [*regrets, _means(regrets)], strict=True)
    ):
        is_mean = position == len(searches)
        low, high, highest = np.quantile(sample, [tail, 1 - tail, 0.95])
        rows.append(
            {
                "predictor": name,
                "seed": "mean" if is_mean else str(searches[position].seed),
                "tau": sample.mean(),
                "interval_low": low,
                "interval_high": high,
                "percentile_95": highest,
                "n": len(searches) if is_mean else len(searches[position].unseen),
                **regret,
            }
        )
    return rows


def _regrets(
    predicted: NDArray[np.float64], losses: NDArray[np.float64], finished: int
) -> dict[str, float]:
    return {
        "regret_1": top_k_regret(predicted, losses, 1),
        "regret_finished": top_k_regret(predicted, losses, finished),
    }


def _means(rows: Sequence[dict[str, float]]) -> dict[str, float]:
    return {key: float(np.mean([row[key] for row in rows])) for key in rows[0]}


def _prediction_rows(search: _Evaluated, mode: str) -> list[Row]:
    return [
        {
            "seed": search.seed,
            "mode": mode,
            "predictor": predicted.name,
            "formula": formula(predicted.expression) if predicted.expression else "",
            "architectures": kind,
            "number": number,
            "foretold": value,
            "foretold_rank": rank,
            "final_loss": loss,
            "final_rank": final_rank,
        }
        for predicted in search.predictors
        for kind, losses, values in (
            (ARCHIVE, search.archive, predicted.archive),
            (search.kind, search.unseen, predicted.unseen),
        )
        for number, (value, rank, loss, final_rank) in enumerate(
            zip(values, ranks(values), losses, ranks(losses), strict=True), start=1
        )
    ]
