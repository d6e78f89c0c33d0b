"""What searches have learnt, and what they have not seen."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from crossbreed.config.language import Transformer
from crossbreed.search.features import bounded
from crossbreed.search.generation import Generation
from crossbreed.search.trial import Trial

Known = list[tuple[Trial, float]]
# Searches by seed and mode, each from its founders.
Histories = Mapping[tuple[int, str], Sequence[Generation]]

# Fewer newcomers than this are no test of a predictor by themselves.
MINIMUM_NEWCOMERS = 4
UNSELECTED, OTHER_MODES = "unselected", "other_modes"


def seeds(histories: Histories) -> list[int]:
    """Return the search seeds, in ascending order."""
    return sorted({seed for seed, _ in histories})


def archive(history: Sequence[Generation]) -> Known:
    """Return what a search has trained to the end, identical genomes once: early trials, losses."""
    return [
        (generation.early[number], generation.finished[number].final_loss)
        for generation, number in finished_once(history)
    ]


def final_losses(known: Known) -> NDArray[np.float64]:
    """Return the final losses, shape [n], in nats per character, bounded (`features.bounded`)."""
    return bounded([loss for _, loss in known])


def has_mothers(history: Sequence[Generation]) -> bool:
    """Return whether individuals of a search have mothers."""
    return any(len(one.parents) == 2 for generation in history for one in generation.individuals)


def finished_once(generations: Sequence[Generation]) -> list[tuple[Generation, int]]:
    """Return who was trained to the end, generation and number; identical genomes once."""
    first: dict[Transformer, tuple[Generation, int]] = {}
    for generation in generations:
        for number, trial in sorted(generation.finished.items()):
            first.setdefault(trial.architecture, (generation, number))
    return list(first.values())


def generations_of(histories: Histories, seed: int) -> Iterator[Generation]:
    """Yield all generations of all searches of a seed; the founders come once for each search."""
    for (one, _), history in histories.items():
        if one == seed:
            yield from history


def is_unselected(generation: Generation) -> bool:
    """Return whether nobody in it was selected: no one has parents, and all were finished."""
    orphans = not any(one.parents for one in generation.individuals)
    return orphans and len(generation.finished) == len(generation.individuals)


def unseen_by(histories: Histories, seed: int, mode: str) -> tuple[str, Known]:
    """Return architectures trained to the end that a search has not seen, identical ones once.

    Parameters
    ----------
    histories
        All searches.
    seed, mode
        Which search; its own architectures, the founders among them, are left out.

    Returns
    -------
    kind : str
        unselected: newcomers of searches that train all to the end, if there are at least four of
        them; else other_modes: those of all other searches of the seed, among whom selection has
        left the better ones.
    known
        Their early trials, and final losses.
    """
    own = {
        one.architecture for generation in histories[seed, mode] for one in generation.individuals
    }
    others = [
        generation
        for (one, other), history in histories.items()
        if one == seed and other != mode
        for generation in history
    ]
    newcomers = _unseen([one for one in others if is_unselected(one)], own)
    if len(newcomers) >= MINIMUM_NEWCOMERS:
        return UNSELECTED, newcomers
    return OTHER_MODES, _unseen(others, own)


def _unseen(generations: Sequence[Generation], seen: set[Transformer]) -> Known:
    return [
        (generation.early[number], generation.finished[number].final_loss)
        for generation, number in finished_once(generations)
        if generation.finished[number].architecture not in seen
    ]
