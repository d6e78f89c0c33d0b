from __future__ import annotations

import fcntl
import gc
import os
import sys
from collections.abc import Iterator
from contextlib import suppress
from importlib import import_module
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import pytest

from crossbreed.config.compose import compose_study
from crossbreed.config.schema import Split, Study
from crossbreed.data.examples import Examples, split_examples
from crossbreed.data.idx import read_idx
from crossbreed.data.sources import fetch_files, fetch_text
from crossbreed.jobs.start_job import WORKER
from crossbreed.jobs.warm_worker import start_worker
from job_command import ENVIRONMENT
from repository import MIRROR, REPOSITORY
from study_folder import StudyFolder

# Torch's CUDA build brings triton along, which crashes the process if TensorFlow was there first.
# No job imports both frameworks; tests that compare them do.
with suppress(ImportError):
    import_module("triton")

# Files that take long begin first, so that none is left to run alone at the end. The first makes
# the study `ci` meanwhile, which the second does without.
LONGEST = (
    *("test_workflow", "test_gender_search_workflow", "test_engines_agree", "test_injection"),
    *("test_disk", "test_tensorflow_engine", "test_gender_table_workflow", "test_null_studies"),
    *("test_documentation", "test_conditions_workflow", "test_divergence", "test_resume_jobs"),
    *("test_convolutional", "test_train_cells"),
)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Put the files that take longest first."""
    places = {name: place for place, name in enumerate(LONGEST)}
    items.sort(key=lambda item: places.get(item.path.stem, len(places)))


@pytest.fixture(scope="session")
def study() -> Study:
    """Return the configuration of preset `ci`."""
    return compose_study(REPOSITORY / "config", {"preset": "ci"})


@pytest.fixture(scope="session")
def mirror(study: Study, pytestconfig: pytest.Config) -> Path:
    """Return a folder with the real Fashion-MNIST files, fetched once and kept between calls."""
    assert pytestconfig.cache is not None
    folder = pytestconfig.cache.mkdir("fashion_mnist")
    files = [getattr(study.dataset.files, kind) for kind in type(study.dataset.files).model_fields]
    if not all((folder / file.name).is_file() for file in files):
        fetch_files(files, study.dataset.sources, None, folder)
    return folder


@pytest.fixture(scope="session")
def text_folder(study: Study, pytestconfig: pytest.Config) -> Path:
    """Return a folder with an edition of the text, the canonical one if it is at hand."""
    assert pytestconfig.cache is not None
    folder = pytestconfig.cache.mkdir("text")
    known = {edition.file for edition in study.text.editions.values()}
    if not any((folder / name).is_file() for name in known):
        # Tests run in several processes, each of which may find the folder empty.
        with TemporaryDirectory(dir=folder) as own:
            fetched = Path(own) / "fetched.txt"
            origin = fetch_text(study.text, MIRROR if MIRROR.is_dir() else None, fetched)
            fetched.rename(folder / study.text.editions[origin.edition].file)
    return folder


@pytest.fixture(scope="session")
def ci_study(
    mirror: Path, text_folder: Path, tmp_path_factory: pytest.TempPathFactory
) -> StudyFolder:
    """Return preset `ci`, both studies, run once for all processes that test.

    It is for reading: what changes it starts from a copy.
    """
    base = tmp_path_factory.getbasetemp()
    if "PYTEST_XDIST_WORKER" in os.environ:
        base = base.parent
    data = base / "images and text"
    # A space in the path, as in many a home folder.
    study = StudyFolder(base / "a study", f"data={{mirror: '{data}'}}")
    with (base / "a study.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not study.printed.exists():
            for folder in (data, study.folder):
                folder.mkdir()
            for path in (*mirror.iterdir(), *text_folder.iterdir()):
                (data / path.name).symlink_to(path)
            printed = study.call()
            study.printed.write_text(printed)
    return study


@pytest.fixture(scope="module")
def warm_jobs() -> Iterator[None]:
    """Let jobs that tests of a file start be forked from a warm worker, as those of studies are."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(WORKER, "")
        worker = start_worker()
        if worker is None:
            yield
            return
        patch.setitem(ENVIRONMENT, WORKER, os.environ[WORKER])
        yield
    assert worker.stdin is not None
    worker.stdin.close()
    assert worker.wait(60) == 0


@pytest.fixture(scope="session")
def all_images(study: Study, mirror: Path) -> dict[str, Examples]:
    """Return all of Fashion-MNIST, none held out, in the study's order."""
    files = study.dataset.files

    def load(images: str, labels: str) -> Examples:
        return Examples(read_idx(mirror / images), read_idx(mirror / labels).astype(np.int64))

    return split_examples(
        load(files.train_images.name, files.train_labels.name),
        load(files.test_images.name, files.test_labels.name),
        Split(train=None, validation=0, test=None),
        seed=1,
    )


@pytest.fixture(autouse=True, scope="module")
def _collect_little_garbage() -> None:
    """Keep what is loaded out of later collections: statsmodels calls for one per correction."""
    gc.collect()
    gc.freeze()


@pytest.fixture(autouse=True)
def _denormal_numbers() -> Iterator[None]:
    """Let each test start with whole arithmetic: the engine flushes denormals for its process."""
    yield
    if "torch" in sys.modules:
        sys.modules["torch"].set_flush_denormal(False)
