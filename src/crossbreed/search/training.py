"""What it takes to train an individual: its task, what decides its numbers, its trial."""

from __future__ import annotations

from importlib.metadata import version
from pathlib import Path
from typing import Any

from crossbreed.config.language import LanguageTraining, Transformer
from crossbreed.jobs.fingerprint import fingerprint
from crossbreed.language import training as language_training
from crossbreed.language.architecture import flops_per_token, parameter_count, point_tokens
from crossbreed.language.curve import LearningCurve
from crossbreed.language.text import Text
from crossbreed.randomness import Purpose, generator
from crossbreed.search.trial import Trial
from crossbreed.storage.arrays import digest
from crossbreed.training.torch_device import device_name


def training_seed(seed: int, search_seed: int, repeat: int) -> int:
    """Return the seed of trainings, the same for all networks that are to be compared.

    `repeat` is 0 within the search; from 1, which training of its winner.
    """
    return int(generator(seed, Purpose.TRAINING, search_seed, repeat).integers(2**63))


def cache_key(settings: LanguageTraining, text: Text) -> list[Any]:
    """Return what decides the numbers of a training besides its task, as JSON can hold it."""
    return [
        fingerprint(Path(language_training.__file__), engine="torch"),
        {name: version(name) for name in ("numpy", "torch")},
        device_name(settings.device),
        digest({"train": text.train, "validation": text.validation}, {}),
        text.characters,
    ]


def as_trial(
    architecture: Transformer, settings: LanguageTraining, text: Text, curve: LearningCurve
) -> Trial:
    """Return what is known of an architecture that has this learning curve so far."""
    size = (architecture, settings.block_size, len(text.characters))
    return Trial(
        architecture=architecture,
        parameters=parameter_count(*size),
        flops_per_token=flops_per_token(*size),
        block_size=settings.block_size,
        full_tokens=int(point_tokens(settings, architecture.batch_size)[-1]),
        curve=curve,
    )


def early_point(settings: LanguageTraining, early: float) -> int:
    """Return the point of the learning curve up to which a training counts as early."""
    return round(early * settings.points)
