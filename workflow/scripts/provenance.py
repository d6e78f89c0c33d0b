"""Write down what a study was made with."""

import json
from pathlib import Path

import yaml

from crossbreed.config.base import Config
from crossbreed.config.schema import Study
from crossbreed.jobs.job import run_job
from crossbreed.storage.files import write_json, write_text
from crossbreed.storage.provenance import describe


class Provenance(Config):
    """Write down what a study was made with."""

    study: Study
    """The resolved configuration."""
    repository: Path
    """Folder of the checkout."""
    origins: list[Path]
    """Where the data came from (JSON), each in the folder of its data set."""
    configuration: Path
    """Configuration to write (YAML)."""
    target: Path
    """Everything else to write (JSON)."""


def provenance(settings: Provenance) -> None:
    """Write the study to `configuration`, all that it was made with to `target`."""
    write_text(
        settings.configuration,
        yaml.safe_dump(settings.study.model_dump(mode="json"), sort_keys=False),
    )
    data = {
        path.parent.name: json.loads(path.read_text(encoding="utf-8")) for path in settings.origins
    }
    write_json(settings.target, {**describe(settings.repository), "data": data})


if __name__ == "__main__":
    run_job(Provenance, provenance)
