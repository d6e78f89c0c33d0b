"""Searches that train for themselves: preset `ci` on Shakespeare, killed, cut, changed."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import yaml

from crossbreed.config.language import Transformer
from study_folder import StudyFolder

SEARCHING = ("tuned_default", "combined", "random_search")
MODES = ("baseline", "control", *SEARCHING)
SEARCH = (
    f"gender={{table: null, seeds: 1, modes: [{', '.join(MODES)}]}}",
    # The default architecture once more.
    "mode={control: {label: control, search: null}}",
)
# Results that hold seconds, which are different every time.
TIMED = ("seconds.json", "speed.json")
REPORTING = {"gather": 1, "evaluate_predictors": 1, "tabulate_modes": 1, "plot_gender": 1}


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory, text_folder: Path) -> StudyFolder:
    # A space in the path, as in many a home folder.
    folder = tmp_path_factory.mktemp("a study")
    project = StudyFolder(folder, f"data={{mirror: {text_folder}}}", *SEARCH, target="gender")
    project.call()
    return project


@pytest.fixture(scope="module")
def gender(project: StudyFolder) -> Path:
    return project.results / "gender"


@pytest.fixture(scope="module")
def individuals(gender: Path) -> pd.DataFrame:
    return pd.read_csv(gender / "individuals.csv")


def test_leaves_the_promised_files(
    project: StudyFolder, gender: Path, individuals: pd.DataFrame
) -> None:
    # 4 founders, tuned_default's its own, since it varies other genes; 4 offspring, or the 2.5 full
    # trainings that their budget pays for.
    count = {"founders": 4, "tuned_default": 4 + 2, "combined": 4, "random_search": 2}
    assert individuals.groupby("mode").size().to_dict() == count
    finished = individuals.dropna(subset=["final_loss"])
    assert finished.groupby("mode").size().to_dict() == count | {"combined": 2}
    assert finished["final_loss"].between(2, 4.3).all()
    finals = pd.read_csv(gender / "finals.csv")
    assert sorted(finals["mode"]) == sorted(MODES)
    assert (finals["tokens_per_second"] > 0).all()
    assert (gender / "summary.txt").stat().st_size > 100
    assert len(list(gender.glob("*.svg"))) == 6
    assert len(list(project.results.glob("logs/**/*.log"))) == 27


def test_only_the_genes_of_a_mode_vary(individuals: pd.DataFrame) -> None:
    tuned = individuals[individuals["mode"] == "tuned_default"]
    fixed = tuned[["layers", "heads", "width", "dropout"]].drop_duplicates()
    assert fixed.to_numpy().tolist() == [[1, 1, 16, 0.0]]
    assert tuned[["learning_rate", "batch_size"]].drop_duplicates().shape[0] > 1


def test_losses_fall(gender: Path) -> None:
    curves = pd.read_csv(gender / "learning_curves.csv")
    for _, curve in curves.groupby(["mode", "seed", "repeat"]):
        assert len(curve) == 21
        estimated = curve["validation_loss"].dropna().to_numpy()
        assert abs(estimated[0] - np.log(65)) < 0.2
        assert estimated[-1] < estimated[0] - 0.3


def test_the_winner_is_the_one_with_the_lowest_final_loss(
    gender: Path, individuals: pd.DataFrame
) -> None:
    for mode in SEARCHING:
        founders = mode if mode == "tuned_default" else "founders"
        own = individuals[individuals["mode"].isin([founders, mode])]
        best = own.iloc[int(own["final_loss"].argmin())]
        winner = yaml.safe_load((gender / f"seed-01/{mode}/winner.yaml").read_text())["found"]
        for key in ("final_loss", "generation", "number"):
            assert winner[key] == best[key]


def test_the_trainings_of_a_seed_see_the_same_text(gender: Path) -> None:
    """Winners that are the same architecture come to the same; modes pair by seed."""
    alike = pd.read_csv(gender / "finals.csv").set_index("mode").loc[["baseline", "control"]]
    assert alike[["train_loss", "validation_loss"]].nunique().eq(1).all()
    curves = pd.read_csv(gender / "learning_curves.csv").set_index("mode")
    baseline, control = (
        curves[curves.index == mode].reset_index(drop=True) for mode in ("baseline", "control")
    )
    pd.testing.assert_frame_equal(baseline, control)


def test_an_identical_genome_is_trained_once(gender: Path, individuals: pd.DataFrame) -> None:
    different = individuals.drop_duplicates(["seed", *Transformer.model_fields])
    stored = [path for path in (gender / "trained").iterdir() if path.is_dir()]
    assert len(stored) == len(different) < len(individuals)


def test_everything_made_from_the_text_names_its_edition(
    project: StudyFolder, gender: Path, text_folder: Path
) -> None:
    canonical = (text_folder / "tinyshakespeare.txt").is_file()
    title = "tinyshakespeare" if canonical else "Gutenberg edition"
    assert title in (gender / "summary.txt").read_text()
    assert pd.read_csv(gender / "table.csv")["edition"].str.contains(title).all()
    for figure in gender.glob("*.svg"):
        assert title in figure.read_text(), figure
    origin = json.loads((project.folder / "results/data/shakespeare_char/origins.json").read_text())
    assert origin["title"].startswith(title)


def test_nothing_changed_runs_nothing(project: StudyFolder) -> None:
    assert project.jobs() == {}


def test_another_label_trains_nothing(project: StudyFolder) -> None:
    jobs = project.jobs("overrides=[mode.combined.label=both]")
    assert set(jobs) <= set(REPORTING)
    assert jobs


def test_another_mode_trains_only_itself(project: StudyFolder) -> None:
    modes = ", ".join([*MODES, "successive_halving"])
    assert project.jobs(f"gender={{modes: [{modes}]}}") == {
        "next_generation": 1,
        "train_individuals": 2,
        "select_survivors": 1,
        "pick_winner": 1,
        "train_winner": 1,
        **REPORTING,
    }


# Early and to the end of combined, at once of the others; the founders of all, and tuned_default's.
OFFSPRING, FOUNDERS = 2 + 2, 2


@pytest.mark.parametrize(
    ("change", "trained", "kept"),
    [
        ("gender={seeds: 2}", FOUNDERS + OFFSPRING, "prepare_text"),
        ("gender={generations: 3}", OFFSPRING, "init_population"),
        ("language={beta_2: 0.95}", FOUNDERS + OFFSPRING, "prepare_text"),
    ],
    ids=["one more seed", "one more generation", "another training"],
)
def test_a_change_trains_what_it_decides(
    project: StudyFolder, change: str, trained: int, kept: str
) -> None:
    jobs = project.jobs(change)
    assert jobs["train_individuals"] == trained
    assert kept not in jobs


def test_killed_half_way_and_cut_into_more_jobs_it_comes_to_the_same(
    tmp_path: Path, text_folder: Path, project: StudyFolder
) -> None:
    killed = StudyFolder(
        *(tmp_path, f"data={{mirror: {text_folder}}}", "save_every={seconds: 0.2}"),
        "gender={table: null, seeds: 1, individuals_per_job: 3, modes: [baseline, combined]}",
        target="gender",
    )
    tables = ("individuals.csv", "finals.csv")
    target, more = (f"results/ci/gender/{name}" for name in tables)
    # In the midst of the founders' training.
    killed.kill_when("gender/trained/*/.progress/*.safetensors", target)
    killed.call(options=(more, "--rerun-incomplete"), target=target)
    planned = killed.log().partition("Job stats:")[2].partition("total")[0]
    assert "train_individuals" in planned
    assert "init_population" not in planned
    gender = killed.results / "gender"
    assert (gender / "seed-01/founders/generation-0/finished-02.json").exists()
    for name in tables:
        cut, uncut = (
            pd.read_csv(study.results / "gender" / name).filter(regex="^(?!.*second)")
            for study in (killed, project)
        )
        kept = uncut[uncut["mode"].isin(["founders", "baseline", "combined"])]
        pd.testing.assert_frame_equal(cut, kept.reset_index(drop=True))
    made = trained_winners(gender)
    assert len(made) > 4
    wanted = trained_winners(project.results / "gender")
    assert made == {name: wanted[name] for name in made}


def trained_winners(gender: Path) -> dict[str, bytes]:
    """Return the bytes of all that the winners' trainings leave and must leave again."""
    return {
        str(path.relative_to(gender)): path.read_bytes()
        for path in gender.glob("final/**/*")
        if path.is_file()
        and path.name not in TIMED
        and not {".progress", ".records"} & {*path.parts}
    }
