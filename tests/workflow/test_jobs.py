"""What a job is told: by the plan, on the command line, and to the script, in one class."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from hydra import compose, initialize
from hydra.core.config_store import ConfigStore
from omegaconf import OmegaConf
from pydantic import ValidationError

from crossbreed.config.compose import compose_study
from crossbreed.config.schema import Study
from crossbreed.crossover.jobs import Train
from crossbreed.crossover.plan import CrossoverPlan
from crossbreed.gender.plan import GenderPlan
from crossbreed.jobs.command_line import skeleton
from crossbreed.jobs.job import Job
from crossbreed.report.plan import ReportPlan
from repository import CONFIG, REPOSITORY

SEGMENT = {"classes": 10, "run": 1, "start": 0, "stop": 2}
FILES = {"examples": Path("e"), "target": Path("t"), "curve": Path("c"), "seconds": Path("s")}


def read_back(job: Job, added: list[str]) -> Job:
    """Return what a script makes of a job's command line."""
    ConfigStore.instance().store(name="job", node=skeleton(type(job)))
    with initialize(config_path=None, version_base="1.3"):
        composed = compose("job", overrides=[*job.decided(), *added])
    return type(job).model_validate(OmegaConf.to_container(composed))


def test_every_job_has_a_script_and_every_script_a_job() -> None:
    scripts = (REPOSITORY / "workflow/scripts").glob("*/*.py")
    expected = {f"{path.parent.name}/{path.name}" for path in scripts}
    assert {job.script() for job in Job.__subclasses__()} == expected


def test_a_script_reads_back_what_the_plan_and_the_rule_wrote(study: Study) -> None:
    job = Train.of(study, **SEGMENT)
    added = job.added(FILES, threads=2, save_every=study.save_every, unknown=1)
    expected = {**SEGMENT, **FILES, "threads": 2, "save_every": study.save_every, "source": None}
    assert read_back(job, added) == Train.of(study, **expected)


def test_what_decides_a_job_is_apart_from_its_files(study: Study) -> None:
    job = Train.of(study, **SEGMENT)
    assert "trainer.learning_rate=0.001" in job.decided()
    assert job.added(FILES, threads=2) == [
        *("threads=2", "examples=e", "source=null", "target=t", "curve=c", "seconds=s"),
    ]
    assert not {key.partition("=")[0] for key in job.decided()} & {*FILES, "source"}


def test_a_file_that_is_no_key_of_the_job_is_refused(study: Study) -> None:
    with pytest.raises(ValueError, match="sauce is no file of the job"):
        Train.of(study, **SEGMENT).added({**FILES, "sauce": "s"})


@pytest.mark.parametrize("values", [{"run": 0}, {"runs": 1}, {}])
def test_a_job_that_its_class_does_not_allow_is_refused(
    study: Study, values: dict[str, int]
) -> None:
    with pytest.raises(ValidationError):
        Train.of(study, classes=10, start=0, stop=2, **values)


def test_all_jobs_of_the_plans_are_read_back(study: Study) -> None:
    crossover, gender = CrossoverPlan(study), GenderPlan(study)
    live = GenderPlan(compose_study(CONFIG, {"preset": "ci", "gender": {"table": None}}))
    place: Any = SimpleNamespace(
        **{"seed": "01", "mode": "combined", "generation": "1", "stage": "early", "batch": "01"},
        repeat="1",
    )
    report = ReportPlan(study, {"crossover": crossover, "gender": gender}, crossover.first_events())
    jobs: list[Job] = [
        *(crossover.prepare(), crossover.compare(), crossover.measure_cost(), crossover.plot()),
        *(gender.prepare_text(), gender.train_cells(place), gender.gather_table()),
        *(gender.replay(), gender.evaluate_table()),
        *(live.init_population(place), live.train_individuals(place)),
        *(live.select_survivors(place), live.next_generation(place), live.pick_winner(place)),
        *(live.train_winner(place), live.gather(), live.evaluate_predictors()),
        *(gender.tabulate_modes(), gender.plot_gender()),
        *(report.judge_claims(), report.provenance(), report.write_page()),
    ]
    of_gender = {job for job in Job.__subclasses__() if job.script().startswith("gender/")}
    assert of_gender < {type(job) for job in jobs}
    for job in jobs:
        added = dict.fromkeys(type(job).model_fields, "file")
        read = read_back(
            job, job.added({}, **{**added, "threads": 1, "save_every": study.save_every})
        )
        decided = {name: getattr(read, name) for name in job.model_fields_set}
        assert decided == {name: getattr(job, name) for name in job.model_fields_set}
