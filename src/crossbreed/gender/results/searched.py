"""What is known of a search when its predictors are examined."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from crossbreed.config.gender import Evolution
from crossbreed.config.language import Transformer
from crossbreed.gender.results.individuals import Histories
from crossbreed.gender.results.search_costs import lineage
from crossbreed.search.generation import Generation, Known, archive, finished_once
from crossbreed.search.learning_speed import speeds
from crossbreed.search.replay import TrainedTable
from crossbreed.search.table import GENES

# Fewer unseen architectures than this are no test of a predictor.
_MINIMUM = 4


class Searched(NamedTuple):
    """A search whose individuals have mothers."""

    seed: int
    mode: str
    archive: Known
    """What it has trained to the end, identical architectures once."""
    females: list[str]
    """The predictors of all its females, the founders' first."""
    unseen: Known
    """Architectures that it has not trained and nobody has selected."""


def searched_live(histories: Histories) -> list[Searched]:
    """Return searches that trained for themselves, those with enough unseen architectures.

    These are the random individuals, trained to the end, of other searches of the same seed.
    """
    found = []
    for (seed, mode), history in histories.items():
        females = [female for generation in history for female in generation.of_sex("female")]
        if not any(len(female.parents) == 2 for female in females):
            continue
        own = {each.architecture for generation in history for each in generation.individuals}
        pairs = archive(_unselected(histories, seed))
        unseen = [pair for pair in pairs if pair[0].architecture not in own]
        if len(unseen) >= _MINIMUM:
            texts = [female.predictor for female in females]
            found.append(Searched(seed, mode, archive(history), texts, unseen))
    return found


def unselected_speeds(
    histories: Histories, settings: Evolution
) -> dict[str, tuple[Known, NDArray[np.float64]]]:
    """Return by search seed what was trained to the end with nobody selected, and its speeds."""
    pools = {}
    for seed in sorted({seed for seed, _ in histories}):
        generations = _unselected(histories, seed)
        speed = [
            speeds(generation, settings)[number]
            for generation, number in finished_once(generations)
        ]
        pools[str(seed)] = (archive(generations), np.array(speed, np.float64))
    return pools


def _unselected(histories: Histories, seed: int) -> list[Generation]:
    """Return the generations of a seed in which nobody was selected: none has parents, all end."""
    return [
        generation
        for (search_seed, _), history in histories.items()
        if search_seed == seed
        for generation in history
        if len(generation.finished) == len(generation.individuals)
        and not any(individual.parents for individual in generation.individuals)
    ]


def searched_in_table(
    individuals: pd.DataFrame, table: TrainedTable, early: float
) -> list[Searched]:
    """Return searches of a table, those with enough unseen architectures.

    These are all of the table that a search has not trained, not even early.
    """
    found = []
    for _, of_seed in individuals.groupby("seed"):
        seed = int(of_seed["seed"].iloc[0])
        pairs = table.known(table.seed_of(seed), early)
        bred = of_seed[of_seed["mother"].fillna("") != ""]
        for mode in bred["mode"].unique():
            everyone = lineage(of_seed, str(mode), seed)
            finished = everyone.loc[everyone["finished"].astype(bool), GENES]
            trained, own = (
                {Transformer.model_validate(genes) for genes in genomes.to_dict("records")}
                for genomes in (finished, everyone[GENES])
            )
            unseen = [pair for pair in pairs if pair[0].architecture not in own]
            if len(unseen) >= _MINIMUM:
                known = [pair for pair in pairs if pair[0].architecture in trained]
                texts = everyone.loc[everyone["sex"] == "female", "predictor"].tolist()
                found.append(Searched(seed, str(mode), known, texts, unseen))
    return found
