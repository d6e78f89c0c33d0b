"""Make a folder of reference results from those of a whole run."""

from pathlib import Path

from crossbreed.config.base import Config
from crossbreed.job import run_job
from crossbreed.reference.contents import publish


class PublishReference(Config):
    """Make a folder of reference results from those of a whole run."""

    results: Path
    """Folder of the results, results/<preset>."""
    target: Path
    """Folder to make, results/reference/<preset>; what else lies in it is removed."""


def publish_reference(settings: PublishReference) -> None:
    """Copy what a reader needs, and digests of it."""
    publish(settings.results, settings.target)


if __name__ == "__main__":
    run_job(PublishReference, publish_reference)
