"""What is known of an individual's architecture once it was trained."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from crossbreed.config.language import Transformer
from crossbreed.language.curve import LearningCurve


# By identity, so that what is computed of a trial can be kept.
@dataclass(frozen=True, eq=False)
class Trial:
    """The training of one architecture, as far as it went."""

    architecture: Transformer
    parameters: int
    """Numbers that training sets, the embeddings included."""
    flops_per_token: float
    """Floating point operations of a training step per character."""
    block_size: int
    """Characters that the network sees at once."""
    full_tokens: int
    """Characters that its training would see in full."""
    curve: LearningCurve
    """Losses so far."""

    def until(self, point: int) -> Trial:
        """Return the trial as it was at a point of the curve."""
        return replace(self, curve=self.curve.until(point))

    @property
    def iterations(self) -> float:
        """Iterations of the training so far."""
        return float(self.curve.tokens[-1] / (self.architecture.batch_size * self.block_size))

    @property
    def final_loss(self) -> float:
        """The lowest estimate of the validation loss, which is predicted; NaN if diverged.

        A network that diverged after a good estimate is no good network.
        """
        ended = np.append(self.curve.train_loss[1:], self.curve.validation_loss[-1])
        return self.curve.best_validation_loss if np.isfinite(ended).all() else float("nan")
