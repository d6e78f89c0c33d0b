"""The learning curve of one language model."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True)
class LearningCurve:
    """Losses of a network in nats per character, at evenly spaced points of its training.

    Parameters
    ----------
    tokens
        Shape [points + 1], int64, ascending: characters seen so far; the first is 0.
    train_loss
        Shape [points + 1], float64: mean loss of the training batches since the point before,
        each taken before the step that it makes, dropout on; the first is NaN.
    validation_loss
        Shape [points + 1], float64: estimate on validation text, dropout off; NaN where none was
        made.
    """

    tokens: NDArray[np.int64]
    train_loss: NDArray[np.float64]
    validation_loss: NDArray[np.float64]

    def __len__(self) -> int:
        return len(self.tokens)

    def until(self, point: int) -> LearningCurve:
        """Return the curve up to and with a point, counted from 0."""
        end = point + 1
        return LearningCurve(self.tokens[:end], self.train_loss[:end], self.validation_loss[:end])

    @property
    def best_validation_loss(self) -> float:
        """The lowest estimate; NaN if there is none that is finite."""
        finite = self.validation_loss[np.isfinite(self.validation_loss)]
        return float(finite.min()) if finite.size else float("nan")
