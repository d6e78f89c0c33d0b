"""Write down what a study was made with."""

import json
from pathlib import Path

import yaml

from crossbreed.config.base import Config
from crossbreed.config.schema import Study
from crossbreed.files import write_json, write_text
from crossbreed.job import run_job
from crossbreed.provenance import describe


class Provenance(Config):
    """Write down what a study was made with."""

    study: Study
    """The resolved configuration."""
    repository: Path
    """Folder of the checkout."""
    origins: Path
    """Where the data came from (JSON)."""
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
    data = json.loads(settings.origins.read_text())
    write_json(settings.target, {**describe(settings.repository), "data": data})


if __name__ == "__main__":
    run_job(Provenance, provenance)
