"""What a predictor is told of a trial: its early learning curve and its architecture as numbers."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

import numpy as np
from numpy.typing import ArrayLike, NDArray

from crossbreed.search.trial import Trial

FEATURES = (
    "train_loss_at_quarter",
    "train_loss_at_half",
    "train_loss_at_three_quarters",
    "train_loss_last",
    "train_loss_mean",
    "train_loss_slope",
    "train_loss_noise",
    "validation_loss_last",
    "validation_loss_best",
    "layers",
    "heads",
    "width",
    "dropout",
    "log10_learning_rate",
    "log2_batch_size",
    "log10_parameters",
    "log10_flops_per_token",
    "log10_iterations",
)

# A uniform guess among 256 characters costs 5.5 nats: what is above 10 has learnt nothing at all.
LARGEST_LOSS = 10.0


def bounded(losses: ArrayLike) -> NDArray[np.float64]:
    """Return losses in nats per character between 0 and `LARGEST_LOSS`, which NaN becomes too."""
    values = np.asarray(losses, np.float64)
    return np.clip(np.where(np.isnan(values), LARGEST_LOSS, values), 0.0, LARGEST_LOSS)


def diverged(trial: Trial) -> bool:
    """Return whether any training loss so far is not finite, or there is none yet."""
    losses = trial.curve.train_loss[1:]
    return not (len(losses) and np.isfinite(losses).all())


def train_losses(trial: Trial) -> NDArray[np.float64]:
    """Return the training loss at each point after the first, shape [points], bounded.

    It is `LARGEST_LOSS` from where training diverged (the loss is not finite) to the end. A curve
    without a point after the first counts as one of a single point, diverged.
    """
    losses = trial.curve.train_loss[1:]
    if not len(losses):
        return np.array([LARGEST_LOSS])
    lost = np.logical_or.accumulate(~np.isfinite(losses))
    return bounded(np.where(lost, LARGEST_LOSS, losses))


def last_loss(trial: Trial) -> float:
    """Return the last estimate of the validation loss; if there is none, the last training loss.

    The estimate before the first iteration does not count. Once training has diverged it is
    `LARGEST_LOSS`, however good the estimates before were.
    """
    estimates = _estimates(trial)
    if diverged(trial) or not estimates.size:
        return float(train_losses(trial)[-1])
    return float(estimates[-1])


def features(trials: Sequence[Trial]) -> dict[str, NDArray[np.float64]]:
    """Return the features of trials.

    Losses are in nats per character, bounded (see `train_losses`). The quarters are those of the
    points so far, rounded up. `train_loss_mean` is the summed training loss (TSE, Ru et al. 2021,
    arXiv:2006.04492) over the number of points. `train_loss_slope` is that of the least-squares
    line through the last half of the points, in nats per factor e of tokens, and
    `train_loss_noise` the root mean square distance from the line. Where no validation loss was
    estimated after the first point, the last training loss stands for it. `log10_iterations`
    counts the iterations so far.

    Returns
    -------
    dict of ndarrays of shape (trials,), float64
        By name, in the order of `FEATURES`; always finite.
    """
    table = np.array([_features(trial) for trial in trials], np.float64)
    columns = np.ascontiguousarray(table.reshape(-1, len(FEATURES)).T)
    return dict(zip(FEATURES, columns, strict=True))


@lru_cache(maxsize=65_536)
def _features(trial: Trial) -> tuple[float, ...]:
    losses = train_losses(trial)
    slope, noise = _line(np.log(np.maximum(trial.curve.tokens[-len(losses) :], 1)), losses)
    estimates = _estimates(trial)
    genome = trial.architecture

    def at(share: float) -> float:
        return float(losses[max(1, int(np.ceil(share * len(losses)))) - 1])

    return (
        *(at(0.25), at(0.5), at(0.75), at(1), losses.mean(), slope, noise),
        *(last_loss(trial), estimates.min() if estimates.size else losses[-1]),
        *(genome.layers, genome.heads, genome.width, genome.dropout),
        np.log10(genome.learning_rate),
        np.log2(genome.batch_size),
        np.log10(max(trial.parameters, 1)),
        np.log10(max(trial.flops_per_token, 1.0)),
        np.log10(max(trial.iterations, 1.0)),
    )


def _estimates(trial: Trial) -> NDArray[np.float64]:
    """Return the validation losses estimated after the first point."""
    losses = trial.curve.validation_loss[1:]
    return bounded(losses[~np.isnan(losses)])


def _line(log_tokens: NDArray[np.float64], losses: NDArray[np.float64]) -> tuple[float, float]:
    """Return the slope of the line through the last half, and the distance from it."""
    half = max(2, (len(losses) + 1) // 2)
    x, y = log_tokens[-half:], losses[-half:]
    x, y = x - x.mean(), y - y.mean()
    spread = float(x @ x)
    slope = float(x @ y) / spread if spread > 0 else 0.0
    return slope, float(np.sqrt(np.mean((y - slope * x) ** 2)))
