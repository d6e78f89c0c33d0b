"""Small language models and texts for tests."""

from __future__ import annotations

from typing import Any

import numpy as np

from crossbreed.config.language import LanguageTraining, Sampling, Transformer
from crossbreed.data.characters import encode, split, vocabulary
from crossbreed.language.text import Text
from crossbreed.language.training import LanguageTask

VERSES = "the quick brown fox jumps over the lazy dog, and over the log. " * 40


def transformer(**changes: Any) -> Transformer:
    values = {"layers": 2, "heads": 2, "width": 16, "dropout": 0.0, "learning_rate": 1e-2}
    return Transformer.model_validate({**values, "batch_size": 4, **changes})


def training(**changes: Any) -> LanguageTraining:
    values: dict[str, Any] = {
        **{"block_size": 8, "tokens": 4 * 8 * 20, "warmup": 0.1, "final_learning_rate": 0.1},
        **{"weight_decay": 0.1, "beta_1": 0.9, "beta_2": 0.99, "epsilon": 1e-8},
        **{"gradient_clip": 1.0, "points": 10, "evaluations": 5, "evaluation_batches": 3},
        **{"evaluation_batch_size": 5, "final_blocks": None},
        **{"device": "cpu", "precision": "float32", "compile": False},
    }
    return LanguageTraining.model_validate(values | changes)


def task(**changes: Any) -> LanguageTask:
    """Return a task with some values of its architecture, its training or its seed changed."""
    seed = changes.pop("seed", 1)
    genes = {key: value for key, value in changes.items() if key in Transformer.model_fields}
    settings = {key: value for key, value in changes.items() if key not in genes}
    return LanguageTask(transformer(**genes), training(**settings), seed, threads=1)


def sampling(**changes: Any) -> Sampling:
    return Sampling.model_validate(
        {"samples": 2, "tokens": 5, "temperature": 0.8, "top_k": 200, **changes}
    )


def text_of(content: str) -> Text:
    characters = vocabulary(content)
    train, validation = split(encode(content, characters), 0.9)
    return Text(train, validation, characters, "test", "A text for tests")


def random_tokens(count: int, vocabulary_size: int, seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).integers(0, vocabulary_size, count).astype(np.uint8)
