"""Schema of language models: their text, their architecture, their training."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from crossbreed.config.base import Config, Count, Number, Positive
from crossbreed.config.hardware import Device, Precision

Tokens = Annotated[int, Number, Field(ge=1, le=10**13)]
Share = Annotated[float, Number, Field(ge=0, lt=1)]
NotNegative = Annotated[float, Number, Field(ge=0)]


class Transformer(Config):
    """Architecture of a language model with the two settings of its training that evolve with it.

    The architecture genome of the gender study has these genes.
    """

    layers: Count
    heads: Count
    """Attention heads of a layer; must divide the width."""
    width: Count
    """Numbers that stand for a character between layers."""
    dropout: Share
    learning_rate: Positive
    """Its highest value, reached after the warm-up."""
    batch_size: Count
    """Blocks of text per iteration."""


class LanguageTraining(Config):
    """How language models are trained; the same for all architectures."""

    block_size: Count
    """Characters that a network sees at once."""
    tokens: Tokens
    """Characters that a full training sees, those of a batch counted each."""
    warmup: Share
    """Share of the iterations in which the learning rate rises."""
    final_learning_rate: Annotated[float, Number, Field(ge=0, le=1)]
    """Where the cosine ends, as a share of the highest learning rate."""
    weight_decay: NotNegative
    beta_1: Share
    beta_2: Share
    epsilon: Positive
    gradient_clip: Positive
    """Largest Euclidean norm of all gradients together."""
    points: Count
    """Points of the learning curve, evenly spaced."""
    evaluations: Count
    """How often the losses are estimated, besides once before the first iteration."""
    evaluation_batches: Count
    """Batches of each split in one estimate."""
    evaluation_batch_size: Count
    device: Device
    precision: Precision
    compile: bool


class Sampling(Config):
    """How the speed of inference is measured: by writing samples of text."""

    samples: Count
    tokens: Count
    """Characters of a sample."""
    temperature: Positive
    top_k: Count
    """Only so many of the likeliest characters are drawn from."""
