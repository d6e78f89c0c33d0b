"""What optimisers remember, by the names that checkpoints use.

The frameworks agree on Adam's moments. Of gradient descent with momentum, torch remembers the sum
of gradients (`velocity`), Keras what it last changed (`displacement`), which is -learning_rate
times that sum. Each writes its own, since a conversion there and back would lose the last digit.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from crossbreed.config.schema import Trainer
from crossbreed.errors import CrossbreedError
from crossbreed.training.population import OptimizerState, Weights

ADAM = ("first_moment", "second_moment")
TORCH_SGD = "velocity"
KERAS_SGD = "displacement"


def named_moments(
    state: OptimizerState, names: tuple[str, ...], trainer: Trainer
) -> Mapping[str, Weights]:
    """Return an optimiser's moments under the wanted names, from whichever framework.

    Parameters
    ----------
    state
        What an earlier optimiser remembered, after at least one step.
    names
        What the optimiser of now calls its moments.
    trainer
        Its constants.

    Raises
    ------
    CrossbreedError
        If the state is another optimiser's.
    """
    moments = dict(state.moments)
    rate = np.float32(-trainer.learning_rate)
    if set(moments) == {KERAS_SGD} and TORCH_SGD in names:
        moments = {TORCH_SGD: {k: v / rate for k, v in moments[KERAS_SGD].items()}}
    elif set(moments) == {TORCH_SGD} and KERAS_SGD in names:
        moments = {KERAS_SGD: {k: v * rate for k, v in moments[TORCH_SGD].items()}}
    if set(moments) != set(names):
        raise CrossbreedError(
            f"the checkpoint remembers {', '.join(state.moments)}, this optimiser "
            f"{', '.join(names)}; breed with optimizer: reset, or train with the same optimiser"
        )
    return moments
