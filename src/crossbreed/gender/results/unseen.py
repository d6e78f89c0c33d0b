"""Which architectures a search has not seen, to test its predictors on."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from crossbreed.config.language import Transformer
from crossbreed.search.features import bounded
from crossbreed.search.generation import Generation, Known, archive

# Searches by seed and mode, each from its founders.
Histories = Mapping[tuple[int, str], Sequence[Generation]]

# Fewer unselected architectures than this are no test of a predictor by themselves.
_MINIMUM = 4
UNSELECTED, OTHER_MODES = "unselected", "other_modes"


def final_losses(known: Known) -> NDArray[np.float64]:
    """Return the final losses, shape [n], in nats per character, bounded (`features.bounded`)."""
    return bounded([loss for _, loss in known])


def is_unselected(generation: Generation) -> bool:
    """Return whether nobody in it was selected: no one has parents, and all were finished."""
    orphans = not any(individual.parents for individual in generation.individuals)
    return orphans and len(generation.finished) == len(generation.individuals)


def unseen_by(histories: Histories, seed: int, mode: str) -> tuple[str, Known]:
    """Return architectures trained to the end that a search has not seen, identical ones once.

    Its own architectures, the founders among them, are left out.

    Returns
    -------
    kind : str
        unselected: random individuals of searches that train all to the end, if there are at least
        four of them; else other_modes: those of all other searches of the seed, among whom
        selection has left the better ones.
    known
        Their early trials, and final losses.
    """
    own = {
        individual.architecture
        for generation in histories[seed, mode]
        for individual in generation.individuals
    }
    generations = [
        generation
        for (search_seed, search_mode), history in histories.items()
        if search_seed == seed and search_mode != mode
        for generation in history
    ]
    unselected = _without(own, list(filter(is_unselected, generations)))
    if len(unselected) >= _MINIMUM:
        return UNSELECTED, unselected
    return OTHER_MODES, _without(own, generations)


def _without(own: set[Transformer], generations: Sequence[Generation]) -> Known:
    return [pair for pair in archive(generations) if pair[0].architecture not in own]
