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


class MadeUp(NamedTuple):
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


def make_generation(age: int, *made_up: MadeUp) -> Generation:
    """Return a generation of these individuals, numbered from 1."""
    numbered: Mapping[int, MadeUp] = dict(enumerate(made_up, start=1))
    early = {
        number: make_trial([individual.early], learning_rate=individual.genome / 1024)
        for number, individual in numbered.items()
    }
    finished = {
        number: make_trial(
            [individual.early, np.nan if np.isnan(individual.final) else individual.final],
            {} if np.isnan(individual.final) else {2: individual.final},
            learning_rate=individual.genome / 1024,
        )
        for number, individual in numbered.items()
        if individual.final is not None
    }
    individuals = [
        Individual(
            generation=age,
            number=number,
            parents=individual.parents,
            architecture=early[number].architecture,
            predictor=individual.predictor,
        )
        for number, individual in numbered.items()
    ]
    return Generation(individuals, early, finished, dict.fromkeys(numbered, 1.0), VOCABULARY)


def losses_of(known: Known) -> list[float]:
    """Return the final losses of known trials."""
    return [loss for _, loss in known]
