from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from crossbreed.config.compose import compose_study
from crossbreed.config.schema import Study
from crossbreed.data.sources import fetch_files

REPOSITORY = Path(__file__).parents[1]


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


@pytest.fixture(autouse=True)
def _denormal_numbers() -> Iterator[None]:
    """Let each test start with whole arithmetic: the engine flushes denormals for its process."""
    yield
    if "torch" in sys.modules:
        sys.modules["torch"].set_flush_denormal(False)
