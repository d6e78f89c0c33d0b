"""Searches that look trainings up in a table: hundreds of them in the time of one training."""

from __future__ import annotations

import re

import pandas as pd

from crossbreed.config.language import LanguageTraining, Transformer
from crossbreed.errors import CrossbreedError
from crossbreed.language.architecture import point_tokens
from crossbreed.search.generation import Known
from crossbreed.search.individual import Individual
from crossbreed.search.search import Train, Trained
from crossbreed.search.table import GENES, trial_of
from crossbreed.search.trial import Trial


class TrainedTable:
    """Trainings by architecture and seed.

    Parameters
    ----------
    rows
        A row for each training; see `search.table`.
    training
        How they were trained.

    Raises
    ------
    CrossbreedError
        If rows are of different settings, a training is missing or there twice, or curves are not
        those of `training`.
    """

    def __init__(self, rows: pd.DataFrame, training: LanguageTraining) -> None:
        _check(rows, training)
        self.rows = rows.reset_index(drop=True)
        self.seeds = sorted(int(seed) for seed in self.rows["seed"].unique())
        """The seeds of the table, from 1."""
        self.vocabulary = int(self.rows["vocabulary"].iloc[0])
        """Number of different characters of the text."""
        self._points = training.points
        self._whole: dict[tuple[Transformer, int], tuple[Trial, float]] = {}
        for row in self.rows.to_dict("records"):
            trial = trial_of({str(name): value for name, value in row.items()}, training)
            self._whole[trial.architecture, int(row["seed"])] = (trial, row["training_seconds"])
        self.cells = list(dict.fromkeys(architecture for architecture, _ in self._whole))
        """All architectures, in the order of the rows."""
        self.number = {cell: number for number, cell in enumerate(self.cells)}
        """The position of each architecture in `cells`."""
        self._parts: dict[tuple[Transformer, int, int], Trial] = {}

    def seed_of(self, search_seed: int) -> int:
        """Return the table's seed whose trainings a search sees: the seeds take turns."""
        return self.seeds[(search_seed - 1) % len(self.seeds)]

    def trial(self, cell: Transformer, seed: int, share: float) -> Trial:
        """Return a training up to a share of it, always the same object."""
        key = (cell, seed, round(share * self._points))
        if key not in self._parts:
            whole, _ = self._whole[cell, seed]
            self._parts[key] = whole.until(key[2])
        return self._parts[key]

    def seconds(self, cell: Transformer, seed: int, share: float) -> float:
        """Return how long a share of a training took."""
        return share * self._whole[cell, seed][1]

    def train(self, seed: int) -> Train:
        """Return a way to train for `search.run_search`: by looking up what came of it.

        It raises KeyError for an architecture that is not in the table.
        """

        def train(individual: Individual, share: float) -> Trained:
            cell = individual.architecture
            return Trained(self.trial(cell, seed, share), self.seconds(cell, seed, share))

        return train

    def known(self, seed: int, share: float) -> Known:
        """Return all architectures as they were at a share of their training, with final losses."""
        return [
            (self.trial(cell, seed, share), self._whole[cell, seed][0].final_loss)
            for cell in self.cells
        ]


def _check(rows: pd.DataFrame, training: LanguageTraining) -> None:
    if len(set(rows["settings"])) != 1:
        raise CrossbreedError("a table must have rows of the same settings, and at least one")
    trainings = rows.groupby(GENES).size()
    if rows.duplicated([*GENES, "seed"]).any() or (trainings != rows["seed"].nunique()).any():
        raise CrossbreedError("a table must have each architecture once for each of its seeds")
    points = sum(re.fullmatch(r"train_loss_\d+", name) is not None for name in rows.columns)
    tokens = [int(point_tokens(training, size)[-1]) for size in rows["batch_size"]]
    if points != training.points or tokens != rows["tokens"].tolist():
        raise CrossbreedError(
            f"the table is of {points} points and {rows['tokens'].max()} characters, not of "
            f"language.points = {training.points} and language.tokens = {training.tokens}"
        )
