"""Made-up searches, in which all that is known early is one training loss."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

import numpy as np

from crossbreed.search.generation import Generation, Known
from crossbreed.search.individual import Individual, Parent
from predictor_trials import make_trial

VOCABULARY = 65
COUPLE = (Parent(generation=0, number=1), Parent(generation=0, number=2))


class Told(NamedTuple):
    """An individual of a made-up search.

    Parameters
    ----------
    genome
        Which architecture: equal numbers are identical ones.
    early
        The training loss known early.
    final
        The final loss; NaN for one that diverged; None for one that was given up.
    predictor, parents
        As of `Individual`.
    """

    genome: int
    early: float
    final: float | None = None
    predictor: str = "train_loss_last"
    parents: tuple[Parent, ...] = ()


def make_generation(age: int, *told: Told) -> Generation:
    """Return a generation of these individuals, numbered from 1."""
    numbered: Mapping[int, Told] = dict(enumerate(told, start=1))
    early = {
        number: make_trial([one.early], learning_rate=one.genome / 1024)
        for number, one in numbered.items()
    }
    finished = {
        number: make_trial(
            [one.early, np.nan if np.isnan(one.final) else one.final],
            {} if np.isnan(one.final) else {2: one.final},
            learning_rate=one.genome / 1024,
        )
        for number, one in numbered.items()
        if one.final is not None
    }
    individuals = [
        Individual(
            generation=age,
            number=number,
            parents=one.parents,
            architecture=early[number].architecture,
            predictor=one.predictor,
        )
        for number, one in numbered.items()
    ]
    return Generation(individuals, early, finished, dict.fromkeys(numbered, 1.0), VOCABULARY)


def losses_of(known: Known) -> list[float]:
    """Return the final losses of known trials."""
    return [loss for _, loss in known]
