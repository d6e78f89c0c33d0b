"""Keras on TensorFlow, imported without its messages and set up for a process."""

from __future__ import annotations

import logging
import os
import platform
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager

from crossbreed.config.schema import Trainer
from crossbreed.errors import CrossbreedError

log = logging.getLogger(__name__)


def prepare_keras(trainer: Trainer, threads: int) -> None:
    """Import Keras on TensorFlow and set it up for this process.

    TensorFlow allows it before its first operation only, so that all networks of a process have
    the same number of threads. Compiled training has no deterministic operations to choose: Keras
    would not compile at all. On CPUs it gives the same numbers every time nevertheless.

    Raises
    ------
    CrossbreedError
        If a GPU is asked for and absent.
    """
    if "tensorflow" not in sys.modules:
        # Neither is looked at after the first import.
        os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
        os.environ["KERAS_BACKEND"] = "tensorflow"
        # Should the process die of it, as on a processor that lacks instructions, the log says
        # where.
        log.info("importing TensorFlow")
    with _silence():
        import tensorflow as tf
    gpus = tf.config.list_physical_devices("GPU")
    if trainer.device == "cuda" and not gpus:
        raise CrossbreedError("trainer.device = 'cuda': this job sees no GPU; use auto or cpu")
    if tf.config.threading.get_intra_op_parallelism_threads() != threads:
        tf.config.threading.set_intra_op_parallelism_threads(threads)
        tf.config.threading.set_inter_op_parallelism_threads(threads)
    # As torch multiplies: else GPUs round to 10 bits.
    tf.config.experimental.enable_tensor_float_32_execution(False)
    if not trainer.compile:
        tf.config.experimental.enable_op_determinism()
    if trainer.device == "cpu" and gpus:
        tf.config.set_visible_devices([], "GPU")
    for gpu in gpus:
        # Else the first job takes all of a GPU's memory.
        tf.config.experimental.set_memory_growth(gpu, True)


def device_name(device: str) -> str:
    """Return on what hardware a configured device (auto, cpu, cuda) is, once Keras is prepared."""
    import tensorflow as tf

    gpus = [] if device == "cpu" else tf.config.list_physical_devices("GPU")
    if gpus:
        return str(tf.config.experimental.get_device_details(gpus[0]).get("device_name", "GPU"))
    return platform.machine()


@contextmanager
def _silence() -> Iterator[None]:
    """Hold back what libraries write to the standard error below Python; show it upon an error.

    TensorFlow announces its build on every import, whatever its log level.
    """
    sys.stderr.flush()
    kept = os.dup(2)
    with tempfile.TemporaryFile() as messages:
        os.dup2(messages.fileno(), 2)
        try:
            yield
        except BaseException:
            messages.seek(0)
            os.write(kept, messages.read())
            raise
        finally:
            os.dup2(kept, 2)
            os.close(kept)
