"""Write down what a study was made with."""

import json

import yaml

from crossbreed.jobs.command_line import run_job
from crossbreed.report.jobs import Provenance
from crossbreed.storage.files import write_json, write_text
from crossbreed.storage.provenance import describe


def provenance(job: Provenance) -> None:
    """Write the study to `configuration`, all that it was made with to `target`."""
    write_text(
        job.configuration,
        yaml.safe_dump(job.study.model_dump(mode="json"), sort_keys=False),
    )
    data = {path.parent.name: json.loads(path.read_text(encoding="utf-8")) for path in job.origins}
    write_json(job.target, {**describe(job.repository), "data": data})


if __name__ == "__main__":
    run_job(Provenance, provenance)
