"""Fetch the files of a data set, verified, from the first source that has them."""

from pathlib import Path

from crossbreed.config.base import Config
from crossbreed.config.schema import Data, Files, Source
from crossbreed.data.sources import fetch_files
from crossbreed.jobs.job import run_job
from crossbreed.storage.files import write_json


class Download(Config):
    """Fetch the files of a data set, verified, from the first source that has them."""

    files: Files
    sources: list[Source]
    data: Data
    folder: Path
    """Where the files go."""
    origins: Path
    """Where each file came from, to write (JSON)."""


def download(settings: Download) -> None:
    """Write the files into `folder` and where each came from to `origins`."""
    files = [getattr(settings.files, name) for name in Files.model_fields]
    mirror = Path(settings.data.mirror) if settings.data.mirror else None
    origins = fetch_files(files, settings.sources, mirror, settings.folder)
    write_json(
        settings.origins,
        {file.name: {"sha256": file.sha256, "source": origins[file.name]} for file in files},
    )


if __name__ == "__main__":
    run_job(Download, download)
