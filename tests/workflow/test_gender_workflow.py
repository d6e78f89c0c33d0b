"""The gender study, for real: preset `ci` on Shakespeare, killed, cut, and what a change reruns."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import yaml

from crossbreed.config.language import Transformer
from crossbreed.search.files import load_individuals
from gender_study import GenderStudy
from repository import REPOSITORY

REFERENCE = REPOSITORY / "results" / "reference" / "laptop" / "gender"
MODES = ("male", "female", "combined", "random_mating", "random_search", "regularized_evolution")
REPORTING = {"gather": 1, "evaluate_predictors": 1, "tabulate_modes": 1, "plot_gender": 1}


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory, text_folder: Path) -> GenderStudy:
    # A space in the path, as in many a home folder.
    project = GenderStudy(tmp_path_factory.mktemp("a study"), text_folder)
    project.call()
    return project


def test_leaves_the_promised_files(project: GenderStudy) -> None:
    individuals = pd.read_csv(project.gender / "individuals.csv")
    # 4 founders; 4 offspring, or the 2.5 full trainings that their budget pays for.
    assert individuals.groupby("mode").size().to_dict() == {
        "founders": 4,
        **dict.fromkeys(MODES[:4], 4),
        **dict.fromkeys(MODES[4:], 2),
    }
    finished = individuals.dropna(subset=["final_loss"])
    assert finished.groupby("mode").size().to_dict() == {
        "founders": 4,
        **dict.fromkeys(MODES, 2),
    }
    assert finished["final_loss"].between(2, 4.3).all()
    finals = pd.read_csv(project.gender / "finals.csv")
    assert sorted(finals["mode"]) == sorted(["baseline", *MODES])
    assert (finals["tokens_per_second"] > 0).all()
    curves = pd.read_csv(project.gender / "learning_curves.csv")
    assert (curves.groupby(["mode", "seed", "repeat"]).size() == 21).all()
    tables = ("table", "winners", "differences", "published", "evidence", "predictors")
    for name in (*(f"{table}.csv" for table in tables), "summary.txt"):
        assert (project.gender / name).stat().st_size > 100
    assert len(list(project.gender.glob("*.svg"))) == 6


def test_tables_have_the_columns_of_the_published_ones(project: GenderStudy) -> None:
    published = sorted(REFERENCE.glob("*.csv"))
    ours = [project.gender / path.name for path in published]
    assert len(ours) >= 6
    for path in ours:
        header, *_ = (REFERENCE / path.name).read_text().splitlines()
        assert path.read_text().splitlines()[0] == header


def test_nothing_changed_runs_nothing(project: GenderStudy) -> None:
    assert project.jobs() == {}


def test_a_deleted_result_is_made_again(project: GenderStudy) -> None:
    deleted = [project.gender / name for name in ("winners.csv", "fitness.png")]
    for path in deleted:
        path.rename(path.with_suffix(".away"))
    try:
        assert project.jobs() == {"tabulate_modes": 1, "plot_gender": 1}
    finally:
        for path in deleted:
            path.with_suffix(".away").rename(path)


def test_every_job_left_a_log(project: GenderStudy) -> None:
    assert len(list(project.results.glob("logs/**/*.log"))) > 35


def test_the_winner_is_the_one_with_the_lowest_final_loss(project: GenderStudy) -> None:
    individuals = pd.read_csv(project.gender / "individuals.csv")
    for mode in MODES:
        own = individuals[individuals["mode"].isin(["founders", mode])]
        best = own.iloc[int(own["final_loss"].argmin())]
        written = yaml.safe_load((project.gender / f"seed-01/{mode}/winner.yaml").read_text())
        assert written["found"]["final_loss"] == best["final_loss"]
        assert (written["found"]["generation"], written["found"]["number"]) == (
            best["generation"],
            best["number"],
        )


def test_the_trainings_of_a_seed_see_the_same_text(project: GenderStudy) -> None:
    """Winners that are the same architecture have the same curve; modes pair by seed."""
    finals = pd.read_csv(project.gender / "finals.csv")
    genes = list(Transformer.model_fields)
    for _, group in finals.groupby([*genes, "seed", "repeat"]):
        assert (group["validation_loss"] == group["validation_loss"].iloc[0]).all()
        assert (group["last_batch_loss"] == group["last_batch_loss"].iloc[0]).all()


def test_an_identical_genome_is_trained_once(project: GenderStudy) -> None:
    individuals = pd.read_csv(project.gender / "individuals.csv")
    different = individuals.drop_duplicates(["seed", *Transformer.model_fields])
    stored = [path for path in (project.gender / "trained").iterdir() if path.is_dir()]
    assert len(stored) == len(different)
    assert len(different) < len(individuals)


def test_parents_are_of_the_generation_before(project: GenderStudy) -> None:
    for path in project.gender.glob("seed-01/*/generation-1/individuals.yaml"):
        for one in load_individuals(path):
            assert all(parent.generation == 0 for parent in one.parents)
    family = yaml.safe_load(
        (project.gender / "seed-01/combined/generation-1/individuals.yaml").read_text()
    )
    assert [len(one["parents"]) for one in family] == [2, 2, 2, 2]


def test_everything_made_from_the_text_names_its_edition(
    project: GenderStudy, text_folder: Path
) -> None:
    canonical = (text_folder / "tinyshakespeare.txt").is_file()
    title = "tinyshakespeare" if canonical else "Gutenberg edition"
    assert title in (project.gender / "summary.txt").read_text()
    assert pd.read_csv(project.gender / "table.csv")["edition"].str.contains(title).all()
    for figure in project.gender.glob("*.svg"):
        assert title in figure.read_text(), figure
    origin = json.loads((project.folder / "results/data/shakespeare_char/origins.json").read_text())
    assert origin["title"].startswith(title)


def test_another_label_trains_nothing(project: GenderStudy) -> None:
    jobs = project.jobs("overrides=[mode.male.label=fathers]")
    assert set(jobs) <= set(REPORTING)
    assert jobs


def test_another_mode_trains_only_itself(project: GenderStudy) -> None:
    modes = ", ".join(["baseline", *MODES, "successive_halving"])
    jobs = project.jobs(f"gender={{modes: [{modes}]}}")
    assert jobs == {
        "next_generation": 1,
        "train_individuals": 2,
        "select_survivors": 1,
        "pick_winner": 1,
        "train_winner": 1,
        **REPORTING,
    }


def test_one_more_seed_trains_only_that_seed(project: GenderStudy) -> None:
    jobs = project.jobs("gender={seeds: 2}")
    assert jobs["init_population"] == 1
    assert jobs["train_individuals"] == 1 + 4 * 2 + 2
    assert jobs["train_winner"] == 7


def test_one_more_generation_keeps_those_before(project: GenderStudy) -> None:
    jobs = project.jobs("gender={generations: 3}")
    assert "init_population" not in jobs
    assert jobs["train_individuals"] == 4 * 2 + 2


def test_another_training_trains_everything(project: GenderStudy) -> None:
    jobs = project.jobs("language={beta_2: 0.95}")
    assert jobs["train_individuals"] == 1 + 4 * 2 + 2
    assert "prepare_text" not in jobs


def test_losses_fall_and_are_those_of_the_written_network(project: GenderStudy) -> None:
    curves = pd.read_csv(project.gender / "learning_curves.csv")
    for _, curve in curves.groupby(["mode", "seed", "repeat"]):
        estimated = curve["validation_loss"].dropna().to_numpy()
        assert abs(estimated[0] - np.log(65)) < 0.2
        assert estimated[-1] < estimated[0] - 0.3


def test_killed_half_way_it_ends_in_the_same_bytes(
    tmp_path: Path, text_folder: Path, project: GenderStudy
) -> None:
    few = ("gender={modes: [baseline, combined]}", "save_every={seconds: 0.2}")
    killed = GenderStudy(tmp_path, text_folder, *few)
    finals = "results/ci/gender/finals.csv"
    # In the midst of the founders' training, then of the offspring's.
    killed.kill_when("trained/*/.progress/*.safetensors", finals)
    killed.call(options=("--unlock",))
    killed.kill_when("seed-01/combined/generation-1/chosen.yaml", finals)
    killed.call(options=("--unlock",))
    printed = killed.call(options=("--rerun-incomplete",), target=finals)
    assert "init_population" not in printed.partition("Job stats:")[2].partition("total")[0]
    artefacts = killed.artefacts("combined")
    assert len(artefacts) > 12
    assert artefacts == project.artefacts("combined")
    found, wanted = (
        pd.read_csv(one.gender / "finals.csv").filter(regex="loss|seed|mode|tokens$")
        for one in (killed, project)
    )
    kept = wanted[wanted["mode"].isin(["baseline", "combined"])].reset_index(drop=True)
    pd.testing.assert_frame_equal(found, kept)


def test_cut_into_more_jobs_it_comes_to_the_same(
    tmp_path: Path, text_folder: Path, project: GenderStudy
) -> None:
    few = "gender={individuals_per_job: 3, modes: [baseline, combined]}"
    cut = GenderStudy(tmp_path, text_folder, few)
    cut.call(target="results/ci/gender/individuals.csv")
    assert (cut.gender / "seed-01/founders/generation-0/finished-02.json").exists()
    found, wanted = (
        pd.read_csv(one.gender / "individuals.csv").drop(columns="seconds")
        for one in (cut, project)
    )
    kept = wanted[wanted["mode"].isin(["founders", "combined"])].reset_index(drop=True)
    pd.testing.assert_frame_equal(found, kept)
