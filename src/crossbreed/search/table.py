"""A table of trained architectures: a row for each training, with its learning curve.

Columns: the genes of `Transformer`; seed, from 1, which training of the architecture, and
training_seed, the number that its draws depend on; parameters, flops_per_token and tokens (of the
whole training); diverged; best_validation_loss, train_loss, validation_loss and their errors
(`whole_training.measured_losses`); training_seconds, tokens_per_second, cached_tokens_per_second;
the learning curve, train_loss_1 to train_loss_<points> and validation_loss_0, ... at the points
where it was estimated (`LearningCurve`); settings, a digest of the text and of how it is trained;
code, torch, device and threads, with which the row was made; vocabulary, the number of different
characters of the text, and edition, its title.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from crossbreed.config.language import LanguageTraining, Transformer
from crossbreed.errors import CrossbreedError
from crossbreed.language.architecture import point_tokens
from crossbreed.language.curve import LearningCurve
from crossbreed.search.trial import Trial

GENES = list(Transformer.model_fields)
Row = dict[str, Any]


def read_table(path: Path) -> pd.DataFrame:
    """Read a table, every digit of it.

    Raises
    ------
    CrossbreedError
        If it is missing or no such table.
    """
    try:
        table = pd.read_csv(path, dtype={"settings": str, "code": str})
    except FileNotFoundError as error:
        raise CrossbreedError(f"{path} does not exist") from error
    # Each kind of compression has exceptions of its own.
    except Exception as error:
        reason = " ".join(str(error).split())
        raise CrossbreedError(f"{path} cannot be read as a table: {reason}") from error
    missing = [name for name in (*GENES, "training_seed", "settings") if name not in table]
    if missing:
        raise CrossbreedError(f"{path}: lacks the columns {', '.join(missing)}")
    return table


def row_of(
    table: pd.DataFrame, architecture: Transformer, training_seed: int, settings: str
) -> pd.DataFrame:
    """Return the row of a training, or none: shape [1 or 0, columns]."""
    wanted = architecture.model_dump() | {"training_seed": training_seed, "settings": settings}
    chosen = np.logical_and.reduce([table[name] == value for name, value in wanted.items()])
    return table[chosen].head(1)


def trial_of(row: Row, training: LanguageTraining) -> Trial:
    """Return the whole training that a row tells of."""
    architecture = Transformer(**{name: row[name] for name in GENES})
    tokens = point_tokens(training, architecture.batch_size)
    curves = {
        kind: np.array([row.get(f"{kind}_{point}", np.nan) for point in range(len(tokens))])
        for kind in ("train_loss", "validation_loss")
    }
    return Trial(
        architecture=architecture,
        parameters=int(row["parameters"]),
        flops_per_token=float(row["flops_per_token"]),
        block_size=training.block_size,
        full_tokens=int(tokens[-1]),
        curve=LearningCurve(tokens, curves["train_loss"], curves["validation_loss"]),
    )
