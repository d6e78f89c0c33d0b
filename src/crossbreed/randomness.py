"""Random numbers as a pure function of what they are for.

Nothing draws from a generator that has drawn before: each use makes its own, keyed by the study's
seed, the purpose and the place (run, network, epoch). So resuming a job needs no generator state,
and cutting training into segments or adding an arm changes no draw.
"""

from __future__ import annotations

from enum import IntEnum

import numpy as np
from numpy.typing import NDArray


class Purpose(IntEnum):
    """What random numbers are for; the value is part of the key, so it never changes."""

    SPLIT = 1
    WEIGHTS = 2
    ORDER = 3
    SELECTION = 4
    MERGING = 5
    MUTATION = 6
    LANGUAGE_WEIGHTS = 7
    TEXT_ORDER = 8
    TEXT_EVALUATION = 9
    DROPOUT = 10
    SAMPLING = 11
    PREDICTOR = 12
    BASELINE_PREDICTOR = 13
    ARCHITECTURE = 14
    MATING = 15
    TRAINING = 16
    SURVIVAL = 17
    PREDICTOR_SPLIT = 18
    BOOTSTRAP = 19


def generator(seed: int, purpose: Purpose, *place: int) -> np.random.Generator:
    """Return a fresh counter-based generator (Philox) for one purpose at one place.

    Parameters
    ----------
    seed
        The study's seed, not negative.
    purpose
        What the numbers are for.
    place
        Where they are used, for example run, network and epoch; not negative.
    """
    # As the spawn key, purpose and place are kept apart from the seed, however long each is.
    key = np.random.SeedSequence(seed, spawn_key=(int(purpose), *place))
    return np.random.Generator(np.random.Philox(key))


def example_order(
    seed: int, run: int, epoch: int, networks: int, examples: int
) -> NDArray[np.int64]:
    """Return the order in which each network sees the examples in one epoch.

    Returns
    -------
    ndarray of shape (networks, examples), int64
        Row n is a permutation of 0..examples-1 that depends on (seed, run, n, epoch) alone.
    """
    return np.stack(
        [
            generator(seed, Purpose.ORDER, run, network, epoch).permutation(examples)
            for network in range(networks)
        ]
    )
