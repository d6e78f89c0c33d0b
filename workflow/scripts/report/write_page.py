"""Write the one page that shows a study's answer and all that belongs to it."""

import json

import yaml

from crossbreed.jobs.command_line import run_job
from crossbreed.report.index_page import Shown, index_page
from crossbreed.report.jobs import WritePage
from crossbreed.storage.files import write_text


def write_page(job: WritePage) -> None:
    """Write the page to `target`."""
    captions = job.template.parent
    figures = {
        study: [
            Shown(figure.path, figure.title, (captions / figure.caption).read_text("utf-8"))
            for figure in figures
        ]
        for study, figures in job.figures.items()
    }
    tables = {
        study: [Shown(table.path, table.title) for table in tables]
        for study, tables in job.tables.items()
    }
    text = index_page(
        job.template,
        yaml.safe_load(job.configuration.read_text("utf-8")),
        json.loads(job.claims.read_text("utf-8")),
        figures,
        tables,
        json.loads(job.provenance.read_text("utf-8")),
    )
    write_text(job.target, text)


if __name__ == "__main__":
    run_job(WritePage, write_page)
