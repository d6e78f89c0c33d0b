"""What an architecture amounts to: its parameters, its cost, the course of its training."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from crossbreed.config.language import LanguageTraining, Transformer
from crossbreed.randomness import Purpose, generator

Weights = dict[str, NDArray[np.float32]]

# Layers whose output is added to what goes from layer to layer.
_RESIDUAL = ("attention.output.weight", "feed_forward.output.weight")
_DEVIATION = 0.02


def parameter_shapes(
    transformer: Transformer, block_size: int, vocabulary: int
) -> dict[str, tuple[int, ...]]:
    """Return the shape of each parameter, by the name it has in `transformer.LanguageModel`.

    `vocabulary` is how many different characters there are.
    """
    width = transformer.width
    shapes: dict[str, tuple[int, ...]] = {
        "characters.weight": (vocabulary, width),
        "positions.weight": (block_size, width),
    }
    for layer in range(transformer.layers):
        place = f"blocks.{layer}"
        shapes |= {
            f"{place}.attention_norm.weight": (width,),
            f"{place}.attention.inputs.weight": (3 * width, width),
            f"{place}.attention.output.weight": (width, width),
            f"{place}.feed_forward_norm.weight": (width,),
            f"{place}.feed_forward.inputs.weight": (4 * width, width),
            f"{place}.feed_forward.output.weight": (width, 4 * width),
        }
    return shapes | {"norm.weight": (width,)}


def parameter_count(transformer: Transformer, block_size: int, vocabulary: int) -> int:
    """Return how many numbers training sets, the embeddings included."""
    return sum(map(math.prod, parameter_shapes(transformer, block_size, vocabulary).values()))


def flops_per_token(transformer: Transformer, block_size: int, vocabulary: int) -> float:
    """Return the floating point operations of a training step per character.

    They are 6 N + 12 layers width block_size (Chowdhery et al. 2022, arXiv:2204.02311, appendix
    B). As in nanoGPT, N leaves out the embeddings of positions, which are only added, and counts
    those of characters, which are also the output layer.
    """
    count = parameter_count(transformer, block_size, vocabulary) - block_size * transformer.width
    return float(6 * count + 12 * transformer.layers * transformer.width * block_size)


def initial_weights(
    transformer: Transformer, block_size: int, vocabulary: int, seed: int
) -> Weights:
    """Draw the weights that a training starts from, float32.

    They are normal with a deviation of 0.02, those that lead back into the residual stream of
    0.02 / sqrt(2 layers), as in GPT-2 (Radford et al. 2019, section 2.3) and nanoGPT; those of
    the layer norms are 1. Parameter n, in the order of `parameter_shapes`, is drawn by a generator
    of its own.
    """
    weights: Weights = {}
    shapes = parameter_shapes(transformer, block_size, vocabulary)
    for index, (name, shape) in enumerate(shapes.items()):
        if name.endswith("norm.weight"):
            weights[name] = np.ones(shape, np.float32)
            continue
        shrink = math.sqrt(2 * transformer.layers) if name.endswith(_RESIDUAL) else 1.0
        draws = generator(seed, Purpose.LANGUAGE_WEIGHTS, index)
        weights[name] = draws.normal(0.0, _DEVIATION / shrink, shape).astype(np.float32)
    return weights


def iterations(training: LanguageTraining, batch_size: int) -> int:
    """Return the iterations of a full training: enough to see all its characters."""
    return -(-training.tokens // (batch_size * training.block_size))


def point_iterations(training: LanguageTraining, batch_size: int) -> NDArray[np.int64]:
    """Return how many iterations have been made at each point of the curve.

    Shape [points + 1], int64, ascending from 0 to all: the configuration sees to it that there are
    at least as many iterations as points.
    """
    total, points = iterations(training, batch_size), training.points
    return np.array([round(point / points * total) for point in range(points + 1)], np.int64)


def point_tokens(training: LanguageTraining, batch_size: int) -> NDArray[np.int64]:
    """Return how many characters have been seen at each point, shape [points + 1], int64."""
    return point_iterations(training, batch_size) * batch_size * training.block_size
