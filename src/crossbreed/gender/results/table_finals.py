"""The winners of a table's searches, measured by trainings that their search has not seen."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd

from crossbreed.config.language import Transformer
from crossbreed.gender.results.individuals import Histories
from crossbreed.gender.results.outcome import SMALL_LOSS
from crossbreed.search.generation import Generation
from crossbreed.search.replay import TrainedTable
from crossbreed.search.survivors import winner
from crossbreed.search.table import GENES

# Columns of a table that a row of a winner's training has, too.
_COLUMNS = [
    *("edition", *GENES, "parameters", "flops_per_token", "tokens", "diverged"),
    *("best_validation_loss", "train_loss", "validation_loss"),
    *("training_seconds", "tokens_per_second", "cached_tokens_per_second"),
]


def table_finals(
    histories: Histories, unsearched: list[str], baseline: Transformer, table: TrainedTable
) -> pd.DataFrame:
    """Return a row for each winner and each training of it that its search has not seen.

    Parameters
    ----------
    histories, unsearched
        The searches; the modes without one, whose winner is `baseline`.
    baseline, table
        The default architecture; the table.

    Returns
    -------
    DataFrame
        mode, seed, repeat (the table's seed); cell and small_cell, the positions in `table.cells`
        of the winner and of the best that costs no more operations than the default (-1: none);
        the table's columns of the winner; small_validation_loss, the validation loss of the
        latter, NaN if it diverged.
    """
    limit = table.trial(baseline, table.seeds[0], 1.0).flops_per_token
    default = table.number[baseline]
    seeds = sorted({seed for seed, _ in histories})
    winners = [(mode, seed, default, default) for mode in unsearched for seed in seeds]
    for (seed, mode), history in histories.items():
        best = table.number[winner(history).individual.architecture]
        winners.append((mode, seed, best, _best_within(history, limit, table)))
    rows = pd.DataFrame(winners, columns=["mode", "seed", "cell", "small_cell"])
    seen = rows["seed"].map(table.seed_of)
    parts = [rows[seen != seed].assign(repeat=seed) for seed in table.seeds]
    finals = pd.concat(parts).sort_values(["mode", "seed", "repeat"], kind="stable")
    measured = numbered(table).set_index(["cell", "seed"])
    sound = measured["validation_loss"].where(~measured["diverged"])
    small = pd.MultiIndex.from_frame(finals[["small_cell", "repeat"]])
    own = pd.MultiIndex.from_frame(finals[["cell", "repeat"]])
    return pd.concat(
        [
            finals[["mode", "seed", "repeat", "cell", "small_cell"]].reset_index(drop=True),
            measured.loc[own, _COLUMNS].reset_index(drop=True),
            sound.reindex(small).rename(SMALL_LOSS).reset_index(drop=True),
        ],
        axis=1,
    )


def winners_curves(finals: pd.DataFrame, table: TrainedTable) -> pd.DataFrame:
    """Return the learning curves of the winners' trainings, a row for each point.

    Its columns are mode, seed, repeat, tokens, train_loss, validation_loss.
    """
    curves = [
        pd.DataFrame({"cell": number, "repeat": seed, **_curve(table, cell, seed)})
        for number, cell in enumerate(table.cells)
        for seed in table.seeds
    ]
    which = finals[["mode", "seed", "repeat", "cell"]]
    return which.merge(pd.concat(curves), on=["cell", "repeat"]).drop(columns="cell")


def held_out_losses(individuals: pd.DataFrame, table: TrainedTable) -> pd.Series[float]:
    """Return what each individual's architecture ends with in trainings that its search never saw.

    The mean of their validation losses, in nats per character.
    """
    rows = numbered(table)
    sound = rows.assign(loss=rows["validation_loss"].where(~rows["diverged"]))
    losses = sound.pivot(index="cell", columns="seed", values="loss")
    unseen = pd.DataFrame(
        {seed: losses.drop(columns=seed).mean(axis=1) for seed in table.seeds}
    ).to_numpy(np.float64)
    cells = [
        table.number[Transformer.model_validate(genes)]
        for genes in individuals[GENES].to_dict("records")
    ]
    seen = [table.seeds.index(table.seed_of(int(seed))) for seed in individuals["seed"]]
    return pd.Series(unseen[cells, seen], individuals.index)


def numbered(table: TrainedTable) -> pd.DataFrame:
    """Return the table's rows with the position of their architecture in `table.cells`."""
    genes = table.rows[GENES].to_dict("records")
    return table.rows.assign(
        cell=[table.number[Transformer.model_validate(each)] for each in genes]
    )


def _best_within(history: Sequence[Generation], limit: float, table: TrainedTable) -> int:
    finished = [
        trial
        for generation in history
        for _, trial in sorted(generation.finished.items())
        if trial.flops_per_token <= limit and np.isfinite(trial.final_loss)
    ]
    if not finished:
        return -1
    return table.number[min(finished, key=lambda trial: trial.final_loss).architecture]


def _curve(table: TrainedTable, cell: Transformer, seed: int) -> dict[str, Any]:
    curve = table.trial(cell, seed, 1.0).curve
    return {
        "tokens": curve.tokens,
        "train_loss": curve.train_loss,
        "validation_loss": curve.validation_loss,
    }
