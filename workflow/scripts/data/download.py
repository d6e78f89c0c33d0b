"""Fetch the files of a data set, verified, from the first source that has them."""

from pathlib import Path

from crossbreed.config.schema import Files
from crossbreed.data.jobs import Download
from crossbreed.data.sources import fetch_files
from crossbreed.jobs.command_line import run_job
from crossbreed.storage.files import write_json


def download(job: Download) -> None:
    """Write the files into `folder` and where each came from to `origins`."""
    files = [getattr(job.files, name) for name in Files.model_fields]
    mirror = Path(job.data.mirror) if job.data.mirror else None
    origins = fetch_files(files, job.sources, mirror, job.folder)
    write_json(
        job.origins,
        {file.name: {"sha256": file.sha256, "source": origins[file.name]} for file in files},
    )


if __name__ == "__main__":
    run_job(Download, download)
