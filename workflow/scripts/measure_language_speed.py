"""Measure how long the training of a language model takes, of the slowest kind there may be."""

import time
from pathlib import Path

import psutil

from crossbreed.config.base import Config, Count, Whole
from crossbreed.config.language import LanguageTraining, Transformer
from crossbreed.files import write_json
from crossbreed.gpu_claim import claim_gpu
from crossbreed.job import run_job
from crossbreed.language.optimisation import Optimisation
from crossbreed.language.text import Text, blocks, load_text, training_offsets
from crossbreed.language.training import LanguageTask, begin, whole_split_loss
from crossbreed.torch_device import choose_device, device_name

# The first ones warm up.
WARM, TIMED = 2, 5


class MeasureLanguageSpeed(Config):
    """Measure how long the training of a language model takes, of the slowest kind there may be."""

    language: LanguageTraining
    architectures: list[Transformer]
    """Those among which the slowest is."""
    seed: Whole
    threads: Count
    text: Path
    """File made by prepare_text.py."""
    target: Path
    """Seconds, to write (JSON)."""


def measure_language_speed(settings: MeasureLanguageSpeed) -> None:
    """Train each architecture for some iterations, and forget it."""
    began = psutil.Process().create_time()
    claim_gpu(settings.language.device)
    text = load_text(settings.text)
    start = max(0.0, time.time() - began)
    longest, whole = 0.0, 0.0
    for architecture in settings.architectures:
        task = LanguageTask(architecture, settings.language, settings.seed, settings.threads)
        training, reading = _seconds(task, text)
        if training > longest:
            longest, whole = training, reading
    write_json(
        settings.target,
        {
            "start": start,
            "unit": longest,
            "whole_text": whole,
            "device": device_name(settings.language.device),
        },
    )


def _seconds(task: LanguageTask, text: Text) -> tuple[float, float]:
    """Return the seconds of a whole training with its estimates, and of reading the text once."""
    size, block = task.transformer.batch_size, task.training.block_size
    device = choose_device(task.training.device, "language.device")
    estimate = 0.0
    for _ in range(2):  # the first warms up
        before = time.monotonic()
        state = begin(task, text)
        estimate = time.monotonic() - before
    optimisation = Optimisation(task.transformer, task.training, task.seed, state, device)
    seconds = []
    for count in (WARM, TIMED):
        before = time.monotonic()
        for iteration in range(count):
            offsets = training_offsets(task.seed, iteration * size, size, len(text.train), block)
            optimisation.step(iteration, *blocks(text.train, offsets, block))
        optimisation.take_losses()  # which waits for the device
        seconds.append(time.monotonic() - before)
    step = seconds[1] / TIMED
    # Every architecture is compiled anew.
    compiling = max(0.0, seconds[0] - WARM * step)
    before = time.monotonic()
    whole_split_loss(task, text, state.weights, "validation")
    share = len(text.validation) / (len(text.train) + len(text.validation))
    reading = (time.monotonic() - before) / share
    iterations = task.training.tokens / (size * block)
    training = iterations * step + (task.training.evaluations + 1) * estimate
    return compiling + training, reading


if __name__ == "__main__":
    run_job(MeasureLanguageSpeed, measure_language_speed)
