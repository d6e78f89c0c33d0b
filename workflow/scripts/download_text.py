"""Fetch a text, verified, in the first of the preferred editions that is to be had."""

from pathlib import Path

from crossbreed.config.base import Config
from crossbreed.config.schema import Data
from crossbreed.config.text import Editions
from crossbreed.data.text_sources import fetch_text
from crossbreed.jobs.job import run_job
from crossbreed.storage.files import write_json


class DownloadText(Config):
    """Fetch a text, verified, in the first of the preferred editions that is to be had."""

    text: Editions
    data: Data
    target: Path
    """Where the text goes."""
    origins: Path
    """Which edition it is and where it came from, to write (JSON)."""


def download_text(settings: DownloadText) -> None:
    """Write the text to `target` and which edition it is to `origins`."""
    mirror = Path(settings.data.mirror) if settings.data.mirror else None
    origin = fetch_text(settings.text, mirror, settings.target)
    write_json(settings.origins, origin._asdict())


if __name__ == "__main__":
    run_job(DownloadText, download_text)
