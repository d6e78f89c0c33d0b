"""Split a data set into the examples for training, validation and test."""

import json

from crossbreed.config.schema import Files
from crossbreed.data.digests import verify
from crossbreed.data.examples import save_examples, split_examples
from crossbreed.data.jobs import Prepare
from crossbreed.data.raw import read_data_set
from crossbreed.jobs.command_line import run_job


def prepare(job: Prepare) -> None:
    """Write all splits into the file `examples`."""
    for name in Files.model_fields:
        verify(getattr(job, name), getattr(job.contents, name).sha256)
    train, test = read_data_set(
        (job.train_images, job.train_labels),
        (job.test_images, job.test_labels),
        job.available,
        job.classes,
    )
    splits = split_examples(train, test, job.split, job.seed)
    save_examples(job.examples, splits, json.loads(job.origins.read_text()))


if __name__ == "__main__":
    run_job(Prepare, prepare)
