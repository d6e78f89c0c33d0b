"""Made-up tables of trained architectures, whose losses are given, and searches of them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from crossbreed.config.language import LanguageTraining, Transformer
from crossbreed.language.architecture import point_tokens
from crossbreed.search.generation import Generation
from crossbreed.search.individual import Individual, Parent
from crossbreed.search.replay import TrainedTable

EARLY = 0.25
TRAINING = LanguageTraining(
    block_size=10,
    tokens=8000,
    warmup=0.1,
    final_learning_rate=0.1,
    weight_decay=0.1,
    beta_1=0.9,
    beta_2=0.99,
    epsilon=1e-8,
    gradient_clip=1.0,
    points=4,
    evaluations=1,
    evaluation_batches=1,
    evaluation_batch_size=1,
    final_blocks=None,
    device="cpu",
    precision="float32",
    compile=False,
)
# By how much what a search sees of a training, its best estimate, differs from its validation loss.
SEEN = 2.0


def cell(number: int) -> Transformer:
    """Return an architecture that is told from others by its width alone."""
    return Transformer(
        layers=1, heads=1, width=number + 1, dropout=0.0, learning_rate=0.001, batch_size=8
    )


def make_table(
    losses: ArrayLike,
    early: ArrayLike | None = None,
    flops: Sequence[float] | None = None,
    diverged: Sequence[tuple[int, int]] = (),
) -> TrainedTable:
    """Return a table of these architectures and seeds, numbered from 0 and from 1.

    Parameters
    ----------
    losses
        Shape [architectures, seeds]: validation losses. The training loss is 1 more, and the best
        estimate, which a search sees, `SEEN` more.
    early
        Shape [architectures, seeds]: training losses up to the last point, by default as `losses`.
    flops
        Operations per character, by default alike.
    diverged
        Architectures and seeds of trainings that diverged.
    """
    final = np.asarray(losses, np.float64)
    begun = final if early is None else np.asarray(early, np.float64)
    rows: list[dict[str, Any]] = []
    for number, values in enumerate(final):
        for place, loss in enumerate(values):
            seed = place + 1
            lost = (number, seed) in diverged
            curve = {f"train_loss_{point}": begun[number, place] for point in (1, 2, 3)}
            rows.append(
                {
                    **cell(number).model_dump(),
                    **{"seed": seed, "training_seed": seed, "parameters": 10 * (number + 1)},
                    "flops_per_token": 1.0 if flops is None else flops[number],
                    "tokens": point_tokens(TRAINING, 8)[-1],
                    **{"diverged": lost, "best_validation_loss": loss + SEEN},
                    **{"train_loss": loss + 1, "validation_loss": loss},
                    **{"training_seconds": 60.0 * (number + 1), "tokens_per_second": number + 1.0},
                    **{"cached_tokens_per_second": 2.0 * (number + 1)},
                    **curve,
                    **{"train_loss_4": np.nan if lost else loss, "validation_loss_0": 1e6},
                    **{"validation_loss_4": np.nan if lost else loss + SEEN},
                    **{"settings": "made", "vocabulary": 65, "edition": "made up"},
                }
            )
    return TrainedTable(pd.DataFrame(rows), TRAINING)


def make_search(
    table: TrainedTable,
    search_seed: int,
    *generations: tuple[Sequence[int], Sequence[int]],
    predictors: Sequence[str] = ("train_loss_last",),
) -> list[Generation]:
    """Return a search of a table: the architectures of each generation, finished and given up.

    All but the founders have parents; individuals take turns with the predictors.
    """
    seed = table.seed_of(search_seed)
    history = []
    for age, (finished, given_up) in enumerate(generations):
        numbered = dict(enumerate([*finished, *given_up], start=1))
        parents = (Parent(generation=0, number=1), Parent(generation=0, number=2)) if age else ()
        individuals = [
            Individual(
                generation=age,
                number=number,
                parents=parents,
                architecture=cell(place),
                predictor=predictors[(number - 1) % len(predictors)],
            )
            for number, place in numbered.items()
        ]
        seconds = dict.fromkeys(numbered, 1.0)
        history.append(
            Generation(
                individuals,
                {
                    number: table.trial(cell(place), seed, EARLY)
                    for number, place in numbered.items()
                },
                {
                    number: table.trial(cell(place), seed, 1.0)
                    for number, place in numbered.items()
                    if number <= len(finished)
                },
                *(seconds, table.vocabulary, seconds),
            )
        )
    return history
