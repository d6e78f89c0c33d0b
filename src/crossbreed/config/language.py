"""Schema of language models: their text, their architecture, their training."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from crossbreed.config.base import Config, Count, Device, Positive, Precision, Share


class Transformer(Config):
    """Architecture of a language model with the two settings of its training that evolve with it.

    The architecture genome of the gender study has these genes.
    """

    layers: Count
    """Layers of the transformer."""
    heads: Count
    """Attention heads of a layer; must divide the width."""
    width: Count
    """Numbers that stand for a character between layers."""
    dropout: Share
    """Probability of dropout."""
    learning_rate: Positive
    """Highest learning rate, reached after the warm-up."""
    batch_size: Count
    """Blocks of text per iteration."""


class LanguageTraining(Config):
    """How language models are trained; the same for all architectures."""

    block_size: Count
    """Characters that a network sees at once."""
    tokens: Annotated[int, Field(ge=1, le=10**13)]
    """Characters that a full training sees, those of a batch counted each."""
    warmup: Share
    """Share of the iterations in which the learning rate rises."""
    final_learning_rate: Annotated[float, Field(ge=0, le=1)]
    """Where the learning rate ends, along a cosine, as a share of the highest."""
    weight_decay: Annotated[float, Field(ge=0)]
    """Weight decay of AdamW, of matrices only."""
    beta_1: Share
    """Decay of AdamW's first moment per iteration."""
    beta_2: Share
    """Decay of AdamW's second moment per iteration."""
    epsilon: Positive
    """Added to the root of AdamW's second moment."""
    gradient_clip: Positive
    """Largest Euclidean norm of all gradients together."""
    points: Count
    """Points of the learning curve, evenly spaced."""
    evaluations: Count
    """Estimates of the validation loss, besides one at the start; must divide `points`."""
    evaluation_batches: Count
    """Batches in one estimate."""
    evaluation_batch_size: Count
    """Blocks of text in a batch of an estimate."""
    final_blocks: Annotated[int, Field(ge=2, le=1_000_000)] | None
    """Blocks of each part of the text, evenly spaced, on which the losses of a trained network are
    measured; null: all."""
    device: Device
    """Where networks train; auto: CUDA where the job sees a GPU, else the CPU."""
    precision: Precision
    """Precision of training steps; bfloat16 of their products alone."""
    compile: bool
    """Whether training steps are compiled (`torch.compile`), which pays where training takes many
    minutes."""


class Sampling(Config):
    """How the speed of inference is measured: by writing samples of text."""

    samples: Count
    """Samples of text that are written."""
    tokens: Count
    """Characters of a sample."""
    temperature: Positive
    """Divides the logits before a character is drawn."""
    top_k: Count
    """Only so many of the likeliest characters are drawn from."""
