"""The poster's network on all of Fashion-MNIST learns as it does everywhere else."""

from __future__ import annotations

from crossbreed.config.schema import DenseModel, Study
from crossbreed.crossover.training import train_epochs
from crossbreed.data.examples import Examples
from crossbreed.training.engines import architecture_of, create_engine
from crossbreed.training.models.architecture import Task
from crossbreed.training.models.initialisation import initial_population


def test_losses_and_accuracy_of_a_dense_net_are_the_usual_ones(
    study: Study, all_images: dict[str, Examples]
) -> None:
    task = Task(study.model, study.trainer, (28, 28), classes=10, threads=1)
    start = initial_population(architecture_of("torch", task), 1, seed=1, run=1)
    assert study.model == DenseModel(name="dense", hidden_widths=[128])
    engine = create_engine("torch", task, start)
    records = list(
        train_epochs(
            engine,
            all_images["train"],
            all_images["validation"],
            networks=1,
            start=0,
            stop=10,
            seed=1,
            run=1,
        )
    )
    losses = [record.metrics["train_loss"][0] for record in records]
    # What Keras reports for 784-128-10, batches of 32, Adam at 0.001: 0.49 to 0.50, then 0.33.
    assert 0.485 < losses[0] < 0.505
    assert 0.32 < losses[2] < 0.345
    _, accuracy = engine.evaluate(all_images["test"])
    assert accuracy[0] > 0.86
