"""What a training adds to a table besides what is measured of it; the columns are in `table`.

Apart from what reads tables, which needs no torch.
"""

from __future__ import annotations

import hashlib
import json
from importlib.metadata import version

from crossbreed.config.language import LanguageTraining
from crossbreed.language.state import TrainingState
from crossbreed.language.text import Text
from crossbreed.language.training import LanguageTask
from crossbreed.search.table import Row
from crossbreed.search.training import cache_key
from crossbreed.storage.arrays import digest
from crossbreed.training.torch_device import device_name


def settings_digest(training: LanguageTraining, text: Text) -> str:
    """Return a digest (12 hexadecimal digits) of what all rows of a table have in common."""
    decided = [
        training.model_dump(mode="json", exclude={"device", "compile"}),
        digest({"train": text.train, "validation": text.validation}, {}),
        text.characters,
    ]
    return hashlib.sha256(json.dumps(decided, sort_keys=True).encode()).hexdigest()[:12]


def curve_columns(training: LanguageTraining, state: TrainingState) -> Row:
    """Return the columns of a learning curve."""
    curve = state.curve
    step = training.points // training.evaluations
    return {
        **{f"train_loss_{point}": curve.train_loss[point] for point in range(1, len(curve))},
        **{
            f"validation_loss_{point}": curve.validation_loss[point]
            for point in range(0, len(curve), step)
        },
    }


def made_with(task: LanguageTask, text: Text) -> Row:
    """Return the columns that say with what a row was made."""
    code, *_ = cache_key(task.training, text)
    return {
        "settings": settings_digest(task.training, text),
        "code": code,
        "torch": version("torch"),
        "device": device_name(task.training.device),
        "threads": task.threads,
    }
