"""The poster's network on all of Fashion-MNIST learns as it does everywhere else."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from crossbreed.config.schema import Split, Study
from crossbreed.data.examples import Examples, split_examples
from crossbreed.data.idx import read_idx
from crossbreed.engines import create_engine
from crossbreed.models import build
from crossbreed.models.initialisation import initial_population
from crossbreed.training import train_epochs


def test_losses_and_accuracy_of_a_dense_net_are_the_usual_ones(study: Study, mirror: Path) -> None:
    files = study.dataset.files

    def load(images: str, labels: str) -> Examples:
        return Examples(read_idx(mirror / images), read_idx(mirror / labels).astype(np.int64))

    splits = split_examples(
        load(files.train_images.name, files.train_labels.name),
        load(files.test_images.name, files.test_labels.name),
        Split(train=None, validation=0, test=None),
        seed=1,
    )
    start = initial_population(build(study.model, (28, 28), 10), 1, seed=1, run=1)
    assert study.model.hidden_widths == [128]
    engine = create_engine("torch", study.model, study.trainer, start, (28, 28), 10)
    records = train_epochs(
        engine,
        splits["train"],
        splits["validation"],
        networks=1,
        start=0,
        stop=10,
        seed=1,
        run=1,
    )
    losses = [record.metrics["train_loss"][0] for record in records]
    # What Keras reports for 784-128-10, batches of 32, Adam at 0.001: 0.49 to 0.50, then 0.33.
    assert 0.485 < losses[0] < 0.505
    assert 0.32 < losses[2] < 0.345
    _, accuracy = engine.evaluate(splits["test"])
    assert accuracy[0] > 0.86
