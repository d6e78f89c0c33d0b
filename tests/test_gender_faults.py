"""The gender study killed half way, or cut into other jobs, comes to the same."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from gender_study import GenderStudy

CHANGES = ("gender={modes: [baseline, combined]}", "save_every={seconds: 0.2}")


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory: pytest.TempPathFactory, text_folder: Path) -> GenderStudy:
    project = GenderStudy(tmp_path_factory.mktemp("undisturbed"), text_folder, *CHANGES)
    project.call()
    return project


def test_killed_half_way_it_ends_in_the_same_bytes(
    tmp_path: Path, text_folder: Path, undisturbed: GenderStudy
) -> None:
    project = GenderStudy(tmp_path, text_folder, *CHANGES)
    # In the midst of the founders' training, then of the offspring's.
    project.kill_when("trained/*/.progress/*.safetensors")
    project.call(options=("--unlock",))
    project.kill_when("seed-01/combined/generation-1/chosen.yaml")
    project.call(options=("--unlock",))
    printed = project.call(options=("--rerun-incomplete",))
    assert "found" not in printed.partition("Job stats:")[2].partition("total")[0]
    assert project.artefacts() == undisturbed.artefacts()
    finals, wanted = (
        pd.read_csv(one.gender / "finals.csv").filter(regex="loss|seed|mode|tokens$")
        for one in (project, undisturbed)
    )
    pd.testing.assert_frame_equal(finals, wanted)


def test_cut_into_more_jobs_it_comes_to_the_same(
    tmp_path: Path, text_folder: Path, undisturbed: GenderStudy
) -> None:
    project = GenderStudy(tmp_path, text_folder, *CHANGES)
    project.call(
        "gender={individuals_per_job: 3, modes: [baseline, combined]}",
        target="results/ci/gender/individuals.csv",
    )
    assert (project.gender / "seed-01/founders/generation-0/finished-02.json").exists()
    found, wanted = (
        pd.read_csv(one.gender / "individuals.csv").drop(columns="seconds")
        for one in (project, undisturbed)
    )
    pd.testing.assert_frame_equal(found, wanted)
