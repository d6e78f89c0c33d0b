"""Fetch a text, verified, in the first of the preferred editions that is to be had."""

from pathlib import Path

from crossbreed.config.text import Editions
from crossbreed.data.jobs import DownloadText
from crossbreed.data.sources import fetch_text
from crossbreed.jobs.command_line import run_job
from crossbreed.storage.files import write_json


def download_text(job: DownloadText) -> None:
    """Write the text to the file `text` and which edition it is to `origins`."""
    mirror = Path(job.data.mirror) if job.data.mirror else None
    origin = fetch_text(Editions(editions=job.editions, prefer=job.prefer), mirror, job.text)
    write_json(job.origins, origin._asdict())


if __name__ == "__main__":
    run_job(DownloadText, download_text)
